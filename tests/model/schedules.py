"""When a schedule runs: a slow, obvious model that looks at a clock every minute. It imports nothing of the engine.

It knows no rule for gaps and repeated hours: it sees what the clock shows. A local `from` or `until` is the first
minute at which the clock shows that time or a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

MINUTE: Final = timedelta(minutes=1)
NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Recurrences, said once more by hand; `since` is the day of `from`, or the Monday 1996-01-01.
RECURRENCES: Final[Mapping[str, Callable[[date, date], bool]]] = {
    "FREQ=DAILY": lambda day, since: day >= since,
    "FREQ=DAILY;INTERVAL=2": lambda day, since: day >= since and (day - since).days % 2 == 0,
    "FREQ=DAILY;COUNT=2": lambda day, since: day in (since, since + timedelta(days=1)),
    "FREQ=WEEKLY": lambda day, since: day >= since and day.weekday() == since.weekday(),
    "FREQ=WEEKLY;BYDAY=SA,SU": lambda day, since: day >= since and day.weekday() in (5, 6),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU": lambda day, since: (
        day >= since and day.weekday() == 6 and (monday(day) - monday(since)).days % 14 == 0
    ),
    "FREQ=MONTHLY;BYDAY=1SU": lambda day, since: day >= since and day.weekday() == 6 and day.day <= 7,
    "FREQ=MONTHLY;BYMONTHDAY=-1": lambda day, since: day >= since and (day + timedelta(days=1)).day == 1,
    "FREQ=YEARLY;BYMONTH=3,11;BYMONTHDAY=5,12": lambda day, since: (
        day >= since and day.month in (3, 11) and day.day in (5, 12)
    ),
}


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def minutes(begin: datetime, end: datetime) -> list[datetime]:
    """Every minute of UTC from one to another."""
    return [begin + index * MINUTE for index in range(int((end - begin) / MINUTE))]


def running(schedule: Mapping[str, Any], zone: ZoneInfo, begin: datetime, end: datetime) -> list[bool]:
    """Of every minute between, whether it runs."""
    zone = ZoneInfo(schedule["time_zone"]) if "time_zone" in schedule else zone
    since = _instant(schedule.get("from"), zone)
    until = _instant(schedule.get("until"), zone)
    counted = date(1996, 1, 1) if since is None else since.astimezone(zone).date()
    return [_at(schedule, moment, zone, since, until, counted) for moment in minutes(begin, end)]


def _at(
    schedule: Mapping[str, Any],
    moment: datetime,
    zone: ZoneInfo,
    since: datetime | None,
    until: datetime | None,
    counted: date,
) -> bool:
    if (since is not None and moment < since) or (until is not None and moment >= until):
        return False
    shown = moment.astimezone(zone)
    if "hours" not in schedule:
        return _on(schedule, shown.date(), counted)
    clock = f"{shown:%H:%M}"
    for hours in schedule["hours"]:
        begin, end = hours.split("-")
        if begin < end and begin <= clock < end and _on(schedule, shown.date(), counted):
            return True
        if begin > end and clock >= begin and _on(schedule, shown.date(), counted):
            return True
        if begin > end and clock < end and _on(schedule, shown.date() - timedelta(days=1), counted):
            return True
    return False


def _on(schedule: Mapping[str, Any], day: date, counted: date) -> bool:
    if "weekdays" in schedule and NAMES[day.weekday()] not in schedule["weekdays"]:
        return False
    if "recurrence" in schedule and not RECURRENCES[schedule["recurrence"]](day, counted):
        return False
    said = [each.partition("..") for each in schedule.get("dates", [])]
    return not said or any(first <= day.isoformat() <= (last or first) for first, _, last in said)


def _instant(written: str | None, zone: ZoneInfo) -> datetime | None:
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    walk = (moment - timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    while walk.astimezone(zone).replace(tzinfo=None) < moment:
        walk += MINUTE
    return walk
