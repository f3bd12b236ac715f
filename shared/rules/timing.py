"""Whether a rule ran at the time of an event; if not, why, and when it begins to run again. Pure.

What a schedule asks for (weekdays, dates, hours) is of its own zone, which is named; moments are the programme's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.rules.facts import Facts
from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import COUNTED_FROM
from shared.rules.recurrence_words import in_words
from shared.rules.resuming import named_beside
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import weekday
from shared.rules.schedule import Schedule
from shared.rules.schedule_words import Hindrance
from shared.rules.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Timing:
    """held: whether it ran. next_start: when it begins to run again, in the programme's zone."""

    held: bool
    why: Saying | None = None
    next_start: datetime | None = None


def timing(schedule: Schedule, facts: Facts) -> Timing:
    """Of a schedule at the time of the event."""
    return timing_at(schedule, facts.event.time, facts.zone)


def timing_at(schedule: Schedule, moment: datetime, zone: ZoneInfo) -> Timing:
    """Of a schedule at any time; zone: the programme's."""
    found = schedule.hindrance(moment, zone)
    if found is None:
        return Timing(True)
    start, named = schedule.next_start(moment, zone), named_beside((schedule.time_zone,), zone)
    start = None if start is None else start.astimezone(zone)
    bound = _bound(schedule.timetable(zone), found, moment, zone)
    if bound is not None:
        why = in_zone(bound, named)
    else:
        begins = schedule.timetable(zone).start
        since = COUNTED_FROM if begins is None else begins.astimezone(found.local.tzinfo).date()
        why = in_zone(_reason(found, since, again=start is not None), schedule.time_zone)
    if start is None:
        return Timing(False, say(Phrase.RUNS_NO_MORE, reason=why))
    if found.term == "from":
        return Timing(False, why, start)
    return Timing(False, in_zone(say(Phrase.RUNS_NEXT, reason=why, start=start), named), start)


def in_zone(said: Saying, zone: str | None) -> Saying:
    """What is said, with the zone that its last time is of, where there is one to be named."""
    return said if zone is None else say(Phrase.IN_ZONE, reason=said, zone=zone)


def _bound(timetable: Timetable, found: Hindrance, moment: datetime, zone: ZoneInfo) -> Saying | None:
    """That it begins later, or has ended: moments, both of them."""
    value = moment.astimezone(zone)
    if found.term == "from" and timetable.start is not None:
        return say(Phrase.ONLY_FROM, wanted=timetable.start.astimezone(zone), value=value)
    if found.term == "until" and timetable.until is not None:
        return say(Phrase.ONLY_UNTIL, wanted=timetable.until.astimezone(zone), value=value)
    return None


def _reason(found: Hindrance, since: date, *, again: bool) -> Saying:
    local, day = found.local, found.day
    match found.term:
        case "dates":
            return say(Phrase.ONLY_DATES, wanted=tuple(map(_dates, found.wanted)), value=_night(found, day))
        case "weekdays":
            named = weekday(WEEKDAYS[day.weekday()])
            wanted: tuple[Value, ...] = tuple(weekday(each) for each in found.wanted)
            return say(Phrase.ONLY_WEEKDAYS, wanted=wanted, value=_night(found, named))
        case "recurrence":
            said, value = in_words(found.wanted[0], since, again=again), _night(found, day)
            if said is not None:
                return say(Phrase.ONLY_DATES, wanted=said, value=value)
            return say(Phrase.ONLY_RECURRENCE, wanted=found.wanted[0], value=value)
    return say(Phrase.ONLY_HOURS, wanted=tuple(found.wanted), value=f"{local:%H:%M}")


def _night(found: Hindrance, day: Value) -> Value:
    return say(Phrase.AT_NIGHT, day=day) if found.night else day


def _dates(written: str) -> Value:
    """A date, or the first and last of several."""
    first, _, last = written.partition("..")
    if not last:
        return date.fromisoformat(first)
    return say(Phrase.FROM_TO, first=date.fromisoformat(first), last=date.fromisoformat(last))
