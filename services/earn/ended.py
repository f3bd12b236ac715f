"""Points of a purchase that expired unspent: a return takes them from breakage, and not from the member; and spent ones
whose time was over before they came back. Pure.

The member has had nothing of them; charged once more they would pay twice. What of a lot expired the member's journal
says (`slices` of its expiry); what earlier returns have taken of that, their entries do (`ended`). Where two are
merged, what had expired of the duplicate's is the survivor's as all else is, and goes back as points do when that is
undone: both entries say how many are theirs from then on, or theirs no more (`expired`). When inactivity ended lots,
which had no end before, the member's document says (`idled`, see `shared.ledger.due`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Final

from shared.ledger import due
from shared.ledger.spared import NEVER
from shared.ledger.terms import Terms

ENDED: Final = "ended"  # of a return's entry: [[wallet, activates, expires, points]]
EXPIRED: Final = "expired"  # of both entries of a merge or its undoing, the same; below nothing: whose they were
Own = tuple[Terms, ...]
Places = Mapping[str, Collection[Terms]]  # lots that points of a purchase can have been in, by wallet
Expired = dict[tuple[str, Terms], int]  # points by wallet and lot
Rows = list[list[Any]]  # [wallet, activates, expires, points], as entries and documents keep it


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
        since = _came(person.get("lent", {}))
    return None


def _came(lent: Mapping[str, Any]) -> int:
    """The survivor's entry by which a merge brought points: the one after the last that they had before. What had ended
    by that one had ended for the survivor alone."""
    since: int = lent.get("since", NEVER)
    return since + 1


def unspent(journal: Iterable[Mapping[str, Any]]) -> Expired:
    """What expired in the member's account and no return has taken yet. journal: theirs, and of those who were merged
    into them: of merges of earlier releases, which do not say whose it became."""
    found: Expired = {}
    for entry in journal:
        for wallet, activates, expires, points in (*_expired(entry), *_taken(entry), *entry.get(EXPIRED, ())):
            place = wallet, Terms(activates, expires)
            found[place] = found.get(place, 0) + points
    return {place: points for place, points in found.items() if points > 0}


def among(expired: Expired, own: Places) -> Expired:
    """Of these lots alone."""
    return {(wallet, at): points for (wallet, at), points in expired.items() if at in own.get(wallet, ())}


def rows(expired: Mapping[tuple[str, Terms], int]) -> Rows:
    """As entries and documents keep it."""
    return [[wallet, *place, points] for (wallet, place), points in expired.items()]


def without(expired: Expired, taken: Iterable[Sequence[Any]]) -> Expired:
    """What is left once a return has taken these rows of it."""
    left = dict(expired)
    for wallet, activates, expires, points in taken:
        left[wallet, Terms(activates, expires)] -= points
    return left


def parted(expired: Expired, missing: Iterable[Sequence[Any]]) -> tuple[Rows, Rows]:
    """What becomes of it when a merge is undone. missing: rows of what the duplicate brought and has not come back.

    First what they are given back of what expired: of each lot as far as it did; the survivor's own points count as
    spent first, as for points that are there; what was pending then may have expired active. Then the rest of what is
    missing, which somebody has spent.
    """
    left, found, spent = dict(expired), Expired(), Rows()
    for wallet, activates, expires, points in missing:
        for place in dict.fromkeys(((wallet, Terms(activates, expires)), (wallet, Terms(None, expires)))):
            part = min(points, left.get(place, 0))
            if part:
                found[place] = found.get(place, 0) + part
                left[place] -= part
                points -= part
        if points:
            spent.append([wallet, activates, expires, points])
    return rows(found), spent


def less(of: Rows) -> Rows:
    """The same for whose they are no more."""
    return [[*place, -points] for *place, points in of]


def part_idle(survivor: Mapping[str, Any], duplicate: MutableMapping[str, Any], lent: Mapping[str, Any]) -> None:
    """Before a merge is undone: what inactivity ended of the survivor's meanwhile ended for the duplicate, too; what
    they brought has that end, and their document tells it; so has what is the survivor's own again. Else they would
    have points that the survivor earned since in place of those, and a return would look for them where they are
    not."""
    since = _came(lent)
    for wallet in survivor.get(due.IDLED, {}):
        until = due.first_end(survivor, wallet, since)
        if until is None:
            continue
        due.ended_by(duplicate, wallet, until)
        for each in (*lent["lots"], *lent.get("paid", ()), *lent.get("took", ())):
            if each[0] == wallet and due.is_idle(each[2]):
                each[2] = until


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
