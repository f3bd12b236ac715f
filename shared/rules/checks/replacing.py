"""Drafts beside the definitions that they are meant for: a draft takes the place of its id, as publishing it would."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from shared.rules.checks.constants import Remark
from shared.rules.faults import Fault
from shared.rules.joins import joins_wrongly, spoken_of
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
    if remark.code != "campaign" or campaign is None or source in drafts:
        return source, remark
    joins = joins_wrongly(campaign, drafts, (each.definition for each in beside))
    if joins is None:
        return source, remark
    return joins, remark._replace(path=("campaign",), said=f"{campaign.id}: {remark.said}")


def told_at_what_changes(source: Source, remark: Remark, drafts: Sequence[Source]) -> tuple[Source, Remark]:
    """Where a remark is told that there is for the drafts' sake only, on a definition that no draft changes: at the
    draft that it speaks of, or the only one."""
    cause = spoken_of(remark.said, drafts)
    if cause is None or source.definition is None:
        return source, remark
    place = f"{source.file}:{source.node.start_mark.line + 1}"
    said = f"{source.definition.id} in {place}: {remark.said}"
    return cause, Remark((), said, remark.code, remark.severity)


def _id(source: Source) -> str | None:
    return None if source.definition is None else source.definition.id


def _begin(source: Source) -> tuple[int, int]:
    mark = source.node.start_mark
    return mark.line + 1, mark.column + 1


def _within(fault: Fault, source: Source) -> bool:
    end = source.node.end_mark
    return _begin(source) <= (fault.line, fault.column) < (end.line + 1, end.column + 1)
