"""A FastStream subscriber around a batch loop: raw batches in, offsets committed only for what is settled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
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
from shared.runtime.braking import brake
from shared.runtime.joining import Joining
from shared.runtime.metrics import Metrics
from shared.runtime.progress import Behind, Progress
from shared.runtime.reach import Reach
from shared.runtime.reading import ISOLATION
from shared.runtime.records import Record
from shared.runtime.store import GaveUpError
from shared.settings import Settings


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
        self.behind = Behind(self.progress, Metrics(self.name), self._client)
        self._joining = Joining(self.name)
        self._subscriber: Any = None  # FastStream's; it makes its Kafka client when the broker starts
        self.reach: Reach | None = None
        loop.on_failure(self.fail)

    def stuck(self, after_s: float) -> bool:
        """Failed; or busy with one batch, without an answer of the broker, or not reading although there is something
        to read, for too long."""
        self.behind.note()
        now, progress = monotonic(), self.progress
        waits = [progress.busy_since, self.loop.busy_since, self.silent_since, self._idle_since()]
        return progress.failed is not None or any(since is not None and now - since > after_s for since in waits)

    @property
    def silent_since(self) -> float | None:
        """Since when (monotonic seconds) the broker has not answered; None while it does."""
        return self.reach.silent_since if self.reach is not None else None

    def _idle_since(self) -> float | None:
        """Since when (monotonic seconds) there is something to read, and nothing that would keep us from it."""
        kept = (self.progress.busy_since, self.loop.busy_since, self.silent_since)
        return self.progress.waiting_since if all(since is None for since in kept) else None

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
        self.reach = Reach(self.name, self.behind.ask, settings.outage_s, self.fail, self._idle_since, self._in_group)

    async def watch(self) -> None:
        """Begins to ask whether the broker still answers; called when the broker's clients have started."""
        if (client := self._client()) is not None:
            brake(client)
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
            self.behind.note()

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

    async def ask_lag(self, patience_s: float = 2.0) -> None:
        """Writes down how far behind this worker is, with the ends as the broker has them now: fetches pause in a long
        batch, and a worker that has just got its partitions may have fetched nothing yet. A broker that does not answer
        leaves what fetches told."""
        self.behind.note()
        with suppress(KafkaError, OSError):  # and the time-out, which is one
            async with asyncio.timeout(patience_s):
                await self.behind.find()

    def _client(self) -> AIOKafkaConsumer | None:
        return None if self._subscriber is None else self._subscriber.consumer

    def _in_group(self) -> None:
        """Raises KafkaError where the client's part in its group has ended."""
        if (client := self._client()) is not None:
            client._coordinator.check_errors()

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
        progress = self.progress
        progress.assigned = set(places)
        progress.joined = progress.failed is None
        async with self._lock:
            progress.busy_since = monotonic()
            try:
                await self._drain()
            except GaveUpError as error:
                self.fail(error)
            progress.busy_since, progress.settled_at = None, monotonic()
        if (client := self._client()) is not None:
            self._joining.assigned(client)

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
