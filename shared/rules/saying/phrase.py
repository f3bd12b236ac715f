"""Sayings: what is said, as a value; each language has a sentence for every phrase. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrases import Phrase

__all__ = ["Phrase", "Saying", "Value", "say"]


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that is said: the phrase, and the values in it."""

    what: Phrase
    values: Mapping[str, Value]


Value = str | int | Decimal | date | datetime | Called | Named | Saying | tuple["Value", ...]


def say(what: Phrase, /, **values: Value) -> Saying:
    """A saying."""
    return Saying(what, values)
