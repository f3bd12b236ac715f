"""What a recurrence says of the days on which a schedule runs: each where they are few, else which weekdays, days of
the month and months they may be. Never less than there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import COUNTED_FROM, DAYS, LAST, parts_of, recurrence
from shared.rules.schedule import Schedule
from shared.rules.written_times import days

_MOST_DAYS: Final = 400
_BEGIN: Final = date(2000, 1, 1)
_ALL_WEEKDAYS: Final = frozenset(range(7))
_ALL_DAYS: Final = frozenset(range(1, 32))
_ALL_MONTHS: Final = frozenset(range(1, 13))
_LENGTHS: Final = range(28, 32)  # of months


class Falls(NamedTuple):
    """On which days: their ordinals, None where there are too many; weekdays from Monday, 0."""

    ordinals: frozenset[int] | None
    weekdays: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]


def falls(schedule: Schedule, zone: ZoneInfo | None, window: tuple[int, int] | None, late: int) -> Falls | None:
    """Where the recurrence of a schedule falls; None where there is none, or nobody knows from when it counts.

    zone: the schedule's, where it is known; window: the first and the last day of `from` and `until`; late: by how many
    days its hours reach into the next one.
    """
    since, text = _since(schedule, zone), schedule.recurrence
    if text is None or since is None:
        return None
    first, last = window or (_BEGIN.toordinal(), LAST.toordinal())
    listed = [days(each) for each in schedule.dates or ()]
    if listed:
        first, last = max(first, min(each[0] for each in listed)), min(last, max(each[1] for each in listed))
    # The hours of the day before the first may reach into it, and those of the last may begin on it.
    found = _few(text, since, max(first - late, _BEGIN.toordinal()), min(last, LAST.toordinal()))
    if found is not None:
        return _each(_kept(found, schedule, listed), late)
    return _by_parts(parts_of(text), since, late)


def _since(schedule: Schedule, zone: ZoneInfo | None) -> date | None:
    starts = schedule.starts
    if starts is None:
        return COUNTED_FROM
    if not isinstance(starts, datetime):
        return starts
    if starts.tzinfo is None:
        return starts.date()
    return None if zone is None else starts.astimezone(zone).date()


@lru_cache(maxsize=4_096)
def _few(text: str, since: date, first: int, last: int) -> tuple[int, ...] | None:
    """Its days from one to another; None where they are too many."""
    found = tuple(islice(recurrence(text, since).days(first, last), _MOST_DAYS + 1)) if first <= last else ()
    return found if len(found) <= _MOST_DAYS else None


def _kept(found: Iterable[int], schedule: Schedule, listed: list[tuple[int, int]]) -> Iterator[int]:
    for each in found:
        of_week = schedule.weekdays is None or WEEKDAYS[(each - 1) % 7] in schedule.weekdays
        if of_week and (not listed or any(first <= each <= last for first, last in listed)):
            yield each


def _each(found: Iterable[int], late: int) -> Falls | None:
    ordinals = frozenset(each + more for each in found for more in (0, late))
    if not ordinals:
        return None  # that it is empty is said elsewhere
    known = [date.fromordinal(each) for each in ordinals]
    return Falls(
        ordinals,
        frozenset(each.weekday() for each in known),
        frozenset(each.day for each in known),
        frozenset(each.month for each in known),
    )


def _by_parts(parts: Mapping[str, str], since: date, late: int) -> Falls:
    weekdays, of_month, months = _ALL_WEEKDAYS, _ALL_DAYS, _ALL_MONTHS
    chosen = not {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}.isdisjoint(parts)
    if "BYDAY" in parts:
        weekdays = frozenset(DAYS.index(each[-2:]) for each in parts["BYDAY"].split(","))
    elif parts["FREQ"] == "WEEKLY" and not chosen:
        weekdays = frozenset({since.weekday()})
    if "BYMONTH" in parts:
        months = frozenset(map(int, parts["BYMONTH"].split(",")))
    elif parts["FREQ"] == "YEARLY" and not chosen:
        months = frozenset({since.month})
    if "BYMONTHDAY" in parts:
        of_month = frozenset(day for each in parts["BYMONTHDAY"].split(",") for day in _of_month(int(each), 1))
    elif parts["FREQ"] in ("MONTHLY", "YEARLY") and not chosen:
        of_month = frozenset({since.day})
    elif "BYDAY" in parts and (parts["FREQ"] == "MONTHLY" or "BYMONTH" in parts):
        of_month = frozenset(day for each in parts["BYDAY"].split(",") for day in _of_month(int(each[:-2] or 0), 7))
    if late:  # the day after may be of another month
        return Falls(None, weekdays | {(each + 1) % 7 for each in weekdays}, _ALL_DAYS, _ALL_MONTHS)
    return Falls(None, weekdays, of_month, months)


def _of_month(number: int, size: int) -> Iterable[int]:
    """The days that the number-th day of a month, or the number-th of a weekday (size 7), may be; 0: any."""
    if number == 0:
        return _ALL_DAYS
    if number > 0:
        return range((number - 1) * size + 1, min(number * size, 31) + 1)
    return {
        day for length in _LENGTHS for day in range(length + number * size + 1, length + (number + 1) * size + 1)
    } & _ALL_DAYS
