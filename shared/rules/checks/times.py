"""What a schedule says of the local date, weekday and hour of an event, as values of the calendar's facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.checks.recurring import falls
from shared.rules.checks.values import Interval, Values, texts
from shared.rules.language.catalogue import FACTS
from shared.rules.language.questions import fact
from shared.rules.language.terms import Fact
from shared.rules.localtime import WEEKDAYS
from shared.rules.schedule import Schedule
from shared.rules.written_times import days, spans

Given = list[tuple[Fact, Values]]
_FIRST: Final = date(1900, 1, 1).toordinal()
_LAST: Final = date(2200, 12, 31).toordinal()
_MOST_DAYS, _MONTHS = 31, 12  # of a month, of a year
_TICK: Final = timedelta(microseconds=1)


def calendar(schedule: Schedule, programme: ZoneInfo | None) -> Given:
    """Values that the calendar's facts have while a schedule runs. programme: its zone, where one is known."""
    parts = [span for each in schedule.hours or () for span in spans(each)]
    late = 1 if any(span.back for span in parts) else 0  # hours that pass midnight reach into the next day
    found: Given = []
    if schedule.weekdays is not None:
        named = texts(WEEKDAYS[(WEEKDAYS.index(each) + more) % 7] for each in schedule.weekdays for more in (0, late))
        found.append(_said("calendar.weekday", schedule, named))
    if schedule.dates is not None:
        found.append(_said("calendar.date", schedule, _any_of((a, b + late) for a, b in map(days, schedule.dates))))
    if parts:
        hours = [(span.begin // 60, (span.end - 1) // 60) for span in parts]
        found.append(_said("calendar.hour", schedule, _any_of(hours)))
    days_ = window(schedule, programme)
    if days_ is not None:
        found.append(_said("calendar.date", schedule, _any_of([days_])))
    return found + _recurring(schedule, programme, days_, late)


def _recurring(schedule: Schedule, programme: ZoneInfo | None, days_: tuple[int, int] | None, late: int) -> Given:
    zone = ZoneInfo(schedule.time_zone) if schedule.time_zone is not None else programme
    falls_ = falls(schedule, zone, days_, late)
    if falls_ is None:
        return []
    found: Given = []
    if len(falls_.weekdays) < len(WEEKDAYS):
        found.append(_said("calendar.weekday", schedule, texts(WEEKDAYS[each] for each in falls_.weekdays)))
    if len(falls_.days) < _MOST_DAYS:
        found.append(_said("calendar.day", schedule, _any_of(_ranges(falls_.days))))
    if len(falls_.months) < _MONTHS:
        found.append(_said("calendar.month", schedule, _any_of(_ranges(falls_.months))))
    if falls_.ordinals is not None:
        found.append(_said("calendar.date", schedule, _any_of(_ranges(falls_.ordinals))))
    return found


def in_force(schedule: Schedule, programme: ZoneInfo | None, begin: datetime | None, end: datetime | None) -> Given:
    """The dates from one instant to another, the second exclusive, as the schedule's zone has them."""
    zone = ZoneInfo(schedule.time_zone) if schedule.time_zone is not None else programme
    if zone is None or (begin is None and end is None):
        return []
    first = _FIRST if begin is None else begin.astimezone(zone).toordinal()
    last = _LAST if end is None else (end - _TICK).astimezone(zone).toordinal()
    return [_said("calendar.date", schedule, _any_of([(first, last)]))] if first <= last else []


def timeless(schedule: Schedule) -> bool:
    """Whether it always runs: nothing is written but, perhaps, a zone."""
    return schedule.model_copy(update={"time_zone": None}) == Schedule()


def window(schedule: Schedule, programme: ZoneInfo | None) -> tuple[int, int] | None:
    """The first and the last local day of `from` and `until`, as ordinals."""
    zone = ZoneInfo(schedule.time_zone) if schedule.time_zone is not None else programme
    first, last = _FIRST, _LAST
    for moment, ends in ((schedule.starts, False), (schedule.until, True)):
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            if zone is None:
                return None
            moment = moment.astimezone(zone).replace(tzinfo=None)
        if moment is None:
            continue
        midnight = not isinstance(moment, datetime) or moment.time() == time()
        day = moment.toordinal()
        first, last = (first, day - midnight) if ends else (day, last)
    return (first, last) if schedule.starts or schedule.until else None


def _any_of(ranges: Iterable[tuple[int, int]]) -> Values:
    """These numbers; those that touch or overlap as one interval."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], high)
        else:
            merged.append((low, high))
    return Values(tuple(Interval(Fraction(low), Fraction(high)) for low, high in merged))


def _ranges(numbers_: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers that follow each other as one range."""
    found: list[tuple[int, int]] = []
    for each in sorted(numbers_):
        if found and each == found[-1][1] + 1:
            found[-1] = found[-1][0], each
        else:
            found.append((each, each))
    return found


def _said(name: str, schedule: Schedule, values: Values) -> tuple[Fact, Values]:
    entry = FACTS[name]
    return Fact(0, 0, entry.type, fact(name, tuple(name.split(".")), entry, schedule.time_zone)), values
