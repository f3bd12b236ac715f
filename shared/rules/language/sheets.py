"""Functions of dates and lengths as spreadsheets and databases have them, in any case: `LEN(event.store)`,
`DATEDIF(member.joined, calendar.date, "d")`, `WEEKDAY(calendar.date)`. There are none of these; what asks the same is
told, and of what nothing asks, that there is none. What looks into texts is in `searched`, functions of numbers and
lines in `elsewhere`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from shared.rules.language.catalogue import FUNCTIONS
from shared.rules.language.meant import TODAY
from shared.rules.language.searched import fact_in, name_of, of_a_part, texts_in
from shared.rules.language.spoken import type_of
from shared.rules.language.syntax import MIRRORED, Binary, Call, ExpressionError, Literal, Name, Node
from shared.rules.localtime import WEEKDAYS

_LENGTHS: Final = ("len", "lenb", "length", "strlen", "char_length", "size")
_APART: Final = (
    "datedif", "datediff", "date_diff", "dateddiff", "days", "days360", "daysbetween", "days_between", "timediff",
    "age", "yearfrac",
)  # fmt: skip
_DAYS: Final = {"week": 7, "month": 30, "quarter": 91, "year": 365}
_UNITS: Final = {
    **dict.fromkeys(("d", "day"), "day"), **dict.fromkeys(("w", "ww", "week"), "week"),
    **dict.fromkeys(("m", "mm", "month"), "month"), **dict.fromkeys(("q", "quarter"), "quarter"),
    **dict.fromkeys(("md", "yd", "ym"), ""),
    **dict.fromkeys(("y", "yy", "yyyy", "year"), "year"),
}  # fmt: skip
_WEEKDAY: Final = ("weekday", "dayofweek", "day_of_week", "dow", "dayname", "weekdayname")
_DAY_OF_WEEK: Final = (
    f'write calendar.weekday == "sunday", or another of {", ".join(WEEKDAYS)}: it is a text, as others number the days '
    "differently"
)
_ASKS: Final = "a text is compared with == and !=, or asked with startsWith, endsWith or contains"
A_BIRTHDAY: Final = "of a birthday, ask member.is_birthday (today is the day) or member.age"
_NO_LENGTH: Final = f"there is none: how long a text is cannot be asked; {_ASKS}"
_FAMILIES: Final = (
    "there are has(fact), days_since(date), calendar.holiday(country), those of a basket's lines such as lines.any and "
    "lines.sum, and those of the member's history such as history.count; all are listed in docs/capabilities/facts.md"
)


def of_a_text_or_date(node: Call) -> str:
    """What to write for such a function; nothing for another."""
    name, given = node.function.casefold(), node.arguments
    if name in _WEEKDAY:
        return _of_the_weekday(given)
    if name in _APART:
        return _days_since(node)
    if name in _LENGTHS and texts_in(given):
        return asked_of_a_set(texts_in(given))
    if name in _LENGTHS and fact_in(given):
        return _NO_LENGTH
    return of_a_part(node)


def nothing_near() -> str:
    """What there is, for a function that nobody knows: its families, and where all of them are listed."""
    return _FAMILIES


def asked_of_a_set(name: str) -> str:
    """What to write where it is asked whether a set of texts is empty, or how many it has: it is always known."""
    return f'of a set of texts only one can be asked for; write "vip" in {name}, or !("vip" in {name})'


def refuse_apart(node: Binary) -> None:
    """Raises ExpressionError for months or years between two dates that are compared, with the days that they are."""
    of, sign, to = node.left, node.operator, node.right
    if not isinstance(of, Call):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    if not isinstance(of, Call) or of.function.casefold() not in _APART or sign not in MIRRORED:
        return
    raise ExpressionError(f"no function is called {of.function}; {_days_since(of, sign, to)}", of.at)


def _of_the_weekday(given: Sequence[Node]) -> str:
    """Of another date than today it is the weekday of another day, of which there is no fact."""
    of = name_of(given[0]) if given and isinstance(given[0], Name) else ""
    if of and type_of(of) is not None and of != "calendar.date":
        return f"of {of} it cannot be asked; calendar.weekday is that of the event's own day"
    return _DAY_OF_WEEK


def _days_since(node: Call, sign: str = "", to: Node | None = None) -> str:
    """What counts days; of months and years, how many days are compared with instead, where all agree."""
    dates = [each for each in map(name_of, node.arguments) if _is_date(each)]
    if dates == ["member.birthday"]:
        return A_BIRTHDAY
    asked = FUNCTIONS["days_since"].example if len(dates) != 1 else f"days_since({dates[0]})"
    unit = _unit(node)
    if unit == "day":
        return f"write {asked}, which counts the days from a date to the event's"
    number = to.value if isinstance(to, Literal) and isinstance(to.value, Decimal) else None
    return in_days(asked if len(dates) == 1 else "", unit, sign, number)


def in_days(asked: str, unit: str, sign: str, number: Decimal | None) -> str:
    """Of a time that is counted in another unit: with how many days it is compared instead, where that is known. asked:
    what counts the days; nothing where that is not known."""
    said = f"days are counted, not {unit}s" if unit else "only whole days are counted"
    # Of whole months, `> 6` is seven: only from how many on, and up to there, is the same in days.
    whole = number is not None and number == int(number) and number >= 1 and sign in (">=", "<")
    if number is None or not whole or unit not in _DAYS or not asked:
        return f"{said}: days_since(date) has the days from a date to the event's"
    days = int(number) * _DAYS[unit]
    return f"{said}: with {days} days for {int(number)} {unit}{'s' * (number > 1)}, write {asked} {sign} {days}"


def _unit(node: Call) -> str:
    """In what the time between two dates is counted."""
    for each in node.arguments:
        named = each.value if isinstance(each, Literal) and isinstance(each.value, str) else name_of(each)
        if (unit := _UNITS.get(named.casefold().removesuffix("s"))) is not None:
            return unit
    return "year" if node.function.casefold() in ("age", "yearfrac") else "day"


def _is_date(name: str) -> bool:
    of = type_of(name)
    return of is not None and of.kind == "date" and name.casefold() not in (*TODAY, "calendar.date")
