"""What a consumer is doing, and how far behind it is: by its client's last fetches, and by the broker's own word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.runtime.metrics import Metrics

Offsets = tuple[int | None, int | None]  # one past the last that may be read, and the next to be read; where known


@dataclass
class Progress:
    """What a consumer is doing, for health: a connection alone proves nothing. Times are monotonic seconds."""

    assigned: set[str] = field(default_factory=set)
    joined: bool = False
    lag: dict[str, int] = field(default_factory=dict)
    unplaced: bool = False  # of some partition the client did not know, when last asked, where to read on
    busy_since: float | None = None
    settled_at: float = field(default_factory=monotonic)
    batches: int = 0
    failed: str | None = None

    @property
    def waiting_since(self) -> float | None:
        """Since when there has been something to read, or to find out where to read; None where there is not."""
        waits = any(self.lag.values()) or self.unplaced
        return self.settled_at if self.joined and waits else None


class Behind:
    """Writes down how far behind a worker is. client: the Kafka client, once there is one."""

    def __init__(self, progress: Progress, metrics: Metrics, client: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._progress, self._metrics, self._client = progress, metrics, client

    def note(self) -> None:
        """As its last fetches tell; after each batch, and for health."""
        consumer = self._client()
        if consumer is not None:
            places = consumer.assignment()
            self._note({place: (_end(consumer, place), _position(consumer, place)) for place in places})

    async def ask(self) -> None:
        """By the ends as the leaders of our partitions have them now; without any, somebody is asked for topics.

        Waits for no position: a client whose fetching has ended would not tell one, and look like a silent broker.
        """
        consumer = self._client()
        if consumer is None:
            return
        places = list(consumer.assignment())
        if not places:
            await consumer.topics()
            return
        ends = await consumer.end_offsets(places)
        known = {place: (end, _position(consumer, place)) for place, end in ends.items()}
        self._note(known)
        self._progress.unplaced = any(at is None for _, at in known.values())

    async def find(self) -> None:
        """The same, but waits until the client knows where it is: just after an assignment it may not."""
        consumer = self._client()
        if consumer is not None:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            self._note({place: (end, await consumer.position(place)) for place, end in ends.items()})

    def _note(self, known: Mapping[TopicPartition, Offsets]) -> None:
        progress = self._progress
        if progress.waiting_since is None:
            progress.settled_at = monotonic()  # nothing waited until now: what waits from now on is not overdue yet
        for name in progress.lag.keys() - progress.assigned:
            topic, _, partition = name.rpartition(":")
            self._metrics.lag(topic, int(partition), 0)  # another worker reports it now
            del progress.lag[name]
        for place, (end, at) in known.items():
            if end is not None and at is not None:
                progress.lag[f"{place.topic}:{place.partition}"] = max(0, end - at)
                self._metrics.lag(place.topic, place.partition, max(0, end - at))


def _end(consumer: AIOKafkaConsumer, place: TopicPartition) -> int | None:
    """Where what we may read ends: nobody is late with what is in a partner's open transaction."""
    high: int | None = consumer.highwater(place)
    stable: int | None = consumer.last_stable_offset(place)
    return high if stable is None or stable < 0 else stable


def _position(consumer: AIOKafkaConsumer, place: TopicPartition) -> int | None:
    assignment = consumer._subscription.subscription.assignment
    state = assignment.state_value(place) if assignment is not None else None
    return state.position if state is not None and state.has_valid_position else None
