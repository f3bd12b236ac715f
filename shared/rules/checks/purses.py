"""Wallets whose terms cannot all be meant: points that end before they count, warnings before they are earned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.ledger.terms import expiry
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.definition import Definition, Programme
from shared.rules.spans import day_after, earlier, end_of, later
from shared.rules.wallets import Expiry, Wallet

# Points are earned at noon of each day of these years, one of which is a leap year: so every case of a calendar comes.
_BEGIN: Final = date(2023, 1, 1)
_DAYS: Final = 731


def purses(each: Definition) -> Iterator[Remark]:
    """What is wrong with the wallets of a programme."""
    if not isinstance(each, Programme):
        return
    zone = ZoneInfo(each.time_zone)
    for number, wallet in enumerate(each.wallets):
        if isinstance(wallet, Wallet):
            at: Path = ("wallets", number)
            yield from _value(at, wallet, each.currency)
            yield from _activation(at, wallet, zone)
            yield from _warnings(at, wallet, zone)


def _value(at: Path, wallet: Wallet, currency: str) -> Iterator[Remark]:
    if wallet.value is not None and wallet.value.currency != currency:
        mine = wallet.value.currency
        said = f"a point of {wallet.id} is worth {mine}, and the programme is in {currency}; write it in {currency}"
        yield Remark((*at, "value", "currency"), said, "wallet")
    if wallet.kind == "status" and wallet.value is not None:
        yield Remark((*at, "value"), "status points are never spent; leave `value` out", "wallet", "warning")
    terms = wallet.redemption
    if terms is not None and terms.at_least % terms.step:
        fewest = (terms.at_least // terms.step + 1) * terms.step
        said = f"points are spent in multiples of {terms.step}, so the fewest are {fewest}; write `at_least: {fewest}`"
        yield Remark((*at, "redemption", "at_least"), said, "wallet", "warning")


def _activation(at: Path, wallet: Wallet, zone: ZoneInfo) -> Iterator[Remark]:
    if wallet.activates is None:
        return
    if wallet.activates.on == "cancelled":
        said = "`cancelled` ends a purchase: its points go back; name another milestone, such as delivered"
        yield Remark((*at, "activates", "on"), said, "wallet")
    span, ends = wallet.activates.after, wallet.expires
    if span is None or ends is None or ends.inactive is not None:
        return
    late = [day for day, until in _lives(ends, zone) if later(_noon(day, zone), span, zone) >= until]
    if len(late) == _DAYS or (late and ends.after is not None):
        said = f"points of {wallet.id} would expire before they are active; let them expire later than {span} on"
        yield Remark((*at, "activates", "after"), said, "wallet")
    elif late:
        said = f"points earned on {late[0]:%m-%d}, as on {len(late) // 2} days a year, expire before they are active"
        yield Remark((*at, "expires"), f"{said}; write `at_least` beside `on`, longer than {span}", "wallet", "warning")


def _warnings(at: Path, wallet: Wallet, zone: ZoneInfo) -> Iterator[Remark]:
    for number, span in enumerate(wallet.warn):
        place = (*at, "warn", number)
        if span in wallet.warn[:number]:
            yield Remark(place, f"{span} is written twice; leave one out", "wallet")
        elif wallet.expires is not None and _never_in_time(wallet.expires, span, zone):
            lasts = wallet.expires.after or wallet.expires.inactive
            how = f"points of {wallet.id} last {lasts}" if lasts else f"no point of {wallet.id} lasts so long"
            yield Remark(place, f"{how}: {span} before is before they are earned; write less", "wallet")


def _never_in_time(ends: Expiry, span: str, zone: ZoneInfo) -> bool:
    lasts = ends.after or ends.inactive
    if lasts is not None:
        days = (_BEGIN + timedelta(days=number) for number in range(_DAYS))
        return all(day_after(day, span) >= day_after(day, lasts) for day in days)
    return all(earlier(until, span, zone) <= end_of(day, zone) for day, until in _lives(ends, zone))


def _lives(ends: Expiry, zone: ZoneInfo) -> Iterator[tuple[date, datetime]]:
    """Each day, and until when points that are earned at its noon are good."""
    for number in range(_DAYS):
        day = _BEGIN + timedelta(days=number)
        yield day, expiry(ends, _noon(day, zone), zone)


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone)
