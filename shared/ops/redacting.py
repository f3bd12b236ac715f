"""What is left of a document when a person is erased from it; and whether it still names them. Pure.

An entry keeps what the ledger was decided by: amounts, lines, times, what rules gave. What goes: every name of a
member, what a signup says of the person, and what a partner added in words of its own (`attributes`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

NOBODY: Final = {"reference": "erased"}
GONE: Final = "[erased]"
_NAMES: Final = ("member", "advocate", "friend")
_OF_A_PERSON: Final = ("profile", "attributes", "code", "payment")
_FEWEST: Final = 3  # of a shorter word it cannot be told whose it is


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
    return orjson.dumps(said)


def entry(document: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in a journal's entry: its bytes, and the facts about the member that rules used."""
    facts = {name: value for name, value in document["facts"].items() if not name.startswith("member.")}
    return {"event": event(bytes(document["event"])), "facts": facts}


def named(raw: bytes) -> tuple[set[str], set[str]]:
    """What a member is called in an activity of theirs: identifiers, and names in words."""
    said = orjson.loads(raw)
    happened = said.get("data", {}).get("event", {}) if isinstance(said, dict) else {}
    data = happened.get("data", {})
    ref = data.get("member") or data.get("friend") or {}
    words = {str(data["profile"]["name"])} if data.get("profile", {}).get("name") else set()
    return {str(value) for name, value in ref.items() if name != "reference"} - {"erased"}, words


class Terms:
    """Words to look for. A part of a longer word or number is none: +8490 is not in +84901."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({each.strip() for each in words if len(each.strip()) >= _FEWEST})
        spelt = {form for each in self.words for form in (each, json.dumps(each)[1:-1])}
        alternatives = "|".join(re.escape(each) for each in sorted(spelt, key=len, reverse=True))
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE) if spelt else None

    def found(self, document: Any) -> bool:
        """Whether a document has one of them, anywhere, keys of mappings included."""
        return self._pattern is not None and any(self._pattern.search(each) for each in _texts(document))

    def scrubbed(self, value: Any) -> Any:
        """The same without them."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self._pattern.sub(GONE, value)
        if isinstance(value, bytes):
            text = value.decode("utf-8", "surrogateescape")
            return self._pattern.sub(GONE, text).encode("utf-8", "surrogateescape")
        if isinstance(value, Mapping):
            return {self.scrubbed(key): self.scrubbed(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.scrubbed(each) for each in value]
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "surrogateescape")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
