"""Whether terms can hold at any instant at all; if not, which of them never meet, in words that say what to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import combinations, islice
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.gaps import in_a_gap
from shared.rules.localtime import WEEKDAYS
from shared.rules.recurrence import COUNTED_FROM, LAST, recurrence
from shared.rules.timetable import Terms, Timetable
from shared.rules.written_times import YEARS, days

# Every offset of a zone since 2000 is a multiple of a quarter of an hour between these.
_OFFSETS: Final = [timezone(timedelta(minutes=minutes)) for minutes in range(-12 * 60, 14 * 60 + 1, 15)]
_NAMES: Final = {"starts": "from"}
_LAST: Final = LAST.toordinal()
_SOME: Final = 60  # so many days of a recurrence are looked at for its weekdays


def refuse_empty(terms: Terms, zone: ZoneInfo | None) -> None:
    """Raises ValueError if the terms never hold: in the zone or, where that is not known yet, in any zone.

    Local times of an unknown zone are compared as they are written, as if its clocks were never moved.
    """
    if terms.until is None and terms.dates is None and terms.recurrence is None:
        return  # weekdays and hours come again and again
    first, *others = [zone] if zone is not None else list(_zones(terms))
    if Timetable(terms, first).first_run() is not None:
        return
    if all(Timetable(terms, each).first_run() is None for each in others):
        gap = "" if zone is None else in_a_gap(terms, zone)
        raise ValueError(gap or _words(terms, _smallest(terms, first), first))


def _zones(terms: Terms) -> Iterator[tzinfo]:
    """Zones to try: local terms alone hold everywhere or nowhere, but where an instant falls is the zone's matter."""
    instants = [each for each in (terms.starts, terms.until) if isinstance(each, datetime) and each.tzinfo is not None]
    if not instants:
        yield UTC
        return
    yield from (timezone(each.utcoffset() or timedelta()) for each in instants[:1])
    if any(each is not None for each in (terms.dates, terms.recurrence, terms.weekdays, terms.hours)) or (
        terms.starts is not None and terms.until is not None and len(instants) == 1
    ):
        yield from _OFFSETS


def _smallest(terms: Terms, zone: tzinfo) -> list[str]:
    """The fewest terms that never hold together: what the author has to look at."""
    written = [each.name for each in fields(terms) if getattr(terms, each.name) is not None]
    for count in range(1, len(written)):
        for names in combinations(written, count):
            if "recurrence" in names and "starts" in written and "starts" not in names and _counts(terms, names):
                continue
            part = replace(terms, **{name: None for name in written if name not in names})
            if Timetable(part, zone).first_run() is None:
                return list(names)
    return written


def _counts(terms: Terms, names: tuple[str, ...]) -> bool:
    """Whether the days of the recurrence depend on where it counts from, or may."""
    return len(names) > 1 or any(part in (terms.recurrence or "") for part in ("COUNT=", "INTERVAL="))


def _words(terms: Terms, names: list[str], zone: tzinfo) -> str:
    if names == ["starts", "until"]:
        return "the window is empty: `until` must be later than `from`"
    if names == ["recurrence"]:
        return f"the recurrence {terms.recurrence} never occurs: change it, or leave it out"
    if len(names) == 1:
        return f"it never runs: change `{_NAMES.get(names[0], names[0])}`"
    said = [f"`{_NAMES.get(name, name)}`" for name in names]
    return f"it never runs: {', '.join(said[:-1])} and {said[-1]} have no time in common; {_hint(terms, names, zone)}"


def _hint(terms: Terms, names: list[str], zone: tzinfo) -> str:
    """What to write instead: where there is a recurrence, by the days on which it falls."""
    if terms.recurrence is None or "recurrence" not in names:
        return "change one of them"
    start = Timetable(Terms(starts=terms.starts), zone).start
    since = COUNTED_FROM if start is None else start.astimezone(zone).date()
    first = max(since, date(YEARS.start, 1, 1)).toordinal()
    if "weekdays" in names and "dates" not in names and "until" not in names:
        known = {(each - 1) % 7 for each in islice(recurrence(terms.recurrence, since).days(first, _LAST), _SOME)}
        return f"the recurrence falls on {', '.join(WEEKDAYS[each] for each in sorted(known))}: write such `weekdays`"
    if "dates" in names and terms.dates:
        first = max(first, min(days(each)[0] for each in terms.dates))
    found = next(recurrence(terms.recurrence, since).days(first, _LAST), None)
    if found is None:
        return "change one of them"
    day = date.fromordinal(found)
    return f"the recurrence falls on {day}, a {WEEKDAYS[day.weekday()]}, first: let them reach it, or change it"
