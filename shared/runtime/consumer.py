"""A FastStream subscriber around a batch loop: raw batches in, offsets committed only for what is settled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.logs import frames, log
from shared.runtime.batch import BatchLoop
from shared.runtime.metrics import Metrics
from shared.runtime.reach import Reach
from shared.runtime.reading import ISOLATION
from shared.runtime.records import Record
from shared.runtime.store import GaveUpError
from shared.settings import Settings


@dataclass
class Progress:
    """What a consumer is doing, for health: a connection alone proves nothing."""

    assigned: set[str] = field(default_factory=set)
    joined: bool = False
    lag: dict[str, int] = field(default_factory=dict)
    busy_since: float | None = None
    settled_at: float = field(default_factory=monotonic)
    batches: int = 0
    failed: str | None = None


class Consumer:
    """One consumer group's member: topics or a pattern of them, and the loop that settles what they hold."""

    def __init__(self, loop: BatchLoop[Any, Any], *, topics: Sequence[str] = (), pattern: str | None = None) -> None:
        self.loop = loop
        self.name = loop.handler.consumer
        self.progress = Progress()
        self._topics, self._pattern = topics, pattern
        self._lock = asyncio.Lock()
        self._undrained: set[str] = set()
        self._stopping = False
        self._metrics = Metrics(self.name)
        self._subscriber: Any = None  # FastStream's; it makes its Kafka client when the broker starts
        self.reach: Reach | None = None
        loop.on_failure(self.fail)

    def stuck(self, after_s: float) -> bool:
        """Failed; or busy with one batch, without an answer of the broker, or not reading although there is something
        to read, for too long."""
        self.note_lag()
        now, progress = monotonic(), self.progress
        waits = [progress.busy_since, self.loop.busy_since, self.silent_since]
        if sum(progress.lag.values()) and not any(waits):
            waits.append(progress.settled_at)
        return progress.failed is not None or any(since is not None and now - since > after_s for since in waits)

    @property
    def silent_since(self) -> float | None:
        """Since when (monotonic seconds) the broker has not answered; None while it does."""
        return self.reach.silent_since if self.reach is not None else None

    @property
    def takes_part(self) -> bool:
        """The group gave us our share, if any, and the broker still answers: a spare worker takes part too."""
        return self.progress.joined and self.silent_since is None and self.progress.failed is None

    def attach(self, broker: KafkaBroker, settings: Settings) -> None:
        """Registers the subscriber. MANUAL: nothing is committed unless this class does it."""
        subscriber = broker.subscriber(
            *self._topics,
            pattern=self._pattern,
            group_id=settings.prefix + self.name,
            # Static membership: a worker that was killed and comes back takes its partitions at once.
            group_instance_id=f"{self.name}-{settings.worker}",
            batch=True,
            max_records=settings.batch,
            batch_timeout_ms=100,
            ack_policy=AckPolicy.MANUAL,
            isolation_level=ISOLATION,
            parser=_unparsed,
            decoder=_undecoded,
            auto_offset_reset="earliest",
            # Range: partition n of topics with equally many goes to one worker, so that a member's activities and
            # grants do, and two workers seldom write one member.
            partition_assignment_strategy=(RangePartitionAssignor,),
            # Fuller batches: under load a fetch waits for this many bytes, and never longer than this.
            fetch_min_bytes=524_288,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4_194_304,
            session_timeout_ms=15_000,
            max_poll_interval_ms=int(settings.outage_s * 1000) + 240_000,
            listener=_Listener(self),
        )
        subscriber(self._handle)
        self._subscriber = subscriber
        self.reach = Reach(self.name, self._ask, settings.outage_s, self.fail)

    async def watch(self) -> None:
        """Begins to ask whether the broker still answers; called when the broker's clients have started."""
        if self.reach is not None:
            self.reach.start()

    async def _handle(self, bodies: list[bytes], message: KafkaMessage) -> None:
        raw = message.raw_message
        batch: tuple[ConsumerRecord, ...] = raw if isinstance(raw, tuple) else (raw,)
        async with self._lock:
            if self._stopping:
                return  # nobody would publish and commit it any more: left unread, for whoever comes next
            if self.progress.failed is not None:
                raise GaveUpError(self.progress.failed)  # never read past what could not be settled
            self.progress.busy_since = monotonic()
            try:
                await self._drain()
                await self.loop.run([Record.of(each) for each in batch])
                await self.loop.after(lambda: self._commit(message.consumer, batch))
            except Exception as error:
                self.fail(error)
                raise
            finally:
                self.progress.busy_since = None
            self.progress.settled_at = monotonic()
            self.progress.batches += 1
            self.note_lag()

    async def _drain(self) -> None:
        if self._undrained:
            places = set(self._undrained)
            await self.loop.drain(places)
            self._undrained -= places

    async def _commit(self, consumer: Any, batch: Sequence[ConsumerRecord]) -> None:
        """Offsets of exactly this batch; `ack()` would commit the position of every assigned partition."""
        offsets: dict[TopicPartition, int] = {}
        for record in batch:
            place = TopicPartition(record.topic, record.partition)
            offsets[place] = max(offsets.get(place, 0), record.offset + 1)
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            # The group rebalanced meanwhile: whoever has the partition now reads these again and finds duplicates.
            log.info("commit refused after a rebalance", consumer=self.name, error=str(error)[:200])
        except KafkaError as error:
            log.warning("commit failed; the records may be read again", consumer=self.name, error=repr(error)[:200])

    def note_lag(self) -> None:
        """Writes down how far behind this worker is, as its last fetches tell; after each batch, and for health."""
        consumer = self._client()
        if consumer is not None:
            places = consumer.assignment()
            self._note({place: (self._end(consumer, place), self._position(consumer, place)) for place in places})

    async def ask_lag(self, patience_s: float = 2.0) -> None:
        """The same with the ends as the broker has them now: fetches pause in a long batch, and a worker that has just
        got its partitions may have fetched nothing yet. A broker that does not answer leaves what fetches told."""
        self.note_lag()
        with suppress(KafkaError, OSError):  # and the time-out, which is one
            async with asyncio.timeout(patience_s):
                await self._ask()

    async def _ask(self) -> None:
        """Asks the leaders of our partitions where these end; without any, anybody which topics there are."""
        consumer = self._client()
        if consumer is None:
            return
        places = list(consumer.assignment())
        if not places:
            await consumer.topics()
            return
        ends = await consumer.end_offsets(places)
        self._note({place: (end, await consumer.position(place)) for place, end in ends.items()})

    def _client(self) -> AIOKafkaConsumer | None:
        return None if self._subscriber is None else self._subscriber.consumer

    def _note(self, known: Mapping[TopicPartition, tuple[int | None, int | None]]) -> None:
        progress = self.progress
        if not any(progress.lag.values()):
            progress.settled_at = monotonic()  # nothing waited until now: what waits from now on is not overdue yet
        for name in progress.lag.keys() - progress.assigned:
            topic, _, partition = name.rpartition(":")
            self._metrics.lag(topic, int(partition), 0)  # another worker reports it now
            del progress.lag[name]
        for place, (end, at) in known.items():
            if end is not None and at is not None:
                progress.lag[f"{place.topic}:{place.partition}"] = max(0, end - at)
                self._metrics.lag(place.topic, place.partition, max(0, end - at))

    @staticmethod
    def _end(consumer: AIOKafkaConsumer, place: TopicPartition) -> int | None:
        """Where what we may read ends: nobody is late with what is in a partner's open transaction."""
        high: int | None = consumer.highwater(place)
        stable: int | None = consumer.last_stable_offset(place)
        return high if stable is None or stable < 0 else stable

    @staticmethod
    def _position(consumer: AIOKafkaConsumer, place: TopicPartition) -> int | None:
        assignment = consumer._subscription.subscription.assignment
        state = assignment.state_value(place) if assignment is not None else None
        return state.position if state is not None and state.has_valid_position else None

    def fail(self, error: Exception) -> None:
        """Ends the process: the orchestrator restarts it, the operator sees it, and no record is skipped."""
        if self.progress.failed is None:
            # Only our own words: another error's text may quote a record.
            told = f"GaveUpError: {error}"[:500] if isinstance(error, GaveUpError) else type(error).__name__
            self.progress.failed = told
            self.progress.joined = False
            log.critical("consumer gave up; the process ends", consumer=self.name, error=told, frames=frames(error))
            os.kill(os.getpid(), signal.SIGTERM)

    async def revoked(self) -> None:
        """Partitions go elsewhere: first finish the batch that is in the works, so that nobody decides it twice."""
        async with self._lock:
            try:
                await self.loop.idle()
            except Exception as error:
                self.fail(error)
            self.progress.assigned.clear()
            self.progress.joined = False

    async def assigned(self, places: set[str]) -> None:
        """Partitions came: their outbox is published before anything new of theirs is decided."""
        self._undrained |= places
        self.progress.assigned = set(places)
        self.progress.joined = self.progress.failed is None
        async with self._lock:
            try:
                await self._drain()
            except GaveUpError as error:
                self.fail(error)

    async def stop(self) -> None:
        """Publishes what is committed and commits its offsets: called before the broker's clients are closed."""
        if self.reach is not None:
            await self.reach.stop()
        async with self._lock:
            self._stopping = True
            try:
                await self.loop.idle()
            except Exception as error:
                self.fail(error)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._consumer.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._consumer.assigned({f"{each.topic}:{each.partition}" for each in assigned})


async def _unparsed(
    batch: tuple[ConsumerRecord, ...], original: Callable[[Any], Awaitable[KafkaMessage]]
) -> KafkaMessage:
    """The batch as it is. FastStream's parser, which takes every record's headers apart, sees only the first."""
    message = await original(batch[:1])
    message.raw_message = batch
    return message


async def _undecoded(message: KafkaMessage) -> list[bytes]:
    """Nothing: a typed batch would lose 499 good records to one malformed one, so the loop decodes each alone."""
    return []
