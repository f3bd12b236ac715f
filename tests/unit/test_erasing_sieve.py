"""What tells in one look that a document has no word of a person: it may never be wrong, whatever is written how."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ops.alike import Alike
from shared.ops.erasing_person import Person
from shared.ops.said import gathered
from shared.ops.said import texts as texts_in
from shared.ops.terms import Terms

ANN, BOB = "m-0000000000000000000a", "m-0000000000000000000b"
STRONG = ["ann.lee@example.com", "+84901234567", "9900112233", "2027", "ref:/partners/cafe:ann-7"]
KEYS = ["email:ann.lee@example.com", "phone:+84901234567", "card:9900112233", "card:2027", "ref:/partners/cafe:ann-7"]
NAMES = ["Nguyễn Thị Ánh", "Ann-Marie O’Lee"]
# As somebody may write them: in full width, with signs in between, as a URL or JSON escapes them, without accents.
WRITTEN = [
    *STRONG, *KEYS, *NAMES, "ANN.LEE@EXAMPLE.COM", "ann.lee%40example.com", "ａｎｎ.lee@example.com", "0090 123 45 67",
    "+84 901-234-567", "0084 901 234 567", "0901 234 567", "9900-1122-33", "nguyen thi anh", "NGUYỄN THỊ ÁNH", "Ann",
    "ann marie o'lee", "Marie", "ann-7", json.dumps("Nguyễn Thị Ánh"), "household of 9900112233",
]  # fmt: skip
OTHER = ["bread", "stars", "2017-03-01T10:00:00Z", "m-1", "bob@example.com", "77", "", "ß", "2027-01", "joann-7"]
FIELDS = [
    "reason", "card", "email", "identities", "reference", "household", "attributes", "known", "facts", "note", "amount",
    "store", "member.attributes.who", "event", "value", "_id", "by", "Ann-Marie O’Lee", "9900112233", "phone", "id",
    "source", "purchase", "data", "data_base64", "key",
]  # fmt: skip
PLACES = ["earn.journal", "earn.members", "earn.audit", "tiers.dead_letters", "campaigns.households"]

said = st.sampled_from([*WRITTEN, *OTHER])
texts = st.one_of(said, st.tuples(said, st.sampled_from([" ", "-", "", "/"]), said).map("".join))
leaves = st.one_of(texts, st.sampled_from([9900112233, 84901234567, 7, True]), texts.map(str.encode))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


def bytes_of(value: Any) -> bytes:
    """As a record: JSON, in which bytes are none."""
    return orjson.dumps(value, default=lambda each: each.decode("utf-8"))


documents = st.dictionaries(st.sampled_from(FIELDS), st.one_of(values, values.map(bytes_of)), max_size=4).map(
    lambda each: {"_id": "d-1", **each}
)


def people() -> list[Person]:
    """With all words theirs; and with some that others have, too."""
    names = Terms.of_names(NAMES, ANN)
    alone = Terms.of_identifiers(STRONG, ANN, KEYS, ["ann-7"])
    others = Alike(words=frozenset(["9900112233"]), keys=frozenset(["card:2027"]), longer=frozenset(["joann-7"]))
    shared = Terms.of_identifiers(STRONG, ANN, KEYS, ["ann-7"], others)
    kept = Person([ANN], alone, names)
    kept.keep(["/partners/cafe|9900112233-1"], [])
    return [Person([ANN], alone, names), Person([ANN], shared, names, own=alone), kept]


PEOPLE = people()


@settings(max_examples=400, deadline=None)
@given(documents, st.sampled_from(PLACES))
def test_where_nothing_may_be_nothing_is(document: dict[str, Any], place: str) -> None:
    """Mechanism: `Terms.may_stand_in` has every form that any search has. Without one of them (`certain`, a plain
    key's value, a partner's number) an erasure would pass a document over, and its proof say `nowhere`."""
    document = {**document, "member": BOB}
    assert sorted(gathered(document)) == sorted(texts_in(document))
    for person in PEOPLE:
        if not person.may_be_in(document, place):
            assert not person.strong.found(document)
            assert not person.strong.kept(document)
            assert not person.names.found(document)
            assert not person.numbered(document)
            assert person.own is None or not person.own.found(document)
            mine = {**document, "member": ANN}
            assert not person.named(mine, place)
            assert person.without(mine, place) == mine


CAFE = b'{"source":"/partners/cafe","data":{"member":{"reference":"ann-7"}}}'


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"card": "2027"}, "earn.journal"),  # a card that is no word anywhere else
        ({"identities": ["card:2027"]}, "earn.waiting"),
        ({"event": CAFE}, "earn.journal"),  # a partner's number, which another member's word is, too
        ({"note": "0084 901 234 567"}, "earn.journal"),
        ({"note": "nguyen thi anh"}, "earn.members"),
        ({"reason": "Marie asked us to"}, "earn.audit"),  # a part of a name, where people write
        ({"reason": "Marie asked us to", "by": "staff-7"}, "earn.journal"),
        ({"value": b'{"data":{"entry":{"reason":"Marie asked us to"}}}'}, "tiers.dead_letters"),
        ({"attributes": {"spouse": 9900112233}}, "earn.members"),
    ],
)
def test_each_sort_of_words_is_looked_for(document: dict[str, Any], place: str) -> None:
    """Mechanism: each of what `Person.may_be_in` looks for; taken out, its document would be passed over."""
    number = Alike(words=frozenset(["ann-7"]))
    strong = Terms.of_identifiers(STRONG, ANN, KEYS, ["ann-7"], number)
    assert Person([ANN], strong, Terms.of_names(NAMES, ANN)).may_be_in({"_id": "d-1", **document}, place)


def test_most_documents_are_told_in_one_look() -> None:
    """Without it the search would be as right, and many times as slow."""
    plain = {
        "_id": "m-1-7",
        "member": BOB,
        "points": 7,
        "event": b'{"type":"loyalty.purchase.v1","data":{"store":"3"}}',
    }
    assert not any(person.may_be_in(plain, "earn.journal") for person in PEOPLE)
    assert all(person.may_be_in({"_id": "1", "note": "0084 901 234 567"}, "earn.journal") for person in PEOPLE)
