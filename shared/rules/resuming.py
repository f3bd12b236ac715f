"""From when a used limit lets its rule give again: the first time in a new period at which the rule runs, too. Pure.

Periods are those of the rule's zone; moments are told in the programme's, as all moments are: the day that begins in
Tokyo is told to somebody in Berlin, who would come too late by the clock of Tokyo.
"""

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
    """again: the day or, where it does not begin with it or a schedule asks for weekdays, hours or a recurrence,
    the time, which tells these, in the programme's zone; None where that is not told. at: the same as an instant.

    ended: it runs no more once the period is over; until: because it ends then, in the programme's zone, where that is
    why. zone: the programme's, where the limit or a schedule has another: then it is to be named.
    """

    again: date | None = None
    ended: bool = False
    until: datetime | None = None
    at: datetime | None = None
    zone: str | None = None


def resuming(day: date, own: ZoneInfo, schedules: Sequence[Schedule], zone: ZoneInfo) -> Resuming:
    """From a day on.

    own: the zone that the limit's period is of; schedules: of the campaign, where there is one, and the rule; zone: the
    programme's.
    """
    since = first_instant(wall_time(day), own)
    named = named_beside((own.key, *(each.time_zone for each in schedules)), zone)
    for _ in range(_MOST_TRIED):
        found: datetime | None = since
        for each in schedules:
            if found is not None and not each.runs(found, zone):
                found = each.next_start(found, zone)
        if found is None:
            return Resuming(ended=True, until=_end(schedules, zone), zone=named)
        if found == since:
            again = _told(since, zone, exactly=any(map(_by_the_clock, schedules)))
            return Resuming(again, at=since.astimezone(zone), zone=named)
        since = found.astimezone(UTC)
    return Resuming()


def named_beside(zones: Sequence[str | None], zone: ZoneInfo) -> str | None:
    """The programme's zone, by which moments are told; None where a definition has no other, so that nobody asks."""
    return zone.key if any(each not in (None, zone.key) for each in zones) else None


def _by_the_clock(schedule: Schedule) -> bool:
    """Whether it says on which weekdays or at which hours of a day it runs, or by which rule."""
    return any(each is not None for each in (schedule.weekdays, schedule.hours, schedule.recurrence))


def _told(moment: datetime, zone: ZoneInfo, *, exactly: bool) -> date:
    local = moment.astimezone(zone)
    begins = first_instant(wall_time(local.date()), zone) == moment
    return local.date() if begins and not exactly else local


def _end(schedules: Sequence[Schedule], zone: ZoneInfo) -> datetime | None:
    """The first end of them."""
    ends = [until for each in schedules if (until := each.timetable(zone).until) is not None]
    return min(ends).astimezone(zone) if ends else None
