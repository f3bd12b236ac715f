"""What an entry changed in a member's lots, holds and debts: the journal alone tells how they stood at any time.

A standing is points by wallet, state (`lot`, `held`, `owed`: negative), activation and expiry; it sums to the balances.
An entry keeps the difference between its member's standing after it and before it, as `moves`, unless its postings say
the same: points that came into lots by their terms. Whatever changes lots is so kept, by whichever entry follows. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Key = tuple[str, str, str | None, str | None]
Standing = dict[Key, int]
_AT_ONCE = (None, None)
Move = list[Any]  # [wallet, state, activates, expires, points], as it is stored


def standing(member: Mapping[str, Any]) -> Standing:
    """How a member's points stand."""
    found: Standing = {}
    for lot in member["lots"]:
        key = (lot["wallet"], "lot", lot["activates"], lot["expires"])
        found[key] = found.get(key, 0) + lot["points"]
    for hold in member.get("holds", {}).values():
        for activates, expires, points in hold["slices"]:
            key = (hold["wallet"], "held", activates, expires)
            found[key] = found.get(key, 0) + points
    for wallet, points in member.get("deficit", {}).items():
        found[wallet, "owed", None, None] = -points
    return found


def said_by(postings: Iterable[Mapping[str, Any]]) -> Standing:
    """What postings alone say of members' lots."""
    found: Standing = {}
    for each in postings:
        if each["account"].startswith("member:"):
            activates, expires = each.get("terms", _AT_ONCE)
            key = (each["wallet"], "lot", activates, expires)
            found[key] = found.get(key, 0) + each["amount"]
    return found


def between(before: Standing, after: Standing, postings: Iterable[Mapping[str, Any]]) -> list[Move] | None:
    """The moves of an entry; None where its postings say them."""
    said = dict(before)  # nearly every entry is a credit, and its postings say all: that is found first
    for each in postings:
        if each["account"].startswith("member:"):
            key = (each["wallet"], "lot", *each.get("terms", _AT_ONCE))
            said[key] = said.get(key, 0) + each["amount"]
    if said == after:
        return None
    moved = {key: d for key in after | before if (d := after.get(key, 0) - before.get(key, 0))}
    if moved == said_by(postings):
        return None
    return [[*key, points] for key, points in moved.items()]
