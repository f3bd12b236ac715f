"""Points of a member who is merged into another, lot by lot; and what of them is still there when that is undone. Pure.

A debt is repaid as everywhere: what comes in repays what the survivor owes, and what the duplicate owes is taken from
the survivor's points. What has been repaid stays repaid.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from shared.ledger import lots
from shared.ledger.spared import SPARED
from shared.ledger.terms import Terms

Document = MutableMapping[str, Any]
Brought = list[list[Any]]  # [wallet, activates, expires, points], as it is stored


def pour(giver: Document, taker: Document, at: str) -> tuple[dict[str, int], Brought]:
    """All lots and debts of one member to another, with their terms. Returns by how much each wallet's balance moved,
    and the lots that came. at: the instant (UTC text) by which lots are good, where a debt is taken from them."""
    moved = {wallet: points for wallet, points in giver["balances"].items() if points}
    # What ends first comes first: it is what repays a debt.
    ordered = sorted(giver["lots"], key=lots.soonest)
    brought: Brought = [[lot["wallet"], lot["activates"], lot["expires"], lot["points"]] for lot in ordered]
    owed = dict(giver.get("deficit", {}))
    giver["lots"], giver["balances"] = [], dict.fromkeys(giver["balances"], 0)
    giver.pop("deficit", None)
    for wallet, activates, expires, points in brought:
        lots.add(taker, wallet, points, Terms(activates, expires))
    for wallet, points in owed.items():
        lots.claw(taker, wallet, points, at)
    _active(giver, taker)
    return moved, brought


def give_back(survivor: Document, duplicate: Document, brought: Brought) -> dict[str, int]:
    """Of the lots that came, what is still there: of each, the points that its bucket holds now, so the survivor's own
    are spent first. What was pending and is active now is looked for there. Returns points by wallet."""
    moved: dict[str, int] = {}
    for wallet, activates, expires, points in brought:
        found = lots.draw(survivor, wallet, points, Terms(activates, expires))
        lots.add(duplicate, wallet, found, Terms(activates, expires))
        if activates is not None:
            active = lots.draw(survivor, wallet, points - found, Terms(None, expires))
            lots.add(duplicate, wallet, active, Terms(None, expires))
            found += active
        if found:
            moved[wallet] = moved.get(wallet, 0) + found
    _active(survivor, duplicate)
    return moved


def returned(brought: Brought, before: Iterable[lots.Lot], after: Iterable[lots.Lot]) -> None:
    """A purchase of the duplicate's own has come back: what that took out of a bucket is no longer of what they
    brought. before, after: the survivor's lots."""
    left = {(lot["wallet"], lot["activates"], lot["expires"]): lot["points"] for lot in after}
    for lot in before:
        place = lot["wallet"], lot["activates"], lot["expires"]
        lost = lot["points"] - left.get(place, 0)
        # What was pending when it came, and is active now, was lost there.
        for each in sorted(brought, key=lambda came: came[1] != place[1]):
            came_there = each[1] == place[1] or place[1] is None
            if lost > 0 and (each[0], each[2]) == (place[0], place[2]) and came_there:
                less = min(lost, each[3])
                each[3] -= less
                lost -= less


def empty(member: Document) -> dict[str, int]:
    """Ends all points and debts of a member; returns the balances that there were."""
    ended = {wallet: points for wallet, points in member["balances"].items() if points}
    member["lots"], member["balances"] = [], dict.fromkeys(member["balances"], 0)
    member.pop("deficit", None)
    member.pop(SPARED, None)
    return ended


def _active(one: Document, other: Document) -> None:
    """They are one person: what the one did keeps the other's points from ending by inactivity, too."""
    seen: Iterable[tuple[str, str]] = one.get("active", {}).items()
    for wallet, at in seen:
        mine = other.setdefault("active", {})
        mine[wallet] = max(at, mine.get(wallet, ""))
