"""What points cost: exactly, by the budget of their rule or of its campaign, or else by what somebody says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from shared.backtest.tally import Key
from shared.rules.definition import Campaign, Definition, Rule

_CENTS = Decimal("0.01")


class Costs:
    """Of one side's rules. currency: the programme's; usual: what a point costs where no budget says it."""

    def __init__(self, versions: Iterable[Definition], currency: str, usual: Decimal) -> None:
        self.usual = usual
        newest: dict[str, Campaign | Rule] = {}
        for version in sorted(versions, key=lambda each: each.version):
            if isinstance(version, Campaign | Rule):
                newest[version.id] = version
        self._by_rule: dict[str, Decimal] = {}
        for id_, each in newest.items():
            campaign = newest.get(each.campaign) if isinstance(each, Rule) and each.campaign is not None else None
            for of in (campaign, each):  # the rule's own says it better than its campaign's
                budget = of.budget if of is not None else None
                if budget is None or budget.cost_per_point is None:
                    continue
                if budget.money is None or budget.money.currency == currency:
                    self._by_rule[id_] = budget.cost_per_point

    def of(self, rule: str) -> Decimal:
        """Of one point of a rule."""
        return self._by_rule.get(rule, self.usual)

    def money(self, points: Mapping[Key, int]) -> Decimal:
        """Of so many points by rule."""
        return sum((self.of(key.rule) * number for key, number in points.items()), Decimal(0))


def written(money: Decimal) -> str:
    """An amount with two decimals, or with more where it has more."""
    plain = money.normalize()
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{money.quantize(_CENTS):f}"
    return f"{plain:f}"
