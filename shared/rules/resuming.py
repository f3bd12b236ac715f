"""From when a used limit lets its rule give again: the first time in a new period at which the rule runs, too. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.localtime import first_instant
from shared.rules.schedule import Schedule
from shared.rules.written_times import wall_time

_MOST_TRIED: Final = 400  # of two schedules that may never meet: no answer is better than a wait


@dataclass(frozen=True, slots=True)
class Resuming:
    """again: the local day or, where it does not begin with it or a schedule asks for weekdays, hours or a recurrence,
    the local time, which tells these; None where that is not told.

    ended: it runs no more once the period is over; until: because it ends then, in local time, where that is why.
    """

    again: date | None = None
    ended: bool = False
    until: datetime | None = None


def resuming(day: date, own: ZoneInfo, schedules: Sequence[Schedule], zone: ZoneInfo) -> Resuming:
    """From a day on.

    own: the zone that the limit's period is of; schedules: of the campaign, where there is one, and the rule; zone: the
    programme's.
    """
    since = first_instant(wall_time(day), own)
    for _ in range(_MOST_TRIED):
        found: datetime | None = since
        for each in schedules:
            if found is not None and not each.runs(found, zone):
                found = each.next_start(found, zone)
        if found is None:
            return Resuming(ended=True, until=_end(schedules, zone))
        if found == since:
            return Resuming(_told(since, own, exactly=any(map(_by_the_clock, schedules))))
        since = found.astimezone(UTC)
    return Resuming()


def _by_the_clock(schedule: Schedule) -> bool:
    """Whether it says on which weekdays or at which hours of a day it runs, or by which rule."""
    return any(each is not None for each in (schedule.weekdays, schedule.hours, schedule.recurrence))


def _told(moment: datetime, own: ZoneInfo, *, exactly: bool) -> date:
    local = moment.astimezone(own)
    begins = first_instant(wall_time(local.date()), own) == moment
    return local.date() if begins and not exactly else local


def _end(schedules: Sequence[Schedule], zone: ZoneInfo) -> datetime | None:
    """The first end of them, in its own zone."""
    tables = [each.timetable(zone) for each in schedules]
    ends = [(table.until, table.zone) for table in tables if table.until is not None]
    until, own = min(ends, key=lambda each: each[0], default=(None, zone))
    return None if until is None else until.astimezone(own)
