"""Recurrences in words: `FREQ=MONTHLY;BYDAY=1SA` is "the first Saturday of each month". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import DAYS, parts_of
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import weekday

_NUMBERED: Final = (Phrase.FIRST, Phrase.SECOND, Phrase.THIRD, Phrase.FOURTH, Phrase.FIFTH)


def in_words(written: str, since: date, *, again: bool) -> Value | None:
    """The days of the commonest recurrences; None for others, which are told as they are written.

    since: the day that it counts from; again: whether it runs again, so that its end needs no words.
    """
    parts = parts_of(written)
    for name in ("WKST", *(("UNTIL", "COUNT") if again else ())):
        parts.pop(name, None)
    frequency, every = parts.pop("FREQ"), int(parts.pop("INTERVAL", "1"))
    match frequency, sorted(parts):
        case "DAILY", [] if every > 1:
            return say(Phrase.ONCE_IN_DAYS, number=every)
        case "WEEKLY", [] | ["BYDAY"]:
            days = parts["BYDAY"].split(",") if parts else [DAYS[since.weekday()]]
            return _weekly([_weekday(each) for each in sorted(days, key=DAYS.index)], every)
        case "MONTHLY", ["BYDAY"] if every == 1:
            return _all(_of_month(each) for each in parts["BYDAY"].split(","))
        case "MONTHLY", [] | ["BYMONTHDAY"] if every == 1:
            return _all(_day(int(each)) for each in parts.get("BYMONTHDAY", str(since.day)).split(","))
        case "YEARLY", [] | ["BYMONTH", "BYMONTHDAY"] if every == 1:
            day, month = parts.get("BYMONTHDAY", str(since.day)), parts.get("BYMONTH", str(since.month))
            return say(Phrase.DAY_OF_YEAR, day=int(day), month=int(month)) if f"{day}{month}".isdecimal() else None
    return None


def _weekday(day: str) -> Saying:
    return weekday(WEEKDAYS[DAYS.index(day)])


def _weekly(days: list[Saying], every: int) -> Value:
    wanted: tuple[Value, ...] = tuple(days)
    if every == 1:
        return wanted
    if every == 2:
        return say(Phrase.EVERY_SECOND_WEEK, weekdays=wanted)
    return say(Phrase.ONCE_IN_WEEKS, weekdays=wanted, number=every)


def _of_month(day: str) -> Saying | None:
    """Of a weekday of each month, by its number; every one of them is that of each week."""
    number, named = int(day[:-2] or 0), _weekday(day[-2:])
    if number == -1:
        return say(Phrase.LAST_OF_MONTH, weekday=named)
    if number == 0:
        return named
    return say(Phrase.NTH_OF_MONTH, weekday=named, nth=say(_NUMBERED[number - 1])) if number > 0 else None


def _day(number: int) -> Saying | None:
    if number == -1:
        return say(Phrase.LAST_DAY_OF_MONTH)
    return say(Phrase.DAY_OF_MONTH, number=number) if number > 0 else None


def _all(found: Iterable[Saying | None]) -> Value | None:
    """All of them; None where one has no words."""
    known: list[Value] = []
    for each in found:
        if each is None:
            return None
        known.append(each)
    return known[0] if len(known) == 1 else tuple(known)
