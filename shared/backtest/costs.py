"""What points cost: exactly, by the budget of their rule or of its campaign, or else by what somebody says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from shared.backtest.tally import Key
from shared.rules.definition import Campaign, Definition, ReferralRule, Rule

_CENTS: Final = Decimal("0.01")
_ASSUMED: Final = Decimal("0.01")


class PriceError(ValueError):
    """What points are said to cost does not fit the wallets; the text says what to write."""


def prices(said: Mapping[str, Decimal], wallets: Sequence[str]) -> dict[str, Decimal]:
    """What a point of each wallet costs where no budget says it: 0.01 unless said.

    said: by wallet, or under "" for the only one. Raises PriceError.
    """
    known = ", ".join(wallets)
    if "" in said and len(wallets) > 1:
        write = " ".join(f"--cost-per-point {wallet}={said['']:f}" for wallet in wallets)
        raise PriceError(f"--cost-per-point {said['']:f}: these rules give points of {known}; say it of each: {write}")
    for wallet in said:
        if wallet and wallet not in wallets:
            raise PriceError(f"--cost-per-point {wallet}=…: no rule gives points of {wallet}; there are: {known}")
    return {wallet: said.get(wallet, said.get("", _ASSUMED)) for wallet in wallets}


class Costs:
    """Of one side's rules. currency: the programme's; usual: what a point of a wallet costs where no budget says it."""

    def __init__(self, versions: Iterable[Definition], currency: str, usual: Mapping[str, Decimal]) -> None:
        self.usual = usual
        newest: dict[str, Campaign | Rule | ReferralRule] = {}
        for version in sorted(versions, key=lambda each: each.version):
            if isinstance(version, Campaign | Rule | ReferralRule):
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

    def of(self, key: Key) -> Decimal:
        """Of one point of a rule and wallet."""
        return self._by_rule.get(key.rule, self.usual.get(key.wallet, _ASSUMED))

    def money(self, points: Mapping[Key, int]) -> Decimal:
        """Of so many points by rule."""
        return sum((self.of(key) * number for key, number in points.items()), Decimal(0))


def written(money: Decimal) -> str:
    """An amount with two decimals, or with more where it has more."""
    plain = money.normalize()
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{money.quantize(_CENTS):f}"
    return f"{plain:f}"
