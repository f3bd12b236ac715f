"""Whether two rules with recurrences ever fall on the same day: the days themselves are compared, over twenty years.

Two that take turns (every second Monday, each from another) have weekday, day and month in common, and no day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo
from functools import lru_cache, reduce
from operator import and_
from typing import Final

from shared.rules.checks.reach import can_meet
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.windows import begin_of, timetable_of
from shared.rules.definition import Rule
from shared.rules.timetable import END, Terms, Timetable

YEARS: Final = 20
_DAYS: Final = YEARS * 366
_MOST: Final = END.toordinal() - 2


def collide(one: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether both may apply to one event, by conditions and schedules, recurrences day by day."""
    return fall_together(one, other, shelf) and can_meet(one, other, shelf)  # the cheaper question first


def fall_together(one: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether both (and their campaigns) run on some day of the first twenty years in which all are in force. True
    where none of them has a recurrence, or its zone is not known: others know better."""
    gates = [*shelf.gates(one), *shelf.gates(other)]
    found = [timetable_of(each.schedule, shelf) for each in gates]
    known = [each for each in found if each is not None]
    if len(known) < len(found) or all(each.terms.recurrence is None for each in known):
        return True
    first = max(*(begin_of(each).toordinal() for each in gates), *(_first(each) for each in known))
    ends = [until.toordinal() for each in gates if (until := shelf.until(each)) is not None]
    last = min(first + _DAYS, _MOST, *ends)
    return first <= last and _common(known, first, last) != 0


def _first(timetable: Timetable) -> int:
    return 0 if timetable.start is None else timetable.start.toordinal()


def _common(timetables: Sequence[Timetable], first: int, last: int) -> int:
    """The days that all of them have in common, as the bits of a number. Where their zones differ, the day before and
    after may be meant by another: nothing that may meet is lost."""
    begin = date(date.fromordinal(first).year, 1, 1)
    found = [_days(each.terms, each.zone, begin) for each in timetables]
    if len({each.zone for each in timetables}) > 1:
        found = [each | each << 1 | each >> 1 for each in found]
    # From the zone's day before, where the first day was found by the time of UTC.
    skipped = max(0, first - 1 - begin.toordinal())
    within = (1 << (last - first + 3)) - 1
    return reduce(and_, found) >> skipped & within


@lru_cache(maxsize=4_096)
def _days(terms: Terms, zone: tzinfo, begin: date) -> int:
    """A bit for each day from `begin` on, of twenty-one years, on which a schedule runs."""
    timetable, base = Timetable(terms, zone), begin.toordinal()
    first, last = base, min(base + _DAYS + 366, _MOST)
    if timetable.start is not None:
        first = max(first, timetable.start.astimezone(zone).toordinal())
    if timetable.until is not None:
        last = min(last, timetable.until.astimezone(zone).toordinal())
    late = any(span.back for span in timetable.spans)  # hours that pass midnight reach into the next day
    bits = bytearray((last - base) // 8 + 2) if first <= last else bytearray()
    for day in timetable.days(first - late, last) if bits else ():
        for each in (day, day + late):
            if first <= each <= last:
                bits[(each - base) // 8] |= 1 << (each - base) % 8
    return int.from_bytes(bits, "little")
