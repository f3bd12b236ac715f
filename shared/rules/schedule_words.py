"""Why a schedule does not run at an instant: the first of its terms that does not hold, with the values in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.localtime import WEEKDAYS
from shared.rules.timetable import Terms, Timetable
from shared.rules.written_times import days

_SHOWN: Final = 3


class Hindrance(NamedTuple):
    """The term that does not hold.

    wanted: what it asks for; local: the instant in the schedule's zone; day: the local day that was looked at, earlier
    than that of `local` where hours that began on it have passed midnight.
    """

    term: Literal["from", "until", "dates", "weekdays", "recurrence", "hours"]
    wanted: tuple[str, ...]
    local: datetime
    day: date

    @property
    def night(self) -> bool:
        """Whether hours that began the day before are meant."""
        return self.day != self.local.date()


def hindrance(timetable: Timetable, moment: datetime) -> Hindrance | None:
    """What keeps it from running at an instant; None when it runs."""
    if timetable.runs(moment):
        return None
    local = moment.astimezone(timetable.zone)
    start, until = timetable.start, timetable.until
    if start is not None and moment < start:
        return Hindrance("from", (_local(start.astimezone(timetable.zone)),), local, local.date())
    if until is not None and moment >= until:
        return Hindrance("until", (_local(until.astimezone(timetable.zone)),), local, local.date())
    return _of_day_and_hours(timetable, local)


def why_not(timetable: Timetable, moment: datetime, *, named: bool) -> str:
    """`only on wednesday; this was a tuesday`; empty when it runs. named: whether to say in which zone that is."""
    found = hindrance(timetable, moment)
    if found is None:
        return ""
    suffix = f" in {timetable.zone.key}" if named and isinstance(timetable.zone, ZoneInfo) else ""
    return _words(found) + suffix


def _words(found: Hindrance) -> str:
    local, night = found.local, f" night, {found.local:%H:%M}" if found.night else ""
    match found.term:
        case "from":
            return f"only from {found.wanted[0]} on; this was {_local(local)}"
        case "until":
            return f"only until {found.wanted[0]}, exclusive; this was {_local(local)}"
        case "dates":
            more = f" and {len(found.wanted) - _SHOWN} more" if len(found.wanted) > _SHOWN else ""
            return f"only on {', '.join(found.wanted[:_SHOWN])}{more}; this was {found.day}{night}"
        case "weekdays":
            return f"only on {', '.join(found.wanted)}; this was a {WEEKDAYS[found.day.weekday()]}{night}"
        case "recurrence":
            return f"only on the days of {found.wanted[0]}; this was {found.day}{night}"
    return f"only {', '.join(found.wanted)}; this was {local:%H:%M}"


def _of_day_and_hours(timetable: Timetable, local: datetime) -> Hindrance:
    today, minute = local.toordinal(), local.hour * 60 + local.minute
    begun = [today - span.back for span in timetable.spans if span.begin <= minute < span.end]
    if timetable.day is not None:
        for day in begun or [today]:
            if not timetable.day(day):
                return _of_day(timetable.terms, date.fromordinal(day), local)
    return Hindrance("hours", timetable.terms.hours or (), local, local.date())


def _of_day(terms: Terms, day: date, local: datetime) -> Hindrance:
    if terms.dates is not None and not any(first <= day.toordinal() <= last for first, last in map(days, terms.dates)):
        return Hindrance("dates", tuple(sorted(terms.dates)), local, day)
    if terms.weekdays is not None and day.weekday() not in terms.weekdays:
        return Hindrance("weekdays", tuple(WEEKDAYS[each] for each in sorted(terms.weekdays)), local, day)
    return Hindrance("recurrence", (terms.recurrence or "",), local, day)


def _local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
