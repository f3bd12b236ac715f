"""What each fact can be at all: by the catalogue, by the contracts of events, and by the kind of event."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final, get_args

from shared.rules.checks.values import ANY_TEXT, BOTH_TRUTHS, UNKNOWN, Values, numbers, texts, truths
from shared.rules.language.catalogue import FACTS
from shared.rules.language.terms import Fact, LineFact, Term
from shared.rules.language.types import Type
from shared.rules.localtime import WEEKDAYS
from shared.rules.part import EventKind

KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)
_ZERO: Final = Fraction(0)
_DATES: Final = numbers(Fraction(date(1900, 1, 1).toordinal()), Fraction(date(2200, 12, 31).toordinal()))
_MOST_WHOLE: Final = Fraction(2**53)
_MOST_PIECES: Final = Fraction(10_000_000)  # of a line, as the contract of purchases has it
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_SHAPES: Final = {"event.partner": _SLUG, "event.currency": _CURRENCY, "member.tier": _SLUG}
_NEVER_UNKNOWN: Final = frozenset(
    {"event.kind", "event.partner", "calendar.date", "calendar.weekday", "calendar.hour", "calendar.day",
     "calendar.month", "member.referrals", "member.tiers", "member.segments", "member.tags"}
)  # fmt: skip
_ALWAYS_COUNTED: Final = ("history.count", "history.distinct", "history.streak", "history.sum", "member.balance",
                         "member.lifetime")  # fmt: skip
# What the event itself adds to: without a filter, or with one that asks for its kind alone.
_WITH_ITSELF: Final = re.compile(
    r"history\.(?:count\((?:today|ever|this_\w+|last_days\(\d+\))|streak\(\w+)(?:, event\.kind == \"(\w+)\")?\)"
)
# A day within the last n, today included, or of the day's own week, month ...
_LAST_DAYS: Final = re.compile(
    r"days_since\(history\.(?:first|last)\((?:last_days\((\d+)\)|(today|this_week|this_month|this_quarter|this_year))"
)
# Facts of which there are only so many values: more of them are never told apart.
_DISTINCT: Final = re.compile(r"history\.distinct\(([\w.]+),")
_MOST_VALUES: Final = {"calendar.weekday": 7, "calendar.hour": 24, "calendar.day": 31, "calendar.month": 12,
                       "event.kind": len(KINDS)}  # fmt: skip
_MOST_DAYS: Final = {"today": 1, "this_week": 7, "this_month": 31, "this_quarter": 92, "this_year": 366}
_RANGES: Final = {
    "member.age": numbers(_ZERO, Fraction(150)),
    "calendar.hour": numbers(_ZERO, Fraction(23)),
    "calendar.day": numbers(Fraction(1), Fraction(31)),
    "calendar.month": numbers(Fraction(1), Fraction(12)),
    "event.kind": texts(KINDS),
    "calendar.weekday": texts(WEEKDAYS),
}
# What events without a basket say nothing of; a referral and a return have no attributes either.
_OF_BASKETS: Final = ("event.store", "event.channel", "event.payment", "event.currency", "basket.", "lines.cheapest",
                      "lines.dearest")  # fmt: skip
_WITHOUT_LINES: Final = {"count": numbers(_ZERO, _ZERO), "sum": numbers(_ZERO, _ZERO),
                         "distinct": numbers(_ZERO, _ZERO), "any": truths(False), "all": truths(False),
                         "none": truths(True)}  # fmt: skip


def universe(term: Term, on: EventKind | None = None) -> Values:
    """All that a fact, or a line's field, may be; `on`: the kind of event, where it is known."""
    if isinstance(term, LineFact):
        return _of_line(term)
    assert isinstance(term, Fact)
    return of_fact(term.asked.label, term.type, on)


@lru_cache(maxsize=50_000)
def of_fact(label: str, type_: Type, on: EventKind | None = None) -> Values:
    """See `universe`."""
    if on is not None:
        if label == "event.kind":
            return texts([on])
        if on != "purchase" and label.startswith(_OF_BASKETS):
            return UNKNOWN
        if on in ("referral", "return") and label.startswith("event.attributes"):
            return UNKNOWN
        if on == "purchase" and label == "lines.count()":  # as the contract of purchases has it
            return numbers(Fraction(1))
        if on != "purchase" and label.startswith("lines."):
            return _WITHOUT_LINES[label.removeprefix("lines.").partition("(")[0]]
        counted = _WITH_ITSELF.fullmatch(label)
        if counted is not None and (counted[1] or "purchase") == on:
            return numbers(Fraction(1))
    known = label in _NEVER_UNKNOWN or label.startswith(_ALWAYS_COUNTED)
    return replace(_shape(label, type_), unknown=not known)


def _shape(label: str, type_: Type) -> Values:
    if label in _RANGES:
        return _RANGES[label]
    match type_.kind:
        case "number" if (since := _LAST_DAYS.match(label)) is not None:
            return numbers(_ZERO, Fraction(int(since[1] or _MOST_DAYS[since[2]]) - 1))
        case "number" if (of := _DISTINCT.match(label)) is not None and of[1] in _MOST_VALUES:
            return numbers(_ZERO, Fraction(_MOST_VALUES[of[1]]))
        case "number":
            past = label.startswith("days_since(history.")  # a later day is none before the event
            unbounded = not past and label.startswith(("days_since", "member.balance"))
            return numbers() if unbounded else numbers(_ZERO)
        case "date":
            return _DATES
        case "truth":
            return truths(True, False)
        case "attribute":
            return Values(numbers(-_MOST_WHOLE, _MOST_WHOLE).numbers, ANY_TEXT, BOTH_TRUTHS)
    return Values(texts=ANY_TEXT)


def within_days(term: Fact | LineFact) -> bool:
    """Whether it is a day within the last n, and unknown where there is none: asking for it says that there is one."""
    return isinstance(term, Fact) and _LAST_DAYS.match(term.asked.label) is not None


def _of_line(term: LineFact) -> Values:
    if term.field == "quantity":
        return numbers(_ZERO, _MOST_PIECES)
    if term.type.kind == "number":
        return numbers(_ZERO)
    if term.type.kind == "attribute":
        return replace(_shape("", term.type), unknown=True)
    return Values(texts=ANY_TEXT, unknown=term.field != "product")


def whole(term: Term) -> bool:
    """Whether a fact's numbers are whole: pieces, times, points, days; and dates, which are days."""
    if term.type.kind in ("date", "attribute"):
        return True
    if term.type.kind != "number":
        return False
    if term.type.unit is None:
        return isinstance(term, Fact) and term.asked.label in ("calendar.day", "calendar.month")
    return term.type.unit != "money"


def said_of(term: Term, value: str) -> bool:
    """Whether a fact can be a text that is written: what partners send is trimmed, and some of it has a shape."""
    label = term.asked.label if isinstance(term, Fact) else "line"
    if label in _SHAPES:
        return _SHAPES[label].fullmatch(value) is not None
    free = label in FACTS or label == "line"
    return not free or (value.strip() == value and 0 < len(value) <= 256)
