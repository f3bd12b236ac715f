"""When points that are earned at an instant become active and expire, by their wallet's terms. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.learning import utc
from shared.rules.spans import day_after, end_of, later
from shared.rules.wallets import Expiry, Wallet

IDLE: Final = "idle:"  # how an expiry begins that is a span of inactivity; it sorts behind every instant


class Terms(NamedTuple):
    """When a lot's points count: from `activates` (None: at once; `on:...`: when that is reported) to `expires`
    (exclusive; None: for ever; `idle:12 months`: so long after the member was last active). Instants are texts in UTC
    that sort as instants do. A lot keeps its terms whatever later versions of the programme say."""

    activates: str | None = None
    expires: str | None = None

    @property
    def active(self) -> Terms:
        """Those of the lot that its points are in once they count."""
        return Terms(None, self.expires)


FREE = Terms()


def terms(wallet: Wallet | None, earned: datetime, zone: ZoneInfo, purchase: str | None = None) -> Terms:
    """The terms of points that were earned at an instant; purchase: key of the event that a milestone will be about.

    Points that wait for a milestone and come from no purchase are active at once: nobody could report it.
    """
    if wallet is None or (wallet.activates is None and wallet.expires is None):
        return FREE
    activates = None
    if wallet.activates is not None and wallet.activates.after is not None:
        activates = utc(later(earned, wallet.activates.after, zone))
    elif wallet.activates is not None and purchase is not None:
        activates = milestone(purchase, str(wallet.activates.on))
    return Terms(activates, None if wallet.expires is None else _expires(wallet.expires, earned, zone))


def given(wallet: Wallet | None, at: datetime, zone: ZoneInfo) -> Terms:
    """Those of points that a person gives: as if earned now, but there at once."""
    return terms(wallet, at, zone).active


def milestone(purchase: str, what: str) -> str:
    """What a lot waits for that is activated by an event."""
    return f"on:{what}:{purchase}"


def _expires(expires: Expiry, earned: datetime, zone: ZoneInfo) -> str:
    if expires.inactive is not None:
        return IDLE + expires.inactive
    return utc(expiry(expires, earned, zone))


def expiry(expires: Expiry, earned: datetime, zone: ZoneInfo) -> datetime:
    """The instant from which points earned then are no longer good, by a span or by fixed days."""
    day = earned.astimezone(zone).date()
    if expires.after is not None:
        return end_of(day_after(day, expires.after), zone)
    assert expires.on is not None  # by inactivity there is no such instant
    first = day if expires.at_least is None else day_after(day, expires.at_least)
    return end_of(min(_next(first, on) for on in expires.on), zone)


def _next(first: date, on: str) -> date:
    """The first such day of the year that is not before a day; 02-29 is the 28th where there is none."""
    for year in (first.year, first.year + 1):
        month, day = int(on[:2]), int(on[3:])
        found = date(year, month, 28) if (month, day) == (2, 29) and not _leap(year) else date(year, month, day)
        if found >= first:
            return found
    raise AssertionError("a day of the year comes within two years")


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
