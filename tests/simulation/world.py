"""A world: the real handlers in real batch loops over stores and a log in memory, driven by a seeded scheduler.

Everything that is chosen (who reads next, how much, of which partitions, which fault strikes) comes from one seed, so
that a failure replays from the number in its message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from services.campaigns.consumers import CampaignsHandler
from services.earn.consumers import IntakeHandler, LedgerHandler
from services.notify.consumers import NotifyHandler
from services.notify.delivery import DeliveryHandler
from services.tiers.consumers import TiersHandler
from shared.events import topics
from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop, Patience
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message, Record
from shared.runtime.store import OUTBOX
from shared.runtime.tail import Tail
from tests.simulation.faults import FAULTS, Chaos, FaultyStore, faulty_publish
from tests.simulation.log import Log, Partitioner, Place, by_key

PATIENCE = Patience(outage_s=5.0, first_wait_s=0.0, longest_wait_s=0.0)
MOST_AT_ONCE = 7


class UnsettledError(AssertionError):
    """The world did not come to rest within its bound."""


class Worker:
    """One consumer group's only worker, with what a broker remembers of the group and what a process knows itself."""

    def __init__(self, world: World, handler: Any, store: MemoryStore, reads: Callable[[str], bool]) -> None:
        self.world, self.handler, self.store, self.reads = world, handler, store, reads
        self.name: str = handler.consumer
        self.committed: dict[Place, int] = {}
        self.position: dict[Place, int] = {}
        self.struck = world.struck
        self.start()

    def start(self) -> None:
        """A new process: it knows nothing but what was committed, and has an outbox to empty first."""
        self.chaos = Chaos(self.world.random)
        self.chaos.struck = self.struck
        self.chaos.rival = self._rival
        self.position = dict(self.committed)
        self.undrained = True
        self._batch: list[Record] = []
        self._tail = Tail() if self.world.random.random() < self.world.tails else None
        self.loop = self._loop(self.chaos, self._tail)

    def _loop(self, chaos: Chaos, tail: Tail | None) -> BatchLoop[Any, Any]:
        async def publish(messages: Sequence[Message]) -> None:
            await faulty_publish(messages, self._send, chaos)

        store = FaultyStore(self.store, chaos)
        return BatchLoop(
            self.handler, store, publish, lambda: self.world.book, patience=self.world.patience, tail=tail,
            originals=self.world.originals,
        )  # fmt: skip

    def _send(self, message: Message) -> None:
        if self.name == "notify-delivery":
            self.world.mailbox[message.key] = message.value
        else:
            self.world.log.append(message.topic, message.key.encode(), message.value, message.kind)

    def lag(self, at: dict[Place, int] | None = None) -> dict[Place, int]:
        """Unread records by place; of what is committed, or of another set of offsets."""
        at = self.position if at is None else at
        places = self.world.log.places(self.reads)
        behind = {place: len(self.world.log.records[place]) - at.get(place, 0) for place in places}
        return {place: number for place, number in behind.items() if number > 0}

    @property
    def busy(self) -> bool:
        """Something is unread, uncommitted or unpublished."""
        return self.undrained or self.chaos.dead.is_set() or bool(self.lag(self.committed))

    def pick(self, others_than: Collection[Place] = ()) -> list[Record]:
        """The next records of some partitions, at most seven, in an order that keeps each partition's."""
        random, lag = self.world.random, self.lag()
        # A rival takes no partition whose last batch is still on its way out: a real group hands those over idle.
        settled = {place for place in lag if self.position.get(place, 0) == self.committed.get(place, 0)}
        open_places = sorted(settled - set(others_than)) if others_than else list(lag)
        fast = [place for place in open_places if place[0] != self.world.slow]
        open_places = fast if fast and random.random() < 0.9 else open_places
        if not open_places:
            return []
        greedy = self.world.greedy
        places = open_places if greedy else random.sample(open_places, random.randint(1, len(open_places)))
        at = {place: self.position.get(place, 0) for place in places}
        batch: list[Record] = []
        for _ in range(MOST_AT_ONCE if greedy else random.randint(1, MOST_AT_ONCE)):
            left = [place for place in places if at[place] < len(self.world.log.records[place])]
            if left:
                place = random.choice(left)
                batch.append(self.world.log.records[place][at[place]])
                at[place] += 1
        return batch

    async def step(self, fault: str | None) -> None:
        """One batch, or one start, with at most one fault in it."""
        self.chaos.armed = None if fault == "rewind" else fault
        if self.undrained:
            await self.live(self._start())
        elif not (batch := self.pick()):
            await self.live(self.loop.idle())
        else:
            await self.live(self._settle(batch))
        if fault == "rewind" and not self.chaos.dead.is_set():
            self._rewind()

    async def _start(self) -> None:
        await self.loop.drain([f"{topic}:{partition}" for topic, partition in self.world.log.places(self.reads)])
        self.undrained = False

    async def _settle(self, batch: list[Record]) -> None:
        self._batch = batch
        after = {(record.topic, record.partition): record.offset + 1 for record in batch}
        if self.world.offsets_first:
            self.committed.update(after)
            await self.chaos.crash_if("before_commit")
        self.position.update(after)
        await self.loop.run(batch)

        async def commit_offsets() -> None:
            await self.chaos.crash_if("before_offsets")
            self.committed.update(after)

        await self.loop.after(commit_offsets)

    async def live(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work unless the worker dies in it, or in what it still had to publish; then a new one starts."""
        doing, dying = asyncio.create_task(work), asyncio.create_task(self.chaos.dead.wait())
        await asyncio.wait({doing, dying}, return_when=asyncio.FIRST_COMPLETED)
        if not self.chaos.dead.is_set():
            dying.cancel()
            try:
                await doing
            except Exception as error:  # a service that cannot go on ends, and is started again
                self.world.exits.append(error)
                self.chaos.dead.set()
        if self.chaos.dead.is_set():
            await _end(doing, dying, self._tail._task if self._tail is not None else None)
            self.start()

    async def _rival(self, same: bool) -> None:
        """Another worker of the group decides the same records, or those of other partitions, and commits first."""
        mine = {(record.topic, record.partition): record.offset for record in self._batch}
        loop = self._loop(Chaos(self.world.random), None)
        if not same:
            batch = self.pick(mine)
            await loop.run(batch)
            for record in batch:
                self.position[record.topic, record.partition] = record.offset + 1
                self.committed[record.topic, record.partition] = record.offset + 1
            return
        # As after a rebalance that we have not heard of yet: it begins with the outbox, at the committed offsets.
        await loop.drain([f"{topic}:{partition}" for topic, partition in mine])
        for place, offset in mine.items():
            await loop.run(self.world.log.records[place][self.committed.get(place, 0) : offset + 1])

    def _rewind(self) -> None:
        """The group's offsets go back, as after a lost commit or an operator's reset."""
        for place in sorted(self.committed):
            back = max(0, self.committed[place] - self.world.random.randint(0, 12))
            self.position[place] = self.committed[place] = back
        self.struck["rewind"] += 1

    async def stop(self) -> None:
        """Ends the worker gracefully; the next step begins a new one."""
        if self._tail is not None:
            await self._tail.close()
        self.start()
        self.undrained = False


async def _end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancels the tasks of a worker that is no more."""
    ended = [task for task in tasks if task is not None]
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


POSTED = datetime(2017, 7, 1, tzinfo=UTC)  # a seed replays: the same entries, posted at the same time


class World:
    """Six workers, four databases, one log, one mailbox."""

    def __init__(
        self, book: Rulebook, seed: int, *, faults: int = 0, tails: float = 0.5, offsets_first: bool = False,
        partitioner: Partitioner = by_key, only: Sequence[str] = FAULTS, patience: Patience = PATIENCE,
    ) -> None:  # fmt: skip
        self.book, self.random, self.patience = book, Random(seed), patience
        self.faults, self.tails, self.offsets_first, self.only = faults, tails, offsets_first, only
        self.greedy = False  # whether a batch is always as full as it can be
        self.pace = 0.4  # how much the workers do while the partners publish; at 0 they begin when all is published
        self.struck = Chaos(self.random).struck
        self.log = Log(partitioner=partitioner)
        self.mailbox: dict[str, bytes] = {}
        self.exits: list[Exception] = []  # what ended a worker that was not killed
        self.stores = {name: MemoryStore() for name in ("earn", "tiers", "campaigns", "notify")}
        # Some worlds have a topic that is read late, and workers that are slow: so that topics really race.
        self.slow = self.random.choice((None, topics.ACCRUALS, topics.ACTIVITIES, topics.GRANTS, topics.TIERS))
        self.workers = self._hire()
        self.pulse = {worker.name: self.random.choice((0.2, 1.0, 1.0, 5.0)) for worker in self.workers}

    def _hire(self) -> list[Worker]:
        def among(*names: str) -> Callable[[str], bool]:
            return lambda topic: topic in names

        earn, notify, ledger = self.stores["earn"], self.stores["notify"], LedgerHandler(clock=lambda: POSTED)
        return [
            Worker(self, IntakeHandler(), earn, lambda topic: topic.startswith(topics.PARTNER_PREFIX)),
            Worker(self, ledger, earn, among(topics.ACTIVITIES, topics.GRANTS, topics.TIERS)),
            Worker(self, TiersHandler(), self.stores["tiers"], among(topics.ACCRUALS)),
            Worker(self, CampaignsHandler(), self.stores["campaigns"], among(topics.ACCRUALS)),
            Worker(self, NotifyHandler(), notify, among(topics.ACCRUALS, topics.TIERS, topics.OFFERS)),
            Worker(self, DeliveryHandler(), notify, among(topics.NOTIFICATIONS)),
        ]

    async def play(self, records: Iterable[tuple[str, bytes, bytes]]) -> None:
        """Publishes (topic, key, value) records while the workers run, then lets everything settle."""
        for topic, key, value in records:
            self.log.append(topic, key, value)
            while self.random.random() < self.pace:
                await self._step()
        await self.settle()

    async def settle(self, most: int = 3_000) -> None:
        """Runs until nothing lags and every outbox is empty. Raises UnsettledError when that takes too long."""
        try:
            for _ in range(most):
                if not await self._step():
                    return
            raise UnsettledError(
                f"after {most} steps still busy: {[worker.name for worker in self.busy()]} {self.exits[-1:]}"
            )
        finally:
            for worker in self.workers:
                await worker.stop()

    def busy(self) -> list[Worker]:
        """Workers with something left to do."""
        return [worker for worker in self.workers if worker.busy]

    async def originals(self, origins: Collection[Origin]) -> dict[str, Record]:
        """See `shared.runtime.originals`."""
        return {each.key: self.log.records[each.topic, each.partition][each.offset] for each in origins}

    def unpublished(self) -> int:
        """Outbox documents, in all databases."""
        return sum(len(store.collection(OUTBOX)) for store in self.stores.values())

    async def _step(self) -> bool:
        """One worker does one thing; False when there is nothing left to do for any."""
        busy = self.busy()
        if not busy:
            if self.unpublished():
                raise UnsettledError(f"{self.unpublished()} outbox documents that nobody publishes")
            return False
        fault = None
        if self.faults > 0 and self.random.random() < 0.4:
            fault = self.random.choice(self.only)
            self.faults -= 1
        (worker,) = self.random.choices(busy, [self.pulse[each.name] for each in busy])
        await worker.step(fault)
        return True

    def rewind_all(self) -> None:
        """Every group begins at its topics' beginnings again."""
        for worker in self.workers:
            worker.committed.clear()
            worker.start()
