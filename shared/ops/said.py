"""What documents say, field by field: which fields name somebody, and which nobody, whatever stands in them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from json import detect_encoding, loads
from typing import Any, Final

import orjson

from shared.ops.wrapped import HELD, opened

# What stands in these fields was decided, counted or sold, and names nobody: a card may have the number that a bill
# comes to, and somebody may be called as a wallet or a tier is. Overwritten, the ledger would not be one any more. Only
# what can be neither goes from them: a till may have written an address where the bill's number is asked for.
SETTLED: Final = frozenset((
    "account", "activates", "active", "amount", "at", "awards", "balances", "begun", "bill", "brand", "category",
    "channel", "consumer", "counts_at", "currency", "day", "days", "department", "due_at", "effective", "ended",
    "expired", "expires", "facts", "hash", "history", "idled", "issuer", "joined", "kind", "ladder", "lifetime",
    "lots", "made", "milestone_of", "money", "moves", "offset", "origin", "owner", "partition", "partner",
    "partners", "period", "place", "places", "points", "postings", "priced_at", "product", "progress", "quantity",
    "received", "record", "return_of", "role", "rule", "rules", "seq", "since", "slices", "source", "status",
    "store", "terms", "tier", "tiers", "time", "topic", "type", "until", "uses", "version", "wallet", "wallets",
    "worth", "zone",
))  # fmt: skip
# Where whole values are what somebody is known by, each kind by itself; what partners call them by means nobody without
# the partner (see `shared.ops.redacting.numbered`).
KINDS: Final = ("app", "card", "email", "phone")
REFERENCE: Final = "reference"
KEYS: Final = "identities"  # with their kind before them, as in the ids of such documents
_IDENTITY: Final = re.compile(r"(?:app|card|email|phone):|ref:[^:]*:")
# Whose limits and points are shared: whoever has the same word here is one of them.
HOUSES: Final = frozenset(("household", "member.household", "profile.household"))
_EMAIL: Final = "email"  # the one kind of name whose case says nothing
_DEEP: Final = 100
_RECORD_KEY: Final = "key"  # in bytes: whatever a partner sends records under
_OF_RECORD: Final = "key of a record"
#: As the value of which field ids are looked into that stay as they are: those of events, and what refers to one. By
#: its id a repetition is known, and by its purchase's id a return finds what it is of.
ID: Final = "id of an event"
#: As the value of which field partners' own words are; in these, as in what people and tills write, no id is known.
OWN: Final = "in somebody's own words"
WRITTEN: Final = (OWN, "reason", _OF_RECORD)
_HELD: Final = ("data", HELD)
_PARTS: Final = re.compile(r"[:/=|,;\s]")  # between the parts of a record's key: `card:77`, `user/ann@example.com`
_FACTS, _ATTRIBUTE = "facts", ".attributes"  # of facts, attributes are partners' own words
# What stands in these is called as partners like: a spouse's card may be under `partner`.
OWN_WORDS: Final = frozenset(("attributes", "known"))
# Most keys are names of fields, rules, wallets or periods; those of people are not, nor are addresses and numbers.
NO_FIELD: Final = re.compile(r"[@+:|\s]|\d{8}")


def names_somebody(text: str, key: str) -> bool:
    """Whether a field says what somebody is called, and nothing else."""
    return key in (*KINDS, REFERENCE, _OF_RECORD) or (key in (KEYS, "_id") and _IDENTITY.match(text) is not None)


def is_whole(text: str, begin: int, end: int, key: str) -> bool:
    """Whether what stands there, in a field that says what somebody is called, is all of it; of a record's key, all of
    one of its parts."""
    if key == _OF_RECORD:
        return all(not each or _PARTS.fullmatch(each) for each in (text[begin - 1 : begin], text[end : end + 1]))
    known = _IDENTITY.match(text) if key in (KEYS, "_id") else None
    first = {len(text) - len(text.lstrip())} | (set() if known is None else {known.end()})
    return begin in first and end == len(text.rstrip())


def as_keys(word: str) -> set[str]:
    """As what identity's key a word may stand: a partner's number is one already."""
    if word.startswith("ref:"):
        return {word}
    return {as_key(kind, word) for kind in KINDS}


def as_key(kind: str, word: str) -> str:
    """As intake writes and compares what somebody is called: of e-mails alone capitals say nothing."""
    return f"{kind}:{word.lower() if kind == _EMAIL else word}"


def as_id(name: str, of: str, value: Any, *, happened: bool, free: bool, record: bool) -> str:
    """As the value of which field it is looked into, where it may be an id. of: of which field it is a part; happened:
    whether it stands in an event; free, record: see `all_said`. What a partner calls as our documents do is no id."""
    if free:
        return name
    if (name == "id" and happened) or (name == "purchase" and of in _HELD):
        return ID
    if record:
        return OWN if name == "_id" else name
    return ID if name == "event" and isinstance(value, str) else name


def is_event(value: Mapping[str, Any]) -> bool:
    """Whether a document is an event, whatever else it has: it says who sent it, and as what."""
    return "id" in value and "source" in value


def in_bytes(said: Any, key: str) -> str:
    """As the value of which field bytes are looked into."""
    return "" if not isinstance(said, str) else _OF_RECORD if key == _RECORD_KEY else key


def said_in(value: bytes, *, every: bool = False) -> Any:
    """What bytes say: a document, where they are one in JSON that somebody may have meant, or their text. every: of a
    field that stands twice all values, as a list, and not the last alone: to be looked into."""
    text, found = _parsed(value)
    if isinstance(found, dict | list) and (text.count("[") + text.count("{") < _DEEP or not _is_deep(found)):
        if every and text.count('":') != orjson.dumps(found).count(b'":'):  # hardly ever: what asks is dear
            return opened(loads(text, object_pairs_hook=_all_values))
        return opened(found)
    # Of a text in UTF-16 what is left is what it says in ASCII, without the mark of its coding.
    left = value.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff") if b"\0" in value else value
    return left.decode("utf-8", "surrogateescape")


def _parsed(value: bytes) -> tuple[str, Any]:
    """The text of JSON that bytes are, and what it says; also in another coding of Unicode, or written as a text of
    JSON once more. Nothing where they are none."""
    try:
        text = value.decode(detect_encoding(value))
        found = orjson.loads(text)
        if isinstance(found, str) and found[:1] in ("{", "["):
            text, found = found, orjson.loads(found)
    except ValueError:
        return "", None
    return text, found


def _all_values(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _is_deep(said: Any) -> bool:
    """Whether it is nested so deep that nobody meant it; each level of it costs whoever reads it one of its own."""
    level = [said]
    for _ in range(_DEEP):
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]  # fmt: skip
        if not level:
            return False
    return True


def texts(value: Any) -> Iterator[str]:
    """All that can name somebody, keys of mappings included."""
    return (text for text, _, _ in all_said(value, frozenset()))


def gathered(value: Any) -> list[str]:
    """The same, in no order, many times faster: of each document that there is."""
    found: list[str] = []
    todo: list[tuple[Any, bool, bool]] = [(value, False, False)]
    while todo:
        each, free, record = todo.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            for name, inner in each.items():
                if isinstance(inner, str):  # most are
                    found.append(inner)
                elif inner is not None:
                    todo.append((inner, free or name in OWN_WORDS, record))
                if free or _is_no_field(str(name)):
                    found.append(str(name))
        elif isinstance(each, list):
            todo += [(inner, free, record) for inner in each]
        elif isinstance(each, bytes):
            todo.append((said_in(each, every=True), free, True))
        elif (free or record) and is_number(each):
            found += numbered(each)
    return found


def all_said(
    value: Any, fields: frozenset[str], key: str = "", *, settled: bool = False, free: bool = False,
    record: bool = False,
) -> Iterator[tuple[str, str, bool]]:  # fmt: skip
    """The same, with the field that it stands in, and whether that is one of those that are settled. free: whether it
    is of a partner's own words, where any name may stand under any. fields: where there are none, ids are looked into
    as all else. record: whether it is what somebody has sent, in which a name may be written as a number, as in their
    own words; what we count ourselves is nobody's number."""
    if isinstance(value, str):
        yield value, named(key, free=free), settled
    elif isinstance(value, bytes):
        said = said_in(value, every=True)
        yield from all_said(said, fields, in_bytes(said, key), settled=settled, free=free, record=True)
    elif isinstance(value, Mapping):
        happened = is_event(value)
        for name, each in value.items():
            if may_name(str(name), free=free):
                yield str(name), "", settled
            inner = is_settled(name, key, fields, settled=settled, free=free)
            of = as_id(name, key, each, happened=happened, free=free or not fields, record=record)
            yield from all_said(each, fields, of, settled=inner, free=free or name in OWN_WORDS, record=record)
    elif isinstance(value, list):
        for each in value:
            yield from all_said(each, fields, key, settled=settled, free=free, record=record)
    elif (free or (record and not settled)) and is_number(value):
        yield from ((form, "", False) for form in numbered(value))


def named(key: str, *, free: bool) -> str:
    """What a field is looked into as: of partners' own words none says what somebody is called, but a household's."""
    return OWN if free and key not in HOUSES else key


def may_name(key: str, *, free: bool) -> bool:
    """Whether a key of a mapping may be somebody's name."""
    return free or _is_no_field(key)


@lru_cache(maxsize=4_096)  # nearly all are fields, which every document has
def _is_no_field(key: str) -> bool:
    return NO_FIELD.search(key) is not None


def is_number(value: Any) -> bool:
    """Whether a value may be a card or a phone that somebody has written as a number."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def numbered(value: float) -> tuple[str, str]:
    """A number as it would be written, were it a card or a phone's."""
    return f"{value:.0f}", f"+{value:.0f}"


def is_settled(name: str, of: str, fields: frozenset[str], *, settled: bool, free: bool = False) -> bool:
    """Whether a field is; of: of which field it is a part."""
    if of == _FACTS and _FACTS in fields:
        return _ATTRIBUTE not in name
    return not free and (settled or name in fields)
