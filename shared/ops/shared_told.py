"""How much of limits and budgets that members share is used: by all as it stands now, or the member's own part. Pure.

What a member's journal tells of them is what this member used. Told as what all used, it would be too little: a limit
would seem to be open to somebody who was refused for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shared.rules.explained import Explained
from shared.rules.facts import Facts
from shared.rules.holding import Held, by_now, counted_in, own_part
from shared.rules.rulebook import Ruleset
from shared.rules.saying.phrase import Phrase, Saying
from shared.rules.spending import finest
from shared.rules.usage import Bound, Shared, Standings


def by_all(
    found: Sequence[Explained],
    facts: Facts,
    rules: Ruleset,
    household: str | None,
    now: Shared,
    own: Shared,
    known: Callable[[str], bool],
) -> list[Explained]:
    """What was explained, with what is used of what members share in the period of the event.

    now: how it stands now, where it knows that; own: what the member used before the event; known:
    whether of a key it is known what all had used.
    """

    def count(each: Held, bound: Bound, worth: Mapping[str, int]) -> Held:
        scope = "programme" if bound.per == "programme" else household if bound.per == "household" else None
        if scope is None:  # the member's own; without a household they are a household of one
            return each
        if isinstance(now, Standings):
            return by_now(each, bound, *now.used(scope, finest(bound)[0]), worth)
        if known(bound.key):
            return each
        return own_part(each, bound, bound.most - own.left(scope, bound, bound.most), worth)

    kinds = dict.fromkeys(each.kind for each in found)
    compiled = {each.rule.id: each for kind in kinds for each in rules.rules(kind, facts.kind)}
    told: list[Explained] = []
    for each in found:
        counted = tuple(
            count(held, bound, compiled[each.rule].worth)
            for held, (_, bound) in zip(each.held, counted_in(compiled[each.rule], facts), strict=True)
        )
        by = next((held for held in counted if held.key == each.by and held.counted == "now"), None)
        told.append(replace(each, held=counted, why=_of_newest(each.why, by)) if each.held else each)
    return told


def _of_newest(why: Saying | None, by: Held | None) -> Saying | None:
    """What is left of a budget by now is left of its newest total: beside an older one it would be a sum that never
    was."""
    if why is None or by is None or by.money is None:
        return why
    if why.what is Phrase.MONEY_SHORT:
        return Saying(why.what, {**why.values, "amount": by.money.most, "left": by.money.most - by.money.used})
    parts = {name: _of_newest(each, by) if isinstance(each, Saying) else each for name, each in why.values.items()}
    return Saying(why.what, {name: each for name, each in parts.items() if each is not None})
