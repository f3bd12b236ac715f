"""Questions to the facts, from names of the catalogue; the same for the same words, so that each is asked once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from shared.rules.facts import ZERO, Asked, Facts
from shared.rules.language.catalogue import FACTS, Entry
from shared.rules.language.terms import Term, written
from shared.rules.language.types import DATE
from shared.rules.localtime import WEEKDAYS

Compute = Callable[[Facts], Any]
_KNOWN: dict[tuple[str, str | None], Asked] = {}


def ask(name: str) -> Asked:
    """A fact of the catalogue in the programme's zone, by its name: for code that asks on its own account."""
    return fact(name, tuple(name.split(".")), FACTS[name], None)


def fact(name: str, parts: tuple[str, ...], entry: Entry, zone: str | None) -> Asked:
    """The question for a name."""
    depends = entry.scope in ("calendar", "member") and name not in _ANY_ZONE
    return known(name, zone if depends else None, lambda: _named(name, parts, entry, zone))


def known(label: str, zone: str | None, make: Callable[[], Asked]) -> Asked:
    """The question of that label and zone, made where nobody has asked it before."""
    found = _KNOWN.get((label, zone))
    if found is None:
        found = _KNOWN.setdefault((label, zone), make())
        if zone is not None:
            found.key, found.zone = f"{label} in {zone}", zone
    return found


@lru_cache
def zone_info(zone: str | None) -> ZoneInfo | None:
    """The zone; None stands for the programme's, known only when facts are there."""
    return None if zone is None else ZoneInfo(zone)


def _named(name: str, parts: tuple[str, ...], entry: Entry, zone: str | None) -> Asked:
    if len(parts) == 3:
        return Asked(spelt_name(parts), entry.scope, entry.type, _of_attribute(".".join(parts[:2]), parts[2]))
    if name in _ZONED:
        read, where = _ZONED[name], zone_info(zone)
        return Asked(name, entry.scope, entry.type, lambda facts: read(facts, where or facts.zone))
    return Asked(name, entry.scope, entry.type, _SIMPLE[name])


def _of_attribute(prefix: str, name: str) -> Compute:
    match prefix:
        case "event.attributes":
            return lambda facts: facts.event.data.attributes.get(name)
        case "member.attributes":
            return lambda facts: facts.member.attribute(name)
        case "member.balance":
            return lambda facts: facts.member.points("balances", name)
    return lambda facts: facts.member.points("lifetime", name)


def spelt_name(parts: tuple[str, ...]) -> str:
    """A name as it is written: with brackets where a part is no identifier."""
    head, last = ".".join(parts[:-1]), parts[-1]
    return f"{head}.{last}" if last.isidentifier() else f'{head}["{last}"]'


def spelt(term: Term) -> str:
    """A term for messages."""
    return written(term)


def _paid(facts: Facts) -> Decimal:
    paid = facts.event.data.paid_with_points
    return ZERO if paid is None else paid.amount


_ANY_ZONE: Final = {"member.tier", "member.tiers", "member.segments", "member.tags", "member.consents",
                    "member.household", "member.birthday", "member.referrals"}  # fmt: skip
_SIMPLE: Final[dict[str, Compute]] = {
    "event.kind": lambda facts: facts.kind,
    "event.partner": lambda facts: facts.event.source.removeprefix("/partners/"),
    "event.store": lambda facts: facts.event.data.store,
    "event.channel": lambda facts: facts.event.data.channel,
    "event.payment": lambda facts: facts.event.data.payment,
    "event.currency": lambda facts: facts.event.data.currency,
    "basket.total": lambda facts: sum(facts.total_amounts, ZERO) if facts.lines and not facts.foreign else None,
    "basket.paid_with_points": lambda facts: _paid(facts) if facts.lines and not facts.foreign else None,
    "basket.eligible": lambda facts: sum(facts.eligible_amounts, ZERO) if facts.lines and not facts.foreign else None,
    "basket.quantity": lambda facts: sum(x.quantity for x in facts.lines) if facts.lines else None,
    "member.tier": lambda facts: next((tier for _, tier in sorted(facts.member.tiers.items())), None),
    "member.tiers": lambda facts: frozenset(facts.member.tiers.values()),
    "member.segments": lambda facts: facts.rules.segments_of(facts) if facts.rules is not None else frozenset(),
    "member.tags": lambda facts: facts.member.tags,
    "member.consents": lambda facts: facts.member.consents,
    "member.household": lambda facts: facts.member.profile("household"),
    "member.birthday": lambda facts: facts.member.profile("birthday"),
    "member.referrals": lambda facts: facts.member.referrals,
}
_ZONED: Final[dict[str, Callable[[Facts, ZoneInfo], Any]]] = {
    "calendar.date": lambda facts, zone: facts.today(zone).isoformat(),
    "calendar.weekday": lambda facts, zone: WEEKDAYS[facts.local_in(zone).weekday()],
    "calendar.hour": lambda facts, zone: facts.local_in(zone).hour,
    "calendar.day": lambda facts, zone: facts.local_in(zone).day,
    "calendar.month": lambda facts, zone: facts.local_in(zone).month,
    "member.joined": lambda facts, zone: facts.member.joined(zone),
    "member.age": lambda facts, zone: facts.member.age(facts.today(zone)),
    "member.is_birthday": lambda facts, zone: facts.member.is_birthday(facts.today(zone)),
}
assert {*_SIMPLE, *_ZONED} == set(FACTS), "a fact of the catalogue that nobody computes"
assert all(FACTS[name].type == DATE for name in ("calendar.date", "member.joined", "member.birthday"))
