"""Whether a rule ran at the time of an event; if not, why, and when it begins to run again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.facts import Facts
from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import DAYS
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import weekday
from shared.rules.schedule import Schedule
from shared.rules.schedule_words import Hindrance

_BY_WEEKDAY: Final = re.compile(r"FREQ=MONTHLY;BYDAY=\+?(?P<number>-1|[1-5])(?P<day>MO|TU|WE|TH|FR|SA|SU)")
_BY_DAY: Final = re.compile(r"FREQ=MONTHLY;BYMONTHDAY=(?P<number>-1|[1-9]|[12]\d|3[01])")


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
            in_words, value = _recurring(found.wanted[0]), _night(found, day)
            if in_words is not None:
                return say(Phrase.ONLY_DATES, wanted=in_words, value=value)
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


def _recurring(written: str) -> Saying | None:
    """The days of the commonest recurrences in words; None for others, which are told as they are written."""
    by_weekday, by_day = _BY_WEEKDAY.fullmatch(written), _BY_DAY.fullmatch(written)
    if by_weekday is not None:
        named = weekday(WEEKDAYS[DAYS.index(by_weekday["day"])])
        if by_weekday["number"] == "-1":
            return say(Phrase.LAST_OF_MONTH, weekday=named)
        return say(Phrase.NTH_OF_MONTH, weekday=named, number=int(by_weekday["number"]))
    if by_day is not None:
        if by_day["number"] == "-1":
            return say(Phrase.LAST_DAY_OF_MONTH)
        return say(Phrase.DAY_OF_MONTH, number=int(by_day["number"]))
    return None
