"""Why a schedule does not run at an instant: the first of its terms that does not hold, with the values in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.localtime import WEEKDAYS
from shared.rules.timetable import Terms, Timetable
from shared.rules.written_times import days

_SHOWN: Final = 3


def why_not(timetable: Timetable, moment: datetime, *, named: bool) -> str:
    """`only on wednesday; this was a tuesday`; empty when it runs. named: whether to say in which zone that is."""
    if timetable.runs(moment):
        return ""
    local = moment.astimezone(timetable.zone)
    suffix = f" in {timetable.zone.key}" if named and isinstance(timetable.zone, ZoneInfo) else ""
    start, until = timetable.start, timetable.until
    if start is not None and moment < start:
        return f"only from {_local(start.astimezone(timetable.zone))} on; this was {_local(local)}{suffix}"
    if until is not None and moment >= until:
        return f"only until {_local(until.astimezone(timetable.zone))}, exclusive; this was {_local(local)}{suffix}"
    return _of_day_and_hours(timetable, local) + suffix


def _of_day_and_hours(timetable: Timetable, local: datetime) -> str:
    today, minute = local.toordinal(), local.hour * 60 + local.minute
    begun = [today - span.back for span in timetable.spans if span.begin <= minute < span.end]
    if timetable.day is not None:
        for day in begun or [today]:
            if not timetable.day(day):
                shown = "" if day == today else f" night, {local:%H:%M}"
                return _of_day(timetable.terms, date.fromordinal(day), shown)
    return f"only {', '.join(timetable.terms.hours or ())}; this was {local:%H:%M}"


def _of_day(terms: Terms, day: date, night: str) -> str:
    """night: what to add where hours that began on that day have passed midnight."""
    if terms.dates is not None and not any(first <= day.toordinal() <= last for first, last in map(days, terms.dates)):
        more = f" and {len(terms.dates) - _SHOWN} more" if len(terms.dates) > _SHOWN else ""
        return f"only on {', '.join(sorted(terms.dates)[:_SHOWN])}{more}; this was {day}{night}"
    if terms.weekdays is not None and day.weekday() not in terms.weekdays:
        wanted = ", ".join(WEEKDAYS[each] for each in sorted(terms.weekdays))
        return f"only on {wanted}; this was a {WEEKDAYS[day.weekday()]}{night}"
    return f"only on the days of {terms.recurrence}; this was {day}{night}"


def _local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
