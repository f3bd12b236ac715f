"""Values of another kind than what they are compared with: the text “2” is not the number 2, though both are read so.

Only attributes and what is compared with them can differ: of all else the checker knows the kind. Pure.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from shared.rules.saying.phrase import Phrase, Value, say

_OTHERWISE: Final = re.compile(r"-?\d+(?:\.\d+)?|true|false")


def kind_of(value: Any) -> Literal["truth", "number", "text", "texts"]:
    """The kind of a value as conditions compare it; of a date, its text."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    return "texts" if isinstance(value, frozenset | set | tuple) else "number"


def differ(one: Any, other: Any) -> bool:
    """Whether they are of different kinds, so that no comparison of the two holds but `!=`."""
    return kind_of(one) != kind_of(other)


def named(value: Value) -> Value:
    """A value with its kind; a truth value says it itself."""
    match kind_of(value):
        case "number":
            return say(Phrase.THE_NUMBER, value=value)
        case "text":
            return say(Phrase.THE_TEXT, value=value)
    return value


def reads_otherwise(text: str) -> bool:
    """Whether a text reads like a number or a truth value."""
    return _OTHERWISE.fullmatch(text) is not None


def plainly(value: Value) -> Value:
    """A value of an attribute, or one that it is compared with: a text that reads like something else in quotes."""
    return say(Phrase.QUOTED, value=value) if isinstance(value, str) and reads_otherwise(value) else value
