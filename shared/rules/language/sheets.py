"""Functions of texts and dates as spreadsheets and databases have them, in any case: `LEFT(event.store, 2) == "31"`,
`LEN(event.store)`, `DATEDIF(member.joined, calendar.date, "d")`, `WEEKDAY(calendar.date)`. There are none of these;
what asks the same is told, and of what nothing asks, that there is none. Functions of numbers and lines are in
`elsewhere`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from shared.rules.language.catalogue import FUNCTIONS
from shared.rules.language.meant import LINES, TODAY
from shared.rules.language.spoken import type_of
from shared.rules.language.syntax import Binary, Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import literal
from shared.rules.localtime import WEEKDAYS

_ENDS: Final = {
    **dict.fromkeys(("left", "leftb", "startswith", "starts_with", "beginswith"), "startsWith"),
    **dict.fromkeys(("right", "rightb", "endswith", "ends_with"), "endsWith"),
    **dict.fromkeys(("mid", "midb", "substr", "substring"), "contains"),
}
_CUTS: Final = ("left", "leftb", "right", "rightb", "mid", "midb", "substr", "substring")
_FINDS: Final = (
    "find", "findb", "search", "searchb", "instr", "strpos", "charindex", "position", "locate", "indexof", "contains",
    "includes", "regexmatch",
)  # fmt: skip
_WITHIN: Final = ("isnumber", "iserror", "not")  # what is asked of a place that was looked for
_LENGTHS: Final = ("len", "lenb", "length", "strlen", "char_length", "size")
_SPELT: Final = ("upper", "lower", "proper", "trim", "ltrim", "rtrim", "ucase", "lcase", "tolower", "toupper", "clean")
_APART: Final = (
    "datedif", "datediff", "date_diff", "dateddiff", "days", "days360", "daysbetween", "days_between", "timediff",
    "age", "yearfrac",
)  # fmt: skip
_BASKETS: Final = ("basket", "items", *LINES)
_WEEKDAY: Final = ("weekday", "dayofweek", "day_of_week", "dow", "dayname", "weekdayname")
_DAY_OF_WEEK: Final = (
    f'write calendar.weekday == "sunday", or another of {", ".join(WEEKDAYS)}: it is a text, as others number the days '
    "differently"
)
_ASKS: Final = "a text is compared with == and !=, or asked with startsWith, endsWith or contains"
_NO_PLACE: Final = "what is in the middle of a text is asked wherever it stands: "
_A_BIRTHDAY: Final = "of a birthday, ask member.is_birthday (today is the day) or member.age"
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
        return _days_since(given)
    if name in _LENGTHS and _of_texts(given):
        return asked_of_a_set(_of_texts(given))
    if name in _LENGTHS and _fact(given):
        return _NO_LENGTH
    if name in _SPELT and (fact := _fact(given)):
        return f"a text is compared as it is: write {fact} alone"
    if name in _WITHIN and len(given) == 1 and isinstance(given[0], Call):
        return of_a_text_or_date(given[0])
    if name in _FINDS or name in _ENDS:
        return _found(_ENDS.get(name, "contains"), given, looked_for=name not in _CUTS)
    return ""


def nothing_near() -> str:
    """What there is, for a function that nobody knows: its families, and where all of them are listed."""
    return _FAMILIES


def asked_of_a_set(name: str) -> str:
    """What to write where it is asked whether a set of texts is empty, or how many it has: it is always known."""
    return f'of a set of texts only one can be asked for; write "vip" in {name}, or !("vip" in {name})'


def refuse_cut_text(node: Binary) -> None:
    """Raises ExpressionError for a part of a text that is compared, with what asks the same."""
    of, to = (node.left, node.right) if isinstance(node.left, Call) else (node.right, node.left)
    if not isinstance(of, Call) or of.function.casefold() not in _CUTS or node.operator not in ("==", "!="):
        return
    fact = _fact(of.arguments)
    value = to.value if isinstance(to, Literal) else ""
    text = f"{value:f}" if isinstance(value, Decimal) else value
    if not fact or not isinstance(text, str) or not text:
        return
    method = _ENDS[of.function.casefold()]
    asked = f"{fact}.{method}({literal(text)})"
    said = f"{_NO_PLACE if method == 'contains' else ''}write {asked if node.operator == '==' else f'!({asked})'}"
    raise ExpressionError(f"no function is called {of.function}; {said}", of.at)


def _of_the_weekday(given: Sequence[Node]) -> str:
    """Of another date than today it is the weekday of another day, of which there is no fact."""
    of = _name(given[0]) if given and isinstance(given[0], Name) else ""
    if of and type_of(of) is not None and of != "calendar.date":
        return f"of {of} it cannot be asked; calendar.weekday is that of the event's own day"
    return _DAY_OF_WEEK


def _days_since(given: Sequence[Node]) -> str:
    dates = [each for each in map(_name, given) if _is_date(each)]
    if dates == ["member.birthday"]:
        return _A_BIRTHDAY
    form = f"write {FUNCTIONS['days_since'].example}" if len(dates) != 1 else f"write days_since({dates[0]})"
    return f"{form}, which counts the days from a date to the event's"


def _is_date(name: str) -> bool:
    of = type_of(name)
    return of is not None and of.kind == "date" and name.casefold() not in (*TODAY, "calendar.date")


def _found(method: str, given: Sequence[Node], *, looked_for: bool) -> str:
    texts = [each.value for each in given if isinstance(each, Literal) and isinstance(each.value, str) and each.value]
    text = texts[0] if looked_for and texts else "…"
    if (several := _of_texts(given)) and method == "contains":
        return f"a set of texts is asked with `in`: {literal(text if text != '…' else 'vip')} in {several}"
    if any(each in _BASKETS for each in map(_name, given)):
        return f"ask its lines, such as lines.any(category == {literal(text if text != '…' else 'wine')})"
    fact = _fact(given)
    return f"write {fact or 'event.store'}.{method}({literal(text)}) alone" if fact or not several else ""


def _fact(given: Sequence[Node]) -> str:
    """The first that is a text, or may be one."""
    return next((each for each in map(_name, given) if _kind(each) in ("text", "attribute")), "")


def _of_texts(given: Sequence[Node]) -> str:
    return next((each for each in map(_name, given) if _kind(each) == "texts"), "")


def _kind(name: str) -> str:
    of = type_of(name)
    return "" if of is None else of.kind


def _name(node: Node) -> str:
    return node.dotted if isinstance(node, Name) else ""
