"""What is due of a member by the clock: activations, holds that time out, expiries, warnings. Pure.

`due_at` in the member's document says when something is due next; it is indexed, so that whoever looks finds only
those. What is due at the same instant is done in this order: activation, hold time-outs (by their ids; what comes back
may have expired meanwhile), expiry, warnings (of what is still there). What a till asks at that very instant comes
after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.ledger.lots import AWAITED
from shared.ledger.terms import IDLE
from shared.rules.learning import utc
from shared.rules.spans import day_after, earlier, end_of
from shared.rules.wallets import Wallet

Kind = Literal["activation", "hold", "expiry", "warning"]
ORDER: tuple[Kind, ...] = ("activation", "hold", "expiry", "warning")
TOGETHER: Final = timedelta(days=7)  # who shops daily has points that expire daily: a warning tells of a week of them
IDLED: Final = "idled"  # of a member: by wallet, when inactivity ended points, and the member's last entry by then
_ENDS_KEPT: Final = 50  # of a wallet: each took a whole span of inactivity
Purses = Mapping[str, Wallet]


class Due(NamedTuple):
    """One thing that is due: when, what, of which wallet; about: the hold, or expiry and span of a warning."""

    at: str
    rank: int
    wallet: str
    about: str = ""

    @property
    def kind(self) -> Kind:
        """What it is."""
        return ORDER[self.rank]

    @property
    def expires(self) -> str:
        """Of a warning: the instant that it warns of."""
        return self.about.partition(" ")[0]


def touch(member: MutableMapping[str, Any], purses: Purses, at: datetime, zone: ZoneInfo) -> None:
    """The member earned or redeemed: points that expire by inactivity live on; those that were dead by then do not."""
    idle = {id_ for id_, wallet in purses.items() if wallet.expires is not None and wallet.expires.inactive is not None}
    idle |= {lot["wallet"] for lot in member["lots"] if is_idle(lot["expires"])}
    if idle:
        end_idle(member, at, zone)
        note_passed(member, purses, at, zone)
        seen = member.setdefault("active", {})
        for id_ in idle:
            seen[id_] = max(utc(at), seen.get(id_, ""))


def begin(member: MutableMapping[str, Any], purses: Purses, at: datetime, zone: ZoneInfo) -> None:
    """Points came to a member, who did nothing for them. Where they have not been active yet, or so long ago that
    inactivity has ended all that they had (to be done before, see `end_idle`), the time of these begins now: else they
    would be dead as they come. What had been spent by then has ended with the rest."""
    idle = [(lot["wallet"], lot["expires"]) for lot in member["lots"] if is_idle(lot["expires"])]
    dead = [wallet for wallet, expires in idle if (expiry_of(member, wallet, expires, zone) or utc(at)) <= utc(at)]
    if dead:
        note_passed(member, purses, at, zone)
        seen = member.setdefault("active", {})
        for wallet in dead:
            seen[wallet] = utc(at)


def end_idle(member: MutableMapping[str, Any], at: datetime, zone: ZoneInfo) -> None:
    """Gives points that inactivity has ended by then their expiry, so that they are good for nobody any more; also
    those that a till holds. To be done before lots of a document are looked at that nobody has swept."""
    for wallet in sorted({lot["wallet"] for lot in (*member["lots"], *member.get("holds", {}).values())}):
        _end(member, wallet, at, zone)


def ended_idle(member: Mapping[str, Any], at: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """The wallets that have lots which inactivity has ended by then, and when it did (UTC text); in that order."""
    idle = {(lot["wallet"], lot["expires"]) for lot in member["lots"] if is_idle(lot["expires"])}
    ends = {(wallet, expiry_of(member, wallet, expires, zone)) for wallet, expires in idle}
    found = [(wallet, until) for wallet, until in ends if until is not None and until <= utc(at)]
    return sorted(found, key=lambda each: (each[1], each[0]))


def is_idle(expires: str | None) -> bool:
    """Whether a lot's term is a span of inactivity, so that it ends at no known time."""
    return expires is not None and expires.startswith(IDLE)


def expiry_of(member: Mapping[str, Any], wallet: str, expires: str | None, zone: ZoneInfo) -> str | None:
    """The instant at which points of such a lot end, unless the member does something before; None: never."""
    if expires is None or not is_idle(expires):
        return expires
    seen = member.get("active", {}).get(wallet)
    if seen is None:
        return None
    day = datetime.fromisoformat(seen).astimezone(zone).date()
    return utc(end_of(day_after(day, expires.removeprefix(IDLE)), zone))


def upcoming(member: Mapping[str, Any], purses: Purses, zone: ZoneInfo) -> Iterator[Due]:
    """Everything that will be due, in no order."""
    warned = member.get("warned", {})
    for lot in member["lots"]:
        wallet, activates = lot["wallet"], lot["activates"]
        expires = expiry_of(member, wallet, lot["expires"], zone)
        if activates is not None and not activates.startswith("on:"):
            yield Due(activates, 0, wallet)
        if expires is not None:
            yield Due(expires, 2, wallet)
            for span in purses[wallet].warn if wallet in purses else ():
                if f"{expires} {span}" not in warned.get(wallet, ()):
                    yield Due(utc(earlier(datetime.fromisoformat(expires), span, zone)), 3, wallet, f"{expires} {span}")
    for id_, hold in member.get("holds", {}).items():
        yield Due(hold["until"], 1, hold["wallet"], id_)


def warn(
    member: MutableMapping[str, Any], what: Due, purses: Purses, zone: ZoneInfo, now: datetime
) -> tuple[int, str] | None:
    """Notes that a warning is given, with all of its week. Returns how many points it tells of and when the first of
    them end; None where there is nothing to tell any more: a later one is due too, or they have ended."""
    end = utc(datetime.fromisoformat(what.expires) + TOGETHER)
    span, moment = what.about.partition(" ")[2], utc(now)
    found: dict[str, int] = {}
    for lot in member["lots"]:
        expires = expiry_of(member, lot["wallet"], lot["expires"], zone)
        if lot["wallet"] == what.wallet and expires is not None and what.expires <= expires < end:
            found[expires] = found.get(expires, 0) + lot["points"]
    kept = member.setdefault("warned", {}).get(what.wallet, ())
    told = {f"{expires} {span}" for expires in found}
    # By its own instant, not by now: what is forgotten before its points have gone would be due once more.
    member["warned"][what.wallet] = sorted({*(each for each in kept if each > what.at), *told})
    later = any(
        each.rank == what.rank and each.wallet == what.wallet and each.expires == what.expires and each.at <= moment
        for each in upcoming(member, purses, zone)
    )
    return None if later or what.expires <= moment else (sum(found.values()), what.expires)


def note(member: MutableMapping[str, Any], purses: Purses, zone: ZoneInfo) -> None:
    """Writes down when something is due next; nothing where nothing will be."""
    first = min(upcoming(member, purses, zone), default=None)
    if first is None:
        member.pop("due_at", None)
    else:
        member["due_at"] = first.at


def _end(member: MutableMapping[str, Any], wallet: str, at: datetime, zone: ZoneInfo) -> None:
    """All idle points of a wallet whose time is over get their expiry, and it is noted when that was: a return of what
    they were earned by finds them by it."""
    moment, seen = utc(at), set[str]()
    for lot in member["lots"]:
        if lot["wallet"] == wallet and is_idle(lot["expires"]):
            ends = expiry_of(member, wallet, lot["expires"], zone)
            if ends is not None and ends <= moment:
                lot["expires"] = ends
                seen.add(ends)
    for hold in member.get("holds", {}).values():
        for part in hold["slices"] if hold["wallet"] == wallet else ():
            ends = expiry_of(member, wallet, part[1], zone) if is_idle(part[1]) else None
            if ends is not None and ends <= moment:
                part[1] = ends
                seen.add(ends)
    for part in member.get(AWAITED, {}).get(wallet, ()):
        ends = expiry_of(member, wallet, part[1], zone) if is_idle(part[1]) else None
        part[1] = ends if ends is not None and ends <= moment else part[1]
    if seen:
        _noted(member, wallet, sorted(seen))


def note_passed(member: MutableMapping[str, Any], purses: Purses, at: datetime, zone: ZoneInfo) -> None:
    """Notes what inactivity has ended by then, also where nothing was left that could end: what had been spent, or had
    paid for somebody, and comes back would be alive again."""
    for id_, wallet in purses.items():
        span = None if wallet.expires is None else wallet.expires.inactive
        ends = None if span is None else expiry_of(member, id_, IDLE + span, zone)
        if ends is not None and ends <= utc(at) and all(ends != each for each, _ in member.get(IDLED, {}).get(id_, ())):
            _noted(member, id_, [ends])


def _noted(member: MutableMapping[str, Any], wallet: str, ends: Iterable[str]) -> None:
    noted = member.setdefault(IDLED, {}).setdefault(wallet, [])
    noted += [[each, member.get("seq", 0)] for each in ends]
    del noted[:-_ENDS_KEPT]


def ended_by(member: MutableMapping[str, Any], wallet: str, until: str) -> None:
    """Notes an end that came while they were merged into somebody: of all that they had in the wallet by now."""
    _noted(member, wallet, [until])


def first_end(member: Mapping[str, Any], wallet: str, since: int) -> str | None:
    """When inactivity ended what was in a wallet's idle lots at an entry of the member's (its number); None: it has
    not."""
    ends = member.get(IDLED, {}).get(wallet, ())
    return next((until for until, number in ends if number >= since), None)
