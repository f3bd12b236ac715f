"""Spans of time as marketers write them (`14 days`, `12 months`), and where they end in a programme's zone. Pure.

Days, months and years are the calendar's: 31 January and a month is the last day of February, 29 February and a year is
28 February. Hours and minutes are a clock's.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

_PATTERN: Final = r"^[1-9][0-9]{0,3} (minute|hour|day|week|month|year)s?$"
_SPAN: Final = re.compile(_PATTERN)
_LONGEST_YEARS: Final = 100


def _sensible(text: str) -> str:
    number, unit = parts(text)
    if number > {"month": 12 * _LONGEST_YEARS, "year": _LONGEST_YEARS}.get(unit, 10_000):
        raise ValueError(f"longer than {_LONGEST_YEARS} years")
    return text


Span = Annotated[
    str,
    StringConstraints(pattern=_PATTERN),
    AfterValidator(_sensible),
    Field(description="a number and minutes, hours, days, weeks, months or years", examples=["12 months"]),
]


def parts(span: str) -> tuple[int, str]:
    """`12 months` as (12, "month"). Raises ValueError for what is no span."""
    if not _SPAN.fullmatch(span):
        raise ValueError(f"not a span: {span!r}; write a number and a unit, such as 12 months")
    number, _, unit = span.partition(" ")
    return int(number), unit.removesuffix("s")


def later(moment: datetime, span: str, zone: ZoneInfo) -> datetime:
    """The instant a span after a moment: minutes and hours by the clock, the rest at the same local time of day.

    A local time that summer time skips is the instant an hour later; of one that comes twice, the first.
    """
    number, unit = parts(span)
    if unit in ("minute", "hour"):
        return moment + timedelta(minutes=number * (60 if unit == "hour" else 1))
    local = moment.astimezone(zone)
    day = day_after(local.date(), span)
    return _instant(datetime.combine(day, local.time()), zone)


def earlier(moment: datetime, span: str, zone: ZoneInfo) -> datetime:
    """The instant a span before a moment, alike."""
    number, unit = parts(span)
    if unit in ("minute", "hour"):
        return moment - timedelta(minutes=number * (60 if unit == "hour" else 1))
    local = moment.astimezone(zone)
    return _instant(datetime.combine(_moved(local.date(), -number, unit), local.time()), zone)


def day_after(day: date, span: str) -> date:
    """The calendar's day a span of days, weeks, months or years later; a month without that day ends on its last."""
    return _moved(day, *parts(span))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a local day ends: the next one's beginning, exclusive."""
    return _instant(datetime.combine(day + timedelta(days=1), time()), zone)


def _moved(day: date, number: int, unit: str) -> date:
    if unit in ("minute", "hour"):
        raise ValueError(f"a day has no {unit}s to be moved by")
    if unit in ("day", "week"):
        return day + timedelta(days=number * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time as an instant in UTC."""
    return local.replace(tzinfo=zone, fold=0).astimezone(ZoneInfo("UTC"))
