"""How a member stands at an instant, by wallet: what is theirs, what they can spend, what ends first. Pure.

What is due by then is done on a copy first, so that the answer is right whether or not anybody has swept.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.earn.posting import Poster
from services.earn.sweeping import sweep
from shared.ledger import due, lots, pools
from shared.rules.learning import utc
from shared.rules.rulebook import Ruleset
from shared.rules.wallets import Wallet
from shared.runtime.records import Decision


@dataclass(frozen=True, slots=True)
class Standing:
    """One wallet. balance: all that is theirs (active, pending and held, less what is owed); spendable: of the active
    ones, none where the wallet's points cannot be spent; ends: the soonest expiry, its instant in UTC and its points;
    common: what the household can spend together, and how many they are."""

    wallet: Wallet
    balance: int
    spendable: int
    pending: int
    held: int
    owed: int
    ends: tuple[str, int] | None
    common: tuple[int, int] | None = None


def by(member: Mapping[str, Any], rules: Ruleset, now: datetime) -> Mapping[str, Any]:
    """The member's document as it is at an instant, with all done that is due; the one given is left as it is."""
    if "due_at" not in member or member["due_at"] > utc(now):
        return member
    seen = copy.deepcopy(dict(member))
    sweep(seen, rules, now, Poster(Decision(), "", {}, now))
    return seen


def pooled(rules: Ruleset) -> bool:
    """Whether the programme has a wallet that is spent in common."""
    return any(each.pooled for each in rules.programme.purses.values())


def standings(
    member: Mapping[str, Any], rules: Ruleset, now: datetime, others: Sequence[Mapping[str, Any]] = ()
) -> list[Standing]:
    """All wallets of the programme, in its order, and then those that it has left out and the member has points in:
    these stay, and cannot be spent. others: of the member's household, where they spend in common."""
    seen, at = by(member, rules, now), utc(now)
    house = [seen, *(by(each, rules, now) for each in others)]
    return [
        Standing(
            wallet=wallet,
            balance=seen["balances"].get(wallet.id, 0),
            spendable=0 if wallet.redemption is None else lots.spendable(seen, wallet.id, at),
            pending=lots.pending(seen, wallet.id, at),
            held=lots.held(seen, wallet.id),
            owed=lots.deficit(seen, wallet.id),
            ends=_soonest(seen, wallet, rules, at),
            common=(pools.spendable(house, wallet.id, at), len(house))
            if wallet.pooled and "household" in member
            else None,
        )
        for wallet in (*rules.programme.purses.values(), *_left_out(seen, rules))
    ]


def _left_out(member: Mapping[str, Any], rules: Ruleset) -> Iterator[Wallet]:
    for id_ in sorted(member["balances"].keys() - rules.programme.purses.keys()):
        if member["balances"][id_]:
            yield Wallet(id=id_)


def _soonest(member: Mapping[str, Any], wallet: Wallet, rules: Ruleset, at: str) -> tuple[str, int] | None:
    """Of lots that are good; by inactivity all end at once."""
    ends: dict[str, int] = {}
    for lot in lots.of(member, wallet.id):
        until = due.expiry_of(member, wallet.id, lot["expires"], rules.zone)
        if until is not None and until > at:
            ends[until] = ends.get(until, 0) + lot["points"]
    first = min(ends, default=None)
    return None if first is None else (first, ends[first])
