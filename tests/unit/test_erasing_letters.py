"""Dead letters may be anything: whom they are about is found out all the same, and nothing in them stops an erasure."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ops import redacting
from shared.ops.erasing_person import Person
from shared.ops.terms import GONE, Terms

ANN = "m-0000000000000000000a"
KEYS = ["card:445566778899", "phone:+4915112345678", "card:2027", "ref:/partners/shop:GN/42", "ref:/partners/shop:7",
        "ref:/partners/shop:93817264", "ref:/partners/shop:đào-7"]  # fmt: skip
STRONG = [each if each.startswith("ref:") else each.partition(":")[2] for each in KEYS]
PERSON = Person([ANN], Terms.of_identifiers(STRONG, ANN, KEYS, []), Terms.of_names(["Gisele Nandu"], ANN))
DEEP = '{"a":' * 600 + '"445566778899"' + "}" * 600


def event(member: Any, **more: Any) -> dict[str, Any]:
    return {"source": "/partners/shop", "type": "loyalty.purchase.v1", "data": {"member": member}, **more}


def letter(value: bytes, topic: str = "partner.shop") -> dict[str, Any]:
    return {"_id": "d-1", "value": value, "origin": {"topic": topic, "partition": 0, "offset": 3}, "key": None}


def theirs(document: dict[str, Any]) -> bool:
    return PERSON.called(document["value"]) or PERSON.numbered(document)


@pytest.mark.parametrize(
    "value",
    [
        orjson.dumps(event({"card": 445566778899})),  # a number, as tills send what has only digits
        orjson.dumps(event({"phone": 4915112345678})),
        orjson.dumps(event({"card": 2027})),  # one that is no word anywhere else
        orjson.dumps(event({"reference": 93817264})),
        orjson.dumps([445566778899, "2026-01-01"]),
        orjson.dumps({"data": {"attributes": {"card": 556677889900.0}}, "x": 445566778899.0}),
        json.dumps(event({"reference": "GN/42"})).replace("/", "\\/").encode(),
        json.dumps(event({"reference": "đào-7"})).encode(),
        orjson.dumps([event({"reference": "GN/42"}), event({"reference": "other"})]),
        orjson.dumps({"data": {"member": {"reference": "GN/42"}}}),  # no source: the topic tells the partner
        orjson.dumps(event({"reference": "GN/42"}, source=7)),
        orjson.dumps({"source": "/partners/shop", "data": [{"member": {"reference": "GN/42"}}]}),
        orjson.dumps({"source": "/partners/shop", "data": {"event": "x", "member": {"reference": "GN/42"}}}),
        DEEP.encode(),
        '{"card":"445566778899"}'.encode("utf-16"),
        orjson.dumps(event({"card": "2027"})).decode().encode("utf-16"),
        b"\xef\xbb\xbf" + orjson.dumps(event({"reference": "7"})),
        orjson.dumps(orjson.dumps(event({"card": "2027"})).decode()),
        b'{"source":"/partners/shop","data":{"member":{"card":"445566778899","card":"zz"}}}',  # the last one is read
        b'{"source":"/partners/shop","data":{"member":{"reference":"7","reference":"8"}}}',
        b'{"445566778899": 1, "x": 2}',
        *(orjson.dumps(event({"reference": "GN/42"})).decode().encode(each) for each in ("utf-16-le", "utf-16-be")),
    ],
    ids=str,
)
def test_a_letter_of_the_person_is_found(value: bytes) -> None:
    """Mechanism: `_events` and `_number`, numbers in records (`all_said`, `_knows`), escapes (`Person.numbered`), deep
    and other texts (`said_in`). Without each its letter would keep the name, or stop the erasure."""
    assert theirs(letter(value))
    assert PERSON.may_be_in(letter(value), "earn.dead_letters")


@pytest.mark.parametrize(
    ("value", "topic"),
    [
        (orjson.dumps({"data": {"member": {"reference": "GN/42"}}}), "partner.cafe"),  # another partner's number
        (orjson.dumps(event({"reference": "GN/42"}, source="/partners/cafe")), "partner.shop"),
        (orjson.dumps(event({"reference": "8"}, id="7", lines=[{"quantity": 7}])), "partner.shop"),
        (orjson.dumps(event({"reference": "8"}, points=445566778899)), "partner.shop"),  # what is counted is nobody
        (orjson.dumps(event({"reference": True})), "partner.shop"),
    ],
)
def test_another_s_letter_stays(value: bytes, topic: str) -> None:
    """Nothing is lost of others."""
    assert not theirs(letter(value, topic))


def test_an_entry_of_a_namesake_says_its_origin_as_a_text() -> None:
    """As the journal has it. Mechanism: `Person.numbered` asks no text for its topic; it used to stop the erasure."""
    entry = {
        "_id": "/partners/till|s-2",
        "member": "m-1",
        "origin": "partner.till:3:2",
        "event": b'{"name":"Gisele Nandu \\u002f"}',
    }
    assert PERSON.may_be_in(entry, "earn.journal")
    assert not PERSON.numbered(entry)


def test_a_value_that_another_hides_goes_from_what_is_about_others() -> None:
    """Mechanism: `_scrubbed_bytes` looks at what it leaves; without it the proof would say `LEFT` for ever."""
    hidden = letter(b'{"id":"x","note":"445566778899","note":"zz"}')
    assert PERSON.strong.found(hidden)
    assert orjson.loads(PERSON.without(hidden, "earn.dead_letters")["value"]) == {"id": "x", "note": "zz"}
    assert not PERSON.strong.found(PERSON.without(hidden, "earn.dead_letters"))


def test_a_record_s_key_in_utf_16_is_what_it_says() -> None:
    """Mechanism: `said_in` takes the mark of a coding off; with it the phone would be no whole name."""
    keyed = {**letter(b"{}"), "key": "+4915112345678".encode("utf-16")}
    assert PERSON.may_be_in(keyed, "earn.dead_letters")
    assert PERSON.without(keyed, "earn.dead_letters")["key"] == GONE.encode()


def test_a_number_in_what_somebody_else_sent_is_overwritten_and_what_we_count_is_not() -> None:
    """Mechanism: `record` in `Terms.scrubbed`. A budget's counter that happens to read like a card is a counter."""
    sent = {"data": {"profile": {"preferences": {"partner_card": 445566778899}}, "points": 445566778899}}
    counted = {"_id": "programme", "b:programme:budget:ever": {"ever": 445566778899}}
    document = {"event": orjson.dumps(sent), **counted}
    left = PERSON.without(document, "earn.journal")
    sent["data"]["profile"] = {"preferences": {"partner_card": GONE}}
    assert orjson.loads(left["event"]) == sent
    assert left | {"event": b""} == counted | {"event": b""}


names = st.sampled_from(["source", "data", "event", "member", "friend", "reference", "card", "attributes", "x"])
leaves = st.one_of(st.none(), st.booleans(), st.integers(-9, 10**12), st.floats(allow_nan=False), st.text(max_size=3),
                   st.sampled_from(["GN/42", "7", "/partners/shop", "445566778899"]))  # fmt: skip
anything = st.recursive(leaves, lambda x: st.lists(x, max_size=3) | st.dictionaries(names, x, max_size=4), max_leaves=9)


@settings(max_examples=500, deadline=None)
@given(anything)
def test_nothing_in_a_letter_stops_an_erasure(said: Any) -> None:
    """Mechanism: `redacting.numbered` expects nothing. It used to fail at a record without a source, and at a list."""
    document = letter(orjson.dumps(said))
    theirs(document)
    redacting.in_reasons(PERSON.without(document, "earn.dead_letters"), str)


def b64(value: bytes) -> str:
    return b64encode(value).decode()


INSIDE = orjson.dumps({"member": {"card": "445566778899"}, "lines": []})


@pytest.mark.parametrize(
    "held",
    [
        b64(INSIDE),
        b64(INSIDE).rstrip("="),
        "\n".join(b64(INSIDE)[at : at + 20] for at in range(0, 80, 20)),
        urlsafe_b64encode(b'{"note":"\xc3\xbf\xc3\xbe>?","member":{"card":"445566778899"}}').decode(),
        b64(b"card 445566778899"),
        b64('{"member":{"card":"445566778899"}}'.encode("utf-16")),
        b64(b'{"member":{"reference":"GN/42"}}'),
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_what_a_letter_holds_in_base64_is_looked_into(held: str, batch: bool) -> None:
    """Mechanism: `wrapped.opened`. Without it the letter kept its bytes, and the proof said `nowhere`."""
    event = {"specversion": "1.0", "id": "e-1", "source": "/partners/shop", "type": "x", "data_base64": held}
    found = letter(orjson.dumps([event] if batch else event))
    assert PERSON.may_be_in(found, "earn.dead_letters")
    assert theirs(found)


def test_what_holds_somebody_else_s_in_base64_stays_as_it_is() -> None:
    """Also what is no Base64, or no text."""
    for held in (b64(b'{"member":{"card":"5500"}}'), "%%%", b64(bytes(range(128, 255))), 7, None, ["eA=="]):
        found = letter(orjson.dumps({"id": "e-1", "source": "/partners/shop", "data_base64": held}))
        assert not theirs(found)
        assert PERSON.without(found, "earn.dead_letters") == found


def test_a_letter_that_only_mentions_them_in_base64_loses_the_word() -> None:
    """It is refused as before: what it holds stays under its field."""
    held = b64(b'{"member":{"card":"5500"},"attributes":{"of":"445566778899"}}')
    found = letter(orjson.dumps({"id": "e-1", "source": "/partners/shop", "data_base64": held}))
    clean = PERSON.without(found, "earn.dead_letters")
    assert orjson.loads(clean["value"])["data_base64"] == {"member": {"card": "5500"}, "attributes": {"of": GONE}}


@pytest.mark.parametrize(
    "phone",
    ["015112345678", "0151 1234 5678", "4915112345678", "49-151-1234-5678", "(+49) 15112345678", "tel:+4915112345678",
     "+4915112345678 ext 3", "+4915112345678x12", "+49.151.1234.5678", "0049 151 12345678", "15112345678",
     "+49 (151) 1234-5678", "\uff10151 12345678"],
)  # fmt: skip
def test_a_phone_in_a_field_for_phones_is_found_however_it_is_written(phone: str) -> None:
    """These are refused, as no phone is written so. Mechanism: `spellings.dialled`."""
    found = letter(orjson.dumps(event({"phone": phone})))
    assert PERSON.may_be_in(found, "earn.dead_letters")
    assert theirs(found)


@pytest.mark.parametrize(
    "phone", ["+15112345678", "+4915112345679", "0151 1234567", "+4915112345678901", "", "ext 3", "0049 151 1234567"]
)
def test_another_s_phone_is_not(phone: str) -> None:
    """With a plus the same digits are another country's."""
    found = letter(orjson.dumps(event({"phone": phone})))
    assert not theirs(found)
    assert PERSON.without(found, "earn.dead_letters") == found


@pytest.mark.parametrize(
    ("key", "left"),
    [
        ("card:445566778899", f"card:{GONE}"),
        ("phone:+4915112345678", f"phone:{GONE}"),
        ("user/445566778899/1", f"user/{GONE}/1"),
        ("member=445566778899", f"member={GONE}"),
        ("445566778899", GONE),
        ("445566778899-2", "445566778899-2"),  # another's
        ("card:445566778899-2", "card:445566778899-2"),
    ],
)
def test_a_part_of_a_record_s_key_is_overwritten(key: str, left: str) -> None:
    """Mechanism: `said.is_whole`, by the signs between the parts of a key."""
    found = {**letter(b"no event"), "key": key.encode()}
    assert PERSON.without(found, "earn.dead_letters")["key"] == left.encode()
    assert PERSON.may_be_in(found, "earn.dead_letters") or left == key
