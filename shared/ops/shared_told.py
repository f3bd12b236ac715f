"""How much of limits and budgets that members share is used: by all as it stands now, or the member's own part; and of
which total a budget held a rule back. Pure.

What a member's journal tells of them is what this member used. Told as what all used, it would be too little: a limit
would seem to be open to somebody who was refused for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shared.ops.past import Tally
from shared.ops.totals import Total, Totals
from shared.rules.explained import Explained
from shared.rules.facts import Facts
from shared.rules.holding import Held, by_now, counted_in, in_units, of_total, own_part
from shared.rules.rulebook import Ruleset
from shared.rules.saying.phrase import Phrase, Saying, Value
from shared.rules.spending import finest
from shared.rules.usage import Bound, Shared, Standings

_NEWEST: Final = {
    Phrase.BUDGET_SPENT: Phrase.BUDGET_NOW,
    Phrase.MONEY_SPENT: Phrase.MONEY_NOW,
    Phrase.MONEY_SHORT: Phrase.MONEY_NOW_SHORT,
}
# Of what is asked of an event, and not as it stands now: how much was left then nobody knows, where it was too little.
_THEN: Final = {Phrase.MONEY_SPENT: Phrase.MONEY_WAS_SHORT, Phrase.MONEY_NOW: Phrase.MONEY_NOW_SHORT}
_TOTAL: Final = ("count", "amount")  # what a budget's total is called, where one of these is said


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of what members share. now: how it stands now, where it knows that; own: what the member used
    before the event; known: whether of a key it is known what all had used; totals: of budgets; then: whether an
    event is told of, and not how it stands now."""

    now: Shared
    own: Tally
    household: str | None
    known: Callable[[str], bool]
    totals: Totals
    then: bool = True

    def of(self, each: Explained, bounds: Sequence[Bound], worth: Mapping[str, int]) -> Explained:
        """What was explained, with what is used of what members share in the period of the event."""
        held, why = list[Held](), each.why
        for of, bound in zip(each.held, bounds, strict=True):
            counted = self._counted(of, bound, worth)
            if of.key == each.by and bound.budget is not None:
                total = self._total(each, bound)
                if counted.counted == "before" and total.then:
                    counted = of_total(counted, bound, total.most, each.points, worth)
                why = None if why is None else _of(why, bound, total, counted)
                if why is not None and self.then and not each.applies and counted.money and counted.money.things:
                    why = _too_little(why)
            held.append(counted)
        return replace(each, held=tuple(held), why=why)

    def _counted(self, each: Held, bound: Bound, worth: Mapping[str, int]) -> Held:
        scope = "programme" if bound.per == "programme" else self.household if bound.per == "household" else None
        if scope is None:  # the member's own; without a household they are a household of one
            return each
        if isinstance(self.now, Standings):
            return by_now(each, bound, *self.now.used(scope, finest(bound)[0]), worth)
        if self.known(bound.key):
            return each
        return own_part(each, bound, bound.most - self.own.left(scope, bound, bound.most), worth)

    def _total(self, each: Explained, bound: Bound) -> Total:
        """What was given for the event was there, with what the member had used; of a total that was lowered since more
        may have been used than there is, and nothing was given."""
        fine, unit = finest(bound)
        newest = self.now.used("programme", fine)[1] if isinstance(self.now, Standings) else None
        given = each.points * unit
        return self.totals.of(bound, newest, self.own.used("programme", bound) + given if given else 0)


def by_all(found: Sequence[Explained], facts: Facts, rules: Ruleset, told: Told) -> list[Explained]:
    """What was explained, with what is used of what members share in the period of the event."""
    kinds = dict.fromkeys(each.kind for each in found)
    compiled = {each.rule.id: each for kind in kinds for each in rules.rules(kind, facts.kind)}
    return [
        told.of(each, [bound for _, bound in counted_in(of, facts)], of.worth) if each.held else each
        for each, of in ((each, compiled[each.rule]) for each in found)
    ]


def _of(why: Saying, bound: Bound, total: Total, held: Held) -> Saying:
    """Why a budget held a rule back, by the total that did; by the newest, and said so, where nobody knows it. How much
    is left is known of now alone: beside another total it would be a sum that never was."""
    if why.what not in _NEWEST:
        parts = {name: _of(each, bound, total, held) if isinstance(each, Saying) else each
                 for name, each in why.values.items()}  # fmt: skip
        return Saying(why.what, parts)
    what, like = why.what, held.money
    most: Value = total.most if like is None else in_units(total.most, like.most)
    values = {name: most if name in _TOTAL else each for name, each in why.values.items()}
    if not total.then:
        what = _NEWEST[what]
    elif what is Phrase.MONEY_SHORT and like is not None and held.counted == "now":
        values["left"] = like.most - like.used
        what = what if like.most == most and like.most - like.used < like.things else Phrase.MONEY_WAS_SHORT
    return Saying(what, {name: each for name, each in values.items() if name != "left" or what is Phrase.MONEY_SHORT})


def _too_little(why: Saying) -> Saying:
    """Why a budget did not pay for things: what is spent by now may have been drawn on since, also by another rule of
    the same event. All that is known of then is that it was too little."""
    if why.what in _THEN:
        return Saying(_THEN[why.what], why.values)
    parts = {name: _too_little(each) if isinstance(each, Saying) else each for name, each in why.values.items()}
    return Saying(why.what, parts)
