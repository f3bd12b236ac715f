"""Packs on a real mongod: workers of many partitions draw on one pack while more is bought; not a point too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Done
from services.earn.ledger import MEMBERS
from services.earn.packs import PACKS
from services.earn.posting import JOURNAL
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.quotas import QUOTAS
from shared.runtime.store import DUPLICATES, OUTBOX, Document
from shared.settings import Settings
from tests.unit.partnerkit import Mall, member

LANES = 6
EACH = 40  # purchases a lane, of 7 stars each: 1,680 wanted


@pytest.fixture
async def malls(settings_for: Callable[..., Settings]) -> AsyncIterator[list[Mall]]:
    """One process a lane, each with a connection of its own, on one database."""
    settings = settings_for()
    clients = [connect(settings.mongo_url(), f"lane-{lane}") for lane in range(LANES)]
    stores = [MongoStore(each, settings.prefix + "packs") for each in clients]
    fields = {JOURNAL: ["member"], MEMBERS: [], OUTBOX: ["places"], QUOTAS: [], PACKS: [], DUPLICATES: []}
    await stores[0].prepare(fields)
    found = [Mall(store, partitions=LANES) for store in stores]
    for number, mall in enumerate(found):
        mall.begin(1_000 * number)
    yield found
    for client in clients:
        await client.close()


async def everything(mall: Mall) -> tuple[list[Document], list[Document]]:
    """All entries and all counters."""
    store = mall.store
    assert isinstance(store, MongoStore)
    database = store.database
    return await database[JOURNAL].find({}).to_list(), await database[QUOTAS].find({}).to_list()


def balance(entries: list[Document], account: str) -> int:
    """An account's balance, recomputed from all postings."""
    found: int = sum(p["amount"] for each in entries for p in each["postings"] if p["account"] == account)
    return found


@pytest.mark.parametrize(("partner", "refused"), [("bakery", True), ("cinema", False)])
async def test_many_workers_draw_on_one_pack(malls: list[Mall], partner: str, refused: bool) -> None:
    """900 of 1,680 wanted stars are bought, in three packs, two of them in mid-flight: all 900 are drawn, no more.

    Mechanism: leases whose documents every draw writes, and a total that every purchase writes.
    """

    async def lane(number: int) -> None:
        for turn in range(EACH):
            await malls[number].buys(member(100 * number + turn % 10), partner, 70_000, lane=number)

    async def office() -> None:
        for _ in range(2):
            await asyncio.sleep(0)
            assert isinstance(await malls[0].ask(malls[0].pack(partner, 300)), Done)

    assert isinstance(await malls[0].ask(malls[0].pack(partner, 300)), Done)
    await asyncio.gather(*(lane(number) for number in range(LANES)), office())
    entries, counters = await everything(malls[0])
    awarded = sum(award["points"] for each in entries for award in each["awards"])
    prepaid, owed = (balance(entries, f"partner:{partner}:{name}") for name in ("prepaid", "issued"))
    drawn = sum(each["used"] for each in counters if "used" in each)
    assert (prepaid, drawn) == (0, 900)
    assert (awarded, owed) == ((900, 0) if refused else (LANES * EACH * 7, 900 - LANES * EACH * 7))
    assert balance(entries, "programme:packs") == -900
    assert {wallet: amount for wallet, amount in sums(entries).items() if amount} == {}
    told = [orjson.loads(each.value)["id"] for mall in malls for each in mall.sent if each.topic == "alerts"]
    assert len(told) == len(set(told))
    assert f"{partner}:stars:900" in told


def sums(entries: list[Document]) -> dict[str, int]:
    """All postings, by wallet."""
    found: dict[str, Any] = {}
    for each in entries:
        for posting in each["postings"]:
            found[posting["wallet"]] = found.get(posting["wallet"], 0) + posting["amount"]
    return found
