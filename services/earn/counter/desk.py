"""The desk: decides one batch of commands. Same key and request: the same answer again; another request: refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.earn.counter import approving, buying, giving, handing, people, till, vouchers
from services.earn.counter.approval_commands import Judging, Refuse
from services.earn.counter.approving import APPROVALS
from services.earn.counter.bills import BILLS
from services.earn.counter.commands import (
    CLOSED,
    ERASED,
    Adjust,
    Answer,
    BuyPack,
    Capture,
    Command,
    Denied,
    Done,
    Goodwill,
    HandOn,
    Hold,
    Release,
    Transfer,
    Undo,
)
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.voucher_commands import RedeemVoucher, UndoVoucher
from services.earn.counter.working import ERASURES, Read, Working
from services.earn.intake import IDENTITIES
from services.earn.ledger import MEMBERS
from services.earn.packs import PACKS
from services.earn.posting import Poster
from services.earn.vouchers import VOUCHERS
from shared.events.topics import ACCRUALS
from shared.rules.rulebook import Ruleset
from shared.runtime.leading import last
from shared.runtime.quotas import QUOTAS
from shared.runtime.records import Decision

Decider = Callable[[Any, Working], Answer]
DECIDERS: Final[Mapping[type[Command], Decider]] = {
    Hold: till.hold,
    Capture: till.capture,
    Release: till.release,
    Undo: till.undo,
    Adjust: giving.adjust,
    Goodwill: giving.adjust,
    Transfer: giving.transfer,
    BuyPack: buying.buy,
    HandOn: handing.hand_on,
    RedeemVoucher: vouchers.redeem,
    UndoVoucher: vouchers.undo,
    Merge: people.merge,
    Unmerge: people.unmerge,
    Close: people.close,
    Erase: people.erase,
}


class Desk:
    """One batch of commands under the rules of one instant."""

    def __init__(self, read: Read, rules: Ruleset, now: datetime, prefix: str = "") -> None:
        self._read = read
        self._known_vouchers, self._known_bills = frozenset(read.vouchers), frozenset(read.bills.documents)
        self._known, self._known_packs = frozenset(read.members), frozenset(read.packs)
        self._known_approvals, self._known_erasures = frozenset(read.approvals), frozenset(read.erasures)
        self.decision = Decision()
        self._at = Working(read, rules, now, Poster(self.decision, prefix + ACCRUALS, read.journal, now))

    def take(self, command: Command) -> Answer:
        """One command: what is due of its members is done first, so that nothing expired is ever spent."""
        known = self._read.journal.get(command.key)
        if known is not None:
            return self._again(command, known)
        return self._judge(command) if isinstance(command, Judging) else self._decide(command)

    def _decide(self, command: Command) -> Answer:
        for id_ in command.members:
            if id_ in self._read.joining:
                said = "this member signed up a moment ago, and the ledger has not read it yet: ask again in a moment"
                return Denied("joining", said)
            if not self._at.knows(id_):
                return Denied("unknown_member", "there is no such member")
            into, gone = last(self._read.members, id_), self._at.member(id_).get("erased")
            if into != id_ and command.merged == "deny":
                if gone and isinstance(command, Erase):
                    return ERASED
                return Denied("merged", f"this member was merged into {into}: ask about that one", {"into": into})
            if into != id_ and command.merged == "follow":
                return self._decide(replace(command, member=into))  # type: ignore[call-arg]  # only commands of a member do
            self._at.begin(id_)
            if self._at.member(id_).get("closed") and not command.closed:
                return CLOSED
            if gone and isinstance(command, Erase | Unmerge):
                return ERASED  # before it is kept waiting, with words about whom nothing is kept
        if approving.waits(command, self._at.rules):
            return approving.keep(command, self._at)
        return DECIDERS[type(command)](command, self._at)

    def _judge(self, command: Judging) -> Answer:
        """What is approved is decided as if it were asked for now; denied, it goes on waiting."""
        found = approving.judged(command, self._at)
        if isinstance(found, Denied):
            return found
        if isinstance(command, Refuse):
            return approving.refuse(command, found, self._at)
        answer = self._decide(approving.asked(found, command))
        if isinstance(answer, Done):
            approving.close(command, found, self._at)
        return answer

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        self.decision.keep(MEMBERS, self._at.touched, self._read.members, self._known)
        self.decision.keep(PACKS, self._at.touched_packs, self._read.packs, self._known_packs)
        self.decision.keep(VOUCHERS, self._at.touched_vouchers, self._read.vouchers, self._known_vouchers)
        self.decision.keep(BILLS, self._at.bills.touched, self._at.bills.documents, self._known_bills)
        self.decision.keep(IDENTITIES, self._at.touched_identities, self._read.identities, self._read.identities)
        self.decision.keep(APPROVALS, self._at.touched_approvals, self._read.approvals, self._known_approvals)
        self.decision.keep(ERASURES, self._at.touched_erasures, self._read.erasures, self._known_erasures)
        inserts, replaces = self._read.quotas.changes()
        for document in inserts:
            self.decision.insert(QUOTAS, document)
        for document in replaces:
            self.decision.replace(QUOTAS, document)
        return self.decision

    def _again(self, command: Command, known: Mapping[str, Any]) -> Answer:
        if known["hash"] != command.hash:
            return Denied("key_used_before", "this Idempotency-Key came before with another request; use a new one")
        by = known.get("approved") or known.get("by", {})
        return Done(dict(known["answer"]), again=True, person=by.get("person"))
