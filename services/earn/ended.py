"""Points of a purchase that expired unspent: a return takes them from breakage, and not from the member; and spent ones
whose time was over before they came back. Pure.

The member has had nothing of them; charged once more they would pay twice. What of a lot expired the member's journal
says (`slices` of its expiry); what earlier returns have taken of that, their entries do (`ended`). When inactivity
ended lots, which had no end before, the member's document says (`idled`, see `shared.ledger.due`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from shared.ledger import due
from shared.ledger.spared import NEVER
from shared.ledger.terms import Terms

ENDED: Final = "ended"  # of a return's entry: [[wallet, activates, expires, points]]
Own = tuple[Terms, ...]
Places = Mapping[str, Collection[Terms]]  # lots that points of a purchase can have been in, by wallet


def may_have(own: Places, now: str) -> bool:
    """Whether any of a purchase's points, which can be in these lots, can have expired by then (text in UTC)."""
    return any(each.expires is not None and each.expires <= now for places in own.values() for each in places)


def asks(bought: Mapping[str, Any], now: str, persons: Iterable[Mapping[str, Any]]) -> bool:
    """The same, before the lots are known: then the journal is to be read. persons: whose the points can be."""
    mine = [each for each in bought["postings"] if each["account"].startswith("member:") and each.get("terms")]
    return any_may_have((each["terms"][1] for each in mine), now, persons)


def any_may_have(ends: Iterable[str | None], now: str, persons: Iterable[Mapping[str, Any]]) -> bool:
    """The same of lots that end so."""
    found = [each for each in ends if each is not None]
    if any(due.is_idle(each) for each in found) and any(each.get(due.IDLED) for each in persons):
        return True
    return any(each <= now for each in found)


def idle_ended(
    own: Mapping[str, Own], bought: Mapping[str, Any], persons: Sequence[Mapping[str, Any]]
) -> dict[str, Own]:
    """A purchase's lots, where inactivity has ended them since: by when that was. What is in the wallet's idle lots
    now came later. persons: whoever bought, and whom their points came to by merges, in that order."""
    found: dict[str, Own] = {}
    for wallet, places in own.items():
        idle = any(due.is_idle(each.expires) for each in places)
        until = _end(wallet, bought["seq"], persons) if idle else None
        found[wallet] = places if until is None else tuple(each._replace(expires=until) for each in places)
    return found


def as_they_ended(wallet: str, spent: Mapping[str, Any], persons: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """What a redemption (its entry) had spent, to come back: of lots that inactivity would have ended since, with that
    end. Else it would be alive again by whatever the member did after the end. persons: as above."""
    until = _end(wallet, spent["seq"], persons)
    return [
        [activates, until if until is not None and due.is_idle(expires) else expires, points]
        for activates, expires, points in spent["slices"]
    ]


def _end(wallet: str, since: int, persons: Iterable[Mapping[str, Any]]) -> str | None:
    for person in persons:
        until = due.first_end(person, wallet, since)
        if until is not None:
            return until
        since = person.get("lent", {}).get("since", NEVER)
    return None


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
