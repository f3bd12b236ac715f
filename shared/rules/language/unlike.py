"""Functions that are spelt nearly as ours and ask something else: `weeks_since(date)`, `days_until(date)`,
`history.max(fact, window)`, `lines.any(filter) >= 2`. The nearest by its letters would ask for the opposite, or for
days where weeks are meant; what asks the same is told, and of what nothing asks, that there is none."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shared.rules.language.catalogue import WINDOWS
from shared.rules.language.dates import is_date
from shared.rules.language.sheets import A_BIRTHDAY, in_days
from shared.rules.language.syntax import MIRRORED, Binary, Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import Either, Term, literal, written
from shared.rules.language.types import DATE

if TYPE_CHECKING:
    from shared.rules.language.checking import Checker

_SINCE: Final = re.compile(r"(second|minute|hour|week|month|quarter|year)s?_?(?:since|ago|passed|elapsed|after|from)")
_UNTIL: Final = re.compile(
    r"(?:second|minute|hour|day|week|month|quarter|year)s?_?(?:until|till?|to|before|ahead|left)"
)
# Of past events: `history.days_since(ever)`, `history.weeks_since_first(ever)`.
_SINCE_ONE: Final = re.compile(
    r"(?:(second|minute|hour|day|week|month|quarter|year)s?_?)?since(?:_?(first|last)(?:_?\w+)?)?"
)
_ENDS: Final = {
    **dict.fromkeys(("max", "maximum", "largest", "biggest", "highest", "most", "dearest"), "largest"),
    **dict.fromkeys(("min", "minimum", "smallest", "lowest", "least", "cheapest"), "smallest"),
}
_REACHED: Final = {"largest": (">", ">="), "smallest": ("<", "<=")}
_AHEAD: Final = "nothing looks ahead, and days_since counts back"
_SOONEST: Final = 366  # days to a day that is written


def unlike(checker: Checker, node: Call, sign: str = "", to: Node | None = None) -> str:
    """What to write for such a function, where it is compared with a number by a sign; nothing for another."""
    name = node.function.casefold()
    number = to.value if isinstance(to, Literal) and isinstance(to.value, Decimal) else None
    if found := _SINCE.fullmatch(name):
        return _since(checker, node, found[1], sign, number)
    if _UNTIL.fullmatch(name):
        return _until(checker, node, sign, number)
    of, _, called = name.rpartition(".")
    if of == "history" and (found := _SINCE_ONE.fullmatch(called)):
        return _since_one(checker, node, (found[1] or "day", found[2] or "last"), sign, number)
    if of == "history" and called in _ENDS:
        return _of_history(checker, node, _ENDS[called], sign, number)
    return ""


def refuse_unlike(checker: Checker, node: Binary) -> None:
    """Raises ExpressionError for such a function that is compared, and for a truth that is compared with a number."""
    of, sign, to = node.left, node.operator, node.right
    if not isinstance(of, Call):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    if not isinstance(of, Call):
        return
    if said := unlike(checker, of, sign, to):
        raise ExpressionError(f"no function is called {of.function}; {said}", of.at)
    number = to.value if isinstance(to, Literal) and isinstance(to.value, Decimal) else None
    if of.function in ("lines.any", "lines.exists") and len(of.arguments) == 1 and number is not None and sign != "in":
        where = _term(checker, of.arguments[0], "line")
        asked = f": write lines.count({written(where)}) {sign} {number:f}" if where else ""
        known = "" if of.function == "lines.any" else f"no function is called {of.function}; "
        said = "lines.any says whether there is one; how many there are says lines.count"
        raise ExpressionError(f"{known}{said}{asked}", of.at)


def _since(checker: Checker, node: Call, unit: str, sign: str, number: Decimal | None) -> str:
    """`weeks_since(member.joined) >= 8`"""
    given = _term(checker, node.arguments[0], checker.scope) if len(node.arguments) == 1 else None
    fact = written(given) if given is not None and given.type == DATE else ""
    if fact == "member.birthday":
        return A_BIRTHDAY
    return in_days(f"days_since({fact})" if fact else "", unit, sign, number)


def _since_one(checker: Checker, node: Call, asked: tuple[str, str], sign: str, number: Decimal | None) -> str:
    """`history.days_since(ever) >= 90`: since the last of those events, where nothing else is said."""
    unit, which = asked
    windows = [each for each in map(_window, node.arguments) if each]
    where = [_term(checker, each, "past") for each in node.arguments if not _window(each)]
    if len(windows) > 1 or len(where) > 1 or any(each is None or each.type.kind != "truth" for each in where):
        return f"days_since(history.{which}(window, filter)) has the days since then"
    more = "".join(f", {written(each)}" for each in where if each is not None)
    fact = f"days_since(history.{which}({windows[0] if windows else 'ever'}{more}))"
    if unit != "day":
        return in_days(fact, unit, sign, number)
    return f"write {fact} {sign} {number:f}" if sign and number is not None else f"write {fact}"


def _until(checker: Checker, node: Call, sign: str, number: Decimal | None) -> str:
    """`days_until(member.birthday) <= 7`, `days_until("2026-12-24") <= 7`"""
    given = node.arguments[0] if len(node.arguments) == 1 else None
    fact = None if given is None else _term(checker, given, checker.scope)
    if fact is not None and written(fact) == "member.birthday":
        return f"{_AHEAD}; of a birthday, ask member.is_birthday (today is the day)"
    day = given.value if isinstance(given, Literal) and isinstance(given.value, str) else ""
    if not is_date(day):
        return f"{_AHEAD}; compare calendar.date with a day that is written"
    within = sign in ("<", "<=") and number is not None and number == int(number) and 0 < number <= _SOONEST
    if not within or number is None or not node.function.casefold().startswith("day"):
        return f"{_AHEAD}; compare calendar.date with that day"
    first = date.fromisoformat(day) - timedelta(days=int(number))
    more = ">=" if sign == "<=" else ">"
    return f'{_AHEAD}; write calendar.date {more} "{first}" && calendar.date <= "{day}"'


def _of_history(checker: Checker, node: Call, end: str, sign: str, number: Decimal | None) -> str:
    """`history.max(basket.total, ever) >= 100`: one event is enough to be as large."""
    said = f"nothing tells the {end} of past events"
    words = f"{said}; history.count(window, filter) counts those that a filter fits"
    if sign not in _REACHED[end] or number is None:
        return words
    windows = [each for each in map(_window, node.arguments) if each]
    asked = [each for each in node.arguments if not _window(each)]
    fact = _number(checker, asked[0], f"{sign} {number:f}") if asked else ""
    if len(windows) != 1 or not fact or len(asked) > 2:
        return words
    if len(asked) == 2:
        where = _term(checker, asked[1], "past")
        if where is None:
            return words
        fact += f" && ({written(where)})" if isinstance(where, Either) else f" && {written(where)}"
    return f"{said}; write history.count({windows[0]}, {fact}) >= 1"


def _number(checker: Checker, node: Node, compared: str) -> str:
    """A number of an event, or of one of its lines, compared; nothing of what is none."""
    for scope, form in (("past", "{0}"), ("line", "lines.any({0})")):
        of = _term(checker, node, scope)
        if of is not None and of.type.kind == "number":
            return form.format(f"{written(of)} {compared}")
    return ""


def _window(node: Node) -> str:
    """A window as it is written; nothing of what is none."""
    if isinstance(node, Name):
        return node.dotted if node.dotted in WINDOWS else ""
    if not isinstance(node, Call) or node.function not in ("last_days", "since") or len(node.arguments) != 1:
        return ""
    given = node.arguments[0]
    return f"{node.function}({literal(given.value)})" if isinstance(given, Literal) else ""


def _term(checker: Checker, node: Node, scope: str) -> Term | None:
    """What is asked, where it can be asked there."""
    try:
        return type(checker)(scope, checker.zone).term(node)  # type: ignore[arg-type]
    except ExpressionError:
        return None
