"""The ledger's journal as stored activity: each document an entry, in the order in which they were posted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from shared.backtest.entries import Change, Entry, Taken
from shared.events.light import ActivityRead, GrantRead
from shared.events.light_entries import ASKED
from shared.ledger.kin import duplicate_of
from shared.ledger.returned import unasked
from shared.rules.effects import Award
from shared.rules.matching import Passed

_DECODER: Final = msgspec.json.Decoder(ActivityRead | GrantRead)
FIELDS: Final = (
    "member",
    "seq",
    "kind",
    "awards",
    "back",
    "bought_at",
    "counts_at",
    "passed",
    "heard",
    "event",
    "at",
    "spared",
    "ended",
)
"""What `entry` and `merged_at` read of a document."""
_BACK: Final = "back"


class GapError(ValueError):
    """The journal lacks entries: what is there cannot be replayed."""


def is_replayed(document: Mapping[str, Any]) -> bool:
    """Whether it is for a replay: rules were asked, or something was taken back. What clocks, tills and people did has
    a number of the member's too."""
    return document["kind"] in ASKED or _BACK in document


def merged_at(document: Mapping[str, Any]) -> datetime | None:
    """When a member was merged into the one whose entry this is; None of any other entry, also the duplicate's own."""
    merge = document["kind"] == "merge" and duplicate_of(document) is not None
    found: datetime | None = document["at"] if merge else None
    return found


def entry(document: Mapping[str, Any]) -> Entry:
    """A journal document as an entry. The database keeps milliseconds only, so times come from the event itself."""
    read = _DECODER.decode(document["event"])
    back = {rule for rule, *_ in document.get("back", ())}  # a rule is asked about one kind of events only
    awards, less = list[Award](), list[Award]()
    for each in document["awards"]:
        given = Award(each["rule"], each["version"], each["wallet"], each["points"])
        (less if each["rule"] in back else awards).append(given)
    passed = [Passed(**each) for each in document.get("passed", ())]
    heard = changes_of(document, document["member"])
    if isinstance(read, GrantRead):
        kept = Taken(read.time, (), lost) if (lost := unasked(document)) else None
        return Entry(read.data.member, read.time, None, read.id, None, awards, passed, heard, kept)
    taken = _taken(document, less, read.event.time) if _BACK in document else None
    return Entry(read.member, read.event.time, read.event, None, read.advocate, awards, passed, heard, taken)


def _taken(document: Mapping[str, Any], less: Sequence[Award], time: datetime) -> Taken:
    """Spared is what was entitled to go back, and did not."""
    spared: dict[str, int] = {}
    for _, _, wallet, points in document[_BACK]:
        spared[wallet] = spared.get(wallet, 0) - points
    for each in less:
        spared[each.wallet] += each.points
    # Earlier releases noted the purchase's instant only where something went back.
    at = document.get("bought_at") or document.get("counts_at") or time
    return Taken(at, less, {wallet: points for wallet, points in spared.items() if points})


class InOrder:
    """Puts each member's documents in order of their `seq`, should they be read in another."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._early: dict[str, dict[int, Mapping[str, Any]]] = {}

    def feed(self, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The documents that may follow now that this one is there."""
        member, seq = document["member"], document["seq"]
        waiting = self._early.setdefault(member, {}) if seq != self._next.get(member, 1) else self._early.get(member)
        if waiting is not None and seq != self._next.get(member, 1):
            waiting[seq] = document
            return
        yield document
        seq += 1
        while waiting and seq in waiting:
            yield waiting.pop(seq)
            seq += 1
        self._next[member] = seq

    def finish(self) -> None:
        """Raises GapError where a member's entry is missing."""
        lost = sorted(member for member, waiting in self._early.items() if waiting)
        if lost:
            missing = self._next.get(lost[0], 1)
            raise GapError(
                f"the journal has no entry {missing} of {lost[0]} but later ones ({len(lost)} such members): "
                "run `doublestar reconcile`, and export again when the books are in order"
            )


def grant_of(document: Mapping[str, Any]) -> str | None:
    """The id of the grant that a document posts; None where it posts an activity."""
    return str(document["_id"]).partition("|")[2] if document["kind"] == "grant" else None


def changes_of(document: Mapping[str, Any], member: str) -> list[Change]:
    """The changes of tier that were heard: of a journal document, before it; of a member's, since their last entry."""
    heard = document.get("heard", ())
    return [Change(member, each["ladder"], each["after"], datetime.fromisoformat(each["since"])) for each in heard]
