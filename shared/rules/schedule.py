"""Local time: whether a rule runs at an event's time, and which day, week, month or year an event falls in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.definition import Period, Schedule
from shared.rules.facts import Facts, ask

EVER: Final = "ever"
_WEEKDAY: Final = ask("calendar.weekday")


def runs(schedule: Schedule, facts: Facts) -> bool:
    """Whether the schedule includes the event's time; the weekday is the local one."""
    moment = facts.event.time
    if schedule.starts is not None and moment < schedule.starts:
        return False
    if schedule.until is not None and moment >= schedule.until:
        return False
    return schedule.weekdays is None or facts.get(_WEEKDAY) in schedule.weekdays


def period_key(period: Period, local: datetime | date) -> str:
    """The name of the period that a local date falls in: 2017-01-31, 2017-W05 (ISO week), 2017-01, 2017, or ever."""
    if period == "day":
        return f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period == "month":
        return f"{local.year:04d}-{local.month:02d}"
    return f"{local.year:04d}" if period == "year" else EVER


def year_start(year: int, zone: ZoneInfo) -> datetime:
    """The first instant of a local calendar year."""
    return datetime(year, 1, 1, tzinfo=zone)
