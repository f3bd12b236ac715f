"""Syntax to terms: every name looked up in the catalogue, every comparison typed. Errors have a place and a remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache, partial
from typing import Final, Literal

from shared.rules.language import functions, meant, questions
from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, LINE_PREFIXES, PREFIXES
from shared.rules.language.dates import as_date
from shared.rules.language.elsewhere import held_by_lines
from shared.rules.language.hints import (
    asked_with_in,
    each_in,
    meant_of_a_line,
    of_one_text,
    refuse_comparison,
    refuse_order,
    uncompared,
    unknown,
    unquoted,
)
from shared.rules.language.parser import parse
from shared.rules.language.searched import refuse_part
from shared.rules.language.syntax import (
    Binary,
    Call,
    ExpressionError,
    Joined,
    Many,
    Method,
    Name,
    Node,
    Unary,
    together,
)
from shared.rules.language.syntax import (
    Literal as Written,
)
from shared.rules.language.terms import (
    Arithmetic,
    Both,
    Comparison,
    Const,
    Either,
    Fact,
    Holds,
    Known,
    LineFact,
    Negation,
    OneOf,
    Term,
    TextTest,
    Value,
    sort_of,
    written,
)
from shared.rules.language.types import DATE, EXAMPLES, NUMBER, TEXT, TRUTH, Type, fit, wanted

Scope = Literal["event", "line", "past"]
_MOST_DIGITS: Final = 15
_FACTOR_DIGITS: Final = 8
_KINDS: Final = {str: TEXT, bool: TRUTH, Decimal: NUMBER}
_TOLD: Final = {"line": meant.OF_A_LINE, "past": "about an event", "event": ""}


@lru_cache(maxsize=200_000)
def condition(source: str, scope: Scope = "event", zone: str | None = None) -> Term:
    """A condition, checked: `scope` event (all facts), line (a line's fields), or past (an event without its member).

    zone: the IANA zone of the definition, where it has one of its own. Raises ExpressionError.
    """
    return Checker(scope, zone).truth(parse(source))


@lru_cache(maxsize=20_000)
def number(source: str, zone: str | None = None) -> Term:
    """A calculation, checked: a number that is not written outright. Raises ExpressionError."""
    node = parse(source)
    found = Checker("event", zone).term(node)
    if found.type.kind != "number":
        raise ExpressionError(f"write a number here; this is {found.type}", node.at)
    return found


class Checker:
    """Checks expressions of one scope."""

    def __init__(self, scope: Scope, zone: str | None) -> None:
        self.scope, self.zone = scope, zone

    def truth(self, node: Node) -> Term:
        """A term that is true or false."""
        found = self.term(node)
        if found.type.kind == "attribute":
            raise ExpressionError("compare the attribute with something, such as == true", node.at)
        if isinstance(found, Const) and isinstance(found.value, str):
            said = 'this text is compared with nothing: to ask for one of several, write a fact in ["a", "b"]'
            raise ExpressionError(said, node.at)
        if found.type != TRUTH:
            raise ExpressionError(uncompared(found), node.at)
        return found

    def term(self, node: Node) -> Term:
        """Any term."""
        match node:
            case Written(value=value):
                return self._written(node, value)
            case Name():
                return self._named(node)
            case Joined(operator=sign, parts=parts):
                terms = _each(partial(self.truth, part) for part in parts)
                return (Both if sign == "&&" else Either)(node.at, node.end, TRUTH, terms)
            case Unary(operator="!", of=of):
                return Negation(node.at, node.end, TRUTH, self.truth(of))
            case Unary(of=of):
                return self._calculation(node, "-", Const(node.at, node.at, NUMBER, Decimal(0)), self.term(of))
            case Binary(operator="in"):
                return self._membership(node)
            case Binary(operator=sign, left=left, right=right) if sign in "+-*":
                return self._calculation(node, sign, self.term(left), self.term(right))
            case Binary():
                return self._comparison(node)
            case Method():
                return self._text_test(node)
            case Call():
                return functions.call(self, node)
            case Many():
                raise ExpressionError("a list stands only after `in`", node.at)
        raise AssertionError(node)

    def _written(self, node: Node, value: Value) -> Const:
        if isinstance(value, Decimal) and len(value.as_tuple().digits) > _MOST_DIGITS:
            raise ExpressionError(f"a number has at most {_MOST_DIGITS} digits", node.at)
        return Const(node.at, node.end, _KINDS[type(value)], value)

    def _named(self, node: Name) -> Term:
        parts, prefix = node.parts, ".".join(node.parts[:2])
        if self.scope == "line":
            if len(parts) == 1 and node.dotted in LINE:
                return LineFact(node.at, node.end, LINE[node.dotted].type, node.dotted)
            if len(parts) == 2 and parts[0] in LINE_PREFIXES:
                return LineFact(node.at, node.end, LINE_PREFIXES[parts[0]].type, parts[0], parts[1])
            raise self._unknown(node, [*LINE, *(f"{each}.<name>" for each in LINE_PREFIXES)])
        entry = FACTS.get(node.dotted) or (PREFIXES.get(prefix) if len(parts) == 3 else None)
        if entry is None:
            raise self._unknown(node, [*FACTS, *(f"{each}.<name>" for each in PREFIXES)])
        if self.scope == "past" and entry.scope in ("member", "history"):
            raise ExpressionError(
                f"{node.dotted} is about the member now; a filter of history asks about events", node.at
            )
        return Fact(node.at, node.end, entry.type, questions.fact(node.dotted, parts, entry, self.zone))

    def _unknown(self, node: Name, known: Iterable[str]) -> ExpressionError:
        if node.dotted in ("null", "None", "nil"):
            return ExpressionError("there is no null; ask has(fact) whether it is known", node.at)
        called = [name for name in FUNCTIONS if name == node.dotted]
        if called:
            return ExpressionError(f"{node.dotted} is a function: write {FUNCTIONS[node.dotted].form}", node.at)
        if self.scope != "line" and (hint := meant_of_a_line(node)):
            about = "about an event " if self.scope == "past" else ""
            return ExpressionError(f"no fact {about}is called {node.dotted}; {hint}", node.at)
        return unknown(node, known, _TOLD[self.scope])

    def _calculation(self, node: Node, sign: str, left: Term, right: Term) -> Term:
        for each in (left, right):
            if each.type.kind != "number":
                raise ExpressionError(f"`{sign}` calculates with numbers; this is {each.type}", each.at)
        if sign != "*":
            self._must_fit(left, right)
            return Arithmetic(node.at, node.end, Type("number", left.type.unit or right.type.unit), sign, left, right)
        factor = next((each for each in (left, right) if isinstance(each, Const)), None)
        if factor is None:
            raise ExpressionError("one side of `*` must be a number that is written", node.at)
        if len(factor.value.as_tuple().digits) > _FACTOR_DIGITS:  # type: ignore[union-attr]
            raise ExpressionError(
                f"a factor has at most {_FACTOR_DIGITS} digits, so that results stay exact", factor.at
            )
        return Arithmetic(node.at, node.end, left.type if factor is right else right.type, sign, left, right)

    def _comparison(self, node: Binary) -> Term:
        refuse_comparison(self, node)
        sides = (node.left, node.right), (node.right, node.left)
        left, right = _each(partial(self._side, *each) for each in sides)
        if isinstance(left, Const) and isinstance(right, Const):
            raise ExpressionError("both sides are written values: one must be a fact", node.at)
        left, right = _dated(left, right), _dated(right, left)
        kinds = {left.type.kind, right.type.kind}
        if "texts" in kinds:
            several, one = (left, right) if left.type.kind == "texts" else (right, left)
            raise ExpressionError(asked_with_in(one, questions.spelt(several)), node.at)
        refuse_order(node, left, right)
        self._must_fit(left, right)
        return Comparison(node.at, node.end, TRUTH, node.operator, left, right)

    def _side(self, node: Node, other: Node) -> Term:
        """One side of a comparison; what is no name may be a text without its quotes."""
        try:
            return self.term(node)
        except ExpressionError as error:
            if not isinstance(node, Name) or isinstance(other, Many):
                raise
            with suppress(ExpressionError):
                error = unquoted(node, self.term(other), error)
            raise error from None

    def _must_fit(self, left: Term, right: Term) -> None:
        if fit(left.type, right.type):
            return
        if isinstance(left, Const):  # whatever stands first: what is written is told to be written otherwise
            left, right = right, left
        hint = ""
        if left.type.kind != right.type.kind and isinstance(right, Const):
            hint = f"; {meant.beside(left, right)}"
        elif left.type.kind == right.type.kind:
            hint = f"; compare {left.type} with another, or with a number that is written, such as 10"
        elif left.type.kind in EXAMPLES:
            hint = f"; write {wanted(left.type)}, or a fact that is {left.type}"
        raise ExpressionError(f"{left.type} does not go with {right.type}{hint}", right.at)

    def _membership(self, node: Binary) -> Term:
        if not isinstance(node.right, Many):
            of = self.term(node.right)
            if of.type.kind != "texts" or not isinstance(of, Fact):
                raise ExpressionError(of_one_text(node.left, of), node.right.at)
            value = node.left.value if isinstance(node.left, Written) else None
            if not isinstance(value, str):
                raise ExpressionError(f"write a text in quotes before `in {of.asked.label}`", node.left.at)
            return Holds(node.at, node.end, TRUTH, value, of)
        refuse_part(node)
        of, options = self.term(node.left), list[Value]()
        if not node.right.items:
            raise ExpressionError("the list is empty: nothing is in it", node.right.at)
        if of.type.kind == "texts":
            raise ExpressionError(each_in(node.right.items, written(of)), node.right.at)
        for item in node.right.items:
            value_ = self._side(item, node.left)
            if not isinstance(value_, Const):
                raise ExpressionError("a list holds written values only", item.at)
            value_ = _dated(value_, of)
            self._must_fit(of, value_)
            option: Value = value_.value  # type: ignore[attr-defined]
            if any(sort_of(each) is sort_of(option) and each == option for each in options):
                raise ExpressionError("this stands in the list twice", item.at)
            options.append(option)
        if isinstance(of, Const):
            raise ExpressionError("write a fact before `in`", node.left.at)
        places = tuple((item.at, item.end) for item in node.right.items)
        return OneOf(node.at, node.end, TRUTH, of, tuple(options), places)

    def _text_test(self, node: Method) -> Term:
        if said := held_by_lines(node, self.scope):
            raise ExpressionError(f"a basket is no text; {said}", node.at)
        of = self.term(node.of)
        if of.type.kind == "texts":
            raise ExpressionError(asked_with_in(node.arguments[0] if node.arguments else None, written(of)), node.of.at)
        if of.type.kind not in ("text", "attribute") or isinstance(of, Const):
            raise ExpressionError(f"{node.name} asks a text; this is {of.type}", node.of.at)
        value = node.arguments[0] if len(node.arguments) == 1 else None
        if isinstance(value, Written) and value.value == "":
            raise ExpressionError(
                f"the text is empty, and so in every text; write what {written(of)} is to have, or has({written(of)})",
                value.at,
            )
        if not isinstance(value, Written) or not isinstance(value.value, str):
            raise ExpressionError(f'give {node.name} one text in quotes, such as {node.name}("ab")', node.end - 1)
        return TextTest(node.at, node.end, TRUTH, of, node.name, value.value)

    def known(self, call: Call) -> Term:
        """`has(fact)`"""
        of = self.term(call.arguments[0])
        if not isinstance(of, Fact | LineFact):
            raise ExpressionError("has() asks for a fact", call.arguments[0].at)
        return Known(call.at, call.end, TRUTH, of)


def _each(checks: Iterable[Callable[[], Term]]) -> tuple[Term, ...]:
    """Terms that are checked by themselves. Raises ExpressionError with what is wrong with all of them."""
    found, errors = list[Term](), list[ExpressionError]()
    for check in checks:
        try:
            found.append(check())
        except ExpressionError as error:
            errors.append(error)
    if errors:
        raise together(errors)
    return tuple(found)


def _dated(term: Term, other: Term) -> Term:
    """A text beside a date is a date; Raises ExpressionError when it is none that the calendar has."""
    if other.type != DATE or not isinstance(term, Const) or not isinstance(term.value, str):
        return term
    return Const(term.at, term.end, DATE, as_date(term.value, term.at))
