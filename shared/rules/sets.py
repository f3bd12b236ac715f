"""A set of texts as one text, as journals keep it: `a, b`, or `none`; a list of JSON where that would be read back as
another set. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import orjson

_BETWEEN: Final = ", "
_EMPTY: Final = "none"


def joined(texts: Iterable[str]) -> str:
    """The text of a set."""
    ordered = sorted(texts)
    plain = _BETWEEN.join(ordered) or _EMPTY
    return plain if parted(plain) == frozenset(ordered) else orjson.dumps(ordered).decode()


def parted(text: str) -> frozenset[str]:
    """The set of a text."""
    if text == _EMPTY:
        return frozenset()
    found = _listed(text) if text.startswith("[") else None
    return frozenset(text.split(_BETWEEN) if found is None else found)


def _listed(text: str) -> list[str] | None:
    """A list of JSON; None of a text that only begins like one."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if all(isinstance(each, str) for each in found) else None
