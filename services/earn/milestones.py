"""Milestones of a purchase: points that waited for one become active. Pure.

A purchase comes to each milestone once, whatever is reported again under another id; what is cancelled comes to none.
One that is `cancelled` is returned, as far as it has not been (see `returning`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.events.light import ActivityRead, Reported
from shared.ledger import lots
from shared.ledger.returned import CANCELLED
from shared.ledger.terms import milestone

MILESTONE_OF: Final = "milestone_of"
"""The journal's field that names the purchase of a milestone's entry; indexed."""
Document = Mapping[str, Any]


def reported(event: ActivityRead) -> Reported | None:
    """What an activity reports of a purchase; None where it reports nothing."""
    data = event.event.data
    return data if isinstance(data, Reported) else None


def cancels(event: ActivityRead, earlier: Iterable[Document]) -> bool:
    """Whether a milestone cancels its purchase: the first that says so does. earlier: milestones before."""
    said = reported(event)
    return said is not None and said.milestone == CANCELLED and not _over(said, earlier)


def settle(event: ActivityRead, bought: Document, earlier: Iterable[Document], member: dict[str, Any]) -> Document:
    """Makes active what waited for the milestone; returns what the journal keeps of it.

    earlier: entries of milestones of this purchase.
    """
    said = reported(event)
    assert said is not None
    kept: dict[str, Any] = {MILESTONE_OF: bought["_id"], "milestone": said.milestone}
    if said.milestone == CANCELLED or _over(said, earlier):
        return kept
    waiting = milestone(bought["_id"], said.milestone)
    active = {wallet: points for wallet in sorted({lot["wallet"] for lot in member["lots"]})
              if (points := lots.activate(member, wallet, "", milestone=waiting))}  # fmt: skip
    return {**kept, "active": active} if active else kept


def _over(said: Reported, earlier: Iterable[Document]) -> bool:
    before = {each["milestone"] for each in earlier}
    return CANCELLED in before or said.milestone in before
