"""Whether a rule ran at the time of an event; if not, why, and when it begins to run again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.rules.facts import Facts
from shared.rules.localtime import WEEKDAYS
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import weekday
from shared.rules.schedule import Schedule
from shared.rules.schedule_words import Hindrance


@dataclass(frozen=True, slots=True)
class Timing:
    """held: whether it ran. next_start: when it begins to run again, in the local time that counts for it."""

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
    why = _reason(found)
    if schedule.time_zone is not None:
        why = say(Phrase.IN_ZONE, reason=why, zone=schedule.time_zone)
    start = schedule.next_start(moment, zone)
    if start is None:
        return Timing(False, say(Phrase.RUNS_NO_MORE, reason=why))
    return Timing(False, why if found.term == "from" else say(Phrase.RUNS_NEXT, reason=why, start=start), start)


def _reason(found: Hindrance) -> Saying:
    local, day = found.local, found.day
    match found.term:
        case "from":
            return say(Phrase.ONLY_FROM, wanted=datetime.fromisoformat(found.wanted[0]), value=local)
        case "until":
            return say(Phrase.ONLY_UNTIL, wanted=datetime.fromisoformat(found.wanted[0]), value=local)
        case "dates":
            return say(Phrase.ONLY_DATES, wanted=tuple(map(_dates, found.wanted)), value=_night(found, day))
        case "weekdays":
            named = weekday(WEEKDAYS[day.weekday()])
            wanted: tuple[Value, ...] = tuple(weekday(each) for each in found.wanted)
            return say(Phrase.ONLY_WEEKDAYS, wanted=wanted, value=_night(found, named))
        case "recurrence":
            return say(Phrase.ONLY_RECURRENCE, wanted=found.wanted[0], value=_night(found, day))
    return say(Phrase.ONLY_HOURS, wanted=tuple(found.wanted), value=f"{local:%H:%M}")


def _night(found: Hindrance, day: Value) -> Value:
    return say(Phrase.AT_NIGHT, day=day) if found.night else day


def _dates(written: str) -> Value:
    """A date, or several days as they are written."""
    return written if ".." in written else date.fromisoformat(written)
