"""A timetable: a schedule read in one time zone, as closures that tell whether an instant is one at which it runs.

Everything is asked of the instant's local wall time. So what runs in a repeated hour runs both times it is shown, and
hours within a gap never occur. Hours that pass midnight belong to the local day on which they began.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from shared.rules.localtime import first_instant, instants, local_days, shifts
from shared.rules.recurrence import COUNTED_FROM, Recurrence, recurrence
from shared.rules.written_times import Span, days, spans, wall_time

DayTest = Callable[[int], bool]
BEGIN: Final = datetime(1999, 12, 31, tzinfo=UTC)
END: Final = datetime(2200, 1, 2, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a schedule asks for, all of which must hold; None asks for nothing. Weekdays count from Monday, 0."""

    starts: datetime | date | None = None
    until: datetime | date | None = None
    dates: tuple[str, ...] | None = None
    recurrence: str | None = None
    weekdays: frozenset[int] | None = None
    hours: tuple[str, ...] | None = None


class Timetable:
    """Terms in a zone. `runs` tells of an instant whether it is included, `day` of a local date's ordinal; `wall`: it
    looks at the wall time, not at the instant alone."""

    __slots__ = (
        "_intervals", "_overnight", "_recurrence", "day", "runs", "spans", "start", "terms", "until", "wall", "zone",
    )  # fmt: skip

    def __init__(self, terms: Terms, zone: tzinfo) -> None:
        self.terms = terms
        self.zone = zone
        self.start = _instant(terms.starts, zone)
        self.until = _instant(terms.until, zone)
        self.spans: list[Span] = sorted(span for hours in terms.hours or () for span in spans(hours))
        self._overnight = any(span.back for span in self.spans)
        self._intervals = _merged(terms.dates)
        self._recurrence: Recurrence | None = None
        if terms.recurrence is not None:
            since = COUNTED_FROM if self.start is None else self.start.astimezone(zone).date()
            self._recurrence = recurrence(terms.recurrence, since)
        self.day = _day_test(terms.weekdays, self._intervals, self._recurrence)
        test = self._local_test()
        self.wall = test is not None
        self.runs: Callable[[datetime], bool] = _within(self.start, self.until, test)

    def _local_test(self) -> Callable[[datetime], bool] | None:
        zone, day, parts = self.zone, self.day, self.spans
        weekdays = self.terms.weekdays
        if not parts:
            if day is None:
                return None
            if weekdays is not None and self._intervals is None and self._recurrence is None:
                return lambda moment: moment.astimezone(zone).weekday() in weekdays
            return lambda moment: day(moment.astimezone(zone).toordinal())

        def timed(moment: datetime) -> bool:
            local = moment.astimezone(zone)
            minute = local.hour * 60 + local.minute
            for begin, end, back in parts:
                if begin <= minute < end and (day is None or day(local.toordinal() - back)):
                    return True
            return False

        return timed

    def may_run(self, utc_day: date) -> bool:
        """False only if it runs at no instant of that day of UTC; looks at days alone, not at hours."""
        ordinal, start, until = utc_day.toordinal(), self.start, self.until
        if start is not None and ordinal < start.toordinal():
            return False
        if until is not None and ordinal > (until - _TICK).toordinal():
            return False
        day = self.day
        if day is None:
            return True
        touched = local_days(utc_day, self.zone)
        return any(map(day, touched)) or (self._overnight and any(day(each - 1) for each in touched))

    def first_run(self) -> datetime | None:
        """The first instant at which it runs, in UTC; None if there is none in the years that events may have."""
        begin = self.start or BEGIN
        return begin if self.runs(begin) else self.next_start(begin, END)

    def next_start(self, after: datetime, limit: datetime) -> datetime | None:
        """The first instant, in UTC, later than `after` and before `limit`, at which it begins to run."""
        limit = limit if self.until is None else min(limit, self.until)
        if self.start is not None and self.start > after:
            if self.runs(self.start):
                return self.start if self.start < limit else None
            after = self.start
        for each in self._changes(after, limit):
            if after < each < limit and self.runs(each) and not self.runs(each - _TICK):
                return each
        return None

    def _changes(self, after: datetime, limit: datetime) -> Iterator[datetime]:
        """In order, the instants at which the local test may change, of the days that it may hold on."""
        if after >= limit or (self.day is None and not self.spans):
            return
        done = after.astimezone(self.zone).toordinal() - 2
        last = limit.astimezone(self.zone).toordinal() + 1
        for day in self.days(done, last):
            # A day's hours may reach into the next; so may the day itself, where the clocks go back over midnight.
            for each in (day, day + 1):
                if each > done:
                    done = each
                    yield from self._changes_on(each)

    def _changes_on(self, ordinal: int) -> list[datetime]:
        """Between the day's first instant and the next day's: midnights, begins of hours, and moves of the clocks."""
        today = wall_time(date.fromordinal(ordinal))
        first, end = (first_instant(day, self.zone) for day in (today, today + _DAY))
        begins = {0, *(span.begin for span in self.spans)}
        walls = [day + timedelta(minutes=begin) for day in (today - _DAY, today) for begin in begins]
        found = {at for wall in walls for at in instants(wall, self.zone) or [first_instant(wall, self.zone)]}
        return sorted(at for at in found.union(shifts(first, end, self.zone)) if first <= at < end)

    def days(self, first: int, last: int) -> Iterator[int]:
        """The ordinals that `day` holds for, in order: sought where the fewest are."""
        if self._intervals is not None:
            ranges = [range(max(first, begin), min(last, end) + 1) for begin, end in zip(*self._intervals, strict=True)]
            sought: Iterator[int] = (day for each in ranges for day in each)
        elif self._recurrence is not None:
            sought = self._recurrence.days(first, last)
        else:
            sought = iter(range(first, last + 1))
        test = self.day
        return sought if test is None else filter(test, sought)


def _instant(moment: datetime | date | None, zone: tzinfo) -> datetime | None:
    if moment is None:
        return None
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return first_instant(wall_time(moment), zone)


def _within(
    start: datetime | None, until: datetime | None, test: Callable[[datetime], bool] | None
) -> Callable[[datetime], bool]:
    """The bounds, which are cheap, before the local test."""
    if start is None and until is None:
        return test or (lambda moment: True)
    begin, end = start or datetime.min.replace(tzinfo=UTC), until or datetime.max.replace(tzinfo=UTC)
    if test is not None:
        return lambda moment: begin <= moment < end and test(moment)
    if until is None:
        return lambda moment: moment >= begin
    return lambda moment: begin <= moment < end


def _merged(dates: tuple[str, ...] | None) -> tuple[list[int], list[int]] | None:
    """The first and last ordinals of dates, in order and apart."""
    if dates is None:
        return None
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(map(days, dates)):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def _day_test(
    weekdays: frozenset[int] | None, intervals: tuple[list[int], list[int]] | None, recurs: Recurrence | None
) -> DayTest | None:
    tests: list[DayTest] = []
    if weekdays is not None:
        tests.append(lambda day: (day - 1) % 7 in weekdays)
    if intervals is not None:
        firsts, lasts = intervals

        def listed(day: int) -> bool:
            place = bisect_right(firsts, day) - 1
            return place >= 0 and day <= lasts[place]

        tests.append(listed)
    if recurs is not None:
        tests.append(recurs.on)
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda day: all(test(day) for test in tests)
