"""Colons with no space behind them between { and }: YAML takes all of `fixed:5` for the name of a field, of which there
is then no value. What to write instead, and what only follows from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from pydantic_core import ErrorDetails

_STUCK: Final = re.compile(r"([A-Za-z_]\w*):(\S.*)")


def stuck(key: object, known: Collection[str], text: str, begin: int) -> str:
    """What to write for a key that begins there and is a field and its value. Where no field is called so and it is not
    the first in its braces, it may as well be the rest of a text with a comma: nothing is said of that."""
    found = _STUCK.fullmatch(key) if isinstance(key, str) else None
    if found is None or (found[1] not in known and text[:begin].rstrip()[-1:] != "{"):
        return ""
    return f"write a space after the colon: `{found[1]}: {found[2]}`"


def with_no_followers(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Without the fields that are missing only as their colons have no space behind them."""
    stuck_ = {
        (*each["loc"][:-1], found[1])
        for each in errors
        if each["type"] == "extra_forbidden" and (found := _STUCK.fullmatch(str(each["loc"][-1])))
    }
    return [each for each in errors if each["type"] != "missing" or each["loc"] not in stuck_]
