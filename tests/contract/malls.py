"""The small coalition of `tests.unit.partnerkit` on a real mongod."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from services.earn.ledger import MEMBERS
from services.earn.packs import PACKS
from services.earn.posting import JOURNAL
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.quotas import QUOTAS
from shared.runtime.store import DUPLICATES, OUTBOX
from shared.settings import Settings
from tests.unit.partnerkit import Mall

_FIELDS: Final = {
    JOURNAL: ["member", "posted_at", "redemption?"],
    MEMBERS: ["due_at?"],
    OUTBOX: ["places"],
    QUOTAS: [],
    PACKS: [],
    DUPLICATES: [],
}


@asynccontextmanager
async def mall_on(settings: Settings, *rules: str, **more: Any) -> AsyncIterator[Mall]:
    """In a database of its own. more: see `Mall`."""
    client = connect(settings.mongo_url(), "mall")
    store = MongoStore(client, settings.prefix + "mall")
    await store.prepare(_FIELDS)
    yield Mall(store, *rules, **more)
    await client.close()
