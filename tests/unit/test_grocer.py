"""The grocer adapter: the bytes it publishes, their order, what it sends on purpose, and where a run is cut."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import orjson
import pytest

from shared.demo import dataset, grocer
from shared.demo.grocer import INVALID_REASONS, Message
from tests.model.journey import expect

# Two of the busiest: 747 and 694 baskets; 1510 has products without a category, 1795 some that no table knows.
BUSY = (1510, 1795)
PURCHASES = 747 + 694


@pytest.fixture(scope="module")
def year() -> list[Message]:
    return list(grocer.messages(12, households=BUSY))


def of(kind: str, messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.kind == kind]


def event(message: Message) -> dict[str, Any]:
    parsed: dict[str, Any] = orjson.loads(message.value)
    return parsed


def test_a_signup_byte_for_byte() -> None:
    first = next(iter(grocer.messages(1, households=[105])))
    assert first == Message(
        "signup",
        b"105",
        b'{"specversion":"1.0","id":"signup-105","source":"/partners/grocer","type":"loyalty.signup.v1",'
        b'"time":"2017-01-01T00:00:00-05:00","datacontenttype":"application/json","data":{"member":{"reference":"105",'
        b'"email":"household-105@example.com"},"profile":{"name":"Household 105","language":"vi","preferences":'
        b'{"salutation":"formal"}},"attributes":{"age":"25-34","income":"Under 15K","home_ownership":"Homeowner",'
        b'"marital_status":"Unmarried","household_size":"3","household_comp":"1 Adult Kids","kids_count":"2"}}}',
    )


def test_signups_leave_out_what_is_not_known() -> None:
    signups = {m.key: event(m)["data"] for m in of("signup", list(grocer.messages(1, households=[1190, 900, 5, 1])))}
    assert list(signups) == [b"1", b"5", b"900", b"1190"], "ordered by household"
    assert "marital_status" not in signups[b"1190"]["attributes"]
    assert signups[b"5"]["attributes"] == {}
    assert [signups[key]["profile"]["language"] for key in (b"1", b"5")] == ["en", "vi"]
    assert signups[b"1"]["profile"]["preferences"] == {}


def test_a_purchase_byte_for_byte(year: list[Message]) -> None:
    [found] = [m for m in year if m.kind == "purchase" and b'"basket-31268755477"' in m.value]
    assert found.key == b"1795"
    assert found.value == (
        b'{"specversion":"1.0","id":"basket-31268755477","source":"/partners/grocer","type":"loyalty.purchase.v1",'
        b'"time":"2017-01-05T17:06:46-05:00","datacontenttype":"application/json","data":{"member":{"reference":"1795"},'
        b'"store":"31782","currency":"USD","lines":['
        b'{"product":"977199","department":"GROCERY","category":"FROZEN PIZZA","brand":"National",'
        b'"quantity":1,"amount":"2.00"},'
        b'{"product":"5978656","quantity":0,"amount":"0.00"},'
        b'{"product":"12695973","department":"DRUG GM","category":"CANDY - PACKAGED","brand":"National",'
        b'"quantity":1,"amount":"0.34"}]}}'
    )


def test_a_product_without_a_category_keeps_the_rest(year: list[Message]) -> None:
    [found] = [m for m in year if m.kind == "purchase" and b'"basket-31242460556"' in m.value]
    third = event(found)["data"]["lines"][2]
    assert third == {
        "product": "1126203",
        "department": "MISCELLANEOUS",
        "brand": "National",
        "quantity": 1,
        "amount": "0.50",
    }


def test_purchases_are_plain_json_in_order_of_time(year: list[Message]) -> None:
    purchases = of("purchase", year)
    assert all(orjson.dumps(orjson.loads(m.value)) == m.value for m in purchases)
    times = [event(m)["time"] for m in purchases]
    assert times == sorted(times)
    assert all(time.endswith("-05:00") for time in times)
    assert [m.kind for m in year[: len(BUSY)]] == ["signup"] * len(BUSY)


def test_every_hundredth_is_sent_twice_and_every_five_hundredth_changed(year: list[Message]) -> None:
    counted = 0
    for number, message in enumerate(year):
        if message.kind != "purchase":
            continue
        counted += 1
        after = [m.kind for m in year[number + 1 : number + 3]]
        assert (after[:1] == ["duplicate"]) == (counted % 100 == 0)
        assert (after == ["duplicate", "changed"]) == (counted % 500 == 0)
        if counted % 100 == 0:
            duplicate = year[number + 1]
            assert (duplicate.key, duplicate.value) == (message.key, message.value)
        if counted % 500 == 0:
            changed, original = event(year[number + 2]), event(message)
            dollars, cents = original["data"]["lines"][0]["amount"].split(".")
            original["data"]["lines"][0]["amount"] = f"{int(dollars) + 1}.{cents}"
            assert changed == original
    assert counted == PURCHASES


def test_invalid_records_have_one_fault_each_in_turn(year: list[Message]) -> None:
    invalid = of("invalid", year)
    assert len(invalid) == 200
    for k, message in enumerate(invalid):
        reason = INVALID_REASONS[k % 6]
        if reason == "not_json":
            with pytest.raises(orjson.JSONDecodeError):
                orjson.loads(message.value)
            assert message.value.startswith(b'{"specversion":"1.0","id":"invalid-%d",' % k)
            continue
        found = event(message)
        assert found["id"] == f"invalid-{k}"
        assert found["data"]["member"]["reference"].encode() == message.key
        faults = {
            "unknown_type": found["type"] == "loyalty.teleport.v1",
            "unsupported_version": found["type"] == "loyalty.purchase.v9",
            "missing_field": "lines" not in found["data"],
            "invalid_value": any(line["quantity"] < 0 for line in found["data"].get("lines", [])),
            "wrong_source": found["source"] != "/partners/grocer",
        }
        assert [name for name, there in faults.items() if there] == [reason]


def test_invalid_records_come_before_the_first_basket_not_earlier(year: list[Message]) -> None:
    timed = [(m.kind, event(m)["time"]) for m in year if m.kind in ("purchase", "invalid") and m.value.endswith(b"}")]
    assert timed == sorted(timed, key=lambda record: record[1])
    # Record 1 is at one and a half steps of 365/200 days: 2.7375 days after the start of the year.
    assert next(time for kind, time in timed if kind == "invalid") == "2017-01-03T17:42:00-05:00"


def test_a_month_ends_at_midnight_in_new_york() -> None:
    # 22:59:33 and 23:00:18 on the data's clock: half a minute before and a quarter after midnight in summer time.
    march = [event(m)["id"] for m in of("purchase", list(grocer.messages(3, households=[707, 580])))]
    assert "basket-32556017555" in march
    assert "basket-32556222230" not in march
    exact = datetime.fromisoformat("2017-03-31T23:00:18-05:00")
    assert grocer.counts(until=exact, households=[580])["purchase"] == len(
        of("purchase", list(grocer.messages(3, households=[580])))
    )


@pytest.mark.parametrize("households", [None, BUSY])
def test_counts_and_model_agree_with_what_is_sent(households: tuple[int, ...] | None) -> None:
    until = datetime.fromisoformat("2017-01-20T00:00:00-05:00")
    sent = dict(Counter(m.kind for m in grocer.messages(until=until, households=households)))
    counted = grocer.counts(until=until, households=households)
    assert {kind: count for kind, count in counted.items() if count} == sent
    if households is not None:
        assert expect(until=until, households=households).events == sent


@pytest.mark.parametrize(
    "wrong",
    [{"months": 0}, {"months": 13}, {"until": datetime(2017, 2, 1)}, {"households": []}, {"households": [999_999]}],
)
def test_impossible_arguments_are_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        grocer.messages(**wrong)


def test_the_whole_dataset() -> None:
    baskets = lines = 0
    for basket in dataset.baskets():
        baskets += 1
        lines += len(basket.lines)
    assert (baskets, lines) == (155_848, 1_469_307) == dataset.sizes()
    assert len(dataset.households()) == 2_469
    assert len(dataset.demographics()) == 801
