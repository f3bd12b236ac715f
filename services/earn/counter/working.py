"""What a command is decided with: documents that were read, rules, the instant; and how its entry is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from services.earn.accounts import Posting
from services.earn.counter.bills import Bills
from services.earn.counter.commands import Answer, Caller, Command, Done
from services.earn.posting import Heading, Poster
from services.earn.sweeping import expire_back, go_back_late, sweep
from shared.ledger import due, lots, spared
from shared.ledger.kin import second_key
from shared.ledger.spared import Late
from shared.rules.learning import utc
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Ruleset
from shared.runtime.leading import last, led, way

NO_WALLET: Final = "none"  # what an entry says that moves points of no wallet, or of several
ERASURES: Final = "erasures"  # collection of what is left to be done of erasures, see `shared.ops.erasing`
ABSORBED: Final = "absorbed"
"""Of a survivor: every member who was merged into them, and who into those."""


@dataclass(slots=True)
class Read:
    """What was read for a batch of commands."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    redemptions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    packs: dict[str, dict[str, Any]] = field(default_factory=dict)
    quotas: Quotas = field(default_factory=lambda: Quotas({}, 1))
    vouchers: dict[str, dict[str, Any]] = field(default_factory=dict)
    bills: Bills = field(default_factory=Bills)
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[str, dict[str, Any]] = field(default_factory=dict)
    erasures: dict[str, dict[str, Any]] = field(default_factory=dict)
    pasts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # all entries of who is merged or unmerged
    # Members who have signed up, and of whom the ledger has not read yet.
    joining: frozenset[str] = frozenset()
    invoices: set[str] = field(default_factory=set)


class Working:
    """The desk's paper: one for a batch, so that a later command sees what an earlier one did."""

    def __init__(self, read: Read, rules: Ruleset, now: datetime, poster: Poster) -> None:
        self._read = read
        self.rules = rules
        self.now = now
        self.poster = poster
        self.bills = read.bills
        self.touched: set[str] = set()
        self.touched_packs: set[str] = set()
        self.touched_vouchers: set[str] = set()
        self.touched_identities: set[str] = set()
        self.touched_approvals: set[str] = set()
        self.touched_erasures: set[str] = set()
        self._late: dict[str, list[Late]] = {}  # by member, what is to be posted with their entry

    def member(self, id_: str) -> dict[str, Any]:
        """The member's document."""
        return self._read.members[id_]

    def knows(self, id_: str) -> bool:
        """Whether there is such a member."""
        return id_ in self._read.members

    def entries_of(self, redemption: str) -> list[dict[str, Any]]:
        """The entries of a redemption: its capture, and its undoing."""
        return self._read.redemptions.get(redemption, [])

    def past(self, member: str) -> list[dict[str, Any]]:
        """All of a member's entries, where they were read; those of this batch included."""
        mine = [each for each in self._read.journal.values() if each.get("member") == member and "event" in each]
        return [*self._read.pasts.get(member, ()), *mine]

    def voucher(self, member: str, code: str) -> dict[str, Any] | None:
        """A member's voucher, or one of somebody who was merged into them."""
        found = self._read.vouchers.get(code)
        return found if found is not None and found["member"] in self.persons(member) else None

    def vouchers_of(self, member: str) -> list[dict[str, Any]]:
        """All of them."""
        persons = self.persons(member)
        return [each for each in self._read.vouchers.values() if each["member"] in persons]

    def persons(self, member: str) -> set[str]:
        """A member, and those who were merged into them."""
        return {member, *self.member(member).get(ABSORBED, ())}

    def household(self, id_: str, wallet: str) -> list[dict[str, Any]]:
        """Who spends points of a wallet in common with a member: they first, then the others of the household."""
        member, purse = self.member(id_), self.rules.programme.purses.get(wallet)
        house = member.get("household") if purse is not None and purse.pooled else None
        if house is None:
            return [member]
        others = [each for each in self._read.members.values() if each.get("household") == house]
        found = [each for each in others if each is not member and led(each) is None and not each.get("closed")]
        for each in found:
            self.begin(each["_id"])
        return [member, *sorted(found, key=lambda each: str(each["_id"]))]

    def last(self, id_: str) -> dict[str, Any]:
        """The document of a member, or of whom they were merged into."""
        return self.member(last(self._read.members, id_))

    def begin(self, id_: str) -> None:
        """A member's document is about to change: what is due is done first, so that nothing expired is ever moved."""
        member = self.member(id_)
        self.poster.watch(member)
        due.end_idle(member, self.now, self.rules.zone)  # also what a till holds, of which nothing is due
        before = member.get("due_at")
        if before is not None:
            sweep(member, self.rules, self.now, self.poster)
            if member.get("due_at") != before:  # also where nothing was due after all: else it is looked at for ever
                self.touched.add(id_)

    def come_back(self, member: dict[str, Any], wallet: str, slices: Sequence[lots.Slice], since: int) -> None:
        """Points that a till has had are in their lots again; since: the member's number when it took them."""
        self.ask_back(member["_id"], wallet, lots.back(member, wallet, slices, utc(self.now)), since)

    def ask_back(self, id_: str, wallet: str, came: list[lots.Slice], since: int) -> None:
        """What returns left of points that have come back is taken now, and posted after the entry by which they came.
        id_: from whom they had gone; of one who was merged they come to the survivor, whose returns count from the
        merge on."""
        member = self.last(id_)
        for told in (*self.lenders(id_), member):
            late = spared.take_late(told, since, member, wallet, came, utc(self.now))
            if late:
                self._late.setdefault(member["_id"], []).extend(late)
                self.touched.add(told["_id"])
            since = told.get("lent", {}).get("since", spared.NEVER)

    def lenders(self, id_: str) -> list[dict[str, Any]]:
        """A member who was merged, and whom they came by to whoever has their points now."""
        return [self.member(each) for each in way(self._read.members, id_)]

    def rename(self, before: str, after: str, only_of: str | None = None) -> int:
        """The names of a member lead to another from now on; returns how many. only_of: those that came from this one
        last."""
        count = 0
        for key, identity in self._read.identities.items():
            past = identity.get("past", [])
            if identity["member"] != before or (only_of is not None and past[-1:] != [only_of]):
                continue
            identity["member"], identity["past"] = after, [*past, before] if only_of is None else past[:-1]
            self.touched_identities.add(key)
            count += 1
        return count

    @property
    def invoices(self) -> Collection[str]:
        """Those of the batch's that are in the books."""
        return self._read.invoices

    @property
    def quotas(self) -> Quotas:
        """The counters of packs."""
        return self._read.quotas

    @property
    def approvals(self) -> dict[str, dict[str, Any]]:
        """What waits, or has waited, for a second person."""
        return self._read.approvals

    @property
    def erasures(self) -> dict[str, dict[str, Any]]:
        """Erasures that are begun: what is left of them is an operator's."""
        return self._read.erasures

    def bought(self, id_: str, partner: str, wallet: str) -> None:
        """Another pack is bought: an alert may be sent again."""
        known = self._read.packs.get(id_, {"_id": id_, "partner": partner, "wallet": wallet, "purchases": 0})
        self._read.packs[id_] = {**known, "purchases": known["purchases"] + 1, "alerted": None}
        self.touched_packs.add(id_)

    def booked(
        self, command: Command, whose: str, postings: Sequence[Posting], body: dict[str, object], *,
        more: Mapping[str, Any], kind: str | None = None,
    ) -> Answer:  # fmt: skip
        """Writes the command's entry between accounts that are no member's; nobody is told. kind: where it is not the
        command's."""
        kind = kind or command.kind
        self._read.invoices.update(command.invoices)
        raw = orjson.dumps({"kind": kind, "id": command.key, "at": self.now.isoformat(), **body})
        heading = Heading(command.key, command.hash, whose, kind, self.now, raw, "entry")
        self.poster.note(heading, self._more(command, body, more), postings)
        return Done(answered(command, body))

    def posted(
        self,
        command: Command,
        member: dict[str, Any],
        postings: Sequence[Posting],
        body: dict[str, object],
        *,
        wallet: str,
        points: int,
        more: Mapping[str, Any] | None = None,
        **said: Any,
    ) -> Answer:
        """Writes the command's entry, which moves points, and announces it."""
        document = self.poster.post(
            member, self._heading(command, member, wallet, points, said), postings, more=self._more(command, body, more)
        )
        if "redemption" in document:
            self._read.redemptions.setdefault(document["redemption"], []).append(document)
        self._touch(member)
        return Done(answered(command, body))

    def noted(
        self, command: Command, member: dict[str, Any], body: dict[str, object], *, wallet: str, points: int
    ) -> Answer:
        """Writes the command's entry, which moves no points."""
        self.poster.note(self._heading(command, member, wallet, points, {}), self._more(command, body, None))
        self._touch(member)
        return Done(answered(command, body))

    def told(
        self, command: Command, member: dict[str, Any], *, wallet: str, points: int,
        more: Mapping[str, Any] | None = None, **said: Any,
    ) -> None:  # fmt: skip
        """Another member whom the command concerns has an entry too, which tells, also by whom and why; its postings
        are in the command's."""
        said_to = self._heading(command, member, wallet, points, said)
        kept = {**self._asked(command), **(more or {})}
        if said.get("reason") is not None:
            kept["reason"] = said["reason"]
        self.poster.post(member, said_to._replace(key=second_key(command.key, member["_id"])), [], more=kept)
        self._touch(member)

    def shared(
        self, command: Command, member: dict[str, Any], whose: str, postings: Sequence[Posting], *, wallet: str,
        points: int, more: Mapping[str, Any], **said: Any,
    ) -> None:  # fmt: skip
        """Another member's part of what the command moves has an entry of its own. whose: whose id its key ends in."""
        heading = self._heading(command, member, wallet, points, said)._replace(key=second_key(command.key, whose))
        kept = {"by": _who(command.caller), "request": command.request, **more}
        document = self.poster.post(member, heading, postings, more=kept)
        self._read.redemptions.setdefault(document["redemption"], []).append(document)
        self._touch(member)

    def set_aside(self, command: Command, member: dict[str, Any], kind: str, *, wallet: str, points: int) -> None:
        """The same, of points that a till sets aside or gives back, which nobody is told of."""
        heading = self._heading(command, member, wallet, points, {})
        key = second_key(command.key, member["_id"])
        self.poster.note(heading._replace(key=key, kind=kind), {"by": _who(command.caller), "request": command.request})
        self._touch(member)

    def _touch(self, member: dict[str, Any]) -> None:
        self.touched.add(member["_id"])
        go_back_late(member, self._late.pop(member["_id"], ()), self.now, self.poster)
        due.note(member, self.rules.programme.purses, self.rules.zone)
        if member.get("due_at", "later") <= utc(self.now):  # all that was due before is done: see `begin`
            expire_back(member, self.rules, self.now, self.poster)
            due.note(member, self.rules.programme.purses, self.rules.zone)

    def _heading(
        self, command: Command, member: dict[str, Any], wallet: str, points: int, said: Mapping[str, Any]
    ) -> Heading:
        document = {
            "kind": command.kind,
            "id": command.key,
            "wallet": wallet,
            "points": points,
            "at": self.now.isoformat(),
            **{name: value for name, value in said.items() if value is not None},
        }
        raw = orjson.dumps(document)
        return Heading(command.key, command.hash, member["_id"], command.kind, self.now, raw, "entry")

    def _more(self, command: Command, body: Mapping[str, object], more: Mapping[str, Any] | None) -> dict[str, Any]:
        return {**self._asked(command), "answer": answered(command, body), **(more or {})}

    def _asked(self, command: Command) -> dict[str, Any]:
        """Who asked for it, and who agreed."""
        kept: dict[str, Any] = {"by": _who(command.caller), "request": command.request}
        if command.leave is not None:
            kept["approved"] = {"approval": command.leave.approval, **_who(command.leave.by)}
        return kept


def answered(command: Command, body: Mapping[str, object]) -> dict[str, object]:
    """What is answered: of what a second person approved, under which request it was done."""
    if command.leave is None:
        return dict(body)
    return {"approval": command.leave.approval, "state": "approved", "done": dict(body)}


def _who(caller: Caller) -> dict[str, str]:
    return {"caller": caller.name, **({"person": caller.person} if caller.person else {})}
