"""Decoding partners' bytes: each reason for a refusal, no personal data in what is told, and what an id stands for."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from services.earn.intake import Arrival, arrival
from shared.events.decode import MAX_BYTES, Refused, decode_partner
from shared.events.partner import AnyEvent, Purchase

SECRETS = ("Lan Nguyen", "lan@example.com", "+84901234567", "card-77", "31 Orchid Street")
PURCHASE = (
    b'{"specversion":"1.0","id":"b-1","source":"/partners/grocer","type":"loyalty.purchase.v1",'
    b'"time":"2017-01-04T18:20:00-05:00","data":{"member":{"reference":"7","card":"card-77"},"currency":"USD",'
    b'"lines":[{"product":"1","quantity":1,"amount":"3.98"}],"attributes":{"till":4,"staff":false}}}'
)


def changed(old: bytes, new: bytes) -> bytes:
    """The purchase with one place changed."""
    assert PURCHASE.count(old) == 1
    return PURCHASE.replace(old, new)


def refused(value: bytes) -> Refused:
    answer = decode_partner(value, "grocer")
    assert isinstance(answer, Refused), answer
    return answer


def accepted(value: bytes) -> AnyEvent:
    answer = decode_partner(value, "grocer")
    assert not isinstance(answer, Refused), answer
    return answer


def hashed(value: bytes) -> Arrival:
    return arrival(accepted(value))


def test_a_purchase() -> None:
    event = accepted(PURCHASE)
    assert isinstance(event, Purchase)
    assert event.key == "/partners/grocer|b-1"
    assert event.data.lines[0].amount == "3.98", "as text: money is never a float"
    assert event.data.attributes == {"till": 4, "staff": False}


@pytest.mark.parametrize(
    ("value", "reason", "says"),
    [
        pytest.param(b"", "empty", "no value", id="no value"),
        pytest.param(PURCHASE[:100], "not_json", "byte", id="half of it"),
        pytest.param(b"\xff\xfe{}", "not_json", "byte 0", id="no UTF-8"),
        pytest.param(b"[" + PURCHASE + b"]", "not_json", "object", id="a list"),
        pytest.param(b'"loyalty.purchase.v1"', "not_json", "object", id="a string"),
        pytest.param(PURCHASE + PURCHASE, "not_json", "byte", id="two in one record"),
        pytest.param(PURCHASE + b" " * MAX_BYTES, "too_large", str(MAX_BYTES), id="too large"),
        pytest.param(changed(b".purchase.v1", b".teleport.v1"), "unknown_type", "loyalty.return.v1", id="unknown type"),
        pytest.param(changed(b"loyalty.purchase", b"purchase"), "unknown_type", "loyalty.signup.v1", id="not ours"),
        pytest.param(changed(b".purchase.v1", b".purchase.v2"), "unsupported_version", "version 1", id="next version"),
        pytest.param(changed(b'"type":', b'"kind":'), "missing_field", "type", id="no type"),
        pytest.param(changed(b'"type":', b'"kind":'), "missing_field", "type: it is missing: write", id="in words"),
        pytest.param(changed(b"18:20:00-", b"24:00:00-"), "invalid_value", "time: no such time: write", id="24 hours"),
        pytest.param(changed(b"18:20:00-", b"18:20:60-"), "invalid_value", "time: no such time: write", id="60 s"),
        pytest.param(changed(b'"currency":"USD",', b""), "missing_field", "data.currency", id="no currency"),
        pytest.param(changed(b'"specversion":"1.0",', b""), "missing_field", "specversion", id="no version"),
        pytest.param(changed(b'"currency"', b'"shop":"1","currency"'), "unknown_field", "data.shop", id="typing error"),
        pytest.param(changed(b'"quantity":1', b'"quantity":-1'), "invalid_value", "lines.0.quantity", id="below zero"),
        pytest.param(changed(b'"amount":"3.98"', b'"amount":3.98'), "invalid_value", "lines.0.amount", id="a float"),
        pytest.param(changed(b'"3.98"', b'"3.98765"'), "invalid_value", "lines.0.amount", id="five decimals"),
        pytest.param(changed(b'"3.98"', b'"-3.98"'), "invalid_value", "lines.0.amount", id="negative amount"),
        pytest.param(changed(b"18:20:00-05:00", b"18:20:00"), "invalid_value", "time", id="no offset"),
        pytest.param(changed(b'"1.0"', b'"0.3"'), "invalid_value", "specversion", id="another CloudEvents"),
        pytest.param(
            changed(b'{"reference":"7","card":"card-77"}', b"{}"), "invalid_value", "reference, card", id="nobody"
        ),
        pytest.param(changed(b'"b-1"', b'"' + b"i" * 257 + b'"'), "invalid_value", "id", id="an id too long"),
        pytest.param(changed(b"/grocer", b"/baker"), "wrong_source", "/partners/grocer", id="another partner"),
    ],
)
def test_refusals(value: bytes, reason: str, says: str) -> None:
    answer = refused(value)
    assert (answer.reason, says in answer.detail) == (reason, True), answer


def test_data_in_base64_is_told_to_be_written_as_json() -> None:
    """That `data` is missing says nothing to whoever sent it the other way of CloudEvents. Mechanism: `_BASE64`."""
    event = orjson.loads(PURCHASE)
    said = base64.b64encode(orjson.dumps(event.pop("data"))).decode()
    answer = refused(orjson.dumps({**event, "data_base64": said}))
    assert answer.reason == "missing_field"
    assert answer.detail == (
        "data: Field required; "
        "data_base64 is not read here: decode it, and write the JSON object that it holds as `data`"
    )
    assert "base64" not in refused(orjson.dumps(event)).detail


def test_the_worst_fault_is_told_and_all_of_the_places() -> None:
    answer = refused(changed(b'"currency":"USD"', b'"shop":"1"'))
    assert answer.reason == "missing_field"
    assert "data.currency" in answer.detail
    assert "data.shop" in answer.detail


def test_many_faults_are_cut_short() -> None:
    lines = b",".join([b'{"product":"1","quantity":-1,"amount":"1.00"}'] * 9)
    answer = refused(changed(b'{"product":"1","quantity":1,"amount":"3.98"}', lines))
    assert answer.detail.endswith("; and 4 more")


def _with_secrets(where: dict[str, Any]) -> bytes:
    data = {"member": {"reference": "7"}, "profile": {}, **where}
    event = {"specversion": "1.0", "id": "s-1", "source": "/partners/grocer", "type": "loyalty.signup.v1"}
    return orjson.dumps({**event, "time": "2017-01-01T00:00:00Z", "data": data})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(_with_secrets({"member": {"email": "lan@example.com lan@example.com"}}), id="e-mail"),
        pytest.param(_with_secrets({"member": {"phone": "+84901234567 (home)"}}), id="phone"),
        pytest.param(_with_secrets({"member": {"card": ["card-77"]}}), id="card"),
        pytest.param(_with_secrets({"profile": {"name": ["Lan Nguyen"]}}), id="name"),
        pytest.param(_with_secrets({"profile": {"name": "Lan Nguyen" * 99}}), id="long name"),
        pytest.param(_with_secrets({"profile": {"street": "31 Orchid Street"}}), id="unknown field"),
        pytest.param(_with_secrets({"attributes": {"home": {"street": "31 Orchid Street"}}}), id="attribute"),
        pytest.param(_with_secrets({"member": "lan@example.com"}), id="not an object"),
        pytest.param(_with_secrets({"profile": {"name": "Lan Nguyen"}})[:-3], id="half of it"),
        pytest.param(_with_secrets({}).replace(b"2017-01-01T00:00:00Z", b"31 Orchid Street"), id="time"),
        pytest.param(_with_secrets({}).replace(b"loyalty.signup.v1", b"Lan Nguyen"), id="type"),
        pytest.param(_with_secrets({}).replace(b"/partners/grocer", b"lan@example.com"), id="source"),
    ],
)
def test_a_detail_never_repeats_what_was_sent(value: bytes) -> None:
    answer = refused(value)
    assert not [secret for secret in SECRETS if secret in answer.detail], answer


def test_a_type_that_is_no_text_is_not_repeated_either() -> None:
    answer = refused(_with_secrets({}).replace(b'"loyalty.signup.v1"', b'{"name":"Lan Nguyen"}'))
    assert answer.reason == "unknown_type"
    assert "Lan Nguyen" not in answer.detail


def test_extension_attributes_are_ignored_and_no_content() -> None:
    extended = changed(b'"id"', b'"traceparent":"00-aa-bb-01","subject":"7","partitionkey":"7","dataref":null,"id"')
    assert accepted(extended) == accepted(PURCHASE)
    assert hashed(extended).hash == hashed(PURCHASE).hash


def test_the_same_content_has_one_hash() -> None:
    document = orjson.loads(PURCHASE)
    spaced = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    turned = _turned(document)
    assert spaced != PURCHASE and turned != PURCHASE
    assert {hashed(each).hash for each in (PURCHASE, spaced, turned)} == {hashed(PURCHASE).hash}
    explicit = changed(b'"currency"', b'"store":null,"currency"')
    assert hashed(explicit).hash == hashed(PURCHASE).hash, "null says no more than leaving it out"


def test_the_order_of_attributes_is_no_content() -> None:
    turned = changed(b'{"till":4,"staff":false}', b'{"staff":false,"till":4}')
    assert hashed(turned).hash == hashed(PURCHASE).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"3.98"', b'"3.99"'),
        (b'"3.98"', b'"3.980"'),
        (b'"quantity":1', b'"quantity":2'),
        (b"18:20:00", b"18:20:01"),
        (b'"till":4', b'"till":5'),
        (b'"card":"card-77"', b'"card":"card-78"'),
    ],
)
def test_other_content_has_another_hash(old: bytes, new: bytes) -> None:
    assert hashed(changed(old, new)).hash != hashed(PURCHASE).hash


def _turned(document: dict[str, Any]) -> bytes:
    """The document with the fields of the envelope, the data and the lines in the opposite order."""
    data = {name: document["data"][name] for name in reversed(document["data"])}
    data["lines"] = [dict(reversed(line.items())) for line in data["lines"]]
    data["member"] = dict(reversed(data["member"].items()))
    return orjson.dumps(dict(reversed({**document, "data": data}.items())))


def test_the_canonical_bytes_are_an_event_again() -> None:
    first = hashed(PURCHASE)
    assert arrival(accepted(first.canonical)) == first
