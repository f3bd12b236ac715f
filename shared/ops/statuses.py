"""Which tiers a member held when an event was decided. Pure.

Changes of tiers are in no journal of earn's. What an event was decided by is: the facts that its journal entry kept.
Where no rule asked for the tier, the latest change that earn knows of counts, if it had begun by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.rules.rulebook import Ruleset

_NONE = "none"  # how `facts.shown` writes an empty set


def tiers_then(entry: Mapping[str, Any], known: Mapping[str, Any], rules: Ruleset) -> dict[str, str]:
    """Ladder to tier. known: earn's member document as it is now."""
    facts = entry["facts"]
    if "member.tiers" in facts:
        said = facts["member.tiers"] or _NONE
        return _on_ladders([] if said == _NONE else said.split(", "), rules)
    if "member.tier" in facts:
        return _on_ladders([facts["member.tier"]] if facts["member.tier"] else [], rules)
    return tiers_at(known, entry["at"])


def tiers_at(known: Mapping[str, Any], moment: datetime) -> dict[str, str]:
    """Ladder to tier, of the changes that had begun by then."""
    found: dict[str, str] = {}
    for name, (since, _, tier) in known.get("known", {}).items():
        if name.startswith("tier.") and tier is not None and datetime.fromisoformat(since) <= moment:
            found[name.removeprefix("tier.")] = tier
    return found


def _on_ladders(tiers: list[str], rules: Ruleset) -> dict[str, str]:
    """Each tier on the ladder that has it; of one that no ladder has any more the place is made up."""
    found: dict[str, str] = {}
    for tier in tiers:
        ladder = next((each.id for each in rules.ladders if tier in {step.id for step in each.tiers}), f"~{tier}")
        found[ladder] = tier
    return found
