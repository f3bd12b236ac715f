"""Things that are written as people do elsewhere: `then: {fixed: 5}, {fixed: 3}` without the list's brackets, `then: -
fixed: 5` in one line, `then: (fixed: 5)`, `then: {fixed=5}`. What to write instead. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

import yaml

from shared.rules.fields import parts_of
from shared.rules.yamlloader import Loader

LISTED: Final = ("limits", "prizes")
"""Fields that are always a list of things."""
_LISTS: Final = (*LISTED, "then", "again")
_EQUAL: Final = re.compile(r"(?P<name>[A-Za-z_]\w*) ?= ?(?P<value>[^=\s].*)")
_APART: Final = "a field and its value stand with a colon and a space between them: write"


def in_braces(key: str, fields: str) -> str:
    """The fields of one thing as they are written behind that key."""
    return f"[{{{fields}}}]" if key in LISTED else f"{{{fields}}}"


def listed(key: str, value: str) -> str:
    """What to write for several things with commas between them; nothing where they are not of that field."""
    if key not in _LISTS or not value.startswith("{"):
        return ""
    things = _read(f"[{value}]")
    if not isinstance(things, list) or len(things) < 2 or not all(_is_thing(key, each) for each in things):
        return ""
    return f"several of these stand in a list, between [ and ]; write `{key}: [{value}]`"


def dashed(key: str, value: str) -> str:
    """What to write for an item of a list that begins in the line of its field, `then: - fixed: 5`."""
    fields = value.removeprefix("-").strip()
    bare = fields[1:-1].strip() if fields[:1] == "{" and fields[-1:] == "}" else fields
    if not value.startswith("- ") or not _is_thing(key, _read(f"{{{bare}}}")):
        return ""
    shown = f"`{key}: {in_braces(key, bare)}`"
    return f"items begin with `- ` in lines of their own, below `{key}:`; in its line write {shown}"


def rounded(key: str, value: str) -> str:
    """What to write for fields in round brackets, `then: (fixed: 5)`."""
    fields = value[1:-1].strip()
    if value[:1] != "(" or value[-1:] != ")" or not _is_thing(key, _read(f"{{{fields}}}")):
        return ""
    return f"fields in one line stand between {{ and }}; write `{key}: {in_braces(key, fields)}`"


def equal(key: object, known: Collection[str]) -> str:
    """What to write for a key that is a known field, `=` and its value; nothing for others."""
    found = _EQUAL.fullmatch(key) if isinstance(key, str) else None
    if found is None or found["name"] not in known:
        return ""
    return f"{_APART} `{found['name']}: {found['value']}`"


def equal_alone(key: object, value: object) -> str:
    """The same of a text that stands where that field's things go, `then: fixed=5`."""
    said = value.split(",") if isinstance(value, str) else []
    pairs = [_EQUAL.fullmatch(each.strip()) for each in said]
    fields = ", ".join(f"{each['name']}: {each['value']}" for each in pairs if each is not None)
    if not pairs or not all(pairs) or not isinstance(key, str) or not _is_thing(key, _read(f"{{{fields}}}")):
        return ""
    return f"{_APART} `{key}: {in_braces(key, fields)}`"


def _is_thing(key: str, thing: object) -> bool:
    """Whether all of it are fields that may be written within one of that name, each with a value."""
    known = parts_of(key)
    return (
        isinstance(thing, dict) and bool(thing) and all(each in known for each in thing) and None not in thing.values()
    )


def _read(text: str) -> Any:
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, ValueError):
        return None
