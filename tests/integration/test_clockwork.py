"""The clock of a sandbox, moved under running services: points are warned of, expire, and the books still balance."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest_asyncio

from shared.clock import Moved
from shared.settings import Settings
from tests.conftest import Servers
from tests.integration.pipeline import Pipeline, running, until

MARCH = datetime.fromisoformat("2026-03-07T12:00:00+07:00")


@pytest_asyncio.fixture
async def market(servers: Servers, tmp_path: Path) -> AsyncIterator[Pipeline]:
    """The programme `market` in March 2026."""
    namespace = f"t{uuid.uuid4().hex[:11]}"
    settings = Settings(kafka=servers.kafka, mongo=servers.mongo, namespace=namespace, home=tmp_path, program="market")
    Moved(tmp_path).move(MARCH)
    async with running(settings) as pipeline:
        yield pipeline
        for service in ("earn", "tiers", "campaigns", "notify"):
            await pipeline.client.drop_database(pipeline.database(service).name)


def event(kind: str, id_: str, **data: Any) -> tuple[str, bytes]:
    """A record of the market hall: key and value."""
    head = {"specversion": "1.0", "id": id_, "source": "/partners/cho", "type": f"loyalty.{kind}.v1"}
    member = {"reference": "an", "email": "an@example.com"}
    return "an", orjson.dumps({**head, "time": MARCH.isoformat(), "data": {"member": member, **data}})


async def test_a_moved_clock_warns_and_expires_in_running_services(market: Pipeline) -> None:
    """240,000 paid by app bring 2,400 of cashback, good to the end of 7 June; a warning comes two weeks before.

    Mechanism: earn's clockwork, on the clock that `doublestar clock` moves.
    """
    lines = [{"product": "rice", "quantity": 1, "amount": "240000"}]
    await market.open_topic("cho")
    await market.send(
        [event("signup", "s-1", profile={"name": "An"}),
         event("purchase", "p-1", currency="VND", payment="app", lines=lines)], "cho"
    )  # fmt: skip
    earn, notify, clock = market.database("earn"), market.database("notify"), Moved(market.settings.home)
    await market.rest()

    async def cash(points: int) -> bool:
        return await earn.members.count_documents({"balances.cash": points}) == 1

    async def told(template: str) -> bool:
        return await notify.sent.count_documents({"template": template}) == 1

    assert await cash(2_400)
    clock.move(datetime.fromisoformat("2026-05-25T00:00:00+07:00"))
    await until(lambda: told("points-expiring"), "a warning", 60)
    assert await cash(2_400)
    clock.move(datetime.fromisoformat("2026-06-08T00:00:00+07:00"))
    await until(lambda: cash(0), "an expiry", 60)
    await until(lambda: told("points-expired"), "its message", 60)
    await market.rest()
    report = await market.reconcile()
    assert report.ok, [each for each in report.checks if not each.ok]
    details = {each.name: each.detail for each in report.checks}
    assert details["breakage_is_what_expired"] == "cash: 2400 expired"
    assert details["due_work_is_done"] == "nobody waits"
