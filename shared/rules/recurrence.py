"""Recurrences: the days that an RFC 5545 RRULE names, such as the first Friday of each month; a year's found once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Final

from dateutil.rrule import rrulestr

from shared.rules.localtime import WEEKDAYS

# Where nothing says from when a recurrence counts: a Monday, the first of a year, before any event that can be sent.
COUNTED_FROM: Final = date(1996, 1, 1)
LAST: Final = date(2199, 12, 31)
# For what never occurs (30 February) dateutil looks up to the year 9999, which takes it many seconds. The calendar with
# its weekdays repeats every 400 years: so it counts in a time that is just as ours, but near that end.
_SHIFT_YEARS: Final = 7600
_SHIFT_DAYS: Final = 146_097 * _SHIFT_YEARS // 400
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIMES: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")


class Recurrence:
    """A recurrence that is counted from a day; only days from then on can be its days."""

    def __init__(self, text: str, since: date) -> None:
        parts = parts_of(text)
        self._count = int(parts.pop("COUNT", "0")) or None
        until = _shifted(min(_date(parts.pop("UNTIL", f"{LAST:%Y%m%d}")), LAST))
        begin = datetime.combine(_shifted(since), time())
        self._rule = rrulestr(_join({**parts, "UNTIL": f"{until:%Y%m%d}"}), dtstart=begin)
        self._years: dict[int, frozenset[int]] = {}
        self._coming: Iterator[int] = iter(())
        self._next: int | None = None
        self._reached = LAST.year + 1

    def on(self, day: int) -> bool:
        """Whether an ordinal is one of its days."""
        year = date.fromordinal(day).year
        known = self._years.get(year)
        return day in (self._year(year) if known is None else known)

    def days(self, first: int, last: int) -> Iterator[int]:
        """Its days from one ordinal to another, both inclusive, in order."""
        for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
            yield from (day for day in sorted(self._year(year)) if first <= day <= last)

    def _year(self, year: int) -> frozenset[int]:
        """Found in the order of time; to ask for a year before the last one that was found begins again."""
        if year in self._years:
            return self._years[year]
        if year < self._reached:
            self._coming = (day.toordinal() - _SHIFT_DAYS for day in islice(iter(self._rule), self._count))
            self._next = next(self._coming, None)
        begin, end = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        found: list[int] = []
        while self._next is not None and self._next < end:
            if self._next >= begin:
                found.append(self._next)
            self._next = next(self._coming, None)
        self._reached = year + 1
        return self._years.setdefault(year, frozenset(found))


def _shifted(day: date) -> date:
    return day.replace(year=day.year + _SHIFT_YEARS)


@lru_cache(maxsize=4_096)
def recurrence(text: str, since: date) -> Recurrence:
    """The recurrence of a text that was read, shared by all that write the same."""
    return Recurrence(text, since)


def read_recurrence(text: str) -> str:
    """An RRULE as it is kept: upper case, without the word RRULE. Raises ValueError that says what to write instead."""
    plain = text.strip().upper()
    if "=" not in plain:
        meant = meant_by(plain)
        said = f"did you mean {meant}?" if meant else "write such as FREQ=WEEKLY;BYDAY=MO or FREQ=MONTHLY;BYDAY=1FR"
        raise ValueError(f"`{text.strip()[:40]}` is no recurrence; {said}")
    parts = parts_of(plain.removeprefix("RRULE:"))
    frequency = parts.get("FREQ")
    if frequency is None:
        raise ValueError("begin with how often: FREQ=DAILY, FREQ=WEEKLY, FREQ=MONTHLY or FREQ=YEARLY")
    for name, value in parts.items():
        fits, hint = _VALUES[name]
        if not all(fits(each) for each in (value.split(",") if name.startswith("BY") else [value])):
            raise ValueError(f"{name}={value}: write {hint}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("write COUNT or UNTIL, not both")
    if re.search(r"\d", parts.get("BYDAY", "")) and (frequency in ("DAILY", "WEEKLY") or "BYWEEKNO" in parts):
        raise ValueError("a numbered BYDAY such as 1FR belongs to FREQ=MONTHLY, or FREQ=YEARLY without BYWEEKNO")
    most = 5 if frequency == "MONTHLY" or "BYMONTH" in parts else 53
    if any(int(number) > most for number in re.findall(r"[0-9]+", parts.get("BYDAY", ""))):
        raise ValueError(f"BYDAY={parts['BYDAY']}: number the days from 1 to {most}, or from -1 to -{most}")
    if "BYMONTHDAY" in parts and frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY: write FREQ=MONTHLY or BYDAY")
    for name in ("BYYEARDAY", "BYWEEKNO"):
        if name in parts and frequency != "YEARLY":
            raise ValueError(f"{name} goes only with FREQ=YEARLY")
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise ValueError("BYSETPOS chooses among other parts: write one such as BYDAY too")
    return _join(parts)


_EVERY: Final = {"DAY": "DAILY", "WEEK": "WEEKLY", "MONTH": "MONTHLY", "YEAR": "YEARLY"}
_NUMBERS: Final = {"FIRST": 1, "1ST": 1, "SECOND": 2, "2ND": 2, "THIRD": 3, "3RD": 3, "FOURTH": 4, "4TH": 4, "LAST": -1}
_ORDINAL: Final = re.compile(r"[0-9]{1,2}(?:ST|ND|RD|TH)")
_SMALL: Final = frozenset({"EVERY", "EACH", "ON", "OF", "IN", "THE", "A", "AND"})


def meant_by(text: str) -> str:
    """What somebody may mean by words in capitals, such as `EVERY SECOND TUESDAY`; empty where nobody can guess. A
    word that is not understood makes it so: whoever takes a hint by its word publishes what the rest of it means."""
    words = [each.removesuffix("S") for each in re.findall(r"[A-Z0-9]+", text)]
    days = [each for each in words if each in map(str.upper, WEEKDAYS)]
    units = [next(of for word, of in _EVERY.items() if each in (word, of)) for each in words if _is_unit(each)]
    numbers = [each for each in words if each in _NUMBERS or _ORDINAL.fullmatch(each) or each.isdecimal()]
    known = [*days, *numbers, *(each for each in words if _is_unit(each) or each in _SMALL or each == "OTHER")]
    if len(known) < len(words) or len(numbers) + words.count("OTHER") > 1:
        return ""
    return _meant(list(dict.fromkeys(each[:2] for each in days)), units, next(iter(numbers), ""), words)


def _is_unit(word: str) -> bool:
    return word in _EVERY or word in _EVERY.values()


def _meant(days: Sequence[str], units: Sequence[str], said: str, words: Sequence[str]) -> str:
    """days: as RRULE names them; said: the one number."""
    number = _NUMBERS.get(said) or int(re.sub("[A-Z]", "", said) or 0)
    unit = units[0] if len(set(units)) == 1 else "" if units else "WEEKLY" if days else ""
    ordinal = bool(said) and not said.isdecimal()
    after = next(iter(words[words.index(said) + 1 :]), "") if said else ""
    if days and ordinal and after[:2] not in days:
        return ""
    if days and ordinal and (unit == "MONTHLY" or number in (1, -1) or "EVERY" not in words):
        fits = abs(number) <= 5 and unit in ("WEEKLY", "MONTHLY")
        return f"FREQ=MONTHLY;BYDAY={','.join(f'{number}{each}' for each in days)}" if fits else ""
    # `the 15th of every month`, `the last day of the month`; but not `every third month`
    if ordinal and not days and after not in ("MONTH", "WEEK", "YEAR") and "MONTHLY" in units:
        return f"FREQ=MONTHLY;BYMONTHDAY={number}" if number <= 31 and set(units) <= {"DAILY", "MONTHLY"} else ""
    if not unit or number < 0 or (said.isdecimal() and not 0 < number < 100):
        return ""
    every = f";INTERVAL={2 if 'OTHER' in words else number}" if "OTHER" in words or number > 1 else ""
    return f"FREQ={unit}{every}" + (f";BYDAY={','.join(days)}" if days and unit in ("WEEKLY", "MONTHLY") else "")


def _is_one(text: str) -> bool:
    try:
        return bool(parts_of(text))
    except ValueError:
        return False


def parts_of(text: str) -> dict[str, str]:
    """Its parts by their names. Raises ValueError for what is none."""
    parts: dict[str, str] = {}
    apart = re.sub(r"\s*[;\s]\s*(?=[A-Z]+=)", ";", text)  # a line break may stand for what parts them
    if (tight := "".join(apart.split())) != text and _is_one(tight):
        raise ValueError(f"a recurrence has no spaces; write {tight}")
    for part in text.rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if name in _TIMES or (name == "FREQ" and value in ("HOURLY", "MINUTELY", "SECONDLY")):
            raise ValueError(f"{part}: a recurrence names days; write the times of day in `hours`")
        if name not in _VALUES or not equals:
            near = get_close_matches(name, _VALUES, n=1)
            said = f"did you mean {near[0]}=?" if near else "write such as FREQ=MONTHLY;BYDAY=1FR"
            raise ValueError(f"`{part[:40]}` is no part of a recurrence; {said}")
        if name in parts:
            raise ValueError(f"{name} is written twice")
        parts[name] = value
    return parts


def _join(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _date(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()


def _is_date(text: str) -> bool:
    try:
        return re.fullmatch(r"[0-9]{8}", text) is not None and _date(text) is not None
    except ValueError:
        return False


def _number(least: int, most: int, *, signed: bool = False) -> Callable[[str], bool]:
    shape = re.compile(r"[+-]?[0-9]{1,5}" if signed else r"[0-9]{1,5}")
    return lambda text: shape.fullmatch(text) is not None and least <= abs(int(text)) <= most


# Each part with what its values (of BY..., those between the commas) must be, and how to say that.
_VALUES: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "FREQ": (lambda text: text in _FREQUENCIES, "FREQ=DAILY, FREQ=WEEKLY, FREQ=MONTHLY or FREQ=YEARLY"),
    "INTERVAL": (_number(1, 999), "a whole number from 1 to 999"),
    "COUNT": (_number(1, 99_999), "a whole number from 1 to 99999"),
    "UNTIL": (_is_date, "the last day, such as UNTIL=20171231"),
    "BYDAY": (
        lambda text: re.fullmatch(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", text) is not None,
        "MO, TU, WE, TH, FR, SA, SU, or numbered ones such as 1FR or -1SU, with commas between",
    ),
    "BYMONTHDAY": (_number(1, 31, signed=True), "numbers from 1 to 31, or -1 for the month's last day"),
    "BYYEARDAY": (_number(1, 366, signed=True), "numbers from 1 to 366, or -1 for the year's last day"),
    "BYWEEKNO": (_number(1, 53, signed=True), "numbers of weeks from 1 to 53"),
    "BYMONTH": (_number(1, 12), "numbers of months from 1 to 12"),
    "BYSETPOS": (_number(1, 366, signed=True), "numbers from 1 to 366, or -1 for the last"),
    "WKST": (lambda text: text in DAYS, "MO, TU, WE, TH, FR, SA or SU"),
}
