"""Drafts beside the definitions that they are meant for: a draft takes the place of its id, as publishing it would."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from shared.rules.checks.constants import Remark
from shared.rules.definition import Campaign, Rule
from shared.rules.faults import Fault
from shared.rules.references import mixing
from shared.rules.sources import Source
from shared.rules.yamlfile import Read


def left(found: Read, drafted: Collection[str | None]) -> tuple[Read, list[Source]]:
    """What is left of a file where drafts take the place of these ids, and what gives its place.

    What is wrong with a definition that goes is gone with it: a draft may be what mends it.
    """
    ids = {(place.line, place.column): id_ for id_, place in found.places.items() if id_ is not None}
    gone = [each for each in found.sources if ids.get(_begin(each)) in drafted or _id(each) in drafted]
    if not gone:
        return found, []
    kept = replace(
        found,
        sources=[each for each in found.sources if each not in gone],
        faults=[fault for fault in found.faults if not any(_within(fault, each) for each in gone)],
        places={id_: place for id_, place in found.places.items() if id_ is None or id_ not in drafted},
    )
    return kept, gone


def told_at(
    source: Source, remark: Remark, drafts: Sequence[Source], beside: Sequence[Source]
) -> tuple[Source, Remark]:
    """Where a remark on a definition is told: of a campaign that no draft changes, and that one makes wrong by joining
    it, at that draft, as it is the file that is being written."""
    campaign = source.definition
    if remark.code != "campaign" or not isinstance(campaign, Campaign) or source in drafts:
        return source, remark
    joining, others = _of_campaign(drafts, campaign), [rule for _, rule in _of_campaign(beside, campaign)]
    wrong = mixing([rule for _, rule in joining], others)
    if wrong is None or {rule.kind == "earn" for rule in others} == {True, False}:  # or wrong without drafts, too
        return source, remark
    joins = next(each for each, rule in joining if rule is wrong)
    return joins, remark._replace(path=("campaign",), said=f"{campaign.id}: {remark.said}")


def _of_campaign(sources: Iterable[Source], campaign: Campaign) -> list[tuple[Source, Rule]]:
    found = ((each, each.definition) for each in sources)
    return [(each, rule) for each, rule in found if isinstance(rule, Rule) and rule.campaign == campaign.id]


def _id(source: Source) -> str | None:
    return None if source.definition is None else source.definition.id


def _begin(source: Source) -> tuple[int, int]:
    mark = source.node.start_mark
    return mark.line + 1, mark.column + 1


def _within(fault: Fault, source: Source) -> bool:
    end = source.node.end_mark
    return _begin(source) <= (fault.line, fault.column) < (end.line + 1, end.column + 1)
