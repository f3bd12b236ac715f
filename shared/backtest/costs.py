"""What points cost: exactly, by the budget of their rule or of its campaign, as the versions that decided them have it,
or else by what somebody says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from shared.rules.definition import Campaign, Definition, ReferralRule, Rule
from shared.rules.effects import Award

_CENTS: Final = Decimal("0.01")
ASSUMED: Final = Decimal("0.01")


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
    return {wallet: said.get(wallet, said.get("", ASSUMED)) for wallet in wallets}


class Costs:
    """Of one side's rules, by version. currency: the programme's; usual: what a point of a wallet costs where no budget
    says it."""

    def __init__(self, versions: Iterable[Definition], currency: str, usual: Mapping[str, Decimal]) -> None:
        self._currency, self._usual = currency, usual
        self._versions: dict[tuple[str, int], Definition] = {}
        self._campaigns: dict[str, list[tuple[datetime, Campaign]]] = {}  # the highest version first
        for each in sorted(versions, key=lambda each: -each.version):
            self._versions[each.id, each.version] = each
            if isinstance(each, Campaign):
                self._campaigns.setdefault(each.id, []).append((each.effective.astimezone(UTC), each))
        self._always: dict[tuple[str, int, str], Decimal] = {}

    def of(self, award: Award, time: datetime) -> Decimal:
        """Of one point, by the version that decided the award, or else by the version of its campaign that was in force
        then. time: of the event; of what goes back, its purchase's, so that a return undoes what was counted."""
        named = award.rule, award.version, award.wallet
        found = self._always.get(named)  # most ask nothing of the time
        return self._priced(named, time) if found is None else found

    def steady(self, named: tuple[str, int, str]) -> bool:
        """Whether points of a rule's version and wallet cost the same at any time; known once one was priced."""
        return named in self._always

    def _priced(self, named: tuple[str, int, str], time: datetime) -> Decimal:
        id_, version, wallet = named
        rule, usual = self._versions.get((id_, version)), self._usual.get(wallet, ASSUMED)
        own = self._said(rule)  # better than its campaign's
        if own is None and isinstance(rule, Rule) and rule.campaign is not None:
            versions = self._campaigns.get(rule.campaign, ())
            campaign = next((each for since, each in versions if since <= time), None)
            said = self._said(campaign)
            return usual if said is None else said
        self._always[named] = found = usual if own is None else own
        return found

    def _said(self, of: Definition | None) -> Decimal | None:
        budget = of.budget if isinstance(of, Campaign | Rule | ReferralRule) else None
        if budget is None or (budget.money is not None and budget.money.currency != self._currency):
            return None
        return budget.cost_per_point


def written(money: Decimal) -> str:
    """An amount with two decimals, or with more where it has more."""
    plain = money.normalize()
    exponent = plain.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -2:
        return f"{money.quantize(_CENTS):f}"
    return f"{plain:f}"
