"""Points of a purchase that expired unspent: a return takes them from breakage, and not from the member. Pure.

The member has had nothing of them; charged once more they would pay twice. What of a lot expired the member's journal
says (`slices` of its expiry); what earlier returns have taken of that, their entries do (`ended`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from shared.ledger.terms import Terms

ENDED: Final = "ended"  # of a return's entry: [[wallet, activates, expires, points]]
Places = Mapping[str, Collection[Terms]]  # lots that points of a purchase can have been in, by wallet


def may_have(bought: Mapping[str, Any], now: str) -> bool:
    """Whether any of a purchase's points can have expired by then (text in UTC)."""
    mine = (each for each in bought["postings"] if each["account"].startswith("member:") and each.get("terms"))
    return any(each["terms"][1] is not None and each["terms"][1] <= now for each in mine)


def unspent(journal: Iterable[Mapping[str, Any]], own: Places) -> dict[tuple[str, Terms], int]:
    """Of these lots, what expired in the member's account and no return has taken yet. journal: theirs, and of those
    who were merged into them."""
    found: dict[tuple[str, Terms], int] = {}
    for entry in journal:
        for wallet, activates, expires, points in (*_expired(entry), *_taken(entry)):
            place = Terms(activates, expires)
            if place in own.get(wallet, ()):
                found[wallet, place] = found.get((wallet, place), 0) + points
    return {key: points for key, points in found.items() if points > 0}


def take(there: Mapping[tuple[str, Terms], int], wallet: str, points: int) -> list[list[Any]]:
    """Up to so many of them, as an entry keeps it."""
    found: list[list[Any]] = []
    for (of, place), most in there.items():
        if of == wallet and points:
            part = min(points, most)
            found.append([wallet, *place, part])
            points -= part
    return found


def _expired(entry: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    if entry["kind"] != "expiry":
        return ()
    if "slices" in entry:
        wallet = entry["postings"][0]["wallet"] if entry["postings"] else ""
        return ((wallet, *each) for each in entry["slices"])
    moved = entry.get("moves", ())  # as earlier releases kept it
    return ((wallet, *place, -points) for wallet, state, *place, points in moved if state == "lot" and points < 0)


def _taken(entry: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    return ((wallet, activates, expires, -points) for wallet, activates, expires, points in entry.get(ENDED, ()))
