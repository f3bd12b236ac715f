"""Terms to closures: what decides, and what an explanation evaluates again. Exact, and quick for the common shapes.

What is unknown equals nothing: of the comparisons only `!=` holds for it, and a calculation with it is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any, Final

from shared.events.light import Line
from shared.rules.facts import ZERO, Eligible
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
)
from shared.rules.language.types import TRUTH

Read = Callable[[Any], Any]  # of an event's Facts, or of one Line, whichever the term was checked for
Test = Callable[[Any], bool]
Lines = Callable[[Iterable[Line]], list[Line]]
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CALCULATE: Final[dict[str, Callable[[Any, Any], Any]]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
TEXT_TESTS: Final[dict[str, Callable[[str, str], bool]]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
_PRICE_STEP: Final = Decimal("0.0001")


def compile_test(term: Term) -> Test:
    """A closure that tells whether the term, a truth value, holds."""
    match term:
        case Both(parts=parts):
            return _joined([compile_test(part) for part in parts], all_=True)
        case Either(parts=parts):
            return _joined([compile_test(part) for part in parts], all_=False)
        case Negation(of=Comparison(operator="==" | "!=" as sign) as of):  # the other is its exact opposite
            return compile_test(replace(of, operator="!=" if sign == "==" else "=="))
        case Negation(of=of):
            inner = compile_test(of)
            return lambda subject: not inner(subject)
        case Known(of=of):
            read = compile_read(of)
            return lambda subject: read(subject) is not None
        case Comparison():
            return _comparison(term)
        case OneOf(of=of, options=options):
            return _one_of(of, options)
        case Holds(value=held, of=Fact(asked=asked)):
            if asked.label == "member.segments":  # only the one that is asked for is evaluated
                return lambda facts: facts.rules.in_segment(held, facts)
            return lambda facts: held in (facts.get(asked) or ())
        case TextTest(of=of, method=method, value=part):
            read, test = compile_read(of), TEXT_TESTS[method]
            return lambda subject: isinstance(text := read(subject), str) and test(text, part)
        case Const(value=value):
            return lambda subject: value is True
    read = compile_read(term)
    return lambda subject: read(subject) is True


def compile_filter(term: Term) -> Lines:
    """A closure that picks the lines for which the term, a truth about a line, holds."""
    match term:
        case Comparison(operator="==", left=LineFact(field=field), right=Const(value=wanted)) if field in _LIKE_LINES:
            return _LIKE_LINES[field](wanted)
    fits = compile_test(term)
    return lambda lines: list(filter(fits, lines))


def compile_eligible(excluded: Term) -> Eligible:
    """Which lines earn, where those do not for which a term holds."""
    earns = Negation(excluded.at, excluded.end, excluded.type, excluded)
    fits = compile_test(earns)
    match excluded:
        case Comparison(operator="==", left=LineFact(field=field), right=Const(value=wanted)) if field in _EARNING:
            return Eligible(fits, _EARNING[field](wanted))
    return Eligible(fits, lambda lines: [line.amount if fits(line) else ZERO for line in lines])


def compile_read(term: Term) -> Read:
    """A closure that reads the term's value; None when it is unknown."""
    match term:
        case Const(value=value):
            return lambda subject: value
        case Fact(asked=asked):
            return lambda facts: facts.get(asked)
        case LineFact(field="price"):
            return price
        case LineFact(field=field, attribute=None):
            return attrgetter(field)
        case LineFact(attribute=attribute):
            return lambda line: line.attributes.get(attribute)
        case Arithmetic(operator=sign, left=left, right=right):
            return _calculation(CALCULATE[sign], compile_read(left), compile_read(right))
    if term.type == TRUTH:
        return compile_test(term)
    raise AssertionError(term)


def price(line: Line) -> Decimal:
    """What one piece of a line cost, to four decimals, half up; of a line of 0 pieces its amount."""
    if line.quantity in (0, 1):
        return line.amount
    return (line.amount / line.quantity).quantize(_PRICE_STEP, ROUND_HALF_UP)


def _joined(tests: list[Test], *, all_: bool) -> Test:
    if len(tests) == 2:  # by far the most common, and twice as fast without a loop
        first, second = tests
        if all_:
            return lambda subject: first(subject) and second(subject)
        return lambda subject: first(subject) or second(subject)
    if all_:
        return lambda subject: all(test(subject) for test in tests)
    return lambda subject: any(test(subject) for test in tests)


def _calculation(calculate: Callable[[Any, Any], Any], left: Read, right: Read) -> Read:
    def read(subject: Any) -> Any:
        one, other = left(subject), right(subject)
        return None if one is None or other is None else calculate(one, other)

    return read


# Every line of every basket passes these: one call, and not two.
_LIKE: Final[dict[str, Callable[[Any], Test]]] = {
    "product": lambda wanted: lambda line: line.product == wanted,
    "category": lambda wanted: lambda line: line.category == wanted,
    "department": lambda wanted: lambda line: line.department == wanted,
    "brand": lambda wanted: lambda line: line.brand == wanted,
}
# And of filters no call at all for each line.
_LIKE_LINES: Final[dict[str, Callable[[Any], Lines]]] = {
    "product": lambda wanted: lambda lines: [line for line in lines if line.product == wanted],
    "category": lambda wanted: lambda lines: [line for line in lines if line.category == wanted],
    "department": lambda wanted: lambda lines: [line for line in lines if line.department == wanted],
    "brand": lambda wanted: lambda lines: [line for line in lines if line.brand == wanted],
}
_EARNING: Final[dict[str, Callable[[Any], Callable[[Sequence[Line]], list[Decimal]]]]] = {
    "product": lambda no: lambda lines: [ZERO if line.product == no else line.amount for line in lines],
    "category": lambda no: lambda lines: [ZERO if line.category == no else line.amount for line in lines],
    "department": lambda no: lambda lines: [ZERO if line.department == no else line.amount for line in lines],
    "brand": lambda no: lambda lines: [ZERO if line.brand == no else line.amount for line in lines],
}
_UNLIKE: Final[dict[str, Callable[[Any], Test]]] = {
    "product": lambda wanted: lambda line: line.product != wanted,
    "category": lambda wanted: lambda line: line.category != wanted,
    "department": lambda wanted: lambda line: line.department != wanted,
    "brand": lambda wanted: lambda line: line.brand != wanted,
}


def _comparison(term: Comparison) -> Test:
    compare, left, right = _COMPARE[term.operator], term.left, term.right
    if "attribute" in (left.type.kind, right.type.kind):
        return _of_attribute(term.operator, compile_read(left), compile_read(right))
    if isinstance(right, Const):
        wanted = right.value
        if term.operator in ("==", "!="):  # what is unknown equals nothing that is written: no need to look
            if isinstance(left, LineFact) and left.field in _LIKE:
                return (_LIKE if term.operator == "==" else _UNLIKE)[left.field](wanted)
            read = compile_read(left)
            if term.operator == "==":
                return lambda subject: read(subject) == wanted
            return lambda subject: read(subject) != wanted
        if isinstance(left, Fact):
            asked = left.asked
            return lambda facts: (value := facts.get(asked)) is not None and compare(value, wanted)
        read = compile_read(left)
        return lambda subject: (value := read(subject)) is not None and compare(value, wanted)
    return _of_two(compare, term.operator == "!=", compile_read(left), compile_read(right))


def _of_two(compare: Callable[[Any, Any], bool], unlike: bool, left: Read, right: Read) -> Test:
    def test(subject: Any) -> bool:
        one, other = left(subject), right(subject)
        return unlike if one is None or other is None else compare(one, other)

    return test


def _of_attribute(sign: str, left: Read, right: Read) -> Test:
    """Attributes may hold anything: values of two kinds are never equal, and neither is before the other."""
    compare, unlike = _COMPARE[sign], sign == "!="

    def test(subject: Any) -> bool:
        one, other = left(subject), right(subject)
        if one is None or other is None or sort_of(one) is not sort_of(other):
            return unlike
        return compare(one, other)

    return test


def _one_of(of: Term, options: tuple[Value, ...]) -> Test:
    read, wanted = compile_read(of), frozenset(options)
    if of.type.kind != "attribute":
        if isinstance(of, Fact):
            asked = of.asked
            return lambda facts: facts.get(asked) in wanted
        return lambda subject: read(subject) in wanted
    sorted_ = frozenset((sort_of(option), option) for option in options)
    return lambda subject: (value := read(subject)) is not None and (sort_of(value), value) in sorted_
