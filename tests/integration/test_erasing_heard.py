"""An erasure while campaigns is behind: what it has to read names the person, and must not bring the name back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from shared.events.topics import ACCRUALS
from shared.settings import Settings
from tests.conftest import SettingsFor
from tests.integration.pipeline import Pipeline, running, until
from tests.integration.terminal import Commands, commands
from tests.unit.counterkit import SHOP
from tests.unit.rulekit import rule

NAME = "annabel@example.com"
TREAT = """then: {wallet: stars, fixed: 100}
limits: [{per: household, period: ever, times: 1}]"""
PROGRAMME = (
    SHOP
    + "    - stars\n"
    + rule("base", "then: {wallet: stars, per_amount: {per: 10000}}")
    + rule("treat", TREAT, "bonus")
)


@pytest.fixture
def settings(settings_for: SettingsFor, tmp_path: Path) -> Settings:
    """Of a programme with a bonus that a household has once."""
    folder = tmp_path / "programs" / "shop" / "definitions"
    folder.mkdir(parents=True)
    (folder / "all.yaml").write_text(PROGRAMME, encoding="utf-8")
    return settings_for(programs=tmp_path / "programs", program="shop")


@pytest.fixture
def doublestar(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Beside these services."""
    return commands(settings, monkeypatch)


def event(kind: str, id_: str, **data: Any) -> tuple[str, bytes]:
    head = {"specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1"}
    return data["member"]["reference"], orjson.dumps({**head, "time": "2026-03-02T12:00:00+07:00", "data": data})


def bought(id_: str) -> tuple[str, bytes]:
    lines = [{"product": "p", "quantity": 1, "amount": "50000"}]
    return event("purchase", id_, member={"reference": "b-1"}, currency="VND", lines=lines)


async def posted(pipeline: Pipeline, id_: str) -> None:
    """earn has decided it, and told of it."""

    async def told() -> bool:
        entry = await pipeline.database("earn").journal.find_one({"_id": f"/partners/grocer|{id_}"})
        return entry is not None and await pipeline.held() == 0

    await until(told, f"{id_} to be posted")


async def taken_back(settings: Settings, topic: str) -> None:
    """Offsets at the end of each partition that are no records."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_url(), transactional_id=f"{settings.prefix}t")
    await producer.start()
    try:
        await producer.begin_transaction()
        for partition in range(settings.partitions):
            await producer.send_and_wait(topic, b"never", partition=partition)
        await producer.abort_transaction()
    finally:
        await producer.stop()


async def test_what_campaigns_has_not_read_keeps_an_erasure_from_its_end(
    settings: Settings, doublestar: Commands
) -> None:
    """campaigns is stopped, and what is on its way tells of the household by Annabel's e-mail. Mechanisms: `unheard`,
    without which the e-mail comes back when campaigns reads, for ever, and Bob has the household's bonus twice;
    `Watch.unread` counts records, or what was taken back would keep it waiting."""
    async with running(settings) as pipeline:
        await pipeline.open_topic("grocer")
        profile = {"household": NAME}
        await pipeline.send([
            event("signup", "s-1", member={"reference": "a-1", "email": NAME}, profile=profile),
            event("signup", "s-2", member={"reference": "b-1"}, profile=profile),
        ])  # fmt: skip
        await pipeline.rest()
        bob = (await doublestar("members", "find", "grocer:b-1")).strip()
        earn, counters = pipeline.database("earn"), pipeline.database("campaigns").households
        await pipeline.supervisor.remove(pipeline.worker("campaigns-0"))
        await pipeline.send([bought("p-1")])
        await posted(pipeline, "p-1")

        asked = ("members", "erase", NAME, "--reason", "asked by letter", "--person", "staff-7", "--approved-by", "x")
        said = await doublestar(*asked, "--patience", "0.5", code=1)
        assert "LEFT: campaigns has 2 records to read that may name the person" in said, said  # hers is the other
        note = await earn.erasures.find_one({})
        assert note is not None
        assert (note["state"], note["terms"]["strong"]) == ("begun", [NAME, "ref:/partners/grocer:a-1"])
        assert await earn.identities.count_documents({"_id": f"email:{NAME}"}) == 1
        assert (await earn.members.find_one({"_id": bob}) or {})["household"] == NAME

        await pipeline.supervisor.add("campaigns")
        await pipeline.rest()
        assert await counters.find({}).to_list() == [{"_id": NAME, "treat:household:times:ever": {"ever": 1}}]
        await taken_back(settings, settings.prefix + ACCRUALS)
        await doublestar("members", "erase", "--approved")
        household = (await earn.members.find_one({"_id": bob}) or {})["household"]
        assert await counters.find({}).to_list() == [{"_id": household, "treat:household:times:ever": {"ever": 1}}]
        assert NAME not in str(await pipeline.dump())
        await pipeline.send([bought("p-2")])
        await pipeline.rest()
        assert await earn.journal.count_documents({"member": bob, "awards.rule": "treat"}) == 1
        assert (await pipeline.reconcile()).ok
