"""Versions of one definition: each once, and each later one effective later; and which money a budget is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.rules.checks.constants import Remark
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Definition
from shared.rules.sources import Source
from shared.rules.unsaid import UNSAID


def overlapping(source: Source, before: Sequence[Source]) -> Iterator[Remark]:
    """What is wrong with a version beside those that were read before it."""
    each = source.definition
    assert each is not None
    for other in before:
        first = other.definition
        if first is None or first.id != each.id:
            continue
        place = f"{other.file}:{other.node.start_mark.line + 1}"
        if first.version == each.version:
            said = (
                f"version {each.version} of {each.id} is written in {place} already; give one of them another `version`"
            )
            yield Remark(("version",), said, "version")
        elif first.kind != each.kind:
            said = f"{each.id} is a {first.kind} in {place}; give the {each.kind} another `id`"
            yield Remark(("kind",), said, "version")
        elif (
            UNSAID not in (first.effective, each.effective)
            and _low(first, each).effective >= _high(first, each).effective
        ):
            low, high = _low(first, each), _high(first, each)
            which = place if low is first else "this one"
            said = (
                f"version {low.version} ({which}) is not effective before version {high.version}, and so never in force"
            )
            said += "; let the higher version be `effective` later"
            yield Remark(("effective",), said, "version")


def _low(one: Definition, other: Definition) -> Definition:
    return min(one, other, key=lambda each: each.version)


def _high(one: Definition, other: Definition) -> Definition:
    return max(one, other, key=lambda each: each.version)


def money(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """A budget in another currency than the programme's."""
    if not isinstance(each, Bounded) or each.budget is None or each.budget.money is None or shelf.programme is None:
        return
    mine, currency = each.budget.money.currency, shelf.programme.currency
    if mine != currency:
        said = f"the budget is in {mine}, and the programme in {currency}; write the amount in {currency}"
        yield Remark(("budget", "money", "currency"), said, "budget")
