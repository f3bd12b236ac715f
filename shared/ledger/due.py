"""What is due of a member by the clock: activations, holds that time out, expiries, warnings. Pure.

`due_at` in the member's document says when something is due next; it is indexed, so that whoever looks finds only
those. What is due at the same instant is done in this order: activation, hold time-outs (what comes back may have
expired meanwhile), expiry, warnings (of what is still there).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.learning import utc
from shared.rules.spans import day_after, earlier, end_of
from shared.rules.wallets import Wallet

Kind = Literal["activation", "hold", "expiry", "warning"]
ORDER: tuple[Kind, ...] = ("activation", "hold", "expiry", "warning")
Purses = Mapping[str, Wallet]


class Due(NamedTuple):
    """One thing that is due: when, what, of which wallet; about: the hold, or the instant of expiry warned of."""

    at: str
    rank: int
    wallet: str
    about: str = ""

    @property
    def kind(self) -> Kind:
        """What it is."""
        return ORDER[self.rank]


def touch(member: MutableMapping[str, Any], purses: Purses, at: datetime, zone: ZoneInfo) -> None:
    """The member earned or redeemed: points that expire by inactivity live on; those that were dead by then do not."""
    for wallet in purses.values():
        if wallet.expires is not None and wallet.expires.inactive is not None:
            end_inactive(member, wallet, at, zone)
            seen = member.setdefault("active", {})
            seen[wallet.id] = max(utc(at), seen.get(wallet.id, ""))


def end_inactive(member: MutableMapping[str, Any], wallet: Wallet, at: datetime, zone: ZoneInfo) -> None:
    """Gives lots that inactivity has ended by then their expiry, so that they are good for nobody any more."""
    ends = inactive_until(member, wallet, zone)
    if ends is not None and ends <= utc(at):
        _stamp(member, wallet.id, ends)


def inactive_until(member: Mapping[str, Any], wallet: Wallet, zone: ZoneInfo) -> str | None:
    """The instant at which points end unless the member does something before; None where they never do so."""
    seen = member.get("active", {}).get(wallet.id)
    if seen is None or wallet.expires is None or wallet.expires.inactive is None:
        return None
    day = datetime.fromisoformat(seen).astimezone(zone).date()
    return utc(end_of(day_after(day, wallet.expires.inactive), zone))


def upcoming(member: Mapping[str, Any], purses: Purses, zone: ZoneInfo) -> Iterator[Due]:
    """Everything that will be due, in no order."""
    idle = {id_: inactive_until(member, wallet, zone) for id_, wallet in purses.items()}
    warned = member.get("warned", {})
    for lot in member["lots"]:
        wallet = lot["wallet"]
        activates, expires = lot["activates"], lot["expires"] or idle.get(wallet)
        if activates is not None and not activates.startswith("on:"):
            yield Due(activates, 0, wallet)
        if expires is not None:
            yield Due(expires, 2, wallet)
            for span in purses[wallet].warn if wallet in purses else ():
                if f"{expires} {span}" not in warned.get(wallet, ()):
                    yield Due(utc(earlier(datetime.fromisoformat(expires), span, zone)), 3, wallet, f"{expires} {span}")
    for id_, hold in member.get("holds", {}).items():
        yield Due(hold["until"], 1, hold["wallet"], id_)


def note(member: MutableMapping[str, Any], purses: Purses, zone: ZoneInfo) -> None:
    """Writes down when something is due next; nothing where nothing will be."""
    first = min(upcoming(member, purses, zone), default=None)
    if first is None:
        member.pop("due_at", None)
    else:
        member["due_at"] = first.at


def _stamp(member: MutableMapping[str, Any], wallet: str, expires: str) -> None:
    """All lots that have no expiry get this one."""
    for lot in member["lots"]:
        if lot["wallet"] == wallet and lot["expires"] is None:
            lot["expires"] = expires
