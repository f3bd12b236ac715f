"""How a schedule writes times: moments, times of day and dates; each read into one spelling, or refused with a hint."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AwareDatetime, BeforeValidator, TypeAdapter, ValidationError, WithJsonSchema

from shared.rules.recurrence import read_recurrence

YEARS: Final = range(2000, 2200)
_INSTANT: Final = TypeAdapter(AwareDatetime)
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS: Final = re.compile(rf"({_CLOCK})-({_CLOCK}|24:00)")
_OFFSET: Final = r"([Zz]|[+-][0-9]{2}:?[0-9]{2})"
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATES: Final = re.compile(rf"({_DATE})(?:\.\.({_DATE}))?")
_AS_A_MOMENT: Final = re.compile(rf"({_DATE})[Tt ]([0-9]{{2}}):([0-9]{{2}})((?::[0-9]{{2}}(?:\.[0-9]+)?)?) ?{_OFFSET}?")
_LOCAL: Final = re.compile(rf"{_DATE}[T ]{_CLOCK}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?")


class Span(NamedTuple):
    """Minutes of a local day, the second exclusive. back: how many days before that day the hours began (0 or 1)."""

    begin: int
    end: int
    back: int


def no_such_day(text: str) -> str:
    """What is wrong with a date that the calendar does not have; nothing where it is none, or is there."""
    found = _DAY.match(text)
    if found is None or int(found[1]) == 0:
        return ""
    if not 1 <= int(found[2]) <= 12:
        # Whoever writes a month after the day has written 13 to 31 here.
        turned = f"{found[1]}-{found[3]}-{found[2]}" if 1 <= int(found[3]) <= 12 < int(found[2]) <= 31 else ""
        said = f"the day {found[0]} does not exist: there is no month {found[2]}"
        return f"{said}; write year-month-day, such as {turned or f'{found[1]}-12-24'}"
    last = monthrange(int(found[1]), int(found[2]))[1]
    if 1 <= int(found[3]) <= last:
        return ""
    return f"the day {found[0]} does not exist: {found[1]}-{found[2]} has {last} days; write one of them"


def no_such_time(text: str) -> str:
    """What is wrong with the time of day, or the offset, of a moment; nothing where it is none, or there is such."""
    found = _AS_A_MOMENT.fullmatch(text)
    if found is None:
        return ""
    day, hour, minute, rest, offset = found.groups(default="")
    if int(hour) == 24 and not int(minute) and f"{YEARS[0]}" <= day < f"{YEARS[-1]}-12-31" and not rest.strip(":.0"):
        midnight = date.fromisoformat(day) + timedelta(days=1)
        return f"there is no hour 24: a day ends where the next begins; write {midnight}T00:00:00{offset}"
    if int(hour) > 23:
        return f"there is no hour {hour}; hours are written from 00 to 23"
    if int(minute) > 59:
        return f"there is no minute {minute}; minutes are written from 00 to 59"
    hours = offset[1:3]
    return f"there is no offset {offset}; write one such as +01:00 or -04:00" if hours and int(hours) > 23 else ""


def _moment(value: Any) -> datetime | date:
    moment = _parsed(value)
    if moment is None:
        form = "write a date such as 2017-08-01, a local time such as 2017-08-01T09:00, or one with its offset such as "
        said = no_such_day(value) or no_such_time(value) if isinstance(value, str) else ""
        raise ValueError(said or f"{form}2017-08-01T09:00:00-04:00")
    if moment.year not in YEARS:
        raise ValueError("the year must be from 2000 to 2199")
    return moment


def _parsed(value: Any) -> datetime | date | None:
    if isinstance(value, date):  # a datetime is one too
        return value
    if not isinstance(value, str) or not re.match(_DATE, value):
        return None  # digits alone would be taken for seconds since 1970
    try:
        if re.fullmatch(_DATE, value):
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if _LOCAL.fullmatch(value) else _INSTANT.validate_strings(value)
    except (ValidationError, ValueError):
        return None


def wall_time(moment: datetime | date) -> datetime:
    """A local moment as clocks show it: a date is its midnight."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


def _hours(value: Any) -> str:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a time of day from and until, such as "09:00-12:00" or "22:00-02:00"')
    if found[1] == found[2]:
        raise ValueError(f'"{value}" is empty; for the whole day write "00:00-24:00"')
    return found[0]


def spans(hours: str) -> list[Span]:
    """The spans of hours that were read; those that pass midnight make two."""
    begin, end = (int(text[:2]) * 60 + int(text[3:]) for text in hours.split("-"))
    if begin < end:
        return [Span(begin, end, 0)]
    return [Span(begin, 1440, 0), *([Span(0, end, 1)] if end else [])]


def _dates(value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    found = _DATES.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is None:
            raise ValueError
        first, last = days(found[0])
    except ValueError:
        said = "" if found is None else next(filter(None, map(no_such_day, found[0].split(".."))), "")
        form = "write a date such as 2017-12-24, or the first and last: 2017-12-24..2017-12-26"
        raise ValueError(said or form) from None
    if last < first:
        raise ValueError(f"{value} ends before it begins: write {found[2]}..{found[1]}")
    if not {date.fromordinal(each).year for each in (first, last)} <= set(YEARS):
        raise ValueError("the year must be from 2000 to 2199")
    return found[0]


def days(dates: str) -> tuple[int, int]:
    """The first and the last ordinal of dates that were read."""
    first, _, last = dates.partition("..")
    return date.fromisoformat(first).toordinal(), date.fromisoformat(last or first).toordinal()


def _recurrence(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("write an RFC 5545 rule such as FREQ=MONTHLY;BYDAY=1FR")
    return read_recurrence(value)


def _listed(value: Any) -> Any:
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError("write a list: [...]")
    return value


Listed: Final = BeforeValidator(_listed)
# With an offset it is an instant; without, it is local: clocks of the schedule's zone show it.
Moment = Annotated[
    datetime | date,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^{_DATE}([Tt ]{_CLOCK}(:[0-9]{{2}}(\.[0-9]+)?)?{_OFFSET}?)?$",
            "examples": ["2017-08-01", "2017-08-01T09:00", "2017-08-01T09:00:00-04:00"],
        }
    ),
]
Hours = Annotated[
    str, BeforeValidator(_hours), WithJsonSchema({"type": "string", "pattern": rf"^{_CLOCK}-({_CLOCK}|24:00)$"})
]
Dates = Annotated[
    str, BeforeValidator(_dates), WithJsonSchema({"type": "string", "pattern": rf"^{_DATE}(\.\.{_DATE})?$"})
]
RRule = Annotated[str, BeforeValidator(_recurrence)]
