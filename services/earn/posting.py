"""Writing an entry: the journal's document, and the accrual that announces it; for events, tills and clocks. Pure.

An entry is never changed: a correction is a new one. Per wallet its postings sum to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from shared.events.light import embedded
from shared.ledger.moves import Standing, between, standing
from shared.rules.effects import Award
from shared.rules.matching import Passed
from shared.rules.member import Member
from shared.runtime.records import Decision, Message

JOURNAL: Final = "journal"
Cause = Literal["activity", "grant", "entry"]


class Heading(NamedTuple):
    """What an entry is about: its key (and a hash of what it says), whose it is, when it happened, and its own bytes.

    cause: under which name the accrual carries the bytes, which are JSON. origin: position of the partner's record.
    request: id of the request that brought it, where its sender says one.
    """

    key: str
    hash: str
    member: str
    kind: str
    at: datetime
    raw: bytes
    cause: Cause
    origin: str | None = None
    request: str | None = None


class Awarded(NamedTuple):
    """What an entry earns, what was held back, the facts that were used, and those that campaigns ask for."""

    awards: Sequence[Award] = ()
    passed: Sequence[Passed] = ()
    facts: Mapping[str, str | None] = {}
    told: Mapping[str, Any] = {}


NOTHING: Final = Awarded()


class Poster:
    """Adds entries to a batch's decision. now: when they are posted, which closes books; not when things happened."""

    def __init__(self, decision: Decision, topic: str, journal: dict[str, dict[str, Any]], now: datetime) -> None:
        self._decision = decision
        self._now = now
        self._watched: dict[str, tuple[dict[str, Any], Standing]] = {}
        self._topic = topic
        self._journal = journal

    def watch(self, member: dict[str, Any]) -> None:
        """Must be called before a batch first changes a member: entries keep what they change in lots."""
        if member["_id"] not in self._watched:
            self._watched[member["_id"]] = member, standing(member)

    def post(
        self,
        member: dict[str, Any],
        heading: Heading,
        postings: Sequence[Mapping[str, Any]],
        awarded: Awarded = NOTHING,
        more: Mapping[str, Any] | None = None,
        *,
        counts_at: datetime | None = None,
        returned: Mapping[str, Any] | None = None,
        uncounted: Mapping[str, int] | None = None,
    ) -> dict[str, Any]:
        """Writes the entry and announces it; returns the journal's document.

        more: what else the journal keeps of it; who had bought what it takes back is announced, too. counts_at: the
        instant at which downstream it counts, where that is not its own: what a return takes back counts when the
        purchase did. returned, uncounted: what its accrual says of that.
        """
        member["seq"] += 1
        awards = [_award(award) for award in awarded.awards]
        document: dict[str, Any] = {
            "_id": heading.key,
            "hash": heading.hash,
            "origin": heading.origin,
            "member": heading.member,
            "seq": member["seq"],
            "kind": heading.kind,
            "at": heading.at,
            "posted_at": self._now,
            "facts": awarded.facts,
            "awards": awards,
            "postings": postings,
            "event": heading.raw,
        }
        if heading.request is not None:
            document["request"] = heading.request
        if awarded.passed:
            document["passed"] = [each._asdict() for each in awarded.passed]
        if "heard" in member:
            document["heard"] = member.pop("heard")
        if counts_at is not None:
            document["counts_at"] = counts_at
        if more:
            document.update(more)
        self._keep(heading, document)
        bought_by = None if more is None else more.get("bought_by")
        back = {"counts_at": counts_at, "returned": returned, "uncounted": uncounted, "bought_by": bought_by}
        self._decision.messages.append(self._accrual(heading, awards, awarded.told, member, back))
        self._decision.count(heading.kind)
        return document

    def note(
        self, heading: Heading, more: Mapping[str, Any], postings: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """An entry that is told to nobody and has no `seq`: what a till was promised; or one between accounts that are
        no member's."""
        document = {
            "_id": heading.key,
            "hash": heading.hash,
            "origin": heading.origin,
            "member": heading.member,
            "seq": None,
            "kind": heading.kind,
            "at": heading.at,
            "posted_at": self._now,
            "facts": {},
            "awards": [],
            "postings": list(postings),
            "event": heading.raw,
            **more,
        }
        self._keep(heading, document)
        self._decision.count(heading.kind)
        return document

    def _keep(self, heading: Heading, document: dict[str, Any]) -> None:
        watched = self._watched.get(heading.member)
        if watched is not None:
            member, before = watched
            after = standing(member)
            moves = between(before, after, document["postings"])
            if moves is not None:
                document["moves"] = moves
            self._watched[heading.member] = member, after
        self._journal[heading.key] = document
        self._decision.insert(JOURNAL, document)

    def _accrual(
        self,
        heading: Heading,
        earned: list[dict[str, Any]],
        told: Mapping[str, Any],
        member: dict[str, Any],
        back: Mapping[str, object],
    ) -> Message:
        household = Member(member).profile("household")
        body = {
            "specversion": "1.0",
            "id": f"{heading.member}-{member['seq']}",
            "source": "/earn",
            "type": "loyalty.accrual.v1",
            "time": heading.at,
            "data": {
                "member": heading.member,
                "seq": member["seq"],
                "earned": earned,
                "balances": member["balances"],
                **({"facts": told} if told else {}),
                **({"household": household} if household is not None else {}),
                **{name: value for name, value in back.items() if value},
            },
        }
        # The record's own bytes, checked when it was read.
        return Message(self._topic, heading.member, embedded(body, heading.cause, heading.raw), heading.kind)


def _award(award: Award) -> dict[str, Any]:
    written = {"rule": award.rule, "version": award.version, "wallet": award.wallet, "points": award.points}
    return written if award.lines is None else {**written, "lines": list(award.lines)}
