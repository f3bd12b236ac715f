"""Words for what a fact can be, and so for what to write instead of a comparison that says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from math import inf
from typing import Final

from shared.rules.checks.universe import KINDS, whole
from shared.rules.checks.values import Values
from shared.rules.language.functions import about_money
from shared.rules.language.questions import spelt
from shared.rules.language.terms import Comparison, Const, Fact, LineFact, OneOf, Term, Value, literal
from shared.rules.localtime import WEEKDAYS
from shared.rules.references import nearest
from shared.rules.weekday_words import weekday

_MOST_SPANS: Final = 4
_WITH_A_BASKET: Final = ("basket.quantity", "lines.count(", "lines.sum(quantity", "lines.distinct(")


def wanted(term: Term) -> Sequence[Value]:
    """The values that a comparison writes."""
    if isinstance(term, OneOf):
        return term.options
    sides = (term.left, term.right) if isinstance(term, Comparison) else ()
    return [each.value for each in sides if isinstance(each, Const)]


def never(term: Term, of: Fact | LineFact, all_: Values) -> str:
    """Why a comparison never holds; and what to write."""
    name, values = spelt(of), wanted(term)
    if all_.known.empty:
        return f"{name} is never known here; ask about something else, or look at another event with `on`"
    if not all_.texts.others and all_.texts.values:
        near = _nearest(str(values[0]), all_) if values else ""
        return f"{what_is(of, all_)}; {f'did you mean {literal(near)}?' if near else 'write one of these'}"
    if of.type.kind == "text":
        lower = str(values[0]).casefold() if values else ""
        hint = f'did you mean "{lower}"?' if lower and lower != values[0] else "write what can be sent"
        if isinstance(of, Fact) and of.asked.label == "event.currency":
            return f'{name} is three capitals; did you mean "{lower.upper()[:3]}"?'
        return f"{name} is never {literal(values[0]) if values else 'that'}; {hint}"
    if whole(of) and any(isinstance(each, Decimal) and each != int(each) for each in values):
        return f"{name} is a whole number; write one"
    return f"{what_is(of, all_)}; write a value within that"


def instead_of(values: Sequence[Value], all_: Values) -> str:
    """What to write for values that a fact never has: the nearest of each, as far as there is one."""
    near = {each: _nearest(each, all_) for each in values}
    rest = listed(literal(value) for value, each in near.items() if not each) if not all(near.values()) else ""
    # A day in words that nobody here knows is meant all the same.
    what = f"write which is meant by {rest}" if _are_days(all_) else f"take {rest} out of the list"
    if not any(near.values()):
        return what if _are_days(all_) else f"take {'it' if len(values) == 1 else 'them'} out of the list"
    if len(values) == 1:
        return f"did you mean {literal(near[values[0]])}?"
    known = [f"{literal(each)} for {literal(value)}" for value, each in near.items() if each]
    return f"did you mean {listed(known)}?" + (f" {what[0].upper()}{what[1:]}" if rest else "")


def _nearest(value: Value, all_: Values) -> str:
    if isinstance(value, str) and _are_days(all_):
        return day if (day := weekday(value)) in all_.texts.values else ""
    return nearest(value.casefold(), all_.texts.values, "{}") if isinstance(value, str) else ""


def _are_days(all_: Values) -> bool:
    return bool(all_.texts.values) and all_.texts.values <= frozenset(WEEKDAYS)


def listed(said: Iterable[str]) -> str:
    """`a, b and c`"""
    *rest, last = said
    return f"{', '.join(rest)} and {last}" if rest else last


def always(of: Fact | LineFact, all_: Values) -> str:
    """Why a comparison always holds; and what to write."""
    if all_.numbers and not all_.texts.others and of.type.kind == "number":
        return f"{what_is(of, all_)}; leave it out, or write a value within that"
    return f"{what_is(of, all_)}; leave it out"


def where_known(of: Fact | LineFact, all_: Values) -> str:
    """What a comparison asks that holds of every value of a fact, and not where the fact is unknown; what to write."""
    asks, unknown = _asked_and_unknown(of)
    said = f"true whenever it is known: {what_is(of, all_)}, and unknown {unknown}"
    return f"{said}; write {asks} where that is meant, or a value within that"


def with_itself(sign: str, side: Term, unknown: bool) -> tuple[str, str]:
    """What a comparison of something with itself is, and what to write. unknown: it may not be known, and then equals
    nothing."""
    same, instead = f"{spelt(side)} is compared with itself", "compare it with something else"
    code = "always" if sign in ("==", "<=", ">=") else "never"
    if not unknown or sign in ("<", ">"):
        return code, f"{code} true: {same}; {instead}"
    asks, where = _asked_and_unknown(side) if isinstance(side, Fact | LineFact) else ("", "in some events")
    meant = f"write {'' if code == 'always' else '!'}{asks} where that is meant, or " if asks else ""
    known = "true whenever it is known" if code == "always" else "true only where it is unknown"
    return code, f"{known}: {same}, and unknown {where}; {meant}{instead}"


def where_both_are_known(never_more: str, unknown: Sequence[Fact]) -> str:
    """What a comparison asks of two facts the one of which is `never_more` than the other, and what to write. unknown:
    those of the two that are not known of every event."""
    instead = "compare with something else"
    if not unknown:
        return f"always true: {never_more}; leave it out, or {instead}"
    # Where there may be no such line at all, that says more than the currency.
    asks, where = max(map(_asked_and_unknown, unknown), key=lambda each: each[0].startswith("lines.any("))
    both = f"true whenever both are known: {never_more}, and unknown {where}"
    return f"{both}; write {asks} where that is meant, or {instead}"


def with_a_basket(of: Fact | LineFact) -> bool:
    """Whether it is known wherever there is a basket: pieces and lines are, amounts in the programme's currency only;
    and so are lines that are told by their amounts."""
    if not isinstance(of, Fact):
        return False
    by_money = of.asked.sure is not None and about_money(of.asked.sure)
    return not by_money and of.asked.label.startswith(_WITH_A_BASKET)


def _asked_and_unknown(of: Fact | LineFact) -> tuple[str, str]:
    """What asks whether a fact is known, and where it is not."""
    name = spelt(of)
    function, _, rest = name.partition("(")
    if function in ("lines.cheapest", "lines.dearest") and rest != ")":
        return f"lines.any({rest}", "in a basket without such a line"
    if function.startswith(("basket.", "lines.")):
        return f"has({name})", "of a purchase in another currency than the programme's"
    return f"has({name})", "of some lines" if isinstance(of, LineFact) else "in some events"


def while_it_runs(of: Fact, values: Values) -> str:
    """`calendar.day is 1 to 7 or 15`, while a schedule runs."""
    if values.texts.values:
        return what_is(of, values)
    spans = [(int(each.low), int(each.high)) for each in values.numbers]
    if len(spans) > _MOST_SPANS:
        return f"{spelt(of)} is one of {sum(b - a + 1 for a, b in spans)} from {_day(of, spans[0][0])} to " + _day(
            of, spans[-1][1]
        )
    said = [_day(of, a) if a == b else f"{_day(of, a)} to {_day(of, b)}" for a, b in spans]
    return f"{spelt(of)} is " + (f"{', '.join(said[:-1])} or {said[-1]}" if said[1:] else said[0])


def _day(of: Fact, number: int) -> str:
    return date.fromordinal(number).isoformat() if of.type.kind == "date" else str(number)


def what_is(of: Fact | LineFact, all_: Values) -> str:
    """`calendar.hour is from 0 to 23`"""
    name = spelt(of)
    if all_.texts.values and not all_.texts.others:
        *rest, last = sorted(all_.texts.values, key=[*WEEKDAYS, *KINDS, *sorted(all_.texts.values)].index)
        return f"{name} is {', '.join(rest)} or {last}" if rest else f"{name} is {last}"
    if of.type.kind == "date":
        return f"{name} is a day of the years 1900 to 2200"
    if all_.numbers and not all_.texts.others:
        low, high = all_.numbers[0].low, all_.numbers[-1].high
        unit = f" {of.type.unit}" if of.type.unit not in (None, "money") else ""
        if low == high:
            return f"{name} is {low} here"
        if low == -inf:
            return f"{name} is never more than {high}{unit}"
        unit = unit.removesuffix("s") if low == 1 else unit
        return f"{name} is {low}{unit} or more" if high == inf else f"{name} is from {low} to {high}"
    if all_.truths and not all_.texts.others:
        return f"{name} is {'true' if True in all_.truths else 'false'} here"
    return f"{name} is always known" if not all_.unknown else f"{name} can be nothing else"
