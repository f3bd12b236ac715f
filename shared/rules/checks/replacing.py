"""Drafts beside the definitions that they are meant for: a draft takes the place of its id, as publishing it would."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from shared.rules.faults import Fault
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


def _id(source: Source) -> str | None:
    return None if source.definition is None else source.definition.id


def _begin(source: Source) -> tuple[int, int]:
    mark = source.node.start_mark
    return mark.line + 1, mark.column + 1


def _within(fault: Fault, source: Source) -> bool:
    end = source.node.end_mark
    return _begin(source) <= (fault.line, fault.column) < (end.line + 1, end.column + 1)
