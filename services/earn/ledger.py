"""The ledger, decided: rules by event time, double-entry postings, balances; the journal is the inbox. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.earn import postings
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light import ActivityRead, GrantRead, Occurrence, embedded
from shared.events.topics import ACCRUALS
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.matching import Ruled, earn, ruled
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.runtime import learning
from shared.runtime.learning import learn, utc
from shared.runtime.records import Decision, Item, Letter, Message
from shared.runtime.store import DUPLICATES

JOURNAL = "journal"
MEMBERS = "members"
USAGE = "usage"


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


@dataclass(slots=True)
class LedgerState:
    """What was read for a batch, and the facts of its events, computed once for reading and deciding."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    usage: dict[str, dict[str, Any]]
    duplicates: set[str]
    ruled: dict[int, Ruled] = field(default_factory=dict)


def ruled_by_entry(entries: Iterable[Entry], book: Rulebook) -> dict[int, Ruled]:
    """The facts and rules of each activity, by the entry's identity; without those before the programme."""
    found = ((each, ruled(each.event.event, book)) for each in entries if isinstance(each.event, ActivityRead))
    return {id(each): under for each, under in found if under is not None}


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
        used = {key: {"_id": key, "n": self._counts[key]} for key in self._used}
        self.decision.keep(MEMBERS, self._touched, self._state.members, self._known_members)
        self.decision.keep(USAGE, used, used, self._state.usage)
        return self.decision

    def _again(self, item: Item[Entry], known: Mapping[str, Any]) -> None:
        """Same id and content: read again (same position) or a partner's duplicate; other content is refused."""
        each = item.event
        if known["hash"] != each.hash:
            return self._refuse(
                item, Refused("content_changed", "an event with this id came before with other content; send a new id")
            )
        if each.origin_key in (None, known["origin"]) or each.origin_key in self._state.duplicates:
            return self.decision.count("redelivery")
        assert each.origin_key is not None
        self._state.duplicates.add(each.origin_key)
        self.decision.insert(DUPLICATES, {"_id": each.origin_key, "event": each.key})
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
        if isinstance(each.event, GrantRead):
            won = each.event.data
            return [Award(won.rule, won.version, won.wallet, won.points, None)], None
        event = each.event.event
        if event.kind == "signup":
            self._join(each.member, event)
        under = self._state.ruled.get(id(each)) or ruled(event, self._book)
        if under is None:
            if event.kind == "signup":  # they joined before the programme began: no stars, but a member all the same
                return [], None
            raise NoProgrammeError("the event happened before the programme began")
        facts, rules = under
        facts.of_member(learning.facts(self._member(each.member)))
        awards, used = earn(facts, each.member, rules, self._counts)
        self._used.update(used)
        return awards, facts

    def _join(self, id_: str, event: Occurrence) -> None:
        member = self._member(id_)
        learn(member, event.data.attributes, event.time, event.key)
        member["joined"] = min(filter(None, (member["joined"], utc(event.time))))

    def _post(self, each: Entry, awards: list[Award], facts: Facts | None) -> None:
        member = self._member(each.member)
        member["seq"] += 1
        entries = postings.of(awards, each.member, each.event)
        postings.apply(member, entries)
        awarded = [_award(award) for award in awards]
        kind = each.event.event.kind if isinstance(each.event, ActivityRead) else "grant"
        document = {
            "_id": each.key,
            "hash": each.hash,
            "origin": each.origin_key,
            "member": each.member,
            "seq": member["seq"],
            "kind": kind,
            "at": each.time,
            "facts": facts.used() if facts is not None else {},
            "awards": awarded,
            "postings": entries,
            "event": each.raw,
        }
        self._state.journal[each.key] = document
        self.decision.insert(JOURNAL, document)
        self.decision.messages.append(self._accrual(each, awarded, member, kind))
        self.decision.count(kind)

    def _accrual(self, each: Entry, earned: list[dict[str, Any]], member: dict[str, Any], kind: str) -> Message:
        body = {
            "specversion": "1.0",
            "id": f"{each.member}-{member['seq']}",
            "source": "/earn",
            "type": "loyalty.accrual.v1",
            "time": each.time.isoformat(),
            "data": {
                "member": each.member,
                "seq": member["seq"],
                "earned": earned,
                "balances": member["balances"],
            },
        }
        # The record's own bytes, checked when it was read.
        cause = "activity" if isinstance(each.event, ActivityRead) else "grant"
        return Message(self._topic, each.member, embedded(body, cause, each.raw), kind)


def _award(award: Award) -> dict[str, Any]:
    written = {"rule": award.rule, "version": award.version, "wallet": award.wallet, "points": award.points}
    return written if award.lines is None else {**written, "lines": list(award.lines)}
