"""The days of a year on which something can happen, and how many of them one period has at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from shared.rules.localtime import WEEKDAYS
from shared.rules.schedule import Period, period_key

May = Callable[[str], bool]
"""Whether a comparison of the calendar's facts may hold."""
_LEAP: Final = [date.fromordinal(each) for each in range(date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal())]
# All that years can be: each day of a year falls on each weekday, and before and after each other year.
_YEARS: Final = [date.fromordinal(each) for each in range(date(2000, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
_MOST_NAMED: Final = 4
_DAYS, _MONTHS = 31, 12


class Days(NamedTuple):
    """Weekdays by their names, and days of the year as month and day."""

    weekdays: frozenset[str]
    dates: frozenset[tuple[int, int]]

    def most(self, period: Period) -> int:
        """How many of them one period has at most."""
        return _most(self, period)

    def words(self) -> str:
        """`friday`, `month 2`, `day 1 to 5`: what is left of all days there are."""
        said: list[str] = (
            [] if len(self.weekdays) == len(WEEKDAYS) else [each for each in WEEKDAYS if each in self.weekdays]
        )
        months, days = ({each[place] for each in self.dates} for place in (0, 1))
        if 0 < len(self.dates) <= _MOST_NAMED and len(months) > 1:
            return ", ".join([*said, *(f"{month:02d}-{day:02d}" for month, day in sorted(self.dates))])
        said += [] if len(months) == _MONTHS else [f"month {_spans(months)}"]
        said += [] if len(days) == _DAYS else [f"day {_spans(days)}"]
        return ", ".join(said) or "there are no more"


def left(may: May, *, by_date: bool) -> Days:
    """The days that are left by whatever is asked of the calendar. by_date: whether of months and days, too."""
    weekdays = frozenset(each for each in WEEKDAYS if may(f'calendar.weekday == "{each}"'))
    if not by_date:
        return Days(weekdays, frozenset((each.month, each.day) for each in _LEAP))
    months = {each for each in range(1, _MONTHS + 1) if may(f"calendar.month == {each}")}
    days = {each for each in range(1, _DAYS + 1) if may(f"calendar.day == {each}")}
    both = len(months) < _MONTHS and len(days) < _DAYS  # then a day may be left in one of these months, not in another
    dates = [(each.month, each.day) for each in _LEAP if each.month in months and each.day in days]
    return Days(weekdays, frozenset(each for each in dates if not both or may(_on(*each))))


def _on(month: int, day: int) -> str:
    return f"calendar.month == {month} && calendar.day == {day}"


@lru_cache(maxsize=1_000)
def _most(days: Days, period: Period) -> int:
    fitting = (each for each in _YEARS if (each.month, each.day) in days.dates and _weekday(each) in days.weekdays)
    return max(Counter(period_key(period, each) for each in fitting).values(), default=0)


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _spans(numbers: Iterable[int]) -> str:
    """`1 to 5 or 9`"""
    said = [f"{first}" if first == last else f"{first} to {last}" for first, last in _ranges(numbers)]
    return " or ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    ordered = sorted(numbers)
    begin = 0
    for at in range(1, len(ordered) + 1):
        if at == len(ordered) or ordered[at] != ordered[at - 1] + 1:
            yield ordered[begin], ordered[at - 1]
            begin = at
