"""Time zones of definitions that are compared: the programme's own is left out, as if it were not written; and what is
asked of the clocks of two zones is held beside the hours that these are ever apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.checks.values import Values, numbers
from shared.rules.definition import Bounded, Definition, Programme
from shared.rules.localtime import WEEKDAYS, shifts

Said = Mapping[str, Values]
"""What is said of the calendar's facts in one zone, by their names behind `calendar.`."""
Fits = Callable[[Said, date], bool]
"""Whether a day may be one of which all of this is said."""
_OF_A_DAY: Final = ("date", "weekday", "day", "month")
_HOUR: Final = 60
_DAY: Final = timedelta(days=1)
# No event is before; and later no zone has rules of its own for single years.
_BEGIN, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
_YEAR: Final = 4 * 366  # with a leap day, wherever it begins
# One leap year and another year: each day of the year beside each that may follow it.
_TWO_YEARS: Final = [date(2024, 1, 1) + timedelta(days=n) for n in range(731)]


def without_own(definitions: Iterable[Definition]) -> list[Definition]:
    """The definitions, with the programme's zone where it is written left out: both mean the same clocks, and what is
    asked of the one is then seen to be asked of the other."""
    all_ = list(definitions)
    own = {each.time_zone for each in all_ if isinstance(each, Programme)}
    if len(own) != 1:
        return all_
    return [_left_out(each) if _zone(each) in own else each for each in all_]


def _zone(each: Definition) -> str | None:
    return each.schedule.time_zone if isinstance(each, Bounded) else None


def _left_out(each: Definition) -> Definition:
    # Built anew: a copy would keep what the definition has derived from its zone already, such as a referral's sides.
    assert isinstance(each, Bounded)
    said = {name: getattr(each, name) for name in type(each).model_fields}
    said["schedule"] = each.schedule.model_copy(update={"time_zone": None})
    return type(each).model_construct(each.model_fields_set, **said)


def together(zones: Mapping[str | None, Said], programme: str | None, fits: Fits) -> bool:
    """Whether all that is said of clocks may be so at one time. zones: by name; None: the programme's. Where it is not
    known which zone that is, what is asked of its clocks is let be."""
    known = [(ZoneInfo(name), said) for each, said in zones.items() if (name := each or programme) is not None]
    return all(_meet(one, other, fits) for one, other in combinations(known, 2))


def _meet(one: tuple[ZoneInfo, Said], other: tuple[ZoneInfo, Said], fits: Fits) -> bool:
    (here, mine), (there, theirs) = one, other
    # A day later or earlier there, on these days of the year here.
    steps: dict[int, set[tuple[int, int]]] = {}
    for apart, days in differences(here, there).items():
        for step in _steps(mine.get("hour"), theirs.get("hour"), apart):
            steps.setdefault(step, set()).update(days)
    return any(_on_days(mine, theirs, step, days, fits) for step, days in steps.items())


def _steps(mine: Values | None, theirs: Values | None, apart: int) -> set[int]:
    """By how many days the date there may be another, where clocks there are `apart` minutes ahead."""
    found = set[int]()
    for hour in range(24):
        if _has(mine, hour):
            for minute in (hour * _HOUR + apart, hour * _HOUR + _HOUR - 1 + apart):
                if _has(theirs, minute // _HOUR % 24):
                    found.add(minute // (24 * _HOUR))
    return found


def _has(hours: Values | None, hour: int) -> bool:
    return hours is None or bool(hours.meet(numbers(Fraction(hour), Fraction(hour))).numbers)


def _on_days(mine: Said, theirs: Said, step: int, days: set[tuple[int, int]], fits: Fits) -> bool:
    """Whether some day fits here, and there the one that is so many days later."""
    if not any(name in said for name, said in product(_OF_A_DAY, (mine, theirs))):
        return True
    later = timedelta(days=step)
    for said, back in ((mine, timedelta()), (theirs, later)):
        listed = _few(said.get("date"))
        if listed is not None:
            return any((d.month, d.day) in days and fits(mine, d) and fits(theirs, d + later)
                       for d in (each - back for each in listed))  # fmt: skip
    if not _overlap(mine.get("date"), theirs.get("date"), step):
        return False
    if not any(_week(mine, day) and _week(theirs, (day + step) % 7) for day in range(7)):
        return False
    return any((d.month, d.day) in days and _year(mine, d) and _year(theirs, d + later) for d in _TWO_YEARS)


def _overlap(mine: Values | None, theirs: Values | None, step: int) -> bool:
    if mine is None or theirs is None:
        return True
    pairs = product(mine.numbers, theirs.numbers)
    return any(one.low + step <= other.high and other.low <= one.high + step for one, other in pairs)


def _few(dates: Values | None) -> Sequence[date] | None:
    """The dates, where there are so few that each can be tried."""
    if dates is None or sum(each.high - each.low + 1 for each in dates.numbers) > _YEAR:
        return None
    return [date.fromordinal(n) for each in dates.numbers for n in range(int(each.low), int(each.high) + 1)]


def _week(said: Said, day: int) -> bool:
    named = said["weekday"].texts if "weekday" in said else None
    return named is None or (WEEKDAYS[day] in named.values) is not named.others


def _year(said: Said, day: date) -> bool:
    asked = (("month", day.month), ("day", day.day))
    return all(name not in said or _has(said[name], number) for name, number in asked)


@lru_cache(maxsize=256)
def differences(here: tzinfo, there: tzinfo) -> Mapping[int, frozenset[tuple[int, int]]]:
    """By how many minutes clocks there are ahead of those here; and on which days of the year here, month and day."""
    found: dict[int, set[tuple[int, int]]] = {}
    moves = sorted({*_moves(here), *_moves(there)})
    for begin, end in pairwise([*moves, _END]):
        one, other = begin.astimezone(here), begin.astimezone(there)
        apart = other.replace(tzinfo=None) - one.replace(tzinfo=None)
        days = range(min((end - begin).days + 2, _YEAR))
        found.setdefault(int(apart.total_seconds()) // _HOUR, set()).update(_month_day(one, day) for day in days)
    return {apart: frozenset(days) for apart, days in found.items()}


def _month_day(begin: datetime, later: int) -> tuple[int, int]:
    day = begin.date() + timedelta(days=later)
    return day.month, day.day


@lru_cache(maxsize=256)
def _moves(zone: tzinfo) -> tuple[datetime, ...]:
    """The instants, in UTC, from which on clocks are moved; and the first of all."""
    found, begin, before = [_BEGIN], _BEGIN, _BEGIN.astimezone(zone).utcoffset()
    while begin < _END:
        end = begin + _DAY
        after = end.astimezone(zone).utcoffset()
        if after != before:
            found += shifts(begin, end, zone)
        begin, before = end, after
    return tuple(found)
