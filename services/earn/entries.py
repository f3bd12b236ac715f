"""What the ledger reads: activities and grants, each known by its key, and changes of tier. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.earn.accounts import TermsOf, free
from services.earn.posting import Heading
from shared.events.internal import Origin
from shared.events.light import ActivityRead, GrantRead, Joining, Reported, Returned
from shared.events.light_tiers import TierRead
from shared.ledger.terms import terms
from shared.rules.member import Member
from shared.rules.rulebook import Ruleset
from shared.runtime.leading import last, led
from shared.runtime.records import Item


class Entry(NamedTuple):
    """What the ledger reads: an activity or a grant, with its bytes as they came."""

    key: str
    hash: str
    member: str
    origin_key: str | None
    time: datetime
    event: ActivityRead | GrantRead
    raw: bytes

    @property
    def origin(self) -> Origin | None:
        """Where the partner's record stood; grants come from nobody's."""
        if not isinstance(self.event, ActivityRead):
            return None
        place = self.event.data.origin
        return Origin(topic=place.topic, partition=place.partition, offset=place.offset)


def entry(event: ActivityRead | GrantRead, raw: bytes) -> Entry:
    """An activity is known by its partner's source and id; a grant by campaigns' own."""
    if isinstance(event, ActivityRead):
        return Entry(event.event.key, event.data.hash, event.member, event.origin_key, event.event.time, event, raw)
    won = event.data
    return Entry(event.key, f"{won.rule}/{won.points}", won.member, None, event.time, event, raw)


def is_about(each: Entry) -> bool:
    """Whether it is about an earlier purchase: then it may be refused although it came before."""
    return isinstance(each.event, ActivityRead) and isinstance(each.event.event.data, Reported | Returned)


class Status(NamedTuple):
    """What else the ledger reads: a member's tier changed. Only noted, so that rules can ask for it."""

    member: str
    event: TierRead


def heading(each: Entry) -> Heading:
    """What the journal says an entry is about; its bytes are the record's own."""
    if isinstance(each.event, ActivityRead):
        return Heading(
            each.key, each.hash, each.member, each.event.event.kind, each.time, each.raw, "activity", each.origin_key,
            each.event.data.request,
        )  # fmt: skip
    return Heading(each.key, each.hash, each.member, "grant", each.time, each.raw, "grant")


def led_on(entries: Mapping[int, Entry], members: Mapping[str, Mapping[str, Any]]) -> dict[int, Entry]:
    """What is on its way to members who were merged meanwhile is the survivors'; by what stands for it here."""
    duplicates = {id_ for id_, document in members.items() if led(document) is not None}
    if not duplicates:
        return {}
    moved = {at: each for at, each in entries.items() if each.member in duplicates}
    return {at: each._replace(member=last(members, each.member)) for at, each in moved.items()}


def households(members: Mapping[str, Mapping[str, Any]], entries: Iterable[Entry]) -> dict[str, set[str]]:
    """The households of members: what is known, and what signups of this very batch will say."""
    found: dict[str, set[str]] = {}
    for id_, document in members.items():
        if (known := Member(document).profile("household")) is not None:
            found.setdefault(id_, set()).add(known)
    for each in entries:
        data = each.event.event.data if isinstance(each.event, ActivityRead) else None
        if isinstance(data, Joining) and data.profile.household is not None:
            found.setdefault(each.member, set()).add(data.profile.household)
    return found


def terms_of(each: Entry, rules: Ruleset | None) -> TermsOf:
    """When points of an entry become active and expire: by the programme in force when it happened."""
    if rules is None or rules.plain:
        return free
    bought = isinstance(each.event, ActivityRead) and each.event.event.kind == "purchase"
    purchase = each.key if bought else None  # nobody will report that a signup was delivered
    purses, zone = rules.programme.purses, rules.zone
    return lambda wallet: terms(purses.get(wallet), each.time, zone, purchase)


def corrected(items: Iterable[Item[Entry]]) -> set[str]:
    """Members who had bought what grants take back, and who were merged into others since."""
    grants = (item.event.event.data for item in items if isinstance(item.event.event, GrantRead))
    return {each.bought_by for each in grants if each.bought_by is not None}
