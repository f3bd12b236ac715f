"""Stores for tests of the same scenarios in memory and on a real mongod."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from shared.runtime.memory import MemoryStore
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.store import Store
from shared.settings import Settings

StoreFor = Callable[[str], Awaitable[Store]]


@pytest.fixture(params=["memory", "mongo"])
async def store_for(request: pytest.FixtureRequest) -> AsyncIterator[StoreFor]:
    """Stores of one database, each with a connection of its own that bears the name; of each kind. A module's
    `COLLECTIONS` says what is prepared."""
    if request.param == "memory":
        shared = MemoryStore()

        async def same(name: str) -> Store:
            return shared

        yield same
        return
    settings: Settings = request.getfixturevalue("settings_for")()
    clients = []

    async def another(name: str) -> Store:
        clients.append(connect(settings.mongo_url(), name))
        store = MongoStore(clients[-1], settings.prefix + "store")
        await store.prepare(request.module.COLLECTIONS)
        return store

    yield another
    for client in clients:
        await client.close()
