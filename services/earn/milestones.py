"""Milestones of a purchase: points that waited for one become active, or go back when it is cancelled. Pure.

A purchase comes to each milestone once, whatever is reported again under another id; what is cancelled comes to none.
What is not pending any more is left alone: that goods came back is a return's to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.earn import accounts
from shared.events.decode import Refused
from shared.events.light import ActivityRead, Reported
from shared.ledger import due, lots
from shared.ledger.terms import Terms, milestone
from shared.rules.effects import Award
from shared.rules.learning import utc
from shared.rules.rulebook import Ruleset
from shared.rules.wallets import Wallet

CANCELLED: Final = "cancelled"
MILESTONE_OF: Final = "milestone_of"
"""The journal's field that names the purchase of a milestone's entry; indexed."""


@dataclass(slots=True)
class Reports:
    """Of the purchases that a batch's milestones are of: their journal entries, and earlier milestones."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    earlier: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def reported(event: ActivityRead) -> Reported | None:
    """What an activity reports of a purchase; None where it reports nothing."""
    data = event.event.data
    return data if isinstance(data, Reported) else None


def purchase_key(event: ActivityRead) -> str | None:
    """The journal's key of the purchase that a milestone is of."""
    data = reported(event)
    return None if data is None else f"{event.event.source}|{data.purchase}"


def purchase_of(
    event: ActivityRead, reports: Reports, journal: Mapping[str, Mapping[str, Any]], persons: Collection[str]
) -> Mapping[str, Any] | Refused:
    """The purchase's entry, or why there is none. journal: has in full what this very batch posted; persons: the
    member, and who was merged into them."""
    key = str(purchase_key(event))
    entry = reports.entries.get(key) or journal.get(key, {})
    if entry.get("kind") != "purchase":
        return Refused("unknown_purchase", "no purchase with this id was posted; replay this when it has been")
    if entry["member"] not in persons:
        return Refused("unknown_purchase", "the purchase with this id is another member's; name whoever bought")
    return entry


def settle(
    event: ActivityRead,
    entry: Mapping[str, Any],
    earlier: Iterable[Mapping[str, Any]],
    member: dict[str, Any],
    rules: Ruleset,
) -> tuple[list[accounts.Posting], list[Award], dict[str, Any]]:
    """Changes the member's lots; returns the postings, what was taken back by rule, and what the journal keeps.

    earlier: entries of milestones of this purchase. rules: those in force at the purchase.
    """
    said = reported(event)
    assert said is not None
    before = {each["milestone"] for each in earlier}
    kept: dict[str, Any] = {MILESTONE_OF: entry["_id"], "milestone": said.milestone}
    if CANCELLED in before or said.milestone in before:
        return [], [], kept
    if said.milestone == CANCELLED:
        postings, awards = _cancel(event, entry, before, member, rules)
        return postings, awards, {**kept, "counts_at": entry["at"]} if awards else kept
    waiting = milestone(entry["_id"], said.milestone)
    active = {wallet: points for wallet in sorted({lot["wallet"] for lot in member["lots"]})
              if (points := lots.activate(member, wallet, "", milestone=waiting))}  # fmt: skip
    return [], [], {**kept, "active": active} if active else kept


def _cancel(
    event: ActivityRead, entry: Mapping[str, Any], before: set[str], member: dict[str, Any], rules: Ruleset
) -> tuple[list[accounts.Posting], list[Award]]:
    """Pending points of each rule's award go back to whoever issued them, by the wallet's policy for returns."""
    at, purses = event.event.time, rules.programme.purses
    whose = accounts.of_member(member["_id"])  # the purchase may be a duplicate's, who was merged into this one
    due.end_idle(member, at, rules.zone)
    postings, awards = list[accounts.Posting](), list[Award]()
    for mine, theirs in _pairs(entry["postings"]):
        own = Terms(*mine["terms"]) if "terms" in mine else Terms()
        if not _pending(own, entry["_id"], before, utc(at)) or mine["amount"] <= 0:
            continue
        purse = purses.get(mine["wallet"], Wallet(id=mine["wallet"]))
        taken = lots.claw(member, purse.id, mine["amount"], utc(at), policy=purse.on_return, own=own)
        lifetime = member.setdefault("lifetime", {})
        lifetime[purse.id] = lifetime.get(purse.id, 0) - mine["amount"]
        if taken:
            postings += accounts.moved(purse.id, taken, whose, theirs["account"], mine["rule"], mine["version"])
            awards.append(Award(mine["rule"], mine["version"], purse.id, -taken))
    return postings, awards


def _pairs(postings: Sequence[Mapping[str, Any]]) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """A purchase's postings come in twos: the member's account, and its issuer's."""
    return zip(postings[::2], postings[1::2], strict=True)


def _pending(own: Terms, purchase: str, before: set[str], at: str) -> bool:
    """Whether points with these terms are not active yet, as far as the clock and earlier milestones say."""
    if own.activates is None:
        return False
    if own.activates.startswith("on:"):
        return not any(own.activates == milestone(purchase, each) for each in before)
    return own.activates > at
