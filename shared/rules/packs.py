"""Packs: points that a partner has bought beforehand, and what of them its rules may still give. Pure.

A pack is a counter that all members share (see `quotas`), one a partner and wallet. Its total is in the counter itself,
raised by every purchase; nothing was bought where there is no counter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from shared.rules.definition import Partner
from shared.rules.effects import Amount, Award, resized
from shared.rules.facts import Facts
from shared.rules.usage import Bound, Usage

if TYPE_CHECKING:  # matching calls this room
    from shared.rules.matching import Outcome
    from shared.rules.rulebook import Ruleset

MEASURE: Final[Literal["pack"]] = "pack"
COALITION: Final = "coalition"
_ANY: Final = 2**62  # how much there is the counter alone knows


def pack(partner: str, wallet: str) -> Bound:
    """What a partner's pack of a wallet is counted under."""
    return Bound(f"pack.{partner}.{wallet}", "programme", MEASURE, "ever", "ever", _ANY, 0)


def partner_of(key: str) -> str:
    """The partner whose pack a bound's key is about."""
    return key.split(".")[1]


def payer(owner: str, source: str) -> str:
    """A brand pays for its own rules; for the coalition's the partner pays at whom they were earned."""
    return source.removeprefix("/partners/") if owner == COALITION else owner


def refuses(partner: Partner | None) -> bool:
    """Whether earn rules give nothing that the partner's packs do not pay."""
    return partner is not None and partner.prepaid is not None and partner.prepaid.at_zero == "refuse"


def paid(outcome: Outcome, facts: Facts, rules: Ruleset, usage: Usage) -> Outcome:
    """What the payer's packs still pay of what an earn rule gives; nothing of it, and why, where they are used up.

    Status points are in no pack: nobody pays for them.
    """
    partner = _refusing(outcome, facts, rules)
    if partner is None:
        return outcome
    left: list[tuple[Award, Amount]] = []
    by: Bound | None = None
    for award, amount in zip(outcome.awards, outcome.amounts, strict=True):
        bound = pack(partner, award.wallet)
        there = usage.left(bound, award.points) if rules.sold(award.wallet) else award.points
        if there < award.points:
            by, amount = bound, resized(amount, there)
            award = replace(award, points=there, lines=amount.lines)
        if there:
            left.append((award, amount))
    if by is None:
        return outcome
    awards, amounts = tuple(award for award, _ in left), tuple(amount for _, amount in left)
    verdict = outcome.verdict if awards else MEASURE
    return replace(outcome, verdict=verdict, awards=awards, amounts=amounts, by=by.key, bound=by)


def use(outcome: Outcome, facts: Facts, rules: Ruleset, usage: Usage) -> None:
    """The packs pay what is given after all."""
    partner = _refusing(outcome, facts, rules)
    if partner is not None:
        for award in (each for each in outcome.awards if rules.sold(each.wallet)):
            usage.use(pack(partner, award.wallet), award.points)


def _refusing(outcome: Outcome, facts: Facts, rules: Ruleset) -> str | None:
    """The partner that pays an earn rule's points out of its packs alone. What campaigns won is never refused."""
    if not outcome.awards or outcome.rule.kind != "earn":
        return None
    partner = payer(outcome.rule.owner, facts.event.source)
    return partner if refuses(rules.prepaid.get(partner)) else None
