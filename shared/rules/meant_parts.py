"""What a field of several parts, or of a list, looks like, with what was written for it put in where it goes. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, get_args

from pydantic import TypeAdapter, ValidationError

from shared.currencies import CODES
from shared.rules.bounds import Budget
from shared.rules.digits import FROM_FILE
from shared.rules.inside import Progress
from shared.rules.localtime import WEEKDAYS
from shared.rules.part import Part
from shared.rules.rewards import Cashback, Multiply, PerAmount, PerQuantity, Tickets
from shared.rules.schedule import Period
from shared.rules.written_times import Dates, Hours

# One that says enough, by the name of the field.
_SUCH: Final[Mapping[str, str]] = {
    "budget": "{points: 10000}",
    "limits": "[{per: member, period: month, times: 3}]",
    "stacking": "{group: sale, how: best}",
    "schedule": "{weekdays: [saturday, sunday]}",
    "progress": "{count: times, period: month, goal: 3}",
    "per_amount": "{per: 10.00, give: 1}",
    "per_quantity": "{per: 1, give: 1}",
    "multiply": "{rules: [base], by: 2}",
    "cashback": "{percent: 5, unit: 0.01}",
    "voucher": '{title: Five off, value: {amount: "5.00", currency: EUR}}',
    "gift": "{title: A mug}",
    "tickets": "{draw: summer, count: 1}",
    "punch": "{card: coffees, of: 10, points: 40}",
    "weekdays": "[saturday, sunday]",
    "hours": '["18:00-21:00"]',
    "dates": '["2026-12-24", "2026-12-26..2026-12-31"]',
    "tags": "[summer]",
    "advocate": "{fixed: 200}",
    "friend": "{fixed: 100}",
}
# What is missing, by its name, as it is written; with `…` for what only its author knows.
_MISSING: Final[Mapping[str, str]] = {
    **{each: f"{each}: …" for each in ("id", "title", "draw", "card", "from", "tier", "ladder")},
    **{each: f"{each}: {{wallet: …, fixed: 10}}" for each in ("then", "advocate", "friend")},
    "period": "period: month", "progress": f"progress: {_SUCH['progress']}", "goal": "goal: 3", "unit": "unit: 0.01",
    "percent": "percent: 5", "per": "per: 1.00", "give": "give: 1", "by": "by: 2", "rules": "rules: […]",
    "of": "of: 10", "points": "points: 40", "group": "group: sale", "prizes": "prizes: [{title: …}]",
    "time_zone": "time_zone: America/New_York", "currency": "currency: USD", "wallets": "wallets: [stars]",
}  # fmt: skip
# Where a number goes, and what is written beside it: the model refuses what would be refused there.
_NUMBER: Final[Mapping[str, tuple[type[Part], str, Mapping[str, object], str]]] = {
    "budget": (Budget, "points", {}, "{{points: {0}}}"),
    "per_amount": (PerAmount, "per", {}, "{{per: {0}, give: 1}}"),
    "per_quantity": (PerQuantity, "per", {"give": 1}, "{{per: {0}, give: 1}}"),
    "multiply": (Multiply, "by", {"rules": ["base"]}, "{{rules: [base], by: {0}}}"),
    "cashback": (Cashback, "percent", {"unit": Decimal("0.01")}, "{{percent: {0}, unit: 0.01}}"),
    "progress": (Progress, "goal", {}, "{{count: times, period: month, goal: {0}}}"),
    "tickets": (Tickets, "count", {"draw": "summer"}, "{{draw: summer, count: {0}}}"),
}
_PERIODS: Final = get_args(Period)
_HOW: Final = ("additive", "best", "exclusive", "ordered")
_DAYS: Final = {"weekend": WEEKDAYS[5:], "weekends": WEEKDAYS[5:], "weekdays": WEEKDAYS[:5], "workdays": WEEKDAYS[:5]}
_RANGE: Final = re.compile(r"([a-z]+) ?(?:-|to|\.\.) ?([a-z]+)")
_AT: Final = r"(\d{1,2})(?:[:.h](\d\d))? ?([ap]m)?"
_HOURS: Final = re.compile(rf"{_AT} ?(?:[-–—]|to|\.\.) ?{_AT}")
_DIGITS: Final = re.compile(r"(-?\d+(?:\.\d+)?) ?%?")
_POINTS: Final = re.compile(r"([1-9][0-9]{0,11})(?: ?\([^()]*\)| points?)?")
_AMOUNT: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,4})?)(?: ?([A-Z]{3}))?")
_OTHER: Final = {"am": "pm", "pm": "am"}
_NOON: Final = 12
_TIMES: Final = TypeAdapter[str](Hours)
_DATES: Final = TypeAdapter[str](Dates)
_SHORTEST: Final = 3  # letters of a weekday


def missing(path: Sequence[int | str], beside: object, known: Collection[str]) -> str:
    """How a field that is missing is written; nothing where nobody knows. beside: what is written there, of which one
    of another name may be the one that is meant, and is told so at its place."""
    if not path or not isinstance(beside, dict) or not all(each in known for each in beside):
        return ""
    span = beside.get("per")
    if path[-1] == "period" and span in _PERIODS:  # as is told at its place
        return f"period: {span}"
    return _MISSING.get(str(path[-1]), "")


def such(path: Sequence[int | str], value: object) -> str:
    """What to write for a field: with the value, where it has an obvious place; nothing where nobody knows."""
    name = path[-1] if path else ""
    if not isinstance(name, str) or name not in _SUCH:
        return ""
    return f"{name}: {_with(name, value) or _SUCH[name]}"


def _with(name: str, value: object) -> str:
    said = str(value).strip().casefold() if isinstance(value, str | date) else ""
    if name in _NUMBER and (number := _number(value)) is not None:
        return _numbered(name, number)
    if name in ("advocate", "friend") and (points := _POINTS.fullmatch(str(value).strip())):
        return f"{{fixed: {points[1]}}}"
    if name == "stacking" and said in _HOW:
        return f"{{group: sale, how: {said}}}"
    if name == "weekdays" and (days := weekdays(said)):
        return f"[{', '.join(days)}]"
    if name == "hours" and (times := hours(said)):
        return f'["{times}"]'
    if name == "dates" and _taken(_DATES, said):
        return f'["{said}"]'
    return f"[{said}]" if name == "tags" and re.fullmatch(r"[a-z0-9][a-z0-9-]*", said) else ""


def money(name: object, value: object) -> str:
    """An amount of money with the value in its place; nothing where it is none. In which currency, its author knows."""
    written = f"{value:f}" if isinstance(value, Decimal) else str(value)
    found = None if isinstance(value, bool) else _AMOUNT.fullmatch(written.strip())
    if found is None or (found[2] or "USD") not in CODES:
        return f'{name}: {{amount: "5.00", currency: USD}}'
    return f'{name}: {{amount: "{found[1]}", currency: {found[2] or "USD"}}}'


def weekdays(said: str) -> Sequence[str]:
    """The weekdays of `monday-friday`, `weekend` or `sat`; none where it means something else."""
    if said in _DAYS:
        return _DAYS[said]
    found = _RANGE.fullmatch(said)
    ends = [_weekday(each) for each in ((said, said) if found is None else found.groups())]
    if None in ends:
        return ()
    first, last = (WEEKDAYS.index(each) for each in ends if each is not None)
    return [*WEEKDAYS[first:], *WEEKDAYS[:first]][: (last - first) % 7 + 1]


def _number(value: object) -> int | Decimal | None:
    """A number, also one in quotes or with a percent sign; None of what is none."""
    if isinstance(value, int | Decimal):
        return None if isinstance(value, bool) else value
    found = _DIGITS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    return Decimal(found[1]) if "." in found[1] else int(found[1])


def _numbered(name: str, number: int | Decimal) -> str:
    model, field, beside, form = _NUMBER[name]
    try:
        model.model_validate({**beside, field: number}, context=FROM_FILE)
    except ValidationError:
        return ""
    return form.format(f"{number:f}" if isinstance(number, Decimal) else number)


def hours(said: str) -> str:
    """The hours of `6pm-9pm` or `18-21`, as a schedule has them; nothing where they mean something else."""
    found = _HOURS.fullmatch(said)
    if found is None:
        return ""
    first, minutes, half, last, more, other = found.groups()
    begin, end = _clock(first, minutes, half), _clock(last, more, other)
    if half is None and other is not None:
        begin = next(filter(None, (_clock(first, minutes, each) for each in (other, _OTHER[other]))), begin)
        if begin > end:  # `9-5pm` begins in the morning, `10-2am` in the evening
            begin = _clock(first, minutes, _OTHER[other])
    elif half is not None and other is None:
        end = next(filter(None, (_clock(last, more, each) for each in (half, _OTHER[half]))), end)
        if end < begin:
            end = _clock(last, more, _OTHER[half])
    elif half is None and int(first) <= _NOON and begin > end:
        return ""  # `9-5` may be of the day or of the night
    written = f"{begin}-{end}"
    return written if begin and end and _taken(_TIMES, written) else ""


def _taken(reader: TypeAdapter[str], written: str) -> bool:
    """Whether a schedule takes what would be told to write."""
    try:
        reader.validate_python(written)
    except ValidationError:
        return False
    return True


def _clock(hour: str, minutes: str | None, half: str | None) -> str:
    number = int(hour)
    if half is not None:
        if not 1 <= number <= _NOON:
            return ""
        number = number % _NOON + (_NOON if half == "pm" else 0)
    return f"{number:02}:{minutes or '00'}" if number <= 24 and int(minutes or 0) < 60 else ""


def _weekday(said: str) -> str | None:
    found = [each for each in WEEKDAYS if each.startswith(said)] if len(said) >= _SHORTEST else []
    return found[0] if len(found) == 1 else None
