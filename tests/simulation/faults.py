"""Faults, injected where a real worker meets them: at its commits, its sends, its outbox and its offsets.

A crash freezes the worker where it stands and tells the world, which then cancels it: nothing that a killed process
would not do is done on the way out (`CancelledError` is no `Exception`, so no handler of ours can mistake it for one).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random

from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.records import Message
from shared.runtime.store import Document, Held, OutageError

CRASHES = ("before_commit", "after_commit", "mid_publish", "before_release", "before_offsets")
OUTAGES = ("unknown_commit", "commit_outage", "publish_outage")
OTHERS = ("rival_same", "rival_other", "twice", "rewind")
FAULTS = CRASHES + OUTAGES + OTHERS


class Chaos:
    """One worker's bad luck: at most one armed fault at a time; counts those that really struck."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.armed: str | None = None
        self.struck: Counter[str] = Counter()
        self.dead = asyncio.Event()
        self.rival: Callable[[bool], Awaitable[None]] | None = None

    def take(self, *names: str) -> str | None:
        """The armed fault, if it is one of these; it strikes once."""
        if self.armed is None or self.armed not in names:
            return None
        name, self.armed = self.armed, None
        self.struck[name] += 1
        return name

    async def crash_if(self, name: str) -> None:
        """Ends the worker here if that is what is armed."""
        if self.take(name):
            self.dead.set()
            await asyncio.Future()  # never: the world cancels us


class FaultyUnit:
    """A transaction that may fail in the ways of a real one."""

    def __init__(self, inner: MemoryUnit, chaos: Chaos) -> None:
        self._inner, self._chaos = inner, chaos

    async def get(
        self, collection: str, ids: Collection[str], fields: Sequence[str] | None = None
    ) -> dict[str, Document]:
        """See `Unit.get`."""
        return await self._inner.get(collection, ids, fields)

    async def get_both(
        self, collection: str, ids: Collection[str], other: str, others: Collection[str], fields: Sequence[str]
    ) -> tuple[dict[str, Document], dict[str, Document]]:
        """See `Unit.get_both`."""
        return await self._inner.get_both(collection, ids, other, others, fields)

    async def find(self, collection: str, field: str, values: Collection[str]) -> list[Document]:
        """See `Unit.find`."""
        return await self._inner.find(collection, field, values)

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        """See `Unit.commit`."""
        chaos = self._chaos
        await chaos.crash_if("before_commit")
        if chaos.take("commit_outage"):
            raise OutageError("nobody answered, and nothing was committed")
        if chaos.rival is not None and (fault := chaos.take("rival_same", "rival_other")):
            await chaos.rival(fault == "rival_same")  # another worker commits between our reads and our writes
        await self._inner.commit(inserts, replaces)
        if chaos.take("unknown_commit"):
            raise OutageError("nobody answered, though it is committed")
        await chaos.crash_if("after_commit")


class FaultyStore:
    """One worker's connection to its service's store."""

    def __init__(self, inner: MemoryStore, chaos: Chaos) -> None:
        self._inner, self._chaos = inner, chaos

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[FaultyUnit]:
        """See `Store.unit`."""
        async with self._inner.unit() as unit:
            yield FaultyUnit(unit, self._chaos)

    async def due(
        self, collection: str, by: str, skip: int, most: int, aside: Collection[str]
    ) -> list[tuple[str, str]]:
        """See `Store.due`."""
        return await self._inner.due(collection, by, skip, most, aside)

    async def held(self, consumer: str, places: Collection[str]) -> list[Held]:
        """See `Store.held`."""
        return await self._inner.held(consumer, places)

    async def release(self, ids: Collection[str]) -> None:
        """See `Store.release`."""
        await self._chaos.crash_if("before_release")
        await self._inner.release(ids)


async def faulty_publish(messages: Sequence[Message], send: Callable[[Message], None], chaos: Chaos) -> None:
    """Sends a batch as a real producer might: slowly, in part, or twice."""
    for _ in range(chaos.random.randrange(3)):
        await asyncio.sleep(0)  # lets the next batch be decided meanwhile, where the loop has a tail
    if fault := chaos.take("mid_publish", "publish_outage"):
        for message in messages[: chaos.random.randrange(len(messages) + 1)]:
            send(message)
        if fault == "publish_outage":
            raise OutageError("the broker went away in the middle")
        chaos.dead.set()
        await asyncio.Future()
    for message in messages:
        send(message)
    if chaos.take("twice"):
        for message in messages:
            send(message)
