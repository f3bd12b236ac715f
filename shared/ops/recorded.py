"""What campaigns' record of a purchase says was held back of its bonuses, and by which limit or budget. Pure.

By the state of now, and by what was granted, it can only be guessed: what was spent then may be there again, and of
several bounds that could have cut a rule any may have. Of what is no purchase, and of a purchase whose bonuses gave
nothing that may go back, there is no record; one of an earlier release may not say it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from shared.rules.definition import Rule
from shared.rules.matching import Passed
from shared.rules.rulebook import Ruleset

Entry = Mapping[str, Any]
READ: Final = ("awards", "passed")  # what of a record an explanation is made of
_BOUNDED: Final = ("limit", "budget")


@dataclass(frozen=True, slots=True)
class Recorded:
    """refused: what gave nothing, by rule; cut: the keys of limits and budgets that took a part of what a rule gave, or
    all points besides its things: no more was left of them than what was given."""

    refused: Mapping[str, Passed] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()

    def refused_by(self) -> dict[str, str]:
        """What refused each rule that gave nothing, where it is shared; how much of the member's own was left is known
        without it."""
        found = ((rule, each.by) for rule, each in self.refused.items() if each.verdict in _BOUNDED)
        return {rule: by for rule, by in found if by is not None and by.split(":")[1] != "member"}


def recorded(key: str, records: Iterable[Entry], decided: Ruleset, rules: Ruleset, gave: Collection[str]) -> Recorded:
    """What is on record of one purchase, as far as these rules are those that decided it: another version of a rule, or
    of its campaign, is asked as if it had been there. decided: what campaigns knew; of a rule the record says the
    version, of its campaign it does not. gave: rules of which there is something."""
    then, asked = ({each.id: each.version for each in of.definitions} for of in (decided, rules))
    campaigns = {each.id: each.campaign for each in rules.of(Rule)}
    refused, cut = dict[str, Passed](), set[str]()
    for said in (each for record in records if record["_id"] == key for each in record.get("passed", ())):
        each = Passed(**said)
        campaign = campaigns.get(each.rule)
        if asked.get(each.rule) != each.version or each.by is None:
            continue
        if campaign is not None and asked.get(campaign) != then.get(campaign):
            continue
        if each.rule in gave:
            cut.add(each.by)
        elif each.verdict in _BOUNDED or (each.verdict == "stacking" and each.by in asked):
            refused[each.rule] = each
    return Recorded(refused, frozenset(cut))
