"""Days and hours as they are reckoned elsewhere: `yesterday`, `today - 30`, `calendar.time >= "18:00"`. Dates are not
calculated with here, and of the time of day there is the hour; what asks the same is told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from shared.rules.language.clock import of_the_clock
from shared.rules.language.dates import is_date
from shared.rules.language.meant import TODAY
from shared.rules.language.syntax import MIRRORED, Binary, Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import Fact, written
from shared.rules.language.types import DATE

if TYPE_CHECKING:
    from shared.rules.language.checking import Checker

_NAMED: Final = {"yesterday": 1, "tomorrow": -1, "calendar.yesterday": 1, "calendar.tomorrow": -1}
_DIGITS: Final = 8  # of a date without its hyphens
_YEARS: Final = range(1900, 2200)
_A_NUMBER: Final = "the hour is a number"
_A_YEAR: Final = "of a birthday, ask member.is_birthday (today is the day) or member.age"


def refuse_reckoned(checker: Checker, node: Binary) -> None:
    """Raises ExpressionError for a comparison with a day that is reckoned from today, or with a time of day."""
    if checker.scope == "line":
        return
    turned = MIRRORED.get(node.operator, node.operator)
    for of, sign, to in ((node.left, node.operator, node.right), (node.right, turned, node.left)):
        if said := _of_the_clock(checker, of, sign, to):
            raise ExpressionError(said, to.at if said.startswith(_A_NUMBER) else of.at)
        if said := _ago(checker, of, sign, to):
            raise ExpressionError(said, to.at)
        if said := _numbered(checker, of, sign, to):
            raise ExpressionError(said, to.at)
        if said := _apart(checker, of, sign, to):
            raise ExpressionError(said, of.at)


def _ago(checker: Checker, of: Node, sign: str, to: Node) -> str:
    """`member.joined >= today - 30`, `history.last(ever) == yesterday`"""
    days = _days_before_today(to)
    fact = None if days is None else _date(checker, of)
    if days is None or not fact or fact in TODAY:
        return ""
    wrong = f"no fact is called {to.dotted}" if isinstance(to, Name) else "dates are not calculated with"
    if fact == "member.birthday":
        return f"{wrong}; {_A_YEAR}"
    if days < 0:
        return f"{wrong}; no date of a member is after today: ask how many days ago it is, such as " + (
            f"days_since({fact}) <= 30"
        )
    return f"{wrong}; write days_since({fact}) {MIRRORED.get(sign, sign)} {days}"


def _numbered(checker: Checker, of: Node, sign: str, to: Node) -> str:
    """`history.last(ever) > 30`, `member.joined > 2025`, `member.joined >= 20260101`"""
    number = to.value if isinstance(to, Literal) else None
    if (day := _day(to)) and (_today(of) or _date(checker, of)):
        return f'a date stands in quotes: write "{day}"'
    if not isinstance(number, Decimal) or number < 0 or not (fact := _date(checker, of)):
        return ""
    wrong, digits = "a date does not go with a number", f"{number:f}"
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    if len(digits) == _DIGITS and is_date(day):
        return f'{wrong}; write it with hyphens, in quotes: "{day}"'
    if number in _YEARS:
        return f'{wrong}; write a day in quotes, such as "{digits}-01-01"'
    return f"{wrong}; {_A_YEAR if fact == 'member.birthday' else f'write days_since({fact}) {sign} {digits}'}"


def _apart(checker: Checker, of: Node, sign: str, to: Node) -> str:
    """`today - member.joined > 30`"""
    if not isinstance(of, Binary) or of.operator != "-" or not _today(of.left) or not isinstance(to, Literal):
        return ""
    fact = _date(checker, of.right)
    if not fact or fact in TODAY or not isinstance(to.value, Decimal):
        return ""
    asked = _A_YEAR if fact == "member.birthday" else f"write days_since({fact}) {sign} {to.value:f}"
    return f"dates are not calculated with; {asked}"


def _days_before_today(node: Node) -> int | None:
    if isinstance(node, Name):
        return _NAMED.get(node.dotted)
    if not isinstance(node, Binary) or node.operator not in "+-" or not _today(node.left):
        return None
    by = node.right.value if isinstance(node.right, Literal) else None
    if not isinstance(by, Decimal) or by != int(by):
        return None
    return int(by) if node.operator == "-" else -int(by)


def _today(node: Node) -> bool:
    return isinstance(node, Name) and node.dotted in (*TODAY, "calendar.date")


def _date(checker: Checker, node: Node) -> str:
    """A fact that is a date, as it is written; nothing of what is none, or cannot be asked."""
    try:
        of = checker.term(node)
    except ExpressionError:
        return ""
    label = written(of)
    return label if isinstance(of, Fact) and of.type == DATE and label != "calendar.date" else ""


def _of_the_clock(checker: Checker, of: Node, sign: str, to: Node) -> str:
    """`calendar.time >= "18:00"`, `calendar.hour >= "18"`"""
    if not isinstance(of, Name) or not isinstance(to, Literal) or not isinstance(to.value, str):
        return ""
    said = of_the_clock(of.dotted, sign, to.value, of_events=checker.scope == "past")
    wrong = _A_NUMBER if of.dotted == "calendar.hour" else f"no fact is called {of.dotted}"
    return f"{wrong}; {said}" if said else ""


def since_meant(node: Node) -> str:
    """`since(2026-01-01)`, which is calculated, as it is written; nothing of what is no such day."""
    given = node.arguments[0] if isinstance(node, Call) and node.function == "since" and node.arguments else None
    day = _day(given)
    return f'since("{day}")' if day else ""


def _day(given: Node | None) -> str:
    """`2026-01-01`, which is calculated; nothing of what is no such day."""
    parts: list[int] = []
    while isinstance(given, Binary) and given.operator == "-":
        parts.insert(0, _whole(given.right))
        given = given.left
    parts.insert(0, _whole(given))
    if len(parts) != 3 or min(parts) < 1:
        return ""
    day = f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}"
    return day if is_date(day) else ""


def _whole(node: Node | None) -> int:
    value = node.value if isinstance(node, Literal) else None
    return int(value) if isinstance(value, Decimal) and value == int(value) else 0
