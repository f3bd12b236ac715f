"""The ledger, decided: rules by event time, double-entry postings, balances; the journal is the inbox. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from services.earn import postings
from shared.events.decode import Refused
from shared.events.internal import Activity, Grant, Origin
from shared.events.partner import Signup
from shared.events.topics import ACCRUALS
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.matching import earn, facts_of, possible_keys
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.runtime import learning
from shared.runtime.learning import learn, utc
from shared.runtime.records import Decision, Item, Letter, Message
from shared.runtime.store import DUPLICATES

JOURNAL = "journal"
MEMBERS = "members"
USAGE = "usage"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger reads: an activity or a grant, with its bytes as they came."""

    key: str
    hash: str
    member: str
    origin: Origin | None
    event: Activity | Grant
    raw: bytes


def entry(event: Activity | Grant, raw: bytes) -> Entry:
    """An activity is known by its partner's source and id; a grant by campaigns' own."""
    if isinstance(event, Activity):
        data = event.data
        return Entry(data.event.key, data.hash, data.member, data.origin, event, raw)
    return Entry(event.key, f"{event.data.rule}/{event.data.points}", event.data.member, None, event, raw)


def limit_keys(each: Entry, book: Rulebook) -> list[str]:
    """Usage keys that the earn rules in force may ask for."""
    assert isinstance(each.event, Activity)
    rules = book.at(each.event.time)
    facts = facts_of(each.event.data.event, {}, rules)
    return possible_keys(rules.rules("earn", facts.kind), each.member, facts)


@dataclass(slots=True)
class LedgerState:
    """What was read for a batch."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    usage: dict[str, dict[str, Any]]
    duplicates: set[str]


class Ledger:
    """Decides one batch of entries."""

    def __init__(self, state: LedgerState, book: Rulebook, prefix: str = "") -> None:
        self._state = state
        self._book = book
        self._topic = prefix + ACCRUALS
        self._known_members = frozenset(state.members)
        self._counts = {key: int(document["n"]) for key, document in state.usage.items()}
        self._touched: set[str] = set()
        self._used: set[str] = set()
        self.decision = Decision()

    def take(self, item: Item[Entry]) -> None:
        """One entry, in the member's order."""
        each = item.event
        known = self._state.journal.get(each.key)
        if known is not None:
            return self._again(item, known)
        try:
            awards, facts = self._awards(each)
        except NoProgrammeError as error:
            return self._refuse(item, Refused("before_programme", str(error)))
        return self._post(each, awards, facts)

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        for member in sorted(self._touched):
            document = self._state.members[member]
            (self.decision.replace if member in self._known_members else self.decision.insert)(MEMBERS, document)
        for key in sorted(self._used):
            document = {"_id": key, "n": self._counts[key]}
            (self.decision.replace if key in self._state.usage else self.decision.insert)(USAGE, document)
        return self.decision

    def _again(self, item: Item[Entry], known: Mapping[str, Any]) -> None:
        """Same id and content: read again (same position) or a partner's duplicate; other content is refused."""
        each = item.event
        if known["hash"] != each.hash:
            return self._refuse(
                item, Refused("content_changed", "an event with this id came before with other content; send a new id")
            )
        if each.origin is None or known["origin"] == each.origin.key or each.origin.key in self._state.duplicates:
            return self.decision.count("redelivery")
        self._state.duplicates.add(each.origin.key)
        self.decision.insert(DUPLICATES, {"_id": each.origin.key, "event": each.key})
        return self.decision.count("duplicate")

    def _refuse(self, item: Item[Entry], refused: Refused) -> None:
        each = item.event
        origin = each.origin or item.record.origin
        self.decision.letters.append(Letter(item.record, refused, origin, each.key, each.member))

    def _member(self, id_: str) -> dict[str, Any]:
        self._touched.add(id_)
        return self._state.members.setdefault(
            id_, {"_id": id_, "seq": 0, "balances": {}, "lots": [], "known": {}, "joined": None}
        )

    def _awards(self, each: Entry) -> tuple[list[Award], Facts | None]:
        if isinstance(each.event, Grant):
            data = each.event.data
            return [Award(data.rule, data.version, data.wallet, data.points, None)], None
        rules = self._book.at(each.event.time)
        member = self._member(each.member)
        event = each.event.data.event
        if isinstance(event, Signup):
            learn(member, event.data.attributes, event.time, event.key)
            member["joined"] = min(filter(None, (member["joined"], utc(event.time))))
        facts = facts_of(event, learning.facts(member), rules)
        awards, used = earn(facts, each.member, rules, self._counts)
        self._used.update(used)
        return awards, facts

    def _post(self, each: Entry, awards: list[Award], facts: Facts | None) -> None:
        member = self._member(each.member)
        member["seq"] += 1
        entries = postings.of(awards, each.member, each.event)
        postings.apply(member, entries)
        origin = each.origin.key if each.origin is not None else None
        kind = facts.kind if facts is not None else "grant"
        document = {
            "_id": each.key,
            "hash": each.hash,
            "origin": origin,
            "member": each.member,
            "seq": member["seq"],
            "kind": kind,
            "at": each.event.time,
            "facts": facts.used() if facts is not None else {},
            "awards": [_award(award) for award in awards],
            "postings": entries,
            "event": each.raw,
        }
        self._state.journal[each.key] = document
        self.decision.insert(JOURNAL, document)
        self.decision.messages.append(self._accrual(each, awards, member, kind))
        self.decision.count(kind)

    def _accrual(self, each: Entry, awards: list[Award], member: dict[str, Any], kind: str) -> Message:
        body = {
            "specversion": "1.0",
            "id": f"{each.member}-{member['seq']}",
            "source": "/earn",
            "type": "loyalty.accrual.v1",
            "time": each.event.time.isoformat(),
            "data": {
                "member": each.member,
                "seq": member["seq"],
                "earned": [_award(award) for award in awards],
                "balances": member["balances"],
                # The record's own bytes, checked when it was read: encoding the basket again would cost much.
                "activity" if isinstance(each.event, Activity) else "grant": orjson.Fragment(each.raw),
            },
        }
        return Message(self._topic, each.member, orjson.dumps(body), kind)


def _award(award: Award) -> dict[str, Any]:
    written = {"rule": award.rule, "version": award.version, "wallet": award.wallet, "points": award.points}
    return written if award.lines is None else {**written, "lines": list(award.lines)}
