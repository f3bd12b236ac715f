"""Lots: a member's points by when they become active and when they expire. Pure arithmetic on the member's document.

    lots      buckets {wallet, activates, expires, points > 0}: small however many events there are, see `Terms`
    holds     {id: {wallet, points, slices, until, ...}}: points set aside at a till, out of their lots
    deficit   {wallet: points > 0}: what was taken back after it had been spent; the next points repay it, good ones
    awaited   {wallet: [[activates, expires, points]]}: what of a debt goods owe whose points a till held when they came
              back; given back, these repay it though they have ended meanwhile: nobody has had anything of them
    balances  {wallet: lots + held slices - deficit}: the member's account, the sum of its postings

Instants are texts in UTC that sort as instants do. A lot is good before its `expires`, never at it or after it, whether
or not anybody has swept it up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final, Literal

from shared.ledger.terms import FREE, Terms

Document = MutableMapping[str, Any]
Lot = dict[str, Any]
Slice = list[Any]  # [activates, expires, points], as it is kept in holds and postings
AWAITED: Final = "awaited"
OnReturn = Literal["pending", "zero", "deficit"]


def of(member: Mapping[str, Any], wallet: str) -> Iterator[Lot]:
    """A wallet's lots."""
    return (lot for lot in member["lots"] if lot["wallet"] == wallet)


def is_active(lot: Mapping[str, Any], at: str) -> bool:
    """Whether its points count already: what waits for a milestone (`on:...`) sorts behind every instant."""
    return lot["activates"] is None or bool(lot["activates"] <= at)


def is_good(lot: Mapping[str, Any], at: str) -> bool:
    """Whether its points have not expired."""
    return lot["expires"] is None or bool(lot["expires"] > at)


def spendable(member: Mapping[str, Any], wallet: str, at: str) -> int:
    """Points that could be spent at an instant. Whoever owes has none: what comes in repays first."""
    found: int = sum(lot["points"] for lot in of(member, wallet) if is_active(lot, at) and is_good(lot, at))
    return found


def pending(member: Mapping[str, Any], wallet: str, at: str) -> int:
    """Points that are not active yet."""
    found: int = sum(lot["points"] for lot in of(member, wallet) if not is_active(lot, at) and is_good(lot, at))
    return found


def held(member: Mapping[str, Any], wallet: str) -> int:
    """Points that are set aside at tills."""
    found: int = sum(hold["points"] for hold in _holds(member, wallet))
    return found


def deficit(member: Mapping[str, Any], wallet: str) -> int:
    """Points that are owed."""
    found: int = member.get("deficit", {}).get(wallet, 0)
    return found


def add(member: Document, wallet: str, points: int, terms: Terms = FREE, at: str = "") -> Slice:
    """Points into the bucket of their terms; a debt is repaid first, with pending points too. Returns what came there,
    as a slice. at: the instant, where their time may be over by then: what has ended repays nothing."""
    member["balances"][wallet] = member["balances"].get(wallet, 0) + points
    came = _repaid(member, wallet, points, terms, at)
    _into(member, wallet, came, terms)
    return [*terms, came]


def take(member: Document, wallet: str, points: int, at: str) -> list[Slice] | None:
    """Takes active, good points out of their lots, soonest expiry first; None, and nothing taken, where there are
    fewer. The balance is not touched: they may come back."""
    if points > spendable(member, wallet, at):
        return None
    usable = [lot for lot in of(member, wallet) if is_active(lot, at) and is_good(lot, at)]
    return _taken(member, sorted(usable, key=soonest), points)


def withdraw(member: Document, wallet: str, points: int, at: str) -> list[Slice] | None:
    """The same of all good points, by whoever corrects what should not be there: active ones first, then pending
    ones."""
    usable = [lot for lot in of(member, wallet) if is_good(lot, at)]
    if points > sum(lot["points"] for lot in usable):
        return None
    return _taken(member, sorted(usable, key=lambda lot: (not is_active(lot, at), *soonest(lot))), points)


def back(member: Document, wallet: str, slices: Sequence[Slice], at: str) -> list[Slice]:
    """Puts slices back into their lots, and repays what became owed meanwhile, by what has not ended at this instant
    or is awaited; the balance, which counted them all the time, is not touched. Returns what came there."""
    found: list[Slice] = []
    for activates, expires, points in slices:
        terms = Terms(activates, expires)
        rows = [row for row in member.get(AWAITED, {}).get(wallet, ()) if row[:2] == [*terms]]
        came = _repaid(member, wallet, points, terms, at, rows)
        _into(member, wallet, came, terms)
        found.append([activates, expires, came])
    return found


def spend(member: Document, wallet: str, slices: Sequence[Slice]) -> None:
    """Slices that were taken are gone for good: now the balance falls."""
    member["balances"][wallet] = member["balances"].get(wallet, 0) - points_of(slices)


def claw(
    member: Document, wallet: str, points: int, at: str, *, policy: OnReturn = "deficit", own: Collection[Terms] = ()
) -> int:
    """Takes back points that should not have been earned; returns how many the policy allows to be taken.

    What the lot that they went into still has (`own`: its terms, those it has had since it became active among them),
    pending, active, or ended and not swept up yet, is taken by every policy. What is not there is spent already:
    `pending` leaves it to the member, `zero` and `deficit` take other pending points for it, then active ones, soonest
    expiry first; `deficit`: what is still missing is owed. What is held at a till is left there.
    """
    usable = [lot for lot in of(member, wallet) if _terms_of(lot) in own or (policy != "pending" and is_good(lot, at))]
    usable.sort(key=lambda lot: (_terms_of(lot) not in own, is_active(lot, at), *soonest(lot)))
    found: int = min(points, sum(lot["points"] for lot in usable))
    _taken(member, usable, found)
    if policy == "deficit" and found < points:
        _await(member, wallet, points - found, own)
        _owe(member, wallet, points - found)
        found = points
    member["balances"][wallet] = member["balances"].get(wallet, 0) - found
    return found


def draw(member: Document, wallet: str, points: int, terms: Terms) -> int:
    """Takes up to so many points out of the bucket of these terms, the balance with them; returns how many."""
    bucket = [lot for lot in of(member, wallet) if (lot["activates"], lot["expires"]) == terms]
    found: int = min(points, sum(lot["points"] for lot in bucket))
    if found:
        spend(member, wallet, _taken(member, bucket, found))
    return found


def expire(member: Document, wallet: str, at: str) -> list[Slice]:
    """Takes out all lots that are not good any more at an instant, the balance with them."""
    dead = [lot for lot in of(member, wallet) if not is_good(lot, at)]
    slices = _taken(member, dead, sum(lot["points"] for lot in dead))
    if slices:
        spend(member, wallet, slices)
    return slices


def activate(member: Document, wallet: str, at: str, *, milestone: str | None = None) -> int:
    """Pending lots whose instant has come, or whose milestone is reported, become active; returns their points."""
    ready = [
        lot
        for lot in of(member, wallet)
        if lot["activates"] is not None and (lot["activates"] <= at or lot["activates"] == milestone)
    ]
    slices = _taken(member, ready, sum(lot["points"] for lot in ready))
    for _, expires, points in slices:
        _into(member, wallet, points, Terms(None, expires))
    return points_of(slices)


def accounted(member: Mapping[str, Any]) -> dict[str, int]:
    """Points by wallet as lots, holds and debts have them: what the balances must be."""
    found: dict[str, int] = {}
    for each in (*member["lots"], *member.get("holds", {}).values()):
        found[each["wallet"]] = found.get(each["wallet"], 0) + each["points"]
    for wallet, owed in member.get("deficit", {}).items():
        found[wallet] = found.get(wallet, 0) - owed
    return found


def points_of(slices: Sequence[Slice]) -> int:
    """Their sum."""
    return sum(each[2] for each in slices)


def part_of(slices: Sequence[Slice], points: int) -> tuple[list[Slice], list[Slice]]:
    """The first so many points of slices, and the rest."""
    first: list[Slice] = []
    rest: list[Slice] = []
    for activates, expires, held_points in slices:
        used = min(points, held_points)
        points -= used
        if used:
            first.append([activates, expires, used])
        if held_points > used:
            rest.append([activates, expires, held_points - used])
    return first, rest


def _terms_of(lot: Mapping[str, Any]) -> Terms:
    return Terms(lot["activates"], lot["expires"])


def _into(member: Document, wallet: str, points: int, terms: Terms) -> None:
    if not points:
        return
    activates, expires = terms
    for lot in member["lots"]:
        if lot["wallet"] == wallet and lot["activates"] == activates and lot["expires"] == expires:
            lot["points"] += points
            return
    member["lots"].append({"wallet": wallet, "activates": activates, "expires": expires, "points": points})


def _taken(member: Document, usable: Sequence[Lot], points: int) -> list[Slice]:
    slices: list[Slice] = []
    for lot in usable:
        if not points:
            break
        used = min(points, lot["points"])
        lot["points"] -= used
        points -= used
        slices.append([lot["activates"], lot["expires"], used])
    member["lots"] = [lot for lot in member["lots"] if lot["points"]]
    return slices


def _repaid(member: Document, wallet: str, points: int, terms: Terms, at: str, awaited: Sequence[Slice] = ()) -> int:
    """What is left of points that come in after what is owed is repaid. What has ended is nobody's: a debt that it
    repaid would be forgiven, and points of goods that came back stay; but of those goods' own points that is the debt
    of, which nobody has spent. awaited: rows of their lot, which have less afterwards."""
    good = is_good({"expires": terms.expires}, at)
    owed = min(deficit(member, wallet), points if good else min(points, points_of(awaited)))
    left = owed
    for row in awaited:  # of a lot one; two, where two spans of inactivity ended at one instant
        row[2], left = row[2] - min(row[2], left), left - min(row[2], left)
    if owed:
        _owe(member, wallet, -owed)
    return points - owed


def _await(member: Document, wallet: str, missing: int, own: Collection[Terms]) -> None:
    """Notes of what goods that came back owe how much a till has of their lots; not of somebody whom others are merged
    into: whose debt it is that would be repaid, nobody could tell."""
    if member.get("absorbed"):
        return
    known: list[Slice] = [list(row) for row in member.get(AWAITED, {}).get(wallet, ())]
    for terms in own:
        slices = (each for hold in _holds(member, wallet) for each in hold["slices"] if each[:2] == [*terms])
        before = sum(each[2] for each in known if each[:2] == [*terms])
        more = min(missing, points_of([*slices]) - before)
        if more > 0:
            known = [*(each for each in known if each[:2] != [*terms]), [*terms, before + more]]
            missing -= more
    if known:
        member.setdefault(AWAITED, {})[wallet] = known


def forget_awaited(member: Document, wallet: str | None = None) -> None:
    """What a till has repays debts only while it is good: of a wallet, or of all."""
    found = member.get(AWAITED, {})
    for each in [*found] if wallet is None else [wallet]:
        found.pop(each, None)
    if not found:
        member.pop(AWAITED, None)


def _owe(member: Document, wallet: str, points: int) -> None:
    owed = member.setdefault("deficit", {})
    owed[wallet] = owed.get(wallet, 0) + points
    if not owed[wallet]:
        del owed[wallet]
        forget_awaited(member, wallet)


def _holds(member: Mapping[str, Any], wallet: str) -> Iterator[Mapping[str, Any]]:
    return (hold for hold in member.get("holds", {}).values() if hold["wallet"] == wallet)


def soonest(lot: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Soonest expiry first, what never expires last; of equals the one that was active first."""
    return lot["expires"] is None, lot["expires"] or "", lot["activates"] or ""
