"""Partners' events over HTTP: three modes, checked as on the topic, durable in Kafka before the answer; and returns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
from aiokafka import TopicPartition

from services.earn.intake import INBOX, WAITING
from services.earn.posting import JOURNAL
from shared.access.roles import Role
from shared.events.decode import Refused
from shared.events.partner import PARTNER_EVENT, Return
from shared.runtime.letters import document
from shared.runtime.reading import read, reader
from shared.runtime.records import Letter, Record
from shared.runtime.store import DEAD_LETTERS
from tests.integration.apikit import BILL, Api, Asker

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
SEVERAL = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}


def event(id_: str, partner: str, **changes: Any) -> dict[str, Any]:
    """A purchase."""
    line = {"product": "bread", "quantity": 1, "amount": "25000"}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": f"/partners/{partner}",
        "type": "loyalty.purchase.v1",
        "time": "2026-03-02T12:00:00+07:00",
        "data": {"member": {"card": "c-1"}, "currency": "VND", "lines": [line]},
        **changes,
    }


async def send(asker: Asker, content: Any, headers: dict[str, str]) -> httpx.Response:
    content = content if isinstance(content, bytes) else orjson.dumps(content)
    return await asker.http.post("/v1/events", content=content, headers={**asker.key, **headers})


async def on_topic(shop: Api, partner: str) -> list[bytes]:
    """All values on a partner's topic, as a consumer of committed records sees them."""
    topic, url = f"{shop.settings.prefix}partner.{partner}", shop.settings.kafka_url()
    consumer = reader(url)
    await consumer.start()
    try:
        if topic not in await consumer.topics():
            return []
        places = [TopicPartition(topic, number) for number in range(shop.settings.partitions)]
        ends = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    return [r.value async for some in read(url, {place: (0, end) for place, end in ends.items()}) for r in some]


async def test_one_event_is_on_the_topic_as_it_was_sent_when_the_answer_comes(shop: Api) -> None:
    partner = await shop.asker(Role.partner, "one")
    raw = orjson.dumps(event("b-1", "one"), option=orjson.OPT_INDENT_2)
    answer = await send(partner, raw, STRUCTURED)
    assert (answer.status_code, answer.json()) == (
        202, {"taken": 1, "refused": 0, "events": [{"taken": True, "id": "b-1"}]},
    )  # fmt: skip
    assert await on_topic(shop, "one") == [raw]


async def test_of_a_batch_the_good_are_taken_and_each_bad_one_says_why(shop: Api) -> None:
    partner = await shop.asker(Role.partner, "many")
    good = [event(f"b-{number}", "many") for number in range(3)]
    bad: list[Any] = [
        event("b-7", "other"),
        event("b-8", "many", type="loyalty.gift.v1"),
        event("b-9", "many", time="2199-01-01T00:00:00Z"),
        event("b-10", "many", data={}),
        7,
    ]
    mixed = [good[0], *bad, *good[1:]]
    answer = await send(partner, mixed, SEVERAL)
    said = answer.json()
    assert (answer.status_code, said["taken"], said["refused"]) == (207, 3, 5)
    assert [each.get("reason") for each in said["events"]] == [
        None, "wrong_source", "unknown_type", "in_the_future", "missing_field", "not_json", None, None,
    ]  # fmt: skip
    assert sorted(orjson.loads(each)["id"] for each in await on_topic(shop, "many")) == ["b-0", "b-1", "b-2"]
    none = await send(partner, bad, SEVERAL)
    assert (none.status_code, none.json()["code"]) == (422, "wrong_source")
    assert [each["taken"] for each in none.json()["events"]] == [False] * 5
    assert (await send(partner, good, SEVERAL)).status_code == 202
    assert len(await on_topic(shop, "many")) == 6


async def test_a_key_is_good_for_one_request_of_events(shop: Api) -> None:
    """The same again has its answer and is sent once; other events, or a key that a return had, are refused. A request
    of which nothing was taken leaves its key free. Mechanism: `sent.handed_on`; without it the second is sent, too."""
    asker = await shop.asker(Role.partner, "once")
    key = {"Idempotency-Key": "m-1"}
    bad = await send(asker, event("o-1", "other"), STRUCTURED | key)
    assert (bad.status_code, bad.json()["code"]) == (422, "wrong_source")
    first = await send(asker, event("o-1", "once"), STRUCTURED | key)
    again = await send(asker, event("o-1", "once"), STRUCTURED | key)
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    turned = dict(reversed(event("o-1", "once").items()))
    assert (await send(asker, turned, STRUCTURED | key)).json() == first.json(), "the same event, written otherwise"
    other = await send(asker, [event("o-1", "once"), event("o-2", "once")], SEVERAL | key)
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before")
    empty = await send(asker, event("o-2", "once"), STRUCTURED | {"Idempotency-Key": ""})
    assert (empty.status_code, empty.json()["code"]) == (422, "invalid_request")
    assert [orjson.loads(each)["id"] for each in await on_topic(shop, "once")] == ["o-1"]


async def test_events_whose_first_try_was_cut_off_are_sent_after_all(shop: Api) -> None:
    """Breaks when a claim alone counts as sent: the events would be lost."""
    asker = await shop.asker(Role.partner, "cut")
    key = STRUCTURED | {"Idempotency-Key": "m-2"}
    await send(asker, event("o-3", "cut"), key)
    await shop.database["api_sent"].delete_one({"_id": f"/earn/api/{asker.name}|m-2"})
    assert (await send(asker, event("o-3", "cut"), key)).status_code == 202
    first, second = await on_topic(shop, "cut")
    assert first == second, "a duplicate, which intake ignores"


async def test_in_binary_mode_the_attributes_are_headers(shop: Api) -> None:
    partner = await shop.asker(Role.partner, "binary")
    whole = event("sm%C3%B8r", "binary")
    headers = {f"ce-{name}": str(whole[name]) for name in ("specversion", "id", "source", "type", "time")}
    headers |= {"ce-traceparent": "00-1", "Content-Type": "application/json"}
    answer = await send(partner, whole["data"], headers)
    assert (answer.status_code, answer.json()["events"]) == (202, [{"taken": True, "id": "smør"}])
    [value] = await on_topic(shop, "binary")
    assert PARTNER_EVENT.validate_json(value) == PARTNER_EVENT.validate_python(
        PARTNER_EVENT.validate_json(orjson.dumps({**whole, "id": "smør"}))
    )
    # The body must not be able to end `data` and write attributes of its own.
    forged = orjson.dumps(whole["data"]) + b',"source":"/partners/other"'
    assert (await send(partner, forged, headers)).json()["code"] == "not_json"
    missing = {name: value for name, value in headers.items() if name != "ce-time"}
    assert (await send(partner, whole["data"], missing)).json()["code"] == "missing_field"
    cut = await send(partner, whole["data"], headers | {"ce-id": "sm%C3"})
    assert (cut.status_code, "not UTF-8" in cut.json()["detail"]) == (422, True), "or sm%C3 and sm%C4 would be one"
    untyped = {name: value for name, value in headers.items() if name != "ce-type"}
    refused = (await send(partner, whole["data"], untyped)).json()
    assert (refused["code"], "the header ce-type" in refused["detail"]) == ("missing_field", True)


async def test_requests_that_hold_no_events_are_refused_as_a_whole(shop: Api) -> None:
    partner = await shop.asker(Role.partner, "none")
    for content, headers, status, code in (
        (b"[]", SEVERAL, 422, "invalid_request"),
        (b"{}", SEVERAL, 400, "not_json"),
        (b"[1,", SEVERAL, 400, "not_json"),
        (orjson.dumps([1] * 501), SEVERAL, 422, "invalid_request"),
        (b"{", STRUCTURED, 422, "not_json"),
        (b"", STRUCTURED, 422, "empty"),
        (b"{}", {"Content-Type": "application/json"}, 415, "wrong_media_type"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "wrong_media_type"),
        (b"{}", {"Content-Type": "application/cloudevents+json; charset=latin-1"}, 415, "wrong_media_type"),
        (b" " * 4_000_001, SEVERAL, 413, "too_large"),
        (orjson.dumps(event("b" * 1_000_000, "none")), STRUCTURED, 422, "too_large"),
    ):
        answer = await send(partner, content, headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (headers, answer.text[:300])
    assert await on_topic(shop, "none") == []


async def test_a_return_becomes_one_event_however_often_it_is_sent(shop: Api) -> None:
    till = await shop.asker(Role.till, "returns")
    said = {"member": {"card": "c-1"}, "purchase": "b-1", "time": "2026-03-03T12:00:00+07:00"}
    lines = [{"line": 0, "quantity": 2}]
    first = await till.post("/returns", {**said, "lines": lines}, once="return-1")
    again = await till.post("/returns", {**said, "lines": lines}, once="return-1")
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    assert again.headers["idempotency-replayed"] == "true"
    [value] = await on_topic(shop, "returns")
    published = PARTNER_EVENT.validate_json(value)
    assert isinstance(published, Return)
    assert (published.id, published.source) == (first.json()["event"], "/partners/returns")
    assert published.data.model_dump(exclude_none=True) == {
        "member": {"card": "c-1"},
        "purchase": "b-1",
        "lines": lines,
    }
    other = await till.post("/returns", {**said, "amount": "5000"}, once="return-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before")
    both = await till.post("/returns", {**said, "amount": "5000", "lines": lines})
    assert (both.status_code, both.json()["code"]) == (422, "invalid_request")
    for odd in ({"currency": "VND"}, {"amount": "0", "currency": "VND"}, {"amount": "0.00"}):
        answer = await till.post("/returns", {**said, **odd})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), odd
    nobody = await till.post("/returns", {**said, "member": {}})
    assert nobody.status_code == 422
    assert len(await on_topic(shop, "returns")) == 1
    await till.post("/returns", {**said, "amount": "5000"}, once="return-2")
    assert len({orjson.loads(each)["id"] for each in await on_topic(shop, "returns")}) == 2


async def test_a_return_of_the_future_is_not_taken(shop: Api) -> None:
    """Breaks without `too_early`: it would be answered 202, and refused where no till hears of it."""
    till = await shop.asker(Role.till, "early")
    said = {"member": {"card": "c-1"}, "purchase": "b-1", "time": "2199-01-01T00:00:00Z"}
    answer = await till.post("/returns", said)
    assert (answer.status_code, answer.json()["code"]) == (422, "in_the_future")
    assert await on_topic(shop, "early") == []


async def test_what_became_of_an_event_is_told_to_its_partner(shop: Api) -> None:
    """Counted and refused ones are also in docs/api.md, on running services. Breaks where another partner's is told,
    or what had no effect hides what counted under the same id."""
    mine, other = await shop.asker(Role.partner, "asks"), await shop.asker(Role.till, "others")
    for number, (id_, status) in enumerate(((2, "open"), (3, "replayed"), (4, "open"), (4, "replayed"), (5, "open"))):
        record = Record(f"{shop.settings.prefix}partner.asks", 0, 9_000 + number, b"{}")
        letter = Letter(record, Refused("invalid_value", "too much"), record.origin, f"/partners/asks|e-{id_}")
        await shop.database[DEAD_LETTERS].insert_one({**document("earn-ledger", letter), "status": status})
    await shop.database[WAITING].insert_one({"_id": "/partners/asks|e-1", "event": b"{}", "identities": []})
    await shop.database[INBOX].insert_one({"_id": "/partners/asks|e-6", "hash": "h", "refused": None})
    member = "m-" + "a" * 20
    postings = [{"account": f"member:{member}", "wallet": "stars", "amount": 7}]
    await shop.database[JOURNAL].insert_one({
        "_id": "/partners/asks|e-5", "kind": "purchase", "member": member, "at": datetime(2026, 3, 2, tzinfo=UTC),
        "postings": postings, "seq": 1,
    })  # fmt: skip
    states = {}
    for number in range(1, 8):
        answer = await mine.get("/events", event=f"e-{number}")
        said = answer.json()
        states[number] = (said.get("state") or said["code"], [each["replayed"] for each in said.get("refused", [])])
        assert (await other.get("/events", event=f"e-{number}")).status_code == 404
    assert {number: (state, sorted(replayed)) for number, (state, replayed) in states.items()} == {
        1: ("waiting", []), 2: ("refused", [False]), 3: ("on its way", [True]), 4: ("refused", [False, True]),
        5: ("counted", [False]), 6: ("on its way", []), 7: ("unknown_event", []),
    }  # fmt: skip
    assert (await mine.get("/events", event="e-5")).json()["points"] == {"stars": 7}
    for name in (WAITING, INBOX, JOURNAL):  # others share this database, and these are no whole documents
        await shop.database[name].delete_many({"_id": {"$regex": "^/partners/asks"}})


async def test_an_event_of_one_who_was_erased_before_it_came_did_not_count(shop: Api) -> None:
    """Breaks where the entry that says only that it came is told as the member's history."""
    mine, came = await shop.asker(Role.partner, "asks"), datetime(2026, 3, 2, 9, tzinfo=UTC)
    await shop.database[JOURNAL].insert_one({
        "_id": "/partners/asks|late-1", "kind": "erased", "member": "m-" + "b" * 20, "at": came - timedelta(days=1),
        "posted_at": came, "postings": [], "seq": None,
    })  # fmt: skip
    assert (await mine.get("/events", event="late-1")).json() == {
        "event": "late-1", "state": "refused",
        "detail": "it had no effect: the member's account is closed, and nothing that comes for it counts",
        "refused": [{
            "reason": "account_closed", "detail": "the member's account is closed; nothing is counted",
            "at": "2026-03-02T09:00:00+00:00", "replayed": False,
        }],
    }  # fmt: skip
    await shop.database[JOURNAL].delete_one({"_id": "/partners/asks|late-1"})


async def test_a_return_whose_first_try_was_cut_off_is_sent_after_all(shop: Api) -> None:
    """Breaks when a claim alone counts as sent: the return would be lost."""
    till = await shop.asker(Role.till, "cutoff")
    said = {"member": {"card": "c-1"}, "purchase": "b-1", "time": "2026-03-03T12:00:00+07:00"}
    await till.post("/returns", said, once="r")
    await shop.database["api_sent"].delete_one({"_id": f"/earn/api/{till.name}|r"})
    again = await till.post("/returns", said, once="r")
    assert again.status_code == 202
    sent = await on_topic(shop, "cutoff")
    assert len(sent) == 2
    assert sent[0] == sent[1], "a duplicate, which intake ignores"


async def test_a_key_is_good_for_one_request_be_it_a_return_or_a_hold(shop: Api) -> None:
    """Breaks when returns or events keep their keys apart from the journal's."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    said = {"member": {"card": "c-1"}, "purchase": "b-1", "time": "2026-03-03T12:00:00+07:00"}
    hold = {"member": member, "wallet": "stars", "points": 2, "bill": BILL}
    assert (await till.post("/returns", said, once="x")).status_code == 202
    assert (await till.post("/holds", hold, once="y")).status_code == 201
    assert (await send(till, event("k-1", "bakery"), STRUCTURED | {"Idempotency-Key": "z"})).status_code == 202
    for path, body, key in (
        ("/holds", hold, "x"),
        ("/returns", said, "y"),
        ("/holds", hold, "z"),
        ("/returns", said, "z"),
    ):
        answer = await till.post(path, body, once=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_used_before"), path
    for key in "xy":
        answer = await send(till, event("k-2", "bakery"), STRUCTURED | {"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (422, "key_used_before")
    assert await till.spendable(member) == 98
