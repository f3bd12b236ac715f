"""Rules that build on the points of others: whether those give any of the same wallet."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Rule
from shared.rules.rewards import PointsEffect


def building(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Of a rule whose effect can only give nothing. That others are defined at all is seen to by the references."""
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, PointsEffect):
            continue
        steps = ("again",) if effect.again else ("multiply", "rules")
        for place, id_ in enumerate(effect.repeats):
            other = shelf.newest.get(id_)
            wallets = [each.wallet for each in other.points] if isinstance(other, Rule) else [effect.wallet]
            if effect.wallet not in wallets:
                gives = ", ".join(wallets) or "no points"
                said = f"{id_} gives no {effect.wallet} but {gives}; name a rule that does"
                yield Remark(("then", number, *steps, place), said, "wallet")
