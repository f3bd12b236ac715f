"""What returns left to a member because it was not there, and what of it comes back from a till later. Pure.

Where a wallet's `on_return` is `pending` or `zero`, a return leaves what is spent. Points that a till only holds, or
that a capture spent which is undone later, come back: they are the returned goods' then, as if they had been there at
the return. What was set aside after the return is not, and what a member earns since is never asked for.

    spared  in the member's document, oldest first: {entry, seq, counts_at, priced_at, of, after, wallet, terms, rows}
            entry: the return's; seq: the member's number when it came; counts_at: the purchase's instant
            of: who bought, where that is one who was merged into the member
            after: of points that went away since this number alone is it asked, see `part`
            priced_at: when the purchase was posted, where that is known
            terms: [[activates, expires]] of lots that may be taken from, None: of any
            rows: [[rule, version, account, points]], of whom it goes to
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared.ledger import lots
from shared.ledger.lots import Slice
from shared.ledger.terms import Terms

Document = MutableMapping[str, Any]
SPARED: Final = "spared"
NEVER: Final = 2**53  # later than any return: of what an earlier release let go of nothing is asked back
MOST: Final = 50  # of one member: who returns more often than that keeps what the oldest of them left


class Row(NamedTuple):
    """Points of a rule, and the account that they go back to."""

    rule: str
    version: int
    account: str
    points: int


class By(NamedTuple):
    """What left it: a return's entry; counts_at, priced_at, of: of its purchase, see above."""

    entry: str
    counts_at: datetime
    priced_at: datetime | None
    of: str | None = None


class Late(NamedTuple):
    """What goes back late of one return."""

    wallet: str
    by: By
    rows: list[Row]

    @property
    def points(self) -> int:
        """Their sum."""
        return sum(each.points for each in self.rows)


def note(member: Document, by: By, wallet: str, terms: Iterable[Terms] | None, rows: Iterable[Row]) -> None:
    """A return has left this; to be noted before it is posted. terms: see above."""
    places = None if terms is None else [list(each) for each in terms]
    known = {"seq": member["seq"], "wallet": wallet, "terms": places}
    known |= {name: each for name, each in by._asdict().items() if each is not None}
    member[SPARED] = [*member.get(SPARED, ()), {**known, "rows": [list(each) for each in rows]}][-MOST:]


def take_late(
    told: Document, since: int, member: Document, wallet: str, slices: Sequence[Slice], at: str
) -> list[Late]:
    """Takes out of a member's lots what has just come back there (slices) and was asked for while it was away, the
    balance with it. told: whose document says what was left, mostly the same; since: its number when they went away."""
    found: list[Late] = []
    there = [list(each) for each in slices if lots.is_good({"expires": each[1]}, at)]
    for each in told.get(SPARED, ()):
        asks = each["wallet"] == wallet and each.get("after", 0) <= since <= each["seq"]
        if asks and (taken := _taken(each, member, there)):
            by = By(each["entry"], each["counts_at"], each.get("priced_at"))
            found.append(Late(wallet, by, _rows(each, taken)))
    if found:
        told[SPARED] = [each for each in told[SPARED] if each["rows"]]
        if not told[SPARED]:
            del told[SPARED]
    return found


def part(
    survivor: Document, duplicate: Document, theirs: Collection[str], since: int, spent: Sequence[Sequence[Any]]
) -> None:
    """A merge is taken back: what returns of the duplicate's own goods left meanwhile is theirs to give back from now
    on, when what they had spent before the merge comes back; else the survivor would pay for it, and they keep it. As
    much as the survivor has spent of what they brought is asked of the survivor: of what they spent since the merge.

    theirs: the duplicate, and whoever was merged into them; since: the survivor's number at the merge; spent: rows of
    wallet, activation, expiry and points.
    """
    left, stay, go = [list(each) for each in spent], list[dict[str, Any]](), list[dict[str, Any]]()
    for each in survivor.get(SPARED, ()):
        if each.get("of") not in theirs or each["seq"] < since:
            stay.append(each)
            continue
        kept = _rows(each, _found(each, left))
        if kept:
            stay.append({**each, "rows": [list(row) for row in kept], "after": since})
        if each["rows"]:
            go.append({**each, "seq": duplicate["seq"]})
    for member, found in ((survivor, stay), (duplicate, [*duplicate.get(SPARED, ()), *go])):
        member.pop(SPARED, None)
        if found:
            member[SPARED] = found[-MOST:]


def _found(asked: Mapping[str, Any], there: Sequence[list[Any]]) -> int:
    """How many of the points that are asked for can be among these, which are fewer by that afterwards."""
    wanted: int = sum(points for *_, points in asked["rows"])
    left = wanted
    for each in there:
        if each[0] == asked["wallet"] and (asked["terms"] is None or each[1:3] in asked["terms"]):
            taken = min(left, each[3])
            each[3] -= taken
            left -= taken
    return wanted - left


def _taken(asked: Mapping[str, Any], member: Document, there: list[Slice]) -> int:
    """So many points of what is there, at most those that are asked for."""
    wanted, found = sum(points for *_, points in asked["rows"]), 0
    for part in there:
        if asked["terms"] is None or part[:2] in asked["terms"]:
            taken = lots.draw(member, asked["wallet"], min(wanted - found, part[2]), Terms(part[0], part[1]))
            part[2] -= taken
            found += taken
    return found


def _rows(asked: Mapping[str, Any], points: int) -> list[Row]:
    """The first so many points of its rows, which are asked for no longer."""
    found: list[Row] = []
    for row in asked["rows"]:
        part = min(points, row[3])
        points -= part
        row[3] -= part
        if part:
            found.append(Row(row[0], row[1], row[2], part))
    asked["rows"][:] = [row for row in asked["rows"] if row[3]]
    return found
