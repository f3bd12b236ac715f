"""A member's wallets as they stand at an instant: what can be spent, what is still to come, what ends next. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.ledger import due, lots
from shared.rules.learning import utc


@dataclass(frozen=True, slots=True)
class Purse:
    """One wallet. active: can be spent; held: set aside at tills; owed: what was taken back after it was spent.

    ending: points that end next, good until the end of the local day `last_day`; pending ones among them. What has
    ended is in none of these, whether or not anybody has swept it up.
    """

    wallet: str
    active: int
    pending: int
    held: int
    owed: int
    ending: int
    last_day: str | None


def purses_of(member: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> list[Purse]:
    """Every wallet of which there is anything, by name."""
    known, at = copy.deepcopy(dict(member)), utc(now)
    known.setdefault("lots", [])
    due.end_idle(known, now, zone)
    names = {*member["balances"], *(lot["wallet"] for lot in known["lots"])}
    return [_purse(known, wallet, at, zone) for wallet in sorted(names)]


def _purse(member: Mapping[str, Any], wallet: str, at: str, zone: ZoneInfo) -> Purse:
    ends: dict[str, int] = {}
    for lot in lots.of(member, wallet):
        expires = due.expiry_of(member, wallet, lot["expires"], zone)
        if expires is not None and lots.is_good(lot, at):
            ends[expires] = ends.get(expires, 0) + lot["points"]
    first = min(ends, default=None)
    return Purse(
        wallet,
        lots.spendable(member, wallet, at),
        lots.pending(member, wallet, at),
        lots.held(member, wallet),
        lots.deficit(member, wallet),
        0 if first is None else ends[first],
        None if first is None else _last_day(first, zone),
    )


def _last_day(expires: str, zone: ZoneInfo) -> str:
    return (datetime.fromisoformat(expires) - timedelta(microseconds=1)).astimezone(zone).date().isoformat()
