"""What somebody meant by an expression that is nearly right: fields of lines asked of events, texts without quotes,
methods of another spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from shared.rules.language.catalogue import FACTS, LINE, LINE_PREFIXES, PREFIXES, SUMMED
from shared.rules.language.meant import (
    OF_A_LINE,
    fact_meant,
    is_truth,
    of_a_weekday,
    on_a_birthday,
    own_line_field,
    own_member_fact,
)
from shared.rules.language.parser import METHODS
from shared.rules.language.questions import spelt_name
from shared.rules.language.reckoned import refuse_reckoned
from shared.rules.language.searched import refuse_part
from shared.rules.language.sheets import refuse_apart
from shared.rules.language.syntax import MIRRORED, Binary, Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import Const, Either, Fact, Term, literal, written
from shared.rules.language.unlike import refuse_unlike
from shared.rules.localtime import WEEKDAYS
from shared.rules.near import near

if TYPE_CHECKING:
    from shared.rules.language.checking import Checker

_OWN_NAME: Final = ".<name>"
_SUMS: Final = {
    "amount": "write basket.total, or lines.sum(amount, filter)",
    "quantity": "write basket.quantity, or lines.sum(quantity, filter)",
}
_MOST_SHOWN: Final = 8
_ORDER: Final = ("<", "<=", ">", ">=")
_BUT: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_WHERE_LINES_ARE: Final = (["event"], ["basket"], ["line"], ["lines"])


def line_hint(name: str) -> str:
    """What to write for a field of lines, where an event is asked; nothing for other names."""
    if name not in LINE:
        return ""
    return _SUMS.get(name) or f"it is a field of lines: write lines.any({LINE[name].example})"


def meant_of_a_line(node: Name) -> str:
    """The same for a field that is looked for where its events or baskets are, such as `event.amount`; nothing where a
    fact is called so somewhere else."""
    *of, field = node.parts
    if not of:
        return line_hint(field)
    return line_hint(field) if of in _WHERE_LINES_ARE and not _called(field, FACTS) else ""


def unknown(node: Name, known: Iterable[str], about: str = "") -> ExpressionError:
    """A name that is in no catalogue, with what is called so somewhere else, or the nearest; or what there is."""
    name, names = node.dotted, list(known)
    if name.startswith("member.birthday."):
        said = "of a birthday, ask member.is_birthday (today is the day) or member.age"
        return ExpressionError(f"no fact is called {name}; {said}", node.at)
    if said := fact_meant(name, names, about):
        return ExpressionError(f"no fact {about + ' ' if about else ''}is called {name}; {said}", node.at)
    family = [each for each in names if node.parts[1:] and each.startswith(f"{node.parts[0]}.")]
    longer = [each for each in names if each.startswith(f"{name}.")]  # of which wallet, say
    own = "" if about or longer or _called(node.parts[-1], names) else own_member_fact(name, family)
    own = own or (own_line_field(name, LINE) if about == OF_A_LINE else "")
    found = (
        []
        if own
        else (
            longer[:1]
            or _of_ones_own(node, names)
            or _called(node.parts[-1], names)[:1]
            or [each for each in get_close_matches(name, names, n=3, cutoff=0.5) if not family or _alike(each, name)]
        )
    )
    there = family or names
    more = " …" if len(there) > _MOST_SHOWN else ""
    listed = f"there are {', '.join(there[:_MOST_SHOWN])}{more}"
    hint = f"did you mean {found[0]}?" if found else f"{f'{own}; ' if own else _own(node, names)}{listed}"
    return ExpressionError(f"no fact {about + ' ' if about else ''}is called {name}; {hint}", node.at)


def _of_ones_own(node: Name, names: Iterable[str]) -> list[str]:
    """What ends in a name of one's own, such as a wallet's: only what stands before that name is compared. Of
    `member.lifetme.stars` the nearest of all would be `member.tiers`."""
    before = {each.removesuffix(_OWN_NAME): each for each in names if each.endswith(_OWN_NAME)}
    written_ = ".".join(node.parts[:-1])
    fitting = [each for each in before if each.count(".") == len(node.parts) - 2 and _alike(each, written_)]
    meant = near(written_, fitting, cutoff=0.75) if written_ else None
    return [] if meant is None else [spelt_name((*meant.split("."), node.parts[-1]))]


def _own(node: Name, names: Iterable[str]) -> str:
    """What partners send of their own has a place of its own."""
    if len(node.parts) != 2 or f"{node.parts[0]}.attributes.<name>" not in names:
        return ""
    return f"if partners send it, write {node.parts[0]}.attributes.{node.parts[1]}; "


def _called(last: str, names: Iterable[str]) -> list[str]:
    return [each for each in names if each.rpartition(".")[2] == last]


def _alike(one: str, other: str) -> bool:
    """Whether the last parts of two names are near: the first ones say little."""
    return bool(get_close_matches(one.rpartition(".")[2], [other.rpartition(".")[2]], cutoff=0.5))


def asked_with_in(value: Node | Term | None, of: str) -> str:
    """What to write where a set of texts is asked for one."""
    text = value.value if isinstance(value, Const | Literal) and isinstance(value.value, str) else "…"
    return f"a set of texts is asked with `in`: {literal(text)} in {of}"


def each_in(items: Sequence[Node], of: str) -> str:
    """What to write where a set of texts stands before a list: whether one of these is in it."""
    if not all(isinstance(each, Literal) and isinstance(each.value, str) for each in items):
        return asked_with_in(None, of)
    asked = " || ".join(f"{literal(each.value)} in {of}" for each in items if isinstance(each, Literal))
    # In brackets where there are several: beside an &&, only the first would go with it.
    return f"a set of texts stands behind `in`: write {f'({asked})' if len(items) > 1 else asked}"


def uncompared(term: Term) -> str:
    """What to write where a condition is no more than a fact that is neither true nor false."""
    if isinstance(term, Fact) and term.asked.label.startswith("calendar.holiday("):
        return f"this is the name of a holiday, which is known on that day only; write has({written(term)})"
    return f"compare this with something: it is {term.type}, not true or false"


def of_one_text(value: Node, of: Term) -> str:
    """What to write behind `in`, where no list and no set stands there."""
    said = 'write a list after `in`, such as ["a", "b"], or a set of texts'
    if of.type.kind not in ("text", "attribute") or not isinstance(value, Literal) or isinstance(of, Const):
        return said
    each = f"{written(of)} == {literal(value.value)}"
    sets = f"{written(of)}s"  # of one tier, that of all ladders
    return f"{written(of)} is one value: write {each}" + (
        f", or {literal(value.value)} in {sets}" if sets in FACTS else ""
    )


def refuse_comparison(checker: Checker, node: Binary) -> None:
    """Raises ExpressionError for a comparison that cannot be made, where it is known what asks the same."""
    refuse_part(node)
    refuse_apart(node)
    refuse_unlike(checker, node)
    refuse_extreme(checker, node)
    refuse_reckoned(checker, node)


def refuse_extreme(checker: Checker, node: Binary) -> None:
    """Raises ExpressionError for a comparison of the largest or the smallest with a number: with what asks the same."""
    of, sign, to = node.left, node.operator, node.right
    if isinstance(of, Literal):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    if not isinstance(of, Call) or of.function not in ("lines.max", "lines.min") or sign not in _ORDER:
        return
    field, *rest = map(written_name, of.arguments) if of.arguments else [""]
    if field not in SUMMED or len(rest) > 1 or not isinstance(to, Literal) or not isinstance(to.value, Decimal):
        return
    # One line is enough for the largest to be as large as this, or the smallest as small; else all have to be.
    one = (sign in (">", ">=")) is (of.function == "lines.max")
    asked = f"{field} {sign} {literal(to.value)}"
    meant = f"lines.{'any' if one else 'all'}({asked})"
    if rest:
        where = _of_a_line(checker, of.arguments[1])
        if where is None:
            return
        fits = f"({written(where)})" if isinstance(where, Either) else written(where)
        meant = f"lines.any({asked} && {fits})"
        if not one:  # of the others nothing is asked
            meant = f"lines.none({field} {_BUT[sign]} {literal(to.value)} && {fits})"
    raise ExpressionError(f"no function is called {of.function}; write {meant}", of.at)


def refuse_order(node: Binary, left: Term, right: Term) -> None:
    """Raises ExpressionError where texts, or true and false, are to be ordered: whatever they are compared with, there
    is nothing to write beside the sign."""
    if node.operator not in _ORDER:
        return
    facts = [each for each in (left, right) if not isinstance(each, Const)]
    of = next((each for each in facts or (left, right) if each.type.kind in ("text", "truth")), None)
    if of is None or (len(facts) > 1 and left.type.kind != right.type.kind):
        return
    what = "a text" if of.type.kind == "text" else "true or false"
    said = f"`{node.operator}` orders numbers and dates; {what} is compared with == or != only"
    number = next((each.value for each in (left, right) if isinstance(each, Const)), None)
    sign = MIRRORED[node.operator] if isinstance(left, Const) else node.operator
    if isinstance(number, Decimal) and (asked := of_a_weekday(of, sign, number)):
        said += asked
    elif of.type.kind == "text" and isinstance(number, Decimal):
        said += f", such as {written(of)} == {literal(f'{number:f}')}"
    raise ExpressionError(said, node.at)


def refuse_window(checker: Checker, node: Call, windows: Iterable[str]) -> None:
    """Raises ExpressionError for a window in a streak, which goes back as far as it lasts."""
    first, given, *rest = node.arguments
    named = isinstance(given, Call) and given.function in ("last_days", "since")
    if named or written_name(given) in windows or window_meant(written_name(given)):
        where = f", {written(filter_of_events(checker, rest[0]))}" if len(rest) == 1 else ""
        said = f"streak takes no window; write {node.function}({written_name(first)}{where})"
        raise ExpressionError(said, given.at)


def filter_of_events(checker: Checker, node: Node) -> Term:
    """A filter of history's events, checked. Raises ExpressionError; of one that asks lines, with what it has to be."""
    try:
        return type(checker)("past", checker.zone).truth(node)
    except ExpressionError as error:
        where = _of_a_line(checker, node)
        if where is None:
            raise error from None
        said = f"a filter of history asks events, and this asks their lines; write lines.any({written(where)})"
        raise ExpressionError(said, node.at) from None


def sum_of_lines(checker: Checker, node: Call, window: str) -> ExpressionError:
    """Of `history.sum(amount, window, filter)`: what adds up lines of past events."""
    field = written_name(node.arguments[0])
    where = _of_a_line(checker, node.arguments[2]) if len(node.arguments) == 3 else None
    inner = f"lines.sum({field}{'' if where is None else f', {written(where)}'})"
    said = f"history.sum adds up a number of each event, and {field} is one of its lines; write history.sum({inner}, "
    return ExpressionError(f"{said}{window})", node.arguments[0].at)


def window_meant(name: str) -> str | None:
    """A window of days by another name: `last_7_days`, `last_week`."""
    days = re.fullmatch(r"last_?([1-9][0-9]{0,3})_?d(ays)?", name)
    if days is not None:
        return f"last_days({days[1]})"
    return {"last_week": "last_days(7)", "last_month": "last_days(30)", "last_year": "last_days(365)"}.get(name)


def written_name(node: Node) -> str:
    """A name as it is written; nothing where it is none."""
    return node.dotted if isinstance(node, Name) else ""


def unquoted(name: Node, other: Term, error: ExpressionError) -> ExpressionError:
    """Of a comparison one side of which is no name that anybody knows: where the other is a text, so is what is meant.
    A name that is nearly one of the catalogue's may be that."""
    if isinstance(other, Fact) and (said := on_a_birthday(name, other.asked.label)):
        return ExpressionError(f"{error.message.partition('; ')[0]}; {said}", error.at)
    text = name.parts[0] if isinstance(name, Name) and len(name.parts) == 1 else ""
    a_text = other.type.kind in ("text", "attribute") and not isinstance(other, Const)
    wrong, _, hint = error.message.partition("; ")
    if not text or not a_text or error.at != name.at or not wrong.startswith("no fact") or line_hint(text) == hint:
        return error
    if other.type.kind == "attribute" and is_truth(text):
        return error
    if isinstance(other, Fact) and other.asked.label == "calendar.weekday":
        text = near(text, WEEKDAYS) or text
    nearly = get_close_matches(text, [hint.removeprefix("did you mean ").removesuffix("?")], cutoff=0.8)
    more = f", or {nearly[0]}" if nearly else ""
    return ExpressionError(f'{wrong}; a text stands in quotes: write "{text}"{more}', error.at)


def no_method(name: str) -> str:
    """What to write for a method that texts do not have; nothing where it is not asked of a fact."""
    of, _, method = name.rpartition(".")
    parts = of.split(".")
    if of not in FACTS and of not in LINE and ".".join(parts[:-1]) not in PREFIXES and parts[0] not in LINE_PREFIXES:
        return ""
    if of in FACTS and FACTS[of].type.kind == "texts":
        return asked_with_in(None, of)
    known = {each.casefold(): each for each in METHODS}
    alike = get_close_matches(method.casefold(), known, n=1, cutoff=0.85)
    hint = f'write {of}.{known[alike[0]]}("…")' if alike else f"a text has {', '.join(METHODS)}"
    return f"no method is called {method}; {hint}"


def _of_a_line(checker: Checker, node: Node) -> Term | None:
    """A condition on a line's own fields; None where it is none."""
    try:
        return type(checker)("line", checker.zone).truth(node)
    except ExpressionError:
        return None
