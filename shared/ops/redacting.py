"""What is left of a document when a person is erased from it; and whether it still names them. Pure.

An entry keeps what the ledger was decided by: amounts, lines, times, what rules gave. What goes: every name of a
member, what a signup says of the person, and what a partner added in words of its own (`attributes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, Final

import orjson

from shared.events.topics import PARTNER_PREFIX
from shared.ops.said import said_in
from shared.ops.wrapped import HELD

NOBODY: Final = {"reference": "erased"}
_NAMES: Final = ("member", "advocate", "friend")
_PROFILE: Final = "profile"
_OF_A_PERSON: Final = (_PROFILE, "attributes", "code", "payment")
_WRITTEN: Final = "reason"
_OF_PERSON: Final = re.compile(r"member\.|.*\.attributes\b").match  # facts: of the member, and what a partner added


def event(raw: bytes) -> bytes:
    """An activity's bytes without the person; other entries' bytes (grants, what people did) name nobody."""
    said = orjson.loads(raw)
    data = said.get("data", {}).get("event", {}).get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict):
        return raw
    kept = {name: value for name, value in data.items() if name not in _OF_A_PERSON}
    kept |= {name: NOBODY for name in _NAMES if name in kept}
    if "lines" in kept:
        kept["lines"] = [
            {name: value for name, value in line.items() if name != "attributes"} for line in kept["lines"]
        ]
    said["data"]["event"]["data"] = kept
    said["data"].pop("request", None)  # its sender's own word, which may be anything
    return orjson.dumps(said)


def entry(document: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in a journal's entry: its bytes, the facts about the member that rules used, and the id of the
    request that brought what a partner said."""
    facts = {name: value for name, value in document["facts"].items() if not _OF_PERSON(name)}
    raw = bytes(document["event"])
    left = event(raw)
    brought = {"request": None} if left != raw and document.get("request") is not None else {}
    return {"event": left, "facts": facts, **brought}


def unnamed(raw: bytes, numbers: Container[str], mine: Callable[[Any], bool]) -> bytes:
    """What somebody else's activity is without a person's names. numbers: partners' numbers, as identities' keys; mine:
    whether a name is the person's. All else is the other's, and what came back of it is reckoned by it."""
    said = orjson.loads(raw)
    happened = (said.get("data") or {}).get("event") if isinstance(said, dict) else None
    data = (happened or {}).get("data") or {}
    changed = False
    for name in _NAMES:
        if isinstance(ref := data.get(name), dict):
            gone = {kind for kind in ref if mine({kind: ref[kind]})}
            gone |= {"reference"} if _number(happened or {}, ref) in numbers else set()
            if gone:
                data[name] = {kind: each for kind, each in ref.items() if kind not in gone} or NOBODY
                changed = True
    if not changed:
        return raw
    said["data"].pop("request", None)
    return orjson.dumps(said)


def sides(value: bytes) -> list[Any] | None:
    """Whom a record, an event or an activity, is about: what it calls its sides by, and what a signup says of one. None
    where it cannot be told."""
    said = said_in(value, every=True)
    data = said.get("data") if isinstance(said, dict) else None
    happened = data.get("event") if isinstance(data, dict) else None
    within = happened.get("data") if isinstance(happened, dict) else None
    held = said.get(HELD) if isinstance(said, dict) else None
    found = [each for each in (data, within, held) if isinstance(each, dict)]
    named = [{name: each[name]} for each in found for name in (*_NAMES, _PROFILE) if each.get(name) is not None]
    return named or None


def numbered(value: bytes, numbers: Container[str], topic: str = "") -> bool:
    """Whether a record that was refused, an event or an activity, names somebody by one of these numbers. It may be
    anything: where no source is told, its topic tells whose number it is."""
    return any(
        _number(happened, ref, topic) in numbers
        for happened, data in _events(said_in(value, every=True))
        for name in _NAMES
        for ref in _refs(data.get(name))
    )


def _events(said: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What may be an event there, with what may be its data: several in a batch, one within an activity."""
    for each in said if isinstance(said, list) else [said]:
        data = each.get("data") if isinstance(each, dict) else None
        within = data.get("event") if isinstance(data, dict) else None
        for happened in (each, within):
            if isinstance(happened, dict):
                found = [happened.get("data"), happened.get(HELD)]
                parts = [part for some in found for part in (some if isinstance(some, list) else [some])]
                yield from ((happened, part) for part in parts if isinstance(part, dict))


def _refs(ref: Any) -> Iterator[Any]:
    """What a side is called by; each, where a field stands twice."""
    for each in ref if isinstance(ref, list) else [ref]:
        called = each.get("reference") if isinstance(each, dict) else None
        yield from ({"reference": one} for one in called) if isinstance(called, list) else [each]


def _number(happened: Mapping[str, Any], ref: Any, topic: str = "") -> str:
    reference, source = ref.get("reference") if isinstance(ref, dict) else None, happened.get("source")
    if isinstance(reference, bool) or not isinstance(reference, str | int):
        return ""
    if not isinstance(source, str):
        source = f"/partners/{topic.rpartition(PARTNER_PREFIX)[2]}"
    return f"ref:{source}:{str(reference).strip()}"


def named(raw: bytes) -> tuple[set[str], set[str]]:
    """What a member is called in an activity of theirs: identities' keys, as intake writes them, and names in words."""
    said = orjson.loads(raw)
    happened = said.get("data", {}).get("event", {}) if isinstance(said, dict) else {}
    data = happened.get("data", {})
    ref = data.get("member") or data.get("friend") or {}
    words = {str(data["profile"]["name"])} if data.get("profile", {}).get("name") else set()
    called = {name: str(value).strip() for name, value in ref.items() if name != "reference"}
    return {f"{name}:{each.lower() if name == 'email' else each}" for name, each in called.items()}, words


def in_reasons(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every `reason` changed, also those in bytes that are JSON. Nothing else is: a part of a name may be
    a word of a rule or a field, too."""
    if isinstance(value, Mapping):
        return {
            name: change(each) if name == _WRITTEN and isinstance(each, str) else in_reasons(each, change)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [in_reasons(each, change) for each in value]
    if isinstance(value, bytes):
        said = said_in(value)
        after = in_reasons(said, change)
        return value if after == said else orjson.dumps(after)
    return value
