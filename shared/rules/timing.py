"""Whether a rule ran at the time of an event; if not, why, and when it begins to run again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.rules.facts import Facts
from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import COUNTED_FROM
from shared.rules.recurrence_words import in_words
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
    start, begins = schedule.next_start(moment, zone), schedule.timetable(zone).start
    since = COUNTED_FROM if begins is None else begins.astimezone(found.local.tzinfo).date()
    why = _reason(found, since, again=start is not None)
    if schedule.time_zone is not None:
        why = say(Phrase.IN_ZONE, reason=why, zone=schedule.time_zone)
    if start is None:
        return Timing(False, say(Phrase.RUNS_NO_MORE, reason=why))
    return Timing(False, why if found.term == "from" else say(Phrase.RUNS_NEXT, reason=why, start=start), start)


def _reason(found: Hindrance, since: date, *, again: bool) -> Saying:
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
