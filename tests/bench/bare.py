"""What a till would wait for, were there no HTTP, no rules and no ledger: the same reads and commits, bare.

The same documents travel in the same round trips of the same store: members read, a key looked up, members replaced, an
entry and an outbox document inserted, committed by a majority with one flush. Those that come while one batch is on its
way go together in the next. Whatever of a figure is here already, no code of ours can take away.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from services.earn.app import COLLECTIONS
from shared.runtime import service
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.store import OUTBOX
from shared.settings import Settings

FLOOR = "floor"  # the database, beside the services'
_ANNOUNCED = b"x" * 300  # about what an entry says to those who read of it
Data = dict[str, Any]


class Bare:
    """Members' documents as the ledger has them, in a database of their own."""

    def __init__(self, store: MongoStore, entry: Data) -> None:
        self._store, self._entry = store, entry
        self._waiting: deque[tuple[str, asyncio.Future[None]]] = deque()
        self._come = asyncio.Event()
        self._number = 0

    async def read(self, member: str) -> None:
        """What a balance is read by."""
        assert await self._store.database.members.find_one({"_id": member}) is not None

    async def pair(self, member: str) -> None:
        """What a hold, and then its capture, are committed by."""
        await self._write(member)
        await self._write(member)

    async def _write(self, member: str) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((member, done))
        self._come.set()
        await done

    async def run(self) -> None:
        """Commits what waits, until it is cancelled."""
        while True:
            await self._come.wait()
            batch, self._waiting = list(self._waiting), deque()
            self._come.clear()
            try:
                await self._commit([member for member, _ in batch])
            except Exception as error:
                for _, done in batch:
                    done.set_exception(error)
                raise
            for _, done in batch:
                done.set_result(None)

    async def _commit(self, members: list[str]) -> None:
        keys = [f"/bare|{self._number + n}" for n in range(len(members))]
        self._number += len(members)
        async with self._store.unit() as unit:
            found, known = await unit.get_both("members", sorted(set(members)), "journal", keys, ["hash", "answer"])
            assert len(found) == len(set(members)) and not known
            for each in found.values():
                each["seq"] += 1
            entries = [{**self._entry, "_id": key, "member": member} for key, member in zip(keys, members, strict=True)]
            said = [["topic", member, "entry", _ANNOUNCED] for member in members]
            left = {"_id": keys[0], "consumer": FLOOR, "places": ["floor:0"], "messages": said}
            await unit.commit({"journal": entries, OUTBOX: [left]}, {"members": list(found.values())})


@asynccontextmanager
async def bare(settings: Settings, members: list[Data], entry: Data) -> AsyncIterator[Bare]:
    """entry: one of the journal's, of which more are made."""
    client = connect(settings.mongo_url(), FLOOR)
    store = MongoStore(client, FLOOR)
    await client.drop_database(FLOOR)
    await store.prepare({**service.COLLECTIONS, **COLLECTIONS})
    await store.database.members.insert_many(members)
    found = Bare(store, entry)
    running = asyncio.create_task(found.run(), name="bare")
    try:
        yield found
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await client.close()
