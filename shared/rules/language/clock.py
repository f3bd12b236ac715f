"""Times of day as they are compared elsewhere, `calendar.time >= "18:00"` or `calendar.hour < 18:00`: what asks the
same here, with the sign that was written. Pure; read from a condition by `reckoned`, from mere text by `slips`."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from shared.rules.language.syntax import MIRRORED

CLOCKS: Final = ("calendar.time", "calendar.hour", "event.time", "event.hour", "time", "hour")
_TIME: Final = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?")
_DAY: Final = 24 * 60
_WHOLE: Final = "hours are whole numbers from 0 to 23"
_FORM: Final = f"{_WHOLE}; for minutes write `schedule: {{hours: [...]}}`"
# A comparison that stands alone: of a part of a sum, nobody knows what was meant.
_BEGIN: Final = r"(?:^|[(&|,])\s*"
_END: Final = r"\s*(?:$|[)&|,])"
_CLOCK: Final = r"(?P<clock>\d{1,2}:\d\d)"
_FACT: Final = r"(?P<fact>[A-Za-z_.]+)"
_SIGN: Final = r"\s*(?P<sign>[=!<>]=|[<>])\s*"
_BEFORE: Final = re.compile(f"{_BEGIN}{_FACT}{_SIGN}{_CLOCK}{_END}")
_BEHIND: Final = re.compile(f"{_BEGIN}{_CLOCK}{_SIGN}{_FACT}{_END}")
_OF_HISTORY: Final = re.compile(r"\bhistory\.\w+\(")


def of_the_clock(fact: str, sign: str, time: str, *, of_events: bool = False) -> str:
    """What to write for a fact of the clock that is compared with a time of day, `18` or `18:30`; nothing where it is
    not. of_events: in a filter of history, which has no schedule."""
    found = _TIME.fullmatch(time)
    if fact not in CLOCKS or found is None:
        return ""
    hour, minute = int(found[1]), int(found[2] or 0)
    # An hour is compared as a whole, all its minutes alike: 18:59 is not after the hour 18, but after 18:00.
    whole = found[2] is None or (fact.endswith("hour") and not minute)
    spans = _spans(sign, hour * 60 + minute, 60 if whole else 1)
    if not spans:
        return _WHOLE if of_events else _FORM
    schedule = "" if of_events else f"`schedule: {{hours: [{', '.join(spans)}]}}`"
    # What is before or from a full hour on is so by the hour, too.
    if whole or (not minute and sign in ("<", ">=")):
        return f"write calendar.hour {sign} {hour}" + (f", or {schedule}" if schedule else "")
    return f"write {schedule}" if schedule else _WHOLE


def in_a_text(source: str, at: int) -> str:
    """What to write where a time of day stands without quotes; at: its colon. Nothing where there is none."""
    if not re.search(r"(?<!\d)\d{1,2}:\d\d", source[max(0, at - 3) : at + 3]):
        return ""
    of_events = any(_open(source[each.end() : at]) for each in _OF_HISTORY.finditer(source, 0, at))
    for form in (_BEFORE, _BEHIND):
        for found in form.finditer(source):
            if found.start("clock") < at < found.end("clock"):
                sign = found["sign"] if form is _BEFORE else MIRRORED[found["sign"]]
                if said := of_the_clock(found["fact"], sign, found["clock"], of_events=of_events):
                    return said
    return _WHOLE if of_events else _FORM


def _open(text: str) -> bool:
    """Whether a bracket before this text is still open behind it."""
    return all(depth >= 0 for depth in accumulate((each == "(") - (each == ")") for each in text))


def _spans(sign: str, begin: int, long: int) -> list[str]:
    """The hours of a day for which a comparison with a time holds, which is `long` minutes long; none where it holds
    for all of the day, or for nothing of it, as neither is worth asking."""
    end = begin + long
    early, late = (0, begin), (end, _DAY)
    pairs = {
        "<": [early],
        "<=": [(0, end)],
        ">": [late],
        ">=": [(begin, _DAY)],
        "==": [(begin, end)],
        "!=": [early, late],
    }.get(sign, [])
    there = [each for each in pairs if each[0] < each[1]]
    return [] if there == [(0, _DAY)] else [f'"{_written(first)}-{_written(last)}"' for first, last in there]


def _written(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
