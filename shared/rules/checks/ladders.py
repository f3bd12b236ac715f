"""Ladders whose tiers cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.definition import Definition, Ladder


def rungs(each: Definition) -> Iterator[Remark]:
    """Tiers of one id: conditions, gifts and messages name a tier by it."""
    if not isinstance(each, Ladder):
        return
    ids = [tier.id for tier in each.tiers]
    for number, tier in enumerate(each.tiers):
        if tier.id in ids[:number]:
            first = each.tiers[ids.index(tier.id)].reached_from
            said = f"the tier {tier.id} is written already, from {first} on; give this one another `id`"
            yield Remark(("tiers", number, "id"), said, "tier")
