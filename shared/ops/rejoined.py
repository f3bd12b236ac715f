"""Two pasts that become one at a merge, and two again: by the functions that the services use. Pure.

Points are no matter here: by how much each balance moved, both entries say; nor is history, which is counted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.events.internal import GrantData
from shared.ops.past import Past, Side, lessen
from shared.rules import merging, merging_progress
from shared.rules.absorbed import Ties
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import LED, led, way

Entry = Mapping[str, Any]


def join(past: Past, id_: str, other: Past, book: Rulebook) -> None:
    """What another had before their merge is the member's from here on. other: the duplicate, whose id is `id_`."""
    mine, theirs = past.earn.document, other.earn.document
    theirs["lent"] = merging.lend(theirs, mine)
    theirs[LED] = [0, mine["_id"]]
    merging_progress.lend(other.campaigns.document, past.campaigns.document, book)
    for side, more in _sides(past, other):
        side.tally.add(more.tally)
        for key, events in more.by.items():
            side.by.setdefault(key, {}).update(events)
    past.merged |= {id_: other, **other.merged}
    past.entries += other.entries
    when = {each["_id"]: each["at"] for each in past.entries}
    for side in (past.earn, past.campaigns):
        for key, events in side.by.items():  # the latest are told by name
            side.by[key] = dict(sorted(events.items(), key=lambda each: when[each[0]]))


def part(past: Past, id_: str, book: Rulebook, at: datetime) -> Past | None:
    """The duplicate is on their own again, and returned; None of whom nothing was known. at: when that was."""
    other = past.merged.pop(id_, None)
    if other is None:
        return None
    theirs = other.earn.document
    merging.take_back(theirs, past.earn.document, theirs.pop("lent"))
    del theirs[LED]
    merging_progress.take_back(other.campaigns.document, past.campaigns.document, book, ties=ties(past), at=at)
    gone = {id_, *other.merged}
    for side, less in _sides(past, other):
        side.tally.add(less.tally, -1)
        for key, events in less.by.items():
            mine = side.by.get(key, {})
            for event, amount in [*events.items()]:
                lessen(events, event, amount - min(amount, mine.get(event, 0)))  # it came back meanwhile
                lessen(mine, event, amount)
    past.merged = {each: one for each, one in past.merged.items() if each not in gone}
    past.entries = [each for each in past.entries if each["member"] not in gone]
    return other


def counted(past: Past) -> dict[str, Any]:
    """What a return may lower, as it is now: see `lost`; nothing where nobody was merged into the member."""
    if not past.merged:
        return {}
    uses = past.earn.document.get("uses", {})
    return {
        "uses": {key: dict(buckets) for key, buckets in uses.items()},
        "lifetime": dict(past.earn.document.get("lifetime", {})),
    }


def bought_by(past: Past, entry: Mapping[str, Any], grant: GrantData) -> str | None:
    """Whose what a grant takes back was, where that is a merged member. The ledger notes it; an earlier release left it
    to the grant, which may name a duplicate though it was posted to the survivor: then that is among their entries."""
    if "bought_by" in entry or grant.bought_by is None:
        found: str | None = entry.get("bought_by")
        return found
    own = f"/campaigns|{grant.corrects}"
    return None if any(each["_id"] == own for each in past.entries) else grant.bought_by


def lost(past: Past, buyer: str | None, before: Mapping[str, Any]) -> None:
    """What came back of a merged member's own purchase is their loss: it does not come back to them at an unmerge."""
    documents = {id_: each.earn.document for id_, each in past.merged.items()}
    for id_ in way(documents, buyer or ""):
        merging.returned(documents[id_], before, past.earn.document)


def brought_nobody(past: Past, buyer: str | None) -> None:
    """The same of a reward for somebody whom a merged member had brought."""
    documents = {id_: each.earn.document for id_, each in past.merged.items()}
    for id_ in way(documents, buyer or ""):
        merging.brought_nobody(documents[id_])


def brought_by(past: Past, buyer: str | None) -> list[dict[str, Any]]:
    """Campaigns' documents on the way from a merged member to the one into whom they are merged, whose is the last."""
    documents = {id_: each.earn.document for id_, each in past.merged.items()}
    return [*(past.merged[id_].campaigns.document for id_ in way(documents, buyer or "")), past.campaigns.document]


def ties(past: Past) -> Ties:
    """Campaigns' documents of all who are one with the member."""

    def into(document: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [each.campaigns.document for each in past.merged.values() if led(each.earn.document) == document["_id"]]

    return Ties(lambda id_: brought_by(past, id_), into)


def _sides(past: Past, other: Past) -> tuple[tuple[Side, Side], ...]:
    return (past.earn, other.earn), (past.campaigns, other.campaigns)
