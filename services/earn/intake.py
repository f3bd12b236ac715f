"""Intake, decided: is it valid, whose is it? Signups make members; what belongs to nobody yet waits unclaimed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, get_args

from pydantic import TypeAdapter

from services.earn.identities import (
    ConflictingIdentitiesError,
    Identity,
    find_member,
    identity_keys,
    mint_member,
    only_member,
)
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light import embedded
from shared.events.partner import PARTNER_EVENT, AnyEvent, MemberRef, Milestone, Referral, Return, Signup
from shared.events.plain import Plain, PlainPurchase, PlainRef
from shared.events.topics import ACTIVITIES
from shared.runtime.records import REQUEST, Decision, Item, Letter, Message, Record
from shared.runtime.store import DUPLICATES

IDENTITIES = "identities"
INBOX = "inbox"
WAITING = "waiting"
Event = AnyEvent | PlainPurchase


class Arrival(NamedTuple):
    """A partner's event with its canonical bytes and their hash: what its id stands for."""

    event: Event
    canonical: bytes
    hash: str
    # Identity keys of each whom the event names (see `references`), in order of trust.
    named: tuple[list[str], ...]

    @property
    def keys(self) -> list[str]:
        """All identity keys of everybody the event names."""
        return [key for keys in self.named for key in keys]


# One for each model: written as bytes at once, where `model_dump_json` would go by way of a text.
_WRITERS: Final[Mapping[type[AnyEvent], TypeAdapter[Any]]] = {each: TypeAdapter(each) for each in get_args(AnyEvent)}


def arrival(event: AnyEvent) -> Arrival:
    """The same event gives the same hash, however its sender spaced or ordered the JSON."""
    return _arrival(event, _WRITERS[type(event)].dump_json(event, exclude_none=True))


def plain_arrival(found: Plain) -> Arrival:
    """The same, of a purchase that was read without the contract."""
    return _arrival(found.event, found.canonical)


def _arrival(event: Event, canonical: bytes) -> Arrival:
    named = tuple([identity_keys(ref, event.source) for ref in references(event)])
    return Arrival(event, canonical, hashlib.blake2b(canonical, digest_size=16).hexdigest(), named)


def references(event: Event) -> Sequence[MemberRef | PlainRef]:
    """Everybody whom the event names; all must be known before it can pass. The member it belongs to comes last."""
    if isinstance(event, Referral):
        return [event.data.advocate, event.data.friend]
    return [event.data.member]


@dataclass(slots=True)
class IntakeState:
    """What was read for a batch; a later record of it sees what an earlier one did."""

    identities: dict[str, Identity] = field(default_factory=dict)
    inbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    duplicates: set[str] = field(default_factory=set)
    loaded: set[tuple[str, str]] = field(default_factory=set)
    # Whose events of strangers were, which are in the ledger: their names have been erased since.
    settled: dict[str, str] = field(default_factory=dict)

    def all_loaded(self) -> IntakeState:
        """Notes that all that is here now exists in the database: it will be replaced, not inserted."""
        self.loaded = {(IDENTITIES, key) for key in self.identities} | {(WAITING, key) for key in self.waiting}
        return self


class Intake:
    """Decides one batch of arrivals."""

    def __init__(self, state: IntakeState, prefix: str = "") -> None:
        self._state = state
        self._topic = prefix + ACTIVITIES
        self._touched: dict[tuple[str, str], dict[str, Any]] = {}
        self.decision = Decision()

    def take(self, item: Item[Arrival]) -> None:
        """One arrival, in the partner's order."""
        event = item.event.event
        known = self._state.inbox.get(event.key)
        if known is not None:
            self._again(item, known)
        elif isinstance(event, Signup):
            self._signup(item, event)
        else:
            self._settle(item.event, item.record)

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        for (collection, key), document in self._touched.items():
            if (collection, key) in self._state.loaded:
                self.decision.replace(collection, document)
            else:
                self.decision.insert(collection, document)
        return self.decision

    def _again(self, item: Item[Arrival], known: dict[str, Any]) -> None:
        """A signup or referral that was decided before: whatever has become known since, it is decided alike.

        The ledger tells whether it is the same record or a partner's duplicate.
        """
        if known["hash"] != item.event.hash:
            self._refuse(item.event, item.record, _changed())
        elif known["refused"] is not None:
            self._refuse(item.event, item.record, Refused(*known["refused"]))
        else:
            self._pass_on(item.event, item.record, known["member"], stored=False, advocate=known["advocate"])

    def _note(
        self, arrived: Arrival, member: str | None, advocate: str | None = None, refused: Refused | None = None
    ) -> None:
        reason = None if refused is None else [refused.reason, refused.detail]
        document = {
            "_id": arrived.event.key,
            "hash": arrived.hash,
            "member": member,
            "advocate": advocate,
            "refused": reason,
        }
        self._keep(INBOX, self._state.inbox, document)

    def _signup(self, item: Item[Arrival], event: Signup) -> None:
        keys = item.event.keys
        try:
            member = only_member(keys, self._state.identities) or mint_member(event.key)
        except ConflictingIdentitiesError as conflict:
            refused = Refused("identity_conflict", str(conflict))
            self._note(item.event, None, refused=refused)
            return self._refuse(item.event, item.record, refused)
        self._note(item.event, member)
        for key in keys:
            self._keep(IDENTITIES, self._state.identities, {**self._identity(key), "member": member})
        self._pass_on(item.event, item.record, member, stored=True)
        return self._claim(set(keys))

    def _claim(self, keys: set[str]) -> None:
        """What waited for one of these keys passes on, by event time."""
        waiting = [
            each
            for each in self._state.waiting.values()
            if each["event"] is not None and keys & set(each["identities"])
        ]
        # By the hash that it came with: an erasure may have overwritten words meanwhile, and it is the same event.
        arrivals = [
            (arrival(PARTNER_EVENT.validate_json(each["event"]))._replace(hash=each["hash"]), each) for each in waiting
        ]
        for arrived, each in sorted(arrivals, key=lambda pair: _by_time(pair[0].event)):
            self._keep(WAITING, self._state.waiting, {**each, "identities": [], "event": None, "value": None})
            self._settle(arrived, _waited(each), claimed=True)

    def _settle(self, arrived: Arrival, record: Record, *, claimed: bool = False) -> None:
        """Passes an event on when everybody in it is known; else it waits for the first who is not."""
        event, members = arrived.event, list[str]()
        for keys in arrived.named:
            member = find_member(keys, self._state.identities) or self._state.settled.get(event.key)
            if member is None:
                return self._wait(arrived, record, keys, claimed=claimed)
            members.append(member)
        advocate = members[0] if isinstance(event, Referral) else None
        if isinstance(event, Referral):
            refused = None
            if advocate == members[1]:
                refused = Refused("self_referral", "advocate and friend are one member")
            self._note(arrived, members[1], advocate, refused)
            if refused is not None:
                return self._refuse(arrived, record, refused)
        # A claimed event's record is read no more, so it is stored; a passing one's record is its own outbox. What
        # was noted in the inbox passes on from there when it is read again.
        return self._pass_on(arrived, record, members[-1], advocate=advocate, stored=claimed)

    def _wait(self, arrived: Arrival, record: Record, keys: list[str], *, claimed: bool) -> None:
        key, origin = arrived.event.key, record.origin
        known = self._state.waiting.get(key)
        if known is not None and not claimed:
            if known["hash"] != arrived.hash:
                self._refuse(arrived, record, _changed())
            elif known["origin"] != origin.model_dump() and origin.key not in self._state.duplicates:
                self._state.duplicates.add(origin.key)
                self.decision.insert(DUPLICATES, {"_id": origin.key, "event": key})
                self.decision.count("duplicate")
            return
        document = {
            "_id": key,
            "hash": arrived.hash,
            "origin": origin.model_dump(),
            "identities": keys,
            "event": arrived.canonical,
            # The record as it came, for the dead letter that it may yet become.
            "value": record.value,
            "key": record.key,
            "received_ms": record.timestamp_ms,
            "request": record.request,
        }
        self._keep(WAITING, self._state.waiting, document)
        for each in keys:
            # Written on purpose: a signup that claims this key at the same moment must conflict with us, or this
            # event would wait for ever.
            identity = self._identity(each)
            self._keep(IDENTITIES, self._state.identities, {**identity, "touched": identity["touched"] + 1})
        self.decision.count("waiting")

    def _pass_on(
        self, arrived: Arrival, record: Record, member: str, *, stored: bool, advocate: str | None = None
    ) -> None:
        event = arrived.event
        data: dict[str, Any] = {
            "member": member,
            "origin": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
            "hash": arrived.hash,
        }
        if (request := record.request) is not None:
            data["request"] = request
        if advocate is not None:
            data["advocate"] = advocate
        body = {
            "specversion": "1.0",
            "id": record.origin.key,
            "source": "/earn",
            "type": "loyalty.activity.v1",
            "time": event.time,
            "data": data,
        }
        kind = event.type.split(".")[1]
        value = embedded(body, "event", arrived.canonical)
        self.decision.messages.append(Message(self._topic, member, value, kind, stored))
        self.decision.count(kind)

    def _identity(self, key: str) -> Identity:
        return self._state.identities.get(key) or {"_id": key, "member": None, "touched": 0}

    def _keep(self, collection: str, kept: dict[str, dict[str, Any]], document: dict[str, Any]) -> None:
        kept[document["_id"]] = document
        self._touched[collection, document["_id"]] = document

    def _refuse(self, arrived: Arrival, record: Record, refused: Refused) -> None:
        self.decision.letters.append(Letter(record, refused, record.origin, arrived.event.key))


def _by_time(event: Event) -> tuple[datetime, bool, str]:
    """What is about a purchase comes after those of the same instant."""
    return event.time, isinstance(event, Return | Milestone), event.key


def _waited(waiting: dict[str, Any]) -> Record:
    """The record that has been waiting, as it was read."""
    origin = Origin.model_validate(waiting["origin"])
    request = waiting.get("request")  # documents of earlier releases have none
    return Record(
        origin.topic, origin.partition, origin.offset, waiting["value"], waiting["key"], waiting["received_ms"],
        () if request is None else ((REQUEST, request.encode()),),
    )  # fmt: skip


def _changed() -> Refused:
    return Refused("content_changed", "an event with this id came before with other content; send a new id")
