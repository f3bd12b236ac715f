"""What is asked of a basket's lines (`lines.any`, `lines.sum` ...), as closures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.events.light import Line
from shared.rules.facts import ZERO, Facts
from shared.rules.language.compiling import compile_filter, compile_test, price
from shared.rules.language.terms import Term


def in_currency(compute: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
    """Unknown where the amounts are in another currency than the programme's."""
    return lambda facts: None if facts.foreign else compute(facts)


def over_lines(function: str, value: str, where: Term | None) -> Callable[[Facts], Any]:
    """What a function says of those lines for which a filter holds; value: what it adds up or tells apart."""
    if where is None:
        total = _TOTALS[function, value]
        return lambda facts: total(facts.lines)
    fits = compile_test(where)
    match function:
        case "any":
            return lambda facts: any(map(fits, facts.lines))
        case "none":
            return lambda facts: not any(map(fits, facts.lines))
        case "all":
            return lambda facts: bool(facts.lines) and all(map(fits, facts.lines))
    picked, total = compile_filter(where), _TOTALS[function, value]
    return lambda facts: total(picked(facts.lines))


_TOTALS: Final[dict[tuple[str, str], Callable[[Sequence[Line]], Any]]] = {
    ("count", ""): len,
    ("sum", "amount"): lambda lines: sum((x.amount for x in lines), ZERO),
    ("sum", "quantity"): lambda lines: sum(x.quantity for x in lines),
    ("distinct", "product"): lambda lines: len({x.product for x in lines}),
    ("distinct", "category"): lambda lines: len({x.category for x in lines} - {None}),
    ("distinct", "department"): lambda lines: len({x.department for x in lines} - {None}),
    ("distinct", "brand"): lambda lines: len({x.brand for x in lines} - {None}),
    ("cheapest", ""): lambda lines: min(map(price, lines), default=None),
    ("dearest", ""): lambda lines: max(map(price, lines), default=None),
}
