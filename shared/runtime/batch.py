"""The batch loop: decode each alone, read, decide, commit once, publish, forget the outbox (design: one batch, one
transaction)."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Generic, TypeVar

from shared.events.decode import Refused, RefusedError
from shared.logs import frames, log
from shared.rules.rulebook import Rulebook
from shared.runtime import letters, outbox
from shared.runtime.forgetting import Forgetting
from shared.runtime.handler import Handler
from shared.runtime.metrics import Metrics
from shared.runtime.originals import Fetch, no_originals
from shared.runtime.records import Decision, Item, Letter, Message, Record
from shared.runtime.store import OUTBOX, ConflictError, GaveUpError, OutageError, Store, Unit
from shared.runtime.tail import Step, Tail

E = TypeVar("E")
S = TypeVar("S")
R = TypeVar("R")
Publish = Callable[[Sequence[Message]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the loop tries before it gives up, and how it waits meanwhile."""

    outage_s: float = 60.0
    # A worker that was killed in mid-transaction leaves its documents locked until MongoDB ends the transaction: after
    # a minute, looked at twice a minute (`transactionLifetimeLimitSeconds`). Whoever comes next must outlast that.
    conflict_s: float = 110.0
    first_wait_s: float = 0.05
    conflict_wait_s: float = 0.05  # the first, after which another transaction should be over
    longest_wait_s: float = 5.0
    whole_tries: int = 2


class BatchLoop(Generic[E, S]):
    """Runs one handler over batches of raw records, one batch at a time."""

    def __init__(
        self,
        handler: Handler[E, S],
        store: Store,
        publish: Publish,
        books: Callable[[], Rulebook],
        *,
        prefix: str = "",
        patience: Patience | None = None,
        metrics: Metrics | None = None,
        tail: Tail | None = None,
        originals: Fetch = no_originals,
        forget_after_s: float = 0.0,
        moved: Callable[[], timedelta] = timedelta,
    ) -> None:
        """moved: by how much the clock is ahead of the broker's, by which records are stamped (`shared.clock`)."""
        self.handler = handler
        self._store = store
        self._publish = publish
        self._books = books
        self._prefix = prefix
        self._patience = patience or Patience()
        self._metrics = metrics or Metrics(handler.consumer)
        self._tail = tail
        self._originals = originals
        self._moved = moved
        self._forgetting = Forgetting(lambda ids: self._patiently(lambda: store.release(ids)), forget_after_s)
        self._loose: deque[frozenset[tuple[str, str]]] = deque()  # topic and key of what is kept nowhere, by batch
        self._outgoing: list[tuple[Sequence[Message], Sequence[str]]] = []  # announcements and outbox ids, by batch

    async def run(self, records: Sequence[Record]) -> None:
        """Settles every record: when this returns, each has its effect or its dead letter, committed.

        Without a tail all of it is published too; with one, `after` and `idle` tell when. Raises GaveUpError when an
        outage outlasts `Patience.outage_s`; nothing is half-done then, and the records are read again by whoever
        comes next.
        """
        self._metrics.batch.observe(len(records))
        items: list[Item[E | Refused | Letter]] = []
        for record in records:
            event = self._decode(record)
            if event is not None:
                items.append(Item(record, event))
        if items:
            await self._settle(items)

    async def drain(self, places: Collection[str]) -> None:
        """Publishes what the outbox still holds for these `topic:partition`s: a crashed worker's last words."""
        await self.idle()  # what is on its way out already is no crashed worker's
        held = await self._patiently(lambda: self._store.held(self.handler.consumer, places))
        for each in held:
            await self._patiently(lambda each=each: self._publish(each.messages))  # type: ignore[misc]
        if held:
            log.info("outbox drained", consumer=self.handler.consumer, documents=len(held))
            await self._patiently(lambda: self._store.release([each.id for each in held]))

    def _decode(self, record: Record) -> E | Refused | Letter | None:
        try:
            return self.handler.decode(record)
        except Exception as error:  # a bug in a decoder must not stop the partition
            log.error(
                "decode failed",
                consumer=self.handler.consumer,
                place=record.place,
                offset=record.offset,
                error=type(error).__name__,
                frames=frames(error),
            )
            return Refused("undecidable", f"{type(error).__name__} while decoding")

    async def _settle(self, items: Sequence[Item[E | Refused | Letter]]) -> None:
        """Commits and publishes a batch; on conflict again, from the third time in halves; halves find a poison."""
        conflicts, waits = 0, _Waits(self._patience)
        turns = _Waits(self._patience, self._patience.conflict_s)
        while True:
            try:
                return await self._once(items)
            except ConflictError as conflict:
                conflicts += 1
                self._metrics.retries.labels("conflict").inc()
                if conflicts >= self._patience.whole_tries and len(items) > 1:
                    return await self._halves(items)
                await turns.next(conflict, quick=True)
            except OutageError as outage:
                self._metrics.retries.labels("outage").inc()
                await waits.next(outage)
                # The commit may have happened although nobody said so: then its announcements are in the outbox,
                # and deciding again will find only duplicates and announce nothing.
                await self.drain({item.record.place for item in items})
            except GaveUpError:
                raise
            except Exception as poison:
                if len(items) > 1:
                    return await self._halves(items)
                items = [self._poisoned(items[0], poison)]

    def _poisoned(self, item: Item[E | Refused | Letter], poison: Exception) -> Item[E | Refused | Letter]:
        if isinstance(item.event, Refused | Letter):
            raise poison  # even the dead letter cannot be written: a bug of ours, not the record's
        if isinstance(poison, RefusedError):
            refused = poison.refused
        else:
            log.error(
                "poison record",
                consumer=self.handler.consumer,
                place=item.record.place,
                offset=item.record.offset,
                error=type(poison).__name__,
                frames=frames(poison),
            )
            refused = Refused("undecidable", f"{type(poison).__name__} while deciding; see the service's log")
        key, member, origin = self.handler.about(item.event)
        return Item(item.record, Letter(item.record, refused, origin or item.record.origin, key, member))

    async def _halves(self, items: Sequence[Item[E | Refused | Letter]]) -> None:
        middle = len(items) // 2
        await self._settle(items[:middle])
        await self._settle(items[middle:])

    async def _once(self, items: Sequence[Item[E | Refused | Letter]]) -> None:
        started = perf_counter()
        async with self._store.unit() as unit:
            decision = await self._decide(unit, items)
            await self._add_letters(unit, decision, items)
            kept, loose = outbox.kept(decision.messages)
            held = outbox.documents(self.handler.consumer, (item.record.place for item in items), kept)
            if held:
                decision.inserts[OUTBOX] = list(held)
            if any(not loose_before.isdisjoint((m.topic, m.key) for m in kept) for loose_before in self._loose):
                # After a crash the outbox is published before records are read again: what we are about to keep
                # would overtake a message of the same member that is still on its way out and kept nowhere.
                await self.idle()
            decided = perf_counter()
            if decision.inserts or decision.replaces:
                await unit.commit(decision.inserts, decision.replaces)
        self._metrics.committed(decision, decided - started, perf_counter() - decided)
        self._loose.append(loose)
        self._outgoing.append((decision.messages, [str(each["_id"]) for each in held]))
        await self.after(self._announce)

    @property
    def busy_since(self) -> float | None:
        """Since when (monotonic seconds) the tail has been at its current step; None when it is idle."""
        return self._tail.busy_since if self._tail is not None else None

    def on_failure(self, told: Callable[[Exception], None]) -> None:
        """Whom a failure in the tail, or in what follows it, is told."""
        self._forgetting.on_failure = told
        if self._tail is not None:
            self._tail.on_failure = told

    async def after(self, step: Step) -> None:
        """Does the step after all that was committed so far is published: at once, or in the tail."""
        await (step() if self._tail is None else self._tail.add(step))

    async def idle(self) -> None:
        """Returns when everything that was committed is published, and its outbox is gone."""
        if self._tail is not None:
            await self._tail.idle()
        await self._forgetting.all()

    async def _announce(self) -> None:
        """All that was committed so far, in one piece: where batches are small and many, each by itself would cost the
        servers more than what it says."""
        taken, self._outgoing = self._outgoing, []
        if not taken:
            return  # an earlier step has announced this one's batch too
        messages = [message for several, _ in taken for message in several]
        held = [id_ for _, ids in taken for id_ in ids]
        started = perf_counter()
        try:
            if messages:
                await self._patiently(lambda: self._publish(messages))
            await self._forgetting.add(held)
        except GaveUpError:
            raise
        except Exception as error:
            # What is committed is no poison: its announcements stay in the outbox until somebody can publish them.
            raise GaveUpError(f"publishing failed: {type(error).__name__}") from error
        for _ in taken:  # in the order of their commits
            self._loose.popleft()
        self._metrics.published(perf_counter() - started)

    async def _decide(self, unit: Unit, items: Sequence[Item[E | Refused | Letter]]) -> Decision:
        good: list[Item[E]] = [Item(i.record, i.event) for i in items if not isinstance(i.event, Refused | Letter)]
        if not good:
            return Decision()
        book = self._books()
        state = await self.handler.gather(unit, good, book)
        return self.handler.decide(state, good, book)

    async def _add_letters(self, unit: Unit, decision: Decision, items: Sequence[Item[E | Refused | Letter]]) -> None:
        """Those that the decision wrote, those that the decoder refused, and a poison."""
        found = list(decision.letters)
        for item in items:
            if isinstance(item.event, Refused):
                found.append(Letter(item.record, item.event, item.record.origin))
            elif isinstance(item.event, Letter):
                found.append(item.event)
        if found:
            ahead = self._moved()
            await letters.add(unit, decision, self.handler.consumer, found, self._originals, self._prefix, ahead)

    async def _patiently(self, action: Callable[[], Awaitable[R]]) -> R:
        waits = _Waits(self._patience)
        while True:
            try:
                return await action()
            except OutageError as outage:
                self._metrics.retries.labels("outage").inc()
                await waits.next(outage)


class _Waits:
    """Back-off with jitter and a bound."""

    def __init__(self, patience: Patience, limit_s: float | None = None) -> None:
        self._patience = patience
        self._limit_s = patience.outage_s if limit_s is None else limit_s
        self._until = perf_counter() + self._limit_s
        self._tries = 0

    async def next(self, error: Exception, *, quick: bool = False) -> None:
        if perf_counter() >= self._until:
            raise GaveUpError(f"gave up after {self._limit_s:.0f} s: {error}") from error
        first = self._patience.conflict_wait_s if quick else self._patience.first_wait_s
        longest = 0.5 if quick else self._patience.longest_wait_s
        wait = min(longest, first * 2**self._tries)
        self._tries += 1
        if not quick:
            log.warning("waiting", error=str(error)[:200], seconds=round(wait, 2), tries=self._tries)
        await asyncio.sleep(wait * (0.5 + random.random() / 2))
