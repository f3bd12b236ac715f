"""Points and debts of a member who is merged into another, lot by lot; and what comes back when that is undone. Pure.

A debt is repaid as everywhere: what comes in repays what the survivor owes, and what the duplicate owes is taken from
the survivor's points. What was whose is kept in the duplicate's document (`lent`), so that both can be given back:

    lots  [[wallet, activates, expires, points]]: the duplicate's points that came into the survivor's lots
    paid  the same of those that repaid what the survivor owed
    took  the same of the survivor's points that repaid what the duplicate owed
    owed  {wallet: points}: what the duplicate owed; what `took` has less of it the survivor owed from then on

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


def pour(giver: Document, taker: Document, at: str) -> tuple[dict[str, int], Document]:
    """All lots and debts of one member to another, with their terms. Returns by how much each wallet's balance moved,
    and what was whose (see above). at: the instant (UTC text) by which lots are good, where a debt is taken from
    them."""
    moved = {wallet: points for wallet, points in giver["balances"].items() if points}
    lent: Document = {"lots": [], "paid": [], "took": [], "owed": dict(giver.get("deficit", {}))}
    ordered = sorted(giver["lots"], key=lots.soonest)
    giver["lots"], giver["balances"] = [], dict.fromkeys(giver["balances"], 0)
    giver.pop("deficit", None)
    # What ends first comes first: it is what repays a debt.
    for lot in ordered:
        wallet, points = lot["wallet"], lot["points"]
        owed = lots.deficit(taker, wallet)
        lots.add(taker, wallet, points, Terms(lot["activates"], lot["expires"]))
        bring(lent, wallet, [lot["activates"], lot["expires"], points], owed)
    before = deepcopy(taker["lots"])
    for wallet, points in lent["owed"].items():
        lots.claw(taker, wallet, points, at)
    lent["took"] = lost(before, taker["lots"])
    _active(giver, taker)
    return moved, lent


def bring(lent: Document, wallet: str, part: lots.Slice, owed: int) -> None:
    """Points of the duplicate's own have come to the survivor. owed: by the survivor before, which they repay first."""
    activates, expires, points = part
    repays = min(owed, points)
    for where, number in (("paid", repays), ("lots", points - repays)):
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
    owed again. at: the instant (UTC text); given: by wallet, the terms of points that are given then.
    """
    took: Brought = lent.get("took", [])
    for wallet, points in lent.get("owed", {}).items():
        lots.claw(duplicate, wallet, points, at)
        # What of it became the survivor's debt is lifted from them; as far as they have repaid it they have points.
        lots.add(survivor, wallet, points - sum(each[3] for each in took if each[0] == wallet), given(wallet))
    for wallet, activates, expires, points in took:
        lots.add(survivor, wallet, points, _by_now(activates, expires, at))
    for wallet, activates, expires, points in lent["lots"]:
        found = lots.draw(survivor, wallet, points, Terms(activates, expires))
        lots.add(duplicate, wallet, found, Terms(activates, expires))
        if activates is not None:
            active = lots.draw(survivor, wallet, points - found, Terms(None, expires))
            lots.add(duplicate, wallet, active, Terms(None, expires))
    for wallet, activates, expires, points in lent.get("paid", ()):
        lots.add(duplicate, wallet, points, _by_now(activates, expires, at))
        lots.claw(survivor, wallet, points, at)
    _active(survivor, duplicate)
    return {wallet: points for wallet, points in duplicate["balances"].items() if points}


def lost(before: Iterable[lots.Lot], after: Iterable[lots.Lot]) -> Brought:
    """What a member's buckets have less than before."""
    left = {(lot["wallet"], lot["activates"], lot["expires"]): lot["points"] for lot in after}
    places = [((lot["wallet"], lot["activates"], lot["expires"]), lot["points"]) for lot in before]
    return [[*place, less] for place, points in places if (less := points - left.get(place, 0)) > 0]


def returned(
    lenders: Sequence[Document], gone: Brought, points: Mapping[str, int], own: Mapping[str, Collection[Terms]]
) -> None:
    """A purchase of a member's own has come back while they are merged: what that took is no longer of what they
    brought, nor of what those brought whom they came by.

    lenders: what was whose (`lent`) of these, from the last merge on; gone: what the last survivor's buckets have less;
    points: all that was taken, by wallet, debts too; own: by wallet, the terms of the purchase's lots.
    """
    for lent in lenders:
        rest = dict(points)
        for each in gone:
            rest[each[0]] -= _lessen(_places(lent["lots"], each), each[3])
        # Of a debt that their points had repaid so much is owed again.
        gone = [*gone, *(e for wallet, left in rest.items() for e in _unpaid(lent, wallet, left, own.get(wallet, ())))]


def empty(member: Document) -> dict[str, int]:
    """Ends all points and debts of a member; returns the balances that there were."""
    ended = {wallet: points for wallet, points in member["balances"].items() if points}
    member["lots"], member["balances"] = [], dict.fromkeys(member["balances"], 0)
    member.pop("deficit", None)
    member.pop(SPARED, None)
    return ended


def _places(brought: Brought, gone: Sequence[Any]) -> Brought:
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


def _lessen(brought: Sequence[list[Any]], points: int) -> int:
    """Takes away up to so many points, of the first of them first; returns how many."""
    wanted = points
    for each in brought:
        less = min(points, each[3])
        each[3] -= less
        points -= less
    return wanted - points


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
