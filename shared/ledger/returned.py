"""Returns in the journal: which entries took back something of which purchase, and what is left of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from shared.events.light import ActivityRead, Occurrence, Returned
from shared.events.light_entries import ASKED
from shared.rules.leftover import WHOLE, left_after, remains

RETURN_OF: Final = "return_of"
"""The journal's field that names the purchase of a return's entry (or of its cancellation); indexed."""
_DECODER: Final = msgspec.json.Decoder(ActivityRead)
NUMBER: Final = "return_number"
"""Which of its purchase's returns it is, from 0: of members who were merged, entries have numbers of their own each."""
Document = Mapping[str, Any]
CANCELLED: Final = "cancelled"
"""The milestone by which a purchase comes back whole."""
D = TypeVar("D", bound=Document)


def activity(entry: Document) -> ActivityRead:
    """The activity that a journal entry answers."""
    return _DECODER.decode(bytes(entry["event"]))


def said(entry: Document) -> Returned:
    """What an entry that took something back says came back; a purchase that is cancelled comes back whole."""
    data = activity(entry).event.data
    return data if isinstance(data, Returned) else WHOLE


def in_order(journal: Iterable[D]) -> list[D]:
    """A member's numbered entries, by their numbers."""
    return sorted((each for each in journal if each["seq"] is not None), key=lambda each: int(each["seq"]))


def in_turn(returns: Iterable[D]) -> list[D]:
    """Entries that took something back, of any purchases, so that those of each come in the order of its returns."""
    return sorted((each for each in returns if RETURN_OF in each), key=lambda each: int(each[NUMBER]))


def left_of(purchase: Occurrence, returns: Sequence[Returned]) -> Occurrence | None:
    """What is left of a purchase after its returns; None for nothing."""
    return remains(purchase, left_after(purchase.data.lines, returns)) if returns else purchase


def standing(
    journal: Iterable[Document], back: Iterable[Document] = ()
) -> Iterator[tuple[Occurrence, datetime | None]]:
    """What partners said, and when it was posted, in that order; of purchases what is left in the end. back: entries
    that took something back and are in nobody's journal of these; see `shared.ledger.kin`."""
    entries = in_order(journal)
    returns: dict[str, list[Returned]] = {}
    for each in in_turn({each["_id"]: each for each in (*entries, *back)}.values()):
        returns.setdefault(each[RETURN_OF], []).append(said(each))
    for each in entries:
        if each["kind"] in ASKED and each["kind"] != "grant":
            event = left_of(activity(each).event, returns.get(each["_id"], ()))
            if event is not None:
                yield event, each.get("posted_at")


def unasked(entry: Mapping[str, Any]) -> dict[str, int]:
    """Of an entry that takes back: points by wallet whose goods came back, and that the member was not asked for."""
    found = ended(entry)
    for wallet, points in entry.get("spared", {}).items():
        found[wallet] = found.get(wallet, 0) + points
    return found


def by_rule(entry: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """What an entry gave or took, by rule, version and wallet. What a return takes late is in its postings alone: no
    rule was asked."""
    if entry["kind"] != "late_return":
        awards: Iterable[Mapping[str, Any]] = entry["awards"]
        return awards
    mine = (each for each in entry["postings"] if each["account"] == f"member:{entry['member']}")
    return [{**each, "points": each["amount"]} for each in mine]


def ended(entry: Mapping[str, Any]) -> dict[str, int]:
    """Of a return's entry: points by wallet that had expired, and that came out of breakage."""
    found: dict[str, int] = {}
    for wallet, _, _, points in entry.get("ended", ()):
        found[wallet] = found.get(wallet, 0) + points
    return found
