"""What kinds of values there are, and their units."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Kind = Literal["number", "text", "truth", "date", "texts", "attribute"]
Unit = Literal["money", "points", "pieces", "times", "days", "years", "hours"]

NAMES: dict[str, str] = {
    "number": "a number",
    "text": "a text",
    "truth": "true or false",
    "date": "a date",
    "texts": "a set of texts",
    "attribute": "an attribute",
}


class Type(NamedTuple):
    """A kind of value; numbers may have a unit. A number that is written has none and fits any.

    An attribute is a text, a whole number or a truth value: nobody knows which before it is read.
    """

    kind: Kind
    unit: Unit | None = None

    def __str__(self) -> str:
        return NAMES[self.kind] + (f" of {self.unit}" if self.unit else "")


NUMBER = Type("number")
TEXT = Type("text")
TRUTH = Type("truth")
DATE = Type("date")
TEXTS = Type("texts")
ATTRIBUTE = Type("attribute")


def fit(left: Type, right: Type) -> bool:
    """Whether the two can be compared or calculated with."""
    if "attribute" in (left.kind, right.kind):
        return "texts" not in (left.kind, right.kind)
    same_unit = left.unit is None or right.unit is None or left.unit == right.unit
    return left.kind == right.kind and same_unit


# What is written beside something of each kind; of others a date.
EXAMPLES: Final = {
    "number": "a number, such as 10.00",
    "text": 'a text in quotes, such as "2"',
    "truth": "true or false",
    "date": 'a date in quotes, such as "2017-08-01"',
}


def wanted(type_: Type) -> str:
    """What may be written beside something of that type."""
    return EXAMPLES.get(type_.kind, EXAMPLES["date"])
