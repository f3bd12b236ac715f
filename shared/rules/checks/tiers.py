"""What the tier of the first ladder has to do with those of all ladders: who holds it has it among them."""

from __future__ import annotations

from collections.abc import Mapping

from shared.rules.checks.values import Values
from shared.rules.facts import Asked
from shared.rules.language.terms import literal


def agree(facts: Mapping[Asked, Values], said: Mapping[str, bool]) -> bool:
    """Whether a member may hold such a tier. said: of conditions by their words, such as `"gold" in member.tiers`,
    whether they are taken to hold."""
    tier = next((values for asked, values in facts.items() if asked.label == "member.tier"), None)
    if tier is None:
        return True
    held = {words: holds for words, holds in said.items() if words.endswith(" in member.tiers")}
    if tier.unknown and not any(held.values()):  # without a tier there is none on any ladder
        return True
    return tier.texts.others or any(held.get(f"{literal(each)} in member.tiers", True) for each in tier.texts.values)
