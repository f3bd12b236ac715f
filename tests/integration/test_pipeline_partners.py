"""What partners, marketers and operators see of the running services: one set of processes for all of these tests."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.runtime.topics import ensure
from shared.settings import Settings
from tests.conftest import Servers
from tests.integration.pipeline import Pipeline, running, until


@pytest_asyncio.fixture(scope="module")
async def shop(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pipeline]:
    """One worker of each service, with a programme of its own that a test may change."""
    home = tmp_path_factory.mktemp("shop")
    shutil.copytree(Settings().programs / "journey", home / "programs" / "journey")
    settings = Settings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        namespace=f"t{uuid.uuid4().hex[:11]}",
        home=home,
        programs=home / "programs",
    )
    topics = [f"{settings.prefix}partner.{each}" for each in ("deli", "cafe", "books", "bulk", "market", "kiosk")]
    await ensure(settings.kafka_url(), dict.fromkeys(topics, settings.partitions))
    async with running(settings) as pipeline:
        await pipeline.rest()
        yield pipeline
        for service in ("earn", "tiers", "campaigns", "notify"):
            await pipeline.client.drop_database(pipeline.database(service).name)


def event(partner: str, kind: str, id_: str, time: str, member: dict[str, str], **data: Any) -> tuple[str, bytes]:
    """A partner's record: key and value."""
    head = {"specversion": "1.0", "id": id_, "source": f"/partners/{partner}", "type": f"loyalty.{kind}.v1"}
    return partner, orjson.dumps({**head, "time": time, "data": {"member": member, **data}})


def purchase(partner: str, id_: str, time: str, reference: str, amount: str) -> tuple[str, bytes]:
    """A basket of one thing."""
    line = {"product": "gum", "department": "GROCERY", "quantity": 1, "amount": amount}
    return event(partner, "purchase", id_, time, {"reference": reference}, currency="USD", lines=[line])


def signup(partner: str, id_: str, **member: str) -> tuple[str, bytes]:
    """Joins at the start of the programme."""
    return event(partner, "signup", id_, "2017-01-01T00:00:00-05:00", member)


async def member_of(shop: Pipeline, identity: str) -> dict[str, Any]:
    """Earn's document of the member who is known by this."""
    known = await shop.database("earn").identities.find_one({"_id": identity})
    assert known is not None, f"{identity} is unknown"
    member = await shop.database("earn").members.find_one({"_id": known["member"]})
    assert member is not None, f"{identity} has no account"
    return member


async def journal_of(shop: Pipeline, partner: str) -> list[dict[str, Any]]:
    """The journal's entries for a partner's events, by time."""
    found = shop.database("earn").journal.find({"_id": {"$regex": f"^/partners/{partner}[|]"}})
    return await found.sort("at", 1).to_list()


async def test_a_new_partners_topic_is_consumed_within_ten_seconds(shop: Pipeline) -> None:
    """And what is refused is told on the partner's own topic. Breaks without the pattern subscription or with the
    default `metadata_max_age_ms` of five minutes; without `letters.rejection` or the topic that the publisher makes."""
    topic, started = await shop.open_topic("bakery"), monotonic()
    broken = b'{"specversion": "1.0", "id": '
    await shop.send([signup("bakery", "s-1", reference="1"), ("bakery", broken)], "bakery")
    await shop.send([purchase("bakery", "p-1", "2017-01-05T09:00:00-05:00", "1", "3.50")], "bakery")

    async def two() -> bool:
        return len(await journal_of(shop, "bakery")) == 2

    await until(two, "the new partner's events", 30)
    seconds = monotonic() - started
    assert seconds < 10
    await shop.rest()
    letter = await shop.database("earn").dead_letters.find_one({"origin.topic": topic})
    assert letter is not None
    assert (letter["reason"], letter["value"]) == ("not_json", broken)
    told = orjson.loads(await only_record(shop, f"{shop.settings.prefix}rejections.bakery"))
    assert (told["type"], told["id"]) == ("loyalty.rejection.v1", letter["place"])
    assert (told["data"]["reason"], told["data"]["origin"]) == ("not_json", letter["origin"])


async def only_record(shop: Pipeline, topic: str) -> bytes:
    """The one record of a topic of one partition."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=shop.settings.kafka_url(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        assert list(ends.values()) == [1]
        return bytes((await consumer.getone()).value)
    finally:
        await consumer.stop()


async def test_a_purchase_before_its_signup_waits_and_counts_at_its_own_time(shop: Pipeline) -> None:
    """A Wednesday's purchase doubles, whenever its buyer signs up. Breaks without `Intake._wait` and `_claim`, and
    when rules are asked at the time of arrival."""
    wednesday = "2017-01-04T12:00:00-05:00"
    await shop.send([purchase("deli", "p-1", wednesday, "77", "11.90")], "deli")
    waiting = shop.database("earn").waiting

    async def waits() -> bool:
        return await waiting.count_documents({"_id": "/partners/deli|p-1", "event": {"$ne": None}}) == 1

    await until(waits, "the purchase to wait")
    assert await journal_of(shop, "deli") == []
    await shop.send([signup("deli", "s-1", reference="77")], "deli")
    await shop.rest()
    member = await member_of(shop, "ref:/partners/deli:77")
    assert member["balances"] == {"stars": 25 + 11 + 11}
    assert (await journal_of(shop, "deli"))[1]["at"] == datetime.fromisoformat(wednesday)
    assert not await waits()


async def test_two_signups_with_one_phone_are_one_member(shop: Pipeline) -> None:
    """Whichever partner's topic is read first. Breaks without the phone as an identity (`identity_keys`)."""
    for partner, reference, amount in (("cafe", "1", "5.00"), ("books", "9", "7.00")):
        joins = signup(partner, "s-1", reference=reference, phone="+12125550123")
        await shop.send([joins, purchase(partner, "p-1", "2017-01-05T09:00:00-05:00", reference, amount)], partner)
    await shop.rest()
    member = await member_of(shop, "ref:/partners/cafe:1")
    assert member == await member_of(shop, "ref:/partners/books:9") == await member_of(shop, "phone:+12125550123")
    assert member["balances"] == {"stars": 25 + 5 + 7}, "one welcome, both purchases"


async def test_one_bad_record_in_a_batch_of_500_leaves_499_effects_and_one_dead_letter(shop: Pipeline) -> None:
    """Promise 3. Breaks when a batch is decoded as a whole (`_undecoded` keeps the bytes, `BatchLoop._decode` takes
    each alone)."""
    records = [signup("bulk", f"s-{number}", reference=str(number)) for number in range(500)]
    bad = records[250] = ("bulk", records[250][1].replace(b'"member"', b'"nobody"'))
    before = await full_batches(shop)
    await shop.send(records, "bulk")  # one key, one partition, and with this producer one record batch
    await shop.rest()
    assert await full_batches(shop) == before + 1, "all 500 were to be decided together"
    assert len(await journal_of(shop, "bulk")) == 499
    [letter] = (
        await shop.database("earn").dead_letters.find({"origin.topic": f"{shop.settings.prefix}partner.bulk"}).to_list()
    )
    assert (letter["reason"], letter["value"], letter["key"]) == ("missing_field", bad[1], b"bulk")
    assert letter["origin"]["offset"] == 250


async def full_batches(shop: Pipeline) -> int:
    """How many batches of more than 250 records intake has had, by its metrics."""
    _, text = await shop.get(shop.worker("earn-0"), "/metrics")
    found = dict(re.findall(r'doublestar_batch_records_bucket\{consumer="earn-intake",le="([^"]+)"\} (\S+)', text))
    return round(float(found["+Inf"]) - float(found["250.0"]))


async def test_a_version_published_while_running_decides_events_from_its_effective_time_on(shop: Pipeline) -> None:
    """Promise 4. Only campaigns is restarted. Breaks when `Rulebook.at` takes the newest version, or the one in force
    at the time of arrival; without `Follower` the others would never know."""
    old = {(await shop.status(each))["rulebook"] for each in shop.supervisor.workers}
    assert len(old) == 1
    file = shop.settings.programs / "journey" / "definitions" / "earning.yaml"
    text = file.read_text()
    start = text.index("- id: base\n")
    changed = text[start:].replace("2017-01-01T00:00:00-05:00", "2017-06-01T00:00:00-04:00", 1)
    changed = changed.replace("  kind: earn\n", "  kind: earn\n  version: 2\n", 1).replace("give: 1", "give: 3", 1)
    file.write_text(text[:start] + changed)
    campaigns = shop.worker("campaigns-0")
    assert campaigns.process is not None
    campaigns.process.terminate()

    async def all_know() -> bool:
        now = {(await shop.status(each)).get("rulebook") for each in shop.supervisor.workers}
        return len(now) == 1 and not now & {None, *old}

    await until(all_know, "every service to have the new rulebook")
    assert {each.name: each.restarts for each in shop.supervisor.workers if each.restarts} == {"campaigns-0": 1}
    await shop.send(
        [
            signup("market", "s-1", reference="5"),
            purchase("market", "after", "2017-06-01T00:00:00-04:00", "5", "10.00"),
            purchase("market", "before", "2017-05-31T23:59:59-04:00", "5", "10.00"),
        ],
        "market",
    )
    await shop.rest()
    earned = [[(a["rule"], a["version"], a["points"]) for a in e["awards"]] for e in await journal_of(shop, "market")]
    # 31 May was a Wednesday: the double star repeats the base of its time.
    assert earned == [
        [("welcome", 1, 25)],
        [("base", 1, 10), ("double-star-wednesday", 1, 10)],
        [("base", 2, 30)],
    ]


async def test_what_a_partner_takes_back_never_happened_and_is_not_counted(shop: Pipeline) -> None:
    """A partner publishes in transactions: one is committed, one aborted; both leave markers that are no records.

    Breaks when one reader is `read_uncommitted` (an effect of what was taken back), and when lag or the books go by
    offsets: the markers would be left to read, or missing, for ever.
    """
    topic = await shop.open_topic("bank")
    producer = AIOKafkaProducer(
        bootstrap_servers=shop.settings.kafka_url(), transactional_id=f"{shop.settings.prefix}bank"
    )
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send(topic, signup("bank", "s-1", reference="1")[1], key=b"1", partition=0)
        await producer.begin_transaction()
        for number, day in enumerate(("05", "06", "07")):
            taken_back = purchase("bank", f"p-{number}", f"2017-01-{day}T09:00:00-05:00", "1", "3.50")[1]
            await (await producer.send(topic, taken_back, key=b"1", partition=number % 2))
        # Markers are written when the coordinator gets to it; the next record is read behind them.
        await producer.abort_transaction()
        async with producer.transaction():
            kept = purchase("bank", "kept", "2017-01-12T09:00:00-05:00", "1", "8.00")[1]
            await producer.send(topic, kept, key=b"1", partition=0)
    finally:
        await producer.stop()
    await shop.rest()
    assert [each["_id"] for each in await journal_of(shop, "bank")] == ["/partners/bank|s-1", "/partners/bank|kept"]
    assert (await member_of(shop, "ref:/partners/bank:1"))["balances"] == {"stars": 25 + 8}
    books = await shop.reconcile()
    assert books.ok, [check for check in books.checks if not check.ok]
    assert sum((await shop.watch.lags(exact=True))[0].values()) == 0


async def test_a_record_without_outcome_and_one_with_two_are_found(shop: Pipeline) -> None:
    """Breaks when only totals are compared: the one would hide the other."""
    topic = await shop.open_topic("vault")
    await shop.send([signup("vault", f"s-{n}", reference="1") for n in range(3)], "vault")
    await shop.rest()
    journal, duplicates = shop.database("earn").journal, shop.database("earn").duplicates
    [first, second, third] = await journal_of(shop, "vault")
    try:
        await journal.delete_one({"_id": first["_id"]})
        await duplicates.insert_one({"_id": second["origin"], "event": "none"})
        [check] = [each for each in (await shop.reconcile()).checks if each.name == "records_accounted"]
        assert not check.ok
        assert f"1 without outcome: {first['origin']}" in check.detail
        assert f"1 both effects and duplicates: {second['origin']}" in check.detail
        assert third["origin"].startswith(topic)
    finally:
        await journal.insert_one(first)
        await duplicates.delete_one({"_id": second["origin"]})
    assert (await shop.reconcile()).ok


async def test_health_tells_progress(shop: Pipeline) -> None:
    """Breaks when status and metrics tell of a connection only: what was done and what is left are in them."""
    earn = shop.worker("earn-0")
    before = (await shop.status(earn))["consumers"]["earn-intake"]["batches"]
    await shop.send([signup("kiosk", "s-1", reference="3")], "kiosk")
    await shop.rest()
    for worker in shop.supervisor.workers:
        assert [(await shop.get(worker, f"/health/{each}"))[0] for each in ("live", "ready")] == [200, 200]
    status = await shop.status(earn)
    assert (status["service"], sorted(status["consumers"])) == ("earn", ["earn-intake", "earn-ledger", "earn-vouchers"])
    intake = status["consumers"]["earn-intake"]
    assert (intake["batches"], intake["lag"], intake["failed"]) == (before + 1, 0, None)
    _, metrics = await shop.get(earn, "/metrics")
    assert re.search(r'doublestar_effects_total\{consumer="earn-ledger",kind="signup"\} [1-9]', metrics)
    assert re.search(r'doublestar_lag_records\{consumer="earn-intake",partition="0",topic="\S+kiosk"\} 0', metrics)
    books = await shop.reconcile()
    assert books.ok, [check for check in books.checks if not check.ok]
