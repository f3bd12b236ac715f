"""Plain purchases: what is read without the contract is what the contract would have read, to the byte."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from itertools import islice
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.earn.intake import Arrival, arrival, plain_arrival
from shared.demo.grocer import messages
from shared.events.decode import Refused, decode_partner
from shared.events.partner import Line, MemberRef, Purchase, PurchaseData
from shared.events.plain import PlainBasket, PlainLine, PlainPurchase, PlainRef, plain

LINE: dict[str, Any] = {"product": "1", "quantity": 1, "amount": "3.98"}
PURCHASE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "b-1",
    "source": "/partners/grocer",
    "type": "loyalty.purchase.v1",
    "time": "2017-01-04T18:20:00-05:00",
}


def purchase(data: Mapping[str, Any] | None = None, **edits: Any) -> bytes:
    """A purchase with its payload and its envelope edited."""
    basket = {"member": {"reference": "7"}, "currency": "USD", "lines": [LINE], **(data or {})}
    return orjson.dumps({**PURCHASE, "data": basket, **edits})


def agreed(value: bytes) -> bool:
    """Whether it is read plainly; then the contract must accept it too, and both must say the same."""
    found = plain(value)
    if found is None:
        return False
    judged = decode_partner(value, "grocer")
    assert not isinstance(judged, Refused), judged
    assert isinstance(judged, Purchase)
    by_contract, by_us = arrival(judged), plain_arrival(found)
    assert by_us.canonical == by_contract.canonical
    assert said(by_us) == said(by_contract)
    return True


def said(arrived: Arrival) -> tuple[Any, ...]:
    """All that intake decides by."""
    event = arrived.event
    return arrived.hash, arrived.named, event.key, event.source, event.type, event.time, event.time.isoformat()


# Fields that only the contract reads: they are not written where they are not there, so canonical bytes agree.
UNUSUAL = {"paid_with_points"}


@pytest.mark.parametrize(
    ("contract", "ours"),
    [(Purchase, PlainPurchase), (PurchaseData, PlainBasket), (Line, PlainLine), (MemberRef, PlainRef)],
)
def test_the_fields_are_the_contracts_in_its_order(contract: type[BaseModel], ours: type[msgspec.Struct]) -> None:
    """Breaks when the contract gets a field: canonical bytes without its default would change what an id stands for."""
    assert tuple(each for each in contract.model_fields if each not in UNUSUAL) == ours.__struct_fields__


def test_the_retailers_purchases_are_plain() -> None:
    """Breaks when the fast way is never taken; and is the whole comparison on real baskets."""
    baskets = [each.value for each in islice(messages(1), 4_000) if each.kind == "purchase"]
    assert len(baskets) > 1_000
    assert all(map(agreed, baskets))


@pytest.mark.parametrize(
    "value",
    [
        purchase({"store": "Chợ Bến Thành", "lines": [{**LINE, "brand": "Vinamilk"}]}),
        purchase({"attributes": {"a": "", "b": 2**53, "c": True}}),
        purchase({"lines": [{**LINE, "attributes": {"organic": True}}, LINE]}),
        purchase({"store": None, "lines": [{**LINE, "quantity": 0, "attributes": None}]}),
        purchase({"member": {"phone": "+84901234567", "email": "lan@example.com", "card": "7 7"}}),
        purchase(time="2016-02-29T00:00:00Z"),
        purchase(datacontenttype="application/json"),
        orjson.dumps(orjson.loads(purchase()), option=orjson.OPT_INDENT_2),
    ],
)
def test_what_is_plain(value: bytes) -> None:
    assert agreed(value)


TIMES = (
    *("2017-01-04T18:20:00-05:00", "2017-01-04t18:20:00z", "2017-01-04T18:20:00.5Z", "2017-02-29T18:20:00Z"),
    *("2017-01-04T24:00:00Z", "2017-01-04T23:59:60Z", "2017-01-04 18:20:00Z", "1999-12-31T23:59:59Z"),
    *("2000-01-01T00:00:00+14:00", "2199-12-31T23:59:59-14:00", "2200-01-01T00:00:00Z"),
    *("2017-01-04T18:20:00+24:00", "2017-01-04T18:20:00-00:00", "2017-01-04T18:20:00+19:59"),
)
TEXTS = (
    *(
        "",
        " ",
        " 1",
        "1 ",
        "\u00a0x",
        "a\u00a0b",
        "x\u2028",
        "x\u0085",
        "\x7f",
        "\x1f",
        'a"b',
        "a\\b",
        "\u200b",
        "e\u0301",
    ),
    *("x" * 256, "x" * 257, "é" * 256, "Ünïcode", "🥕", "12.50", "12.50\n", "1.23456", ".5", "-1", "１", "USD", "usd"),
    *("+84901234567", "+0", "a@b.vn", "a@b", "/partners/grocer", "/Partners", "1.0", "loyalty.purchase.v1"),
    *("application/json", "text/plain"),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.0, 1.5, 2**53, 2**53 + 1, 10_000_001, [], {}, {"a": 1}, {"b": 1, "a": 2}, {" a": 1}),
    *({"": 1}, {"a": None}, {"a": 1.0}, {"a": "x" * 1025}, {"a": 2**64}),
)
ODD = (*TIMES, *TEXTS, *OTHERS)
Place = tuple[str | int, ...]
PLACES: list[Place] = [
    *((name,) for name in (*Purchase.model_fields, "traceparent")),
    *(("data", name) for name in (*PurchaseData.model_fields, "shop")),
    *(("data", "member", name) for name in (*MemberRef.model_fields, "shop")),
    *(("data", "lines", 0, name) for name in (*Line.model_fields, "shop")),
]
ANY_TEXT = st.text(max_size=12) | st.text(st.characters(max_codepoint=0x17F), max_size=12)
SAID = st.dictionaries(ANY_TEXT, ANY_TEXT | st.integers() | st.booleans(), max_size=3)
VALUES = st.sampled_from(ODD) | ANY_TEXT | SAID


@settings(max_examples=600, deadline=None)
@given(edits=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), max_size=4), escaped=st.booleans())
def test_what_is_read_plainly_is_what_the_contract_reads(edits: list[tuple[Place, Any]], escaped: bool) -> None:
    """Breaks with each check of `plain` that is left out."""
    agreed(edited(edits, escaped=escaped))


@pytest.mark.parametrize("odd", ODD, ids=ascii)
def test_odd_values_in_every_place(odd: Any) -> None:
    for place in PLACES:
        agreed(edited([(place, odd)]))


def edited(edits: list[tuple[Place, Any]], *, escaped: bool = False) -> bytes:
    """The purchase with a value put at each place; where a place is no more, it is left as it is."""
    document: Any = orjson.loads(purchase())
    for (*way, last), value in edits:
        held = document
        try:
            for step in way:
                held = held[step]
            held[last] = deepcopy(value)  # the same value may be put at several places, within itself too
        except (KeyError, TypeError, IndexError):
            continue
    return json.dumps(document).encode() if escaped else msgspec.json.encode(document)
