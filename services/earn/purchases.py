"""Purchases that later events are about: their entries, and what was reported and returned of them before. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.events.decode import Refused
from shared.events.light import ActivityRead, Reported, Returned
from shared.ledger.kin import Journals
from shared.rules.rulebook import Rulebook

Document = dict[str, Any]


@dataclass(slots=True)
class Purchases:
    """Of the purchases that a batch's milestones and returns are of, by the journal's key.

    entries: their own; milestones, returns: entries of what was reported and returned before, in order; pasts: journals
    of members for whom rules or counters have to be asked again, and of their kin; grants: when those were posted that
    are taken back.
    """

    entries: dict[str, Document] = field(default_factory=dict)
    milestones: dict[str, list[Document]] = field(default_factory=dict)
    returns: dict[str, list[Document]] = field(default_factory=dict)
    pasts: Journals = field(default_factory=dict)
    grants: dict[str, datetime] = field(default_factory=dict)

    @property
    def buyers(self) -> set[str]:
        """Whose they were; other than who returns them where those were merged since."""
        return {each["member"] for each in self.entries.values() if each.get("kind") == "purchase"}


def purchase_key(event: ActivityRead) -> str | None:
    """The journal's key of the purchase that a milestone or a return is of; None for other events."""
    data = event.event.data
    return f"{event.event.source}|{data.purchase}" if isinstance(data, Reported | Returned) else None


def purchase_of(
    event: ActivityRead, known: Purchases, journal: Mapping[str, Document], persons: Collection[str]
) -> Document | Refused:
    """The purchase's entry, or why there is none. journal: has in full what this very batch posted; persons: the
    member, and who was merged into them."""
    key = str(purchase_key(event))
    entry = known.entries.get(key) or journal.get(key, {})
    if entry.get("kind") != "purchase":
        return Refused("unknown_purchase", "no purchase with this id was posted; replay this when it has been")
    if entry["member"] not in persons:
        return Refused("unknown_purchase", "the purchase with this id is another member's; name whoever bought")
    if event.event.time < entry["at"]:
        # What became of it cannot be before it: points would be active, or gone, before they were earned.
        back = isinstance(event.event.data, Returned)
        said = "goods come back after they were bought" if back else "a purchase comes to a milestone after it was made"
        return Refused("before_purchase", said)
    return entry


def paid_wrongly(event: ActivityRead, book: Rulebook) -> Refused | None:
    """Why points cannot have paid a part of a purchase: rules would look at it as paid by what is not there."""
    paid = event.event.data.paid_with_points
    if paid is None or (rules := book.found(event.event.time)) is None:
        return None
    purses = rules.programme.purses
    if paid.wallet in purses and purses[paid.wallet].kind == "currency":
        return None
    known = ", ".join(each.id for each in purses.values() if each.kind == "currency")
    return Refused(
        "unknown_wallet", f"paid_with_points.wallet is none that is spent in this programme; there are: {known}"
    )
