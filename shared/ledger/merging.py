"""Points and debts of a member who is merged into another, lot by lot; and what comes back when that is undone. Pure.

A debt is repaid as everywhere: what comes in repays what the survivor owes, and what the duplicate owes is taken from
the survivor's points. What was whose is kept in the duplicate's document (`lent`), so that both can be given back:

    lots  [[wallet, activates, expires, points]]: the duplicate's points that came into the survivor's lots
    paid  the same of those that repaid what the survivor owed
    took  the same of the survivor's points that repaid what the duplicate owed
    owed  {wallet: points}: what the duplicate owed, and owes since, for goods that came back; what `took` has less of
          it the survivor owed from then on
    expired  as `lots`: what had expired of the duplicate's before, and no return has taken (`services.earn.ended`); and
          what a till gave back since that had

A merge of an earlier version kept `lots` alone, of all that came: of it nothing that repaid a debt comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from copy import deepcopy
from typing import Any

from shared.ledger import lots
from shared.ledger.spared import SPARED
from shared.ledger.terms import Terms

Document = MutableMapping[str, Any]
Brought = list[list[Any]]  # [wallet, activates, expires, points], as it is stored
Places = dict[tuple[Any, ...], int]  # points by [wallet, activates, expires]


def pour(giver: Document, taker: Document, at: str) -> tuple[dict[str, int], Document]:
    """All lots and debts of one member to another, with their terms. Returns by how much each wallet's balance moved,
    and what was whose (see above). at: the instant (UTC text) by which lots are good, where a debt is taken from
    them."""
    moved = {wallet: points for wallet, points in giver["balances"].items() if points}
    lent: Document = {"lots": [], "paid": [], "took": [], "owed": dict(giver.get("deficit", {}))}
    ordered = sorted(giver["lots"], key=lots.soonest)
    giver["lots"], giver["balances"] = [], dict.fromkeys(giver["balances"], 0)
    giver.pop("deficit", None)
    for each in (giver, taker):
        lots.forget_awaited(each)  # whose debt it would repay nobody could tell
    # What ends first comes first: it is what repays a debt.
    for lot in ordered:
        wallet, points = lot["wallet"], lot["points"]
        owed = lots.deficit(taker, wallet)
        lots.add(taker, wallet, points, Terms(lot["activates"], lot["expires"]), at)
        bring(lent, wallet, [lot["activates"], lot["expires"], points], owed, at)
    before = deepcopy(taker["lots"])
    for wallet, points in lent["owed"].items():
        lots.claw(taker, wallet, points, at)
    lent["took"] = lost(before, taker["lots"])
    _active(giver, taker)
    return moved, lent


def bring(lent: Document, wallet: str, part: lots.Slice, owed: int, at: str) -> None:
    """Points of the duplicate's own have come to the survivor. owed: by the survivor before, which they repay first.
    What has ended at this instant repays nothing: it expires as it comes."""
    activates, expires, points = part
    good = lots.is_good({"expires": expires}, at)
    repays = min(owed, points) if good else 0
    for where, number in (("paid", repays), ("lots" if good else "expired", points - repays)):
        came: Brought = lent.setdefault(where, [])
        same = next((each for each in came if each[:3] == [wallet, activates, expires]), None)
        if same is not None:
            same[3] += number
        elif number:
            came.append([wallet, activates, expires, number])


def owes(lent: Mapping[str, Any], wallet: str) -> int:
    """What the duplicate would owe if the merge were undone now: what has come of their own since repays it."""
    owed: int = lent.get("owed", {}).get(wallet, 0)
    came: int = sum(each[3] for each in (*lent["lots"], *lent.get("paid", ())) if each[0] == wallet)
    return max(0, owed - came)


def give_back(
    survivor: Document, duplicate: Document, lent: Mapping[str, Any], at: str, given: Callable[[str], Terms]
) -> dict[str, int]:
    """Both have again what they had, as far as it is there. Returns by how much each wallet's balance moved.

    Of the lots that came, each has what its bucket holds now, so the survivor's own points are spent first; what was
    pending and is active now is looked for there. What repaid a debt of the other's comes back whole, and the debt is
    owed again. at: the instant (UTC text); given: by wallet, the terms of points that are given then. Of what is lent,
    `lots` has afterwards what did not come back.
    """
    took: Brought = lent.get("took", [])
    for wallet, points in lent.get("owed", {}).items():
        lots.claw(duplicate, wallet, points, at)
        # What of it became the survivor's debt is lifted from them; as far as they have repaid it they have points.
        lots.add(survivor, wallet, points - sum(each[3] for each in took if each[0] == wallet), given(wallet))
    # Each debt is repaid by what ends first, in whatever order it came.
    for wallet, activates, expires, points in sorted(took, key=_soonest):
        lots.add(survivor, wallet, points, _by_now(activates, expires, at), at)
    for each in sorted(lent["lots"], key=_soonest):
        wallet, activates, expires, _ = each
        for terms in dict.fromkeys((Terms(activates, expires), Terms(None, expires))):
            found = lots.draw(survivor, wallet, each[3], terms)
            lots.add(duplicate, wallet, found, terms, at)
            each[3] -= found
    for wallet, activates, expires, points in sorted(lent.get("paid", ()), key=_soonest):
        lots.add(duplicate, wallet, points, _by_now(activates, expires, at), at)
        lots.claw(survivor, wallet, points, at)
    _active(survivor, duplicate)
    return {wallet: points for wallet, points in duplicate["balances"].items() if points}


def lost(before: Iterable[lots.Lot], after: Iterable[lots.Lot]) -> Brought:
    """What a member's buckets have less than before, what ends first before the rest."""
    left = _places(after)
    found = [[*place, points - left.get(place, 0)] for place, points in _places(before).items()]
    return sorted((each for each in found if each[3] > 0), key=_soonest)


def returned(
    lenders: Sequence[Document],
    survivor: Mapping[str, Any],
    gone: Brought,
    points: Mapping[str, int],
    own: Mapping[str, Collection[Terms]],
    expired: Brought,
) -> None:
    """A purchase of a member's own has come back while they are merged: it is their loss. What that took is no longer
    of what they brought, nor of what those brought whom they came by; what it took of others' points they owe.

    lenders: what was whose (`lent`) of these, from the last merge on; survivor: who has their points; gone: what their
    buckets have less, and what was taken of what had expired; points: all that was taken, by wallet, debts too; own:
    by wallet, the terms of the purchase's lots; expired: what is left of that, which nobody has spent either.
    """
    there = _places([*survivor["lots"], *_lots_of(expired)])
    for lent in lenders:
        mine: Brought = []
        for wallet, taken in points.items():
            mine += _charged(lent, wallet, taken, [each for each in gone if each[0] == wallet], own, there)
        gone, there = mine, _places(_lots_of([*_still(_all_of(lent), there), *lent.get("paid", ())]))


def empty(member: Document) -> dict[str, int]:
    """Ends all points and debts of a member; returns the balances that there were."""
    ended = {wallet: points for wallet, points in member["balances"].items() if points}
    member["lots"], member["balances"] = [], dict.fromkeys(member["balances"], 0)
    member.pop("deficit", None)
    lots.forget_awaited(member)
    member.pop(SPARED, None)
    return ended


def _charged(
    lent: Document, wallet: str, points: int, gone: Brought, own: Mapping[str, Collection[Terms]], there: Places
) -> Brought:
    """Of one merge and wallet: first what they brought and has gone; then what had repaid a debt, of which so much is
    owed again; then what the survivor has spent of what they brought. The rest they owe. Returns what has gone of
    theirs."""
    mine: Brought = []
    others: Brought = []
    for each in gone:
        part = _lessen(_came(_all_of(lent), each), each[3])
        mine.append([*each[:3], part])
        others.append([*each[:3], each[3] - part])
    left = points - _sum(mine)
    paid = _unpaid(lent, wallet, left, own.get(wallet, ()))
    left -= _sum(paid)
    spent = _lessen_spent([each for each in _all_of(lent) if each[0] == wallet], left, there)
    if "owed" in lent and left > spent:
        lent["owed"][wallet] = lent["owed"].get(wallet, 0) + left - spent
        _, took = lots.part_of([each[1:] for each in others], _sum(paid) + spent)
        lent["took"] += [[wallet, *each] for each in took]
    return [*mine, *paid]


def _all_of(lent: Mapping[str, Any]) -> Brought:
    """What they brought, that which had expired by then, too."""
    return [*lent["lots"], *lent.get("expired", ())]


def _came(brought: Brought, gone: Sequence[Any]) -> Brought:
    """Of what came, that which can have been lost with these points: what was pending when it came, and is active now,
    too."""
    wallet, activates, expires, _ = gone
    found = [each for each in brought if (each[0], each[2]) == (wallet, expires) and activates in (None, each[1])]
    return sorted(found, key=lambda each: each[1] != activates)


def _unpaid(lent: Document, wallet: str, points: int, own: Collection[Terms]) -> Brought:
    """Lessens what repaid debts, the purchase's own points first, then what ends first. Returns what that was."""
    paid = [each for each in lent.get("paid", ()) if each[0] == wallet]
    paid.sort(key=lambda each: (Terms(each[1], each[2]) not in own, *_soonest(each)))
    before = deepcopy(paid)
    _lessen(paid, points)
    return [[*was[:3], was[3] - now[3]] for was, now in zip(before, paid, strict=True)]


def _lessen_spent(brought: Brought, points: int, there: Places) -> int:
    """Lessens what came and is not there any more (there: by place), what ends first before the rest; by how much."""
    wanted, ordered = points, sorted(brought, key=_soonest)
    for each, still in zip(ordered, _still(ordered, there), strict=True):
        less = min(points, each[3] - still[3])
        each[3] -= less
        points -= less
    return wanted - points


def _lessen(brought: Sequence[list[Any]], points: int) -> int:
    """Takes away up to so many points, of the first of them first; returns how many."""
    wanted = points
    for each in brought:
        less = min(points, each[3])
        each[3] -= less
        points -= less
    return wanted - points


def _still(brought: Brought, there: Places) -> Brought:
    """What of it is there, in its own place or, since it is active, in that one."""
    left, found = dict(there), list[list[Any]]()
    for wallet, activates, expires, points in brought:
        still = 0
        for place in dict.fromkeys(((wallet, activates, expires), (wallet, None, expires))):
            part = min(left.get(place, 0), points - still)
            left[place] = left.get(place, 0) - part
            still += part
        found.append([wallet, activates, expires, still])
    return found


def _sum(brought: Brought) -> int:
    return sum(each[3] for each in brought)


def _lots_of(brought: Brought) -> list[lots.Lot]:
    return [dict(zip(("wallet", "activates", "expires", "points"), each, strict=True)) for each in brought]


def _places(of: Iterable[lots.Lot]) -> Places:
    found: Places = {}
    for lot in of:
        place = (lot["wallet"], lot["activates"], lot["expires"])
        found[place] = found.get(place, 0) + lot["points"]
    return found


def _soonest(brought: Sequence[Any]) -> tuple[bool, str, str]:
    return lots.soonest({"activates": brought[1], "expires": brought[2]})


def _by_now(activates: str | None, expires: str | None, at: str) -> Terms:
    """Nobody has swept what was in no lot: what has become active since comes back so."""
    return Terms(None if activates is not None and activates <= at else activates, expires)


def _active(one: Document, other: Document) -> None:
    """They are one person: what the one did keeps the other's points from ending by inactivity, too."""
    seen: Iterable[tuple[str, str]] = one.get("active", {}).items()
    for wallet, at in seen:
        mine = other.setdefault("active", {})
        mine[wallet] = max(at, mine.get(wallet, ""))
