"""Partners through the running services: packs, what points paid, vouchers, settlement and liability, over Kafka."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from typer.testing import CliRunner

from services.earn.counter.commands import Answer, Asked, Caller, Capture, Command, Denied, Done, Hold
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from services.earn.counter.voucher_commands import BillLine, RedeemVoucher
from services.earn.vouchers import VOUCHERS
from shared.cli.main import app
from shared.clock import wall
from shared.ops.databases import read_rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.runtime.topics import ensure
from shared.settings import Settings
from tests.conftest import Servers, environment
from tests.integration.pipeline import Pipeline, running, until
from tests.unit.partnerkit import PROGRAMME
from tests.unit.rulekit import rule

TREAT = """when: event.partner == "grocer"
then: {voucher: {title: Tea, percent_off: 10, minimum: {amount: "50000", currency: VND}, categories: [tea]}}"""
TILL = Caller("till", partner="grocer")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass
class Mall:
    """The services, and a counter beside them."""

    services: Pipeline
    queue: Queue
    number: int = 0

    async def ask(self, kind: type[Command], **said: Any) -> Answer:
        """Asks the counter, under a new key."""
        self.number += 1
        return await self.queue.ask(kind(key=f"/earn/api/t|{self.number}", hash=f"{self.number}", **said))

    async def sends(self, partner: str, kind: str, id_: str, **data: Any) -> None:
        """A partner's event about its customer 7, now."""
        head = {"specversion": "1.0", "id": id_, "source": f"/partners/{partner}", "type": f"loyalty.{kind}.v1"}
        body = {"member": {"reference": "7", "phone": "+84901111111"}, **data}
        value = orjson.dumps({**head, "time": datetime.now(UTC).isoformat(), "data": body})
        await self.services.send([("7", value)], partner)
        await self.services.rest()

    async def run(self, *arguments: str, code: int = 0) -> Any:
        """`doublestar`, in a thread, as it runs an event loop of its own; what it says, on stderr where it fails."""
        found = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment(self.services.settings))
        assert found.exit_code == code, found.output
        return found.stderr if code else found.stdout


@pytest_asyncio.fixture
async def mall(servers: Servers, tmp_path: Path) -> AsyncIterator[Mall]:
    """A programme of three partners; one worker of each service."""
    folder = tmp_path / "programs" / "mall" / "definitions"
    folder.mkdir(parents=True)
    rules = rule("base", "then: {per_amount: {per: 10000}}") + rule("treat", TREAT, "bonus")
    (folder / "mall.yaml").write_text(PROGRAMME + rules, encoding="utf-8")
    settings = Settings(
        kafka=servers.kafka, mongo=servers.mongo, namespace=f"t{uuid.uuid4().hex[:11]}", home=tmp_path,
        programs=tmp_path / "programs", program="mall",
    )  # fmt: skip
    await ensure(settings.kafka_url(), {f"{settings.prefix}partner.{each}": 1 for each in ("bakery", "grocer")})
    async with running(settings) as services:
        publisher = Publisher(settings.kafka_url(), settings.prefix)
        handler = CounterHandler(wall, settings.prefix)
        book = await read_rulebook(services.client, settings)
        store = MongoStore(services.client, services.database("earn").name)
        queue = Queue(handler, BatchLoop(handler, store, publisher.publish, lambda: book))
        await queue.start()
        yield Mall(services, queue)
        await queue.stop()
        await publisher.close()
        for service in ("earn", "tiers", "campaigns", "notify"):
            await services.client.drop_database(services.database(service).name)


def basket(amount: int, **more: Any) -> dict[str, Any]:
    return {"currency": "VND", "lines": [{"product": "p", "quantity": 1, "amount": str(amount)}], **more}


async def test_a_day_of_three_partners(mall: Mall) -> None:
    """A pack of 50 pays 30 and 20 of 30; a bill of 350,000 of which points paid 100,000 earns 25; a voucher is redeemed
    once; the day's statement, the liability and the books are right."""
    today = datetime.now(ZONE).date()
    await packs_are_booked(mall)
    await mall.sends("bakery", "signup", "s-1")
    await mall.sends("grocer", "signup", "s-2")
    await mall.sends("bakery", "purchase", "b-1", **basket(300_000))
    await mall.sends("bakery", "purchase", "b-2", **basket(300_000))
    paid = {"wallet": "stars", "points": 1000, "amount": "100000"}
    await mall.sends("grocer", "purchase", "g-1", **basket(350_000, paid_with_points=paid))
    earn = mall.services.database("earn")
    (member,) = await earn.members.find({}).to_list()
    assert member["balances"] == {"stars": 30 + 20 + 25}

    told = await mall.run("why", "--member", "bakery:7", "--event", "b-2")
    assert "bakery has no points left to give: its pack is used up" in told
    told = await mall.run("why", "--member", "bakery:7", "--event", "b-2", "--language", "vi")
    assert "bakery không còn điểm để tặng" in told
    assert await alerts(mall) == [("bakery", "stars", 20)]  # its level; and once, though it fell to 0

    await until(lambda: counted(earn, VOUCHERS), "the voucher to be known at the till")
    (voucher,) = await earn[VOUCHERS].find({}).to_list()
    bill = {"caller": TILL, "member": member["_id"], "code": voucher["_id"], "partner": "grocer", "currency": "VND"}
    tea = (BillLine(Decimal(60_000), "tea"), BillLine(Decimal(9_000), "rice"))
    used = await mall.ask(RedeemVoucher, **bill, bill="x-1", lines=tea)
    assert isinstance(used, Done)
    assert used.body["worth"] == {"amount": "6000", "currency": "VND"}
    again = await mall.ask(RedeemVoucher, **bill, bill="x-2", lines=tea)
    assert isinstance(again, Denied)
    assert again.code == "used_already"

    held = await mall.ask(
        Hold, caller=TILL, member=member["_id"], asked=Asked(wallet="stars", points=10), partner="grocer"
    )
    assert isinstance(held, Done)
    await mall.ask(Capture, caller=TILL, member=member["_id"], hold=str(held.body["hold"]))
    await mall.services.rest()

    days = ("--from", str(today), "--to", str(today + timedelta(days=2)))
    stated = orjson.loads(await mall.run("statement", *days, "--format", "json"))
    # Mechanism: `known_partners.check_known`; without it a partner that nobody is owes nothing, as far as is told.
    refused = await mall.run("statement", *days, "--partner", "backery", code=1)
    assert refused.strip() == "no partner backery has an agreement, a key or an event here; did you mean bakery?"
    assert [(each["partner"], each["kind"], each["points"], each["owes"]) for each in stated["lines"]] == [
        ("bakery", "drawn", 50, "0"),
        ("grocer", "issued", 25, "2500"),
        ("grocer", "redeemed", 10, "-1000"),
    ]
    assert {each["party"]: each["owes"] for each in stated["totals"]} == {
        "bakery": "0", "grocer": "1500", "coalition": "-1500",
    }  # fmt: skip
    assert stated["packs"][0]["money"] == "4525"
    assert stated["sums_to_zero"] is True
    assert "bakery: 0 of 50 stars are left" in await mall.run("packs")
    owed = orjson.loads(await mall.run("liability", "--at", "now", "--format", "json"))
    (stars,) = owed["wallets"]
    assert (stars["outstanding"], stars["worth"]) == (65, {"amount": "6500", "currency": "VND"})
    report = await mall.services.reconcile()
    assert report.ok, [each for each in report.checks if not each.ok]


async def packs_are_booked(mall: Mall) -> None:
    """50 for the bakery; asked again, nothing is added; what cannot be is refused."""
    said = ("--currency", "VND", "--reference", "INV-1", "--person", "Ann", "--money")
    pack = ("packs", "book", "bakery", "50", *said)
    assert await mall.run(*pack, "4525") == "bakery: 50 stars for 4525 VND are booked\n"
    assert "were booked before; nothing was added" in await mall.run(*pack, "4525.00")
    assert "INV-1 of bakery was booked before, with other figures" in await mall.run(*pack, "4526", code=1)
    assert "no prepaid partner grocer" in await mall.run("packs", "book", "grocer", "50", *said, "4525", code=1)
    assert "no wallet gold" in await mall.run(*pack, "1", "--wallet", "gold", "--reference", "INV-2", code=1)
    assert "'4525,5' is no amount" in await mall.run(*pack, "4525,5", code=1)
    entries = await mall.services.database("earn").journal.find({"kind": "pack"}).to_list()
    assert [(each["_id"], each["by"]) for each in entries] == [
        ("/earn/packs|bakery:INV-1", {"caller": "terminal", "person": "Ann"})
    ]


async def counted(earn: Any, collection: str) -> bool:
    return bool(await earn[collection].count_documents({}))


async def alerts(mall: Mall) -> list[tuple[str, str, int]]:
    """What operators read on `alerts`."""
    settings = mall.services.settings
    topic = f"{settings.prefix}alerts"
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_url(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        said = [orjson.loads((await consumer.getone()).value)["data"] for _ in range(sum(ends.values()))]
    finally:
        await consumer.stop()
    return [(each["partner"], each["wallet"], each["left"]) for each in said]
