"""Local times that do not exist, as clocks go forward over them: what a schedule that asks only for such is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.rules.localtime import first_instant, instants
from shared.rules.timetable import Terms, Timetable

_TICK = timedelta(microseconds=1)


def in_a_gap(terms: Terms, zone: ZoneInfo) -> str:
    """Why terms that never hold in a zone do not, and what to write, where its clocks skip all that is asked for; empty
    where it is for another reason."""
    local = replace(terms, starts=_local(terms.starts, zone), until=_local(terms.until, zone))
    run = Timetable(local, UTC).first_run()  # as if clocks were never moved
    wall = None if run is None else run.replace(tzinfo=None)
    if wall is None or instants(wall, zone):
        return ""
    after = first_instant(wall, zone)
    begin, end = ((after - _TICK).astimezone(zone) + _TICK).replace(tzinfo=None), after.astimezone(zone)
    moved = f"clocks go forward then, from {begin:%H:%M} to {end:%H:%M}"
    if begin.date() != end.date():
        moved = f"clocks go forward then, from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    said = f"it never runs: the local time {wall:%Y-%m-%d %H:%M} does not exist in {zone.key}"
    return f"{said} ({moved}); write times from {end:%Y-%m-%d %H:%M} on, or of another day"


def _local(moment: datetime | date | None, zone: ZoneInfo) -> datetime | date | None:
    """An instant as clocks of the zone show it."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None)
