"""Which draft makes a definition wrong that it does not change: what is wrong is told there, as that file is being
written. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from shared.rules.definition import Campaign, Definition, Rule
from shared.rules.references import mixing
from shared.rules.sources import Source


def joins_wrongly(campaign: Definition, drafts: Sequence[Source], beside: Iterable[Definition | None]) -> Source | None:
    """The draft that a campaign cannot have beside its other rules; None where that is wrong without drafts, too.

    beside: what there is besides the drafts.
    """
    if not isinstance(campaign, Campaign):
        return None
    joining = [rule for each in drafts if (rule := _of(campaign, each.definition)) is not None]
    others = [rule for each in beside if (rule := _of(campaign, each)) is not None]
    wrong = mixing(joining, others)
    if wrong is None or {rule.kind == "earn" for rule in others} == {True, False}:
        return None
    return next(each for each in drafts if each.definition is wrong)


def spoken_of(said: str, drafts: Sequence[Source]) -> Source | None:
    """The draft that is named where something is wrong, or the only one there is."""
    words = set(re.findall(r"[a-z0-9-]+", said))
    named = (each for each in drafts if each.definition is not None and each.definition.id in words)
    return next(named, drafts[0] if len(drafts) == 1 else None)


def _of(campaign: Campaign, each: Definition | None) -> Rule | None:
    return each if isinstance(each, Rule) and each.campaign == campaign.id else None
