"""Points that several members spend in common: which of them are spent, and what goes back to whom. Pure.

The first of the members is the one who spends. Over all of them, soonest expiry is spent first; of points that end
together the spender's own, then by the members' ids. Points stay their owner's until then: each keeps what is taken
from them as slices of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.ledger import lots
from shared.ledger.lots import Document, Slice

Parts = dict[str, list[Slice]]  # by member


def spendable(members: Iterable[Mapping[str, Any]], wallet: str, at: str) -> int:
    """Points that they could spend together at an instant."""
    return sum(lots.spendable(each, wallet, at) for each in members)


def take(members: Sequence[Document], wallet: str, points: int, at: str) -> Parts | None:
    """Takes points out of their lots, as `lots.take` does of one member's; of those from whom some are taken. None, and
    nothing taken, where there are fewer."""
    usable = [
        (lots.soonest(lot), rank, lot["points"])
        for rank, member in enumerate(members)
        for lot in lots.of(member, wallet)
        if lots.is_active(lot, at) and lots.is_good(lot, at)
    ]
    if points > sum(each[2] for each in usable):
        return None
    shares = _shared(usable, points)
    taken = {member["_id"]: lots.take(member, wallet, shares.get(rank, 0), at) for rank, member in enumerate(members)}
    return {id_: slices for id_, slices in taken.items() if slices}


def part_of(held: Mapping[str, Sequence[Slice]], points: int) -> tuple[Parts, Parts]:
    """Of slices by member (the spender first) the first so many points, and the rest."""
    usable = [
        (lots.soonest({"activates": activates, "expires": expires}), rank, there)
        for rank, slices in enumerate(held.values())
        for activates, expires, there in slices
    ]
    shares = _shared(usable, points)
    used: Parts = {}
    rest: Parts = {}
    for rank, (id_, slices) in enumerate(held.items()):
        used[id_], rest[id_] = lots.part_of(sorted(slices, key=_soonest), shares.get(rank, 0))
    return used, rest


def _soonest(part: Slice) -> tuple[bool, str, str]:
    return lots.soonest({"activates": part[0], "expires": part[1]})


def _shared(usable: Iterable[tuple[tuple[bool, str, str], int, int]], points: int) -> dict[int, int]:
    """How many of the points each gives, by rank."""
    found: dict[int, int] = {}
    for _, rank, there in sorted(usable):
        used = min(points, there)
        if used:
            found[rank] = found.get(rank, 0) + used
            points -= used
    return found
