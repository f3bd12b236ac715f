"""The ledger, decided: rules by event time, double-entry postings, balances; the journal is the inbox. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.earn import accounts, milestones, returning
from services.earn.backfill import backfill
from services.earn.entries import Entry, Status, heading, terms_of
from services.earn.packs import Packs
from services.earn.posting import NOTHING, Awarded, Poster
from services.earn.purchases import Purchases, paid_wrongly, purchase_of
from services.earn.refunding import Refunds
from services.earn.sweeping import end_before
from shared.events.decode import Refused
from shared.events.light import ActivityRead, GrantRead, Returned
from shared.events.topics import ACCRUALS
from shared.ledger import due
from shared.ledger.kin import Family
from shared.rules import membership
from shared.rules.compiled import Compiled
from shared.rules.effects import Award
from shared.rules.leftover import WHOLE, Leaves
from shared.rules.matching import Ruled, ruled
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.runtime.leading import led, way
from shared.runtime.records import Decision, Item, Letter
from shared.runtime.sharing import SharedUsage
from shared.runtime.store import DUPLICATES

MEMBERS = "members"
KIND = "earn"


class Judged(NamedTuple):
    """An activity's facts and rules, and those rules that time and event allow."""

    under: Ruled
    candidates: list[Compiled]


@dataclass(slots=True)
class LedgerState:
    """What was read for a batch, and the facts of its events, computed once for reading and deciding."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    shared: SharedUsage
    duplicates: set[str]
    judged: dict[int, Judged] = field(default_factory=dict)
    # Of members for whom something has to be counted from their past.
    pasts: dict[str, Family] = field(default_factory=dict)
    # Those that milestones and returns are of.
    purchases: Purchases = field(default_factory=Purchases)
    packs: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Entries of members who were merged into others, by the identity of what was read: as the survivors'.
    led: dict[int, Entry] = field(default_factory=dict)


def judged_by_entry(entries: Iterable[Entry], book: Rulebook) -> dict[int, Judged]:
    """The facts and rules of each activity, by the entry's identity; without those before the programme."""
    found = ((each, ruled(each.event.event, book)) for each in entries if isinstance(each.event, ActivityRead))
    return {
        id(each): Judged(under, under.rules.matcher.plausible(KIND, under.facts))
        for each, under in found
        if under is not None
    }


class Ledger:
    """Decides one batch of entries. now: when they are posted, whenever they happened."""

    def __init__(self, state: LedgerState, book: Rulebook, now: datetime, prefix: str = "") -> None:
        self._state = state
        self._book = book
        self._known_members = frozenset(state.members)
        self._touched: set[str] = set()
        self.decision = Decision()
        self._poster, self._now = Poster(self.decision, prefix + ACCRUALS, state.journal, now), now
        self._packs = Packs(state.shared, state.packs, self.decision, prefix, now)
        self._refunds = Refunds(state.purchases, state.journal, state.shared, self._packs, book, now)

    def take(self, item: Item[Entry | Status]) -> None:
        """One entry, in the member's order."""
        each = item.event
        if isinstance(each, Status):
            return self._status(each)
        return self._entry(Item(item.record, self._state.led.get(id(each), each)))

    def _entry(self, item: Item[Entry]) -> None:
        each = item.event
        known = self._state.journal.get(each.key)
        if known is not None:
            return self._again(item, known)
        if self._state.members.get(each.member, {}).get("closed"):
            return self._closed(item)
        if isinstance(each.event, ActivityRead) and milestones.reported(each.event) is not None:
            return self._milestone(item, each.event)
        if isinstance(each.event, ActivityRead) and isinstance(each.event.event.data, Returned):
            return self._return(item, each.event, each.event.event.data)
        if isinstance(each.event, ActivityRead) and (wrong := paid_wrongly(each.event, self._book)):
            return self._refuse(item, wrong)
        try:
            awarded = self._awards(item)
        except NoProgrammeError as error:
            return self._refuse(item, Refused("before_programme", str(error)))
        return self._post(each, awarded, item.record.partition)

    def _closed(self, item: Item[Entry]) -> None:
        """What comes for an account that was closed: an event is refused; a grant has an entry that gives nothing, or
        takes nothing back.
        Of one who was erased an event has an entry that says nothing but that it came."""
        each = item.event
        if self._state.members[each.member].get("erased") and isinstance(each.event, ActivityRead):
            # Its bytes name the person: a dead letter would keep them, and an accrual would tell them.
            self._poster.note(heading(each)._replace(kind="erased", raw=b"{}"), {})
            return None
        if isinstance(each.event, ActivityRead):
            return self._refuse(item, Refused("account_closed", "the member's account is closed; nothing is counted"))
        # What was granted before is breakage by now, or was never given: nothing can be taken back, and nobody owes it.
        self._poster.post(self._member(each.member), heading(each), [], NOTHING)
        return None

    def _milestone(self, item: Item[Entry], event: ActivityRead) -> None:
        """No rule is asked, and nobody was active: the partner tells what became of a purchase."""
        each, known = item.event, self._state.purchases
        bought = purchase_of(event, known, self._state.journal, self._persons(each.member))
        if isinstance(bought, Refused):
            return self._refuse(item, bought)
        earlier = known.milestones.setdefault(bought["_id"], [])
        if milestones.cancels(event, earlier):
            case = returning.leaves(bought, known.returns.get(bought["_id"], ()), WHOLE)
            if isinstance(case, Leaves):
                kept = milestones.settle(event, bought, earlier, self._member(each.member))
                earlier.append(self._take_back(item, bought, case, NOTHING, kept))
                return None
        member, rules = self._member(each.member), self._book.at(bought["at"])
        kept = milestones.settle(event, bought, earlier, member)
        earlier.append(self._poster.post(member, heading(each), [], NOTHING, kept))
        due.note(member, rules.programme.purses, rules.zone)
        return None

    def _persons(self, id_: str) -> tuple[str, ...]:
        """The member, and who was merged into them."""
        return (id_, *self._state.members.get(id_, {}).get("absorbed", ()))

    def _return(self, item: Item[Entry], event: ActivityRead, data: Returned) -> None:
        """Refused before anything is changed, or done wholly; then rules that look at returns have their say."""
        known = self._state.purchases
        bought = purchase_of(event, known, self._state.journal, self._persons(item.event.member))
        if isinstance(bought, Refused):
            return self._refuse(item, bought)
        case = returning.leaves(bought, known.returns.get(bought["_id"], ()), data)
        if isinstance(case, Refused):
            return self._refuse(item, case)
        try:
            awarded = self._awards(item)
        except NoProgrammeError as error:
            return self._refuse(item, Refused("before_programme", str(error)))
        self._take_back(item, bought, case, awarded)
        return None

    def _take_back(
        self, item: Item[Entry], bought: dict[str, Any], case: Leaves, awarded: Awarded,
        more: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """awarded: what rules give for the return itself."""
        each, lane = item.event, item.record.partition
        assert isinstance(each.event, ActivityRead)
        member, happened = self._member(each.member), each.event.event
        rules = self._book.found(each.time) or self._book.at(bought["at"])
        end_before(member, rules, each.time, self._poster, self._now)
        postings = self._earned(each, member, awarded, rules, lane) if awarded.awards else []
        back = self._refunds.take(bought, case, happened, member, lane, self._lenders(bought["member"]))
        kept = {**(more or {}), **self._refunds.kept(bought, back, member["_id"])}
        awarded = awarded._replace(awards=[*back.awards, *awarded.awards])
        entry = self._poster.post(
            member,
            heading(each),
            [*back.postings, *postings],
            awarded,
            kept,
            counts_at=case.event.time if back.entitled else None,
            returned=back.told,
            uncounted=back.uncounted,
        )
        self._refunds.posted(bought, case, entry, member)
        return entry

    def _lenders(self, buyer: str | None) -> list[dict[str, Any]]:
        """Who was merged on the way from a buyer to whose purchase it is now."""
        self._touched.update(merged := way(self._state.members, buyer or ""))
        return [self._state.members[id_] for id_ in merged]

    def finish(self) -> Decision:
        """The decision, with every touched document once."""
        self.decision.keep(MEMBERS, self._touched, self._state.members, self._known_members)
        self._packs.finish()
        self._state.shared.write(self.decision)
        return self.decision

    def _status(self, each: Status) -> None:
        """By the instant it began: a change that is read again must not take the member back to it."""
        said = each.event.data
        if led(self._state.members.get(each.member, {})) is not None:
            return self.decision.count("status_of_merged")  # tiers says of the survivor what is so of both
        membership.rank(self._member(each.member), said.ladder, said.after, said.since, each.event.id)
        return self.decision.count("status")

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
        if each.origin_key in self._state.duplicates:  # noted while it waited for its member; the first is answered
            return self.decision.count("redelivery")
        origin = each.origin or item.record.origin
        return self.decision.letters.append(Letter(item.record, refused, origin, each.key, each.member))

    def _member(self, id_: str) -> dict[str, Any]:
        member = self._state.members.setdefault(id_, membership.newcomer(id_))
        if id_ not in self._touched:
            self._touched.add(id_)
            self._poster.watch(member)
        if (past := self._state.pasts.pop(id_, None)) is not None:
            backfill(member, past, self._book)
        return member

    def _awards(self, item: Item[Entry]) -> Awarded:
        each = item.event
        if isinstance(each.event, GrantRead):
            won = each.event.data
            membership.grant(self._member(each.member), won.tag, won.role, back=won.corrects is not None)
            return Awarded([Award(won.rule, won.version, won.wallet, won.points)] if won.points else [])
        event = each.event.event
        if event.kind == "signup":
            membership.join(self._member(each.member), event)
        judged = self._state.judged.get(id(each)) or next(iter(judged_by_entry([each], self._book).values()), None)
        if judged is None:
            if event.kind == "signup":  # they joined before the programme began: no stars, but a member all the same
                return Awarded([])
            raise NoProgrammeError("the event happened before the programme began")
        return self._decided(each.member, judged, item.record.partition)

    def _decided(self, id_: str, judged: Judged, lane: int) -> Awarded:
        facts, rules, shared = judged.under.facts, judged.under.rules, self._state.shared.lane(lane)
        member = self._member(id_)
        decided = membership.earn(member, judged.candidates, facts, rules, shared)
        told = membership.answers(facts, rules)
        membership.count(member, facts, self._book)
        return Awarded(decided.awards, decided.passed, facts.used(), told)

    def _post(self, each: Entry, awarded: Awarded, lane: int) -> None:
        member = self._member(each.member)
        rules = self._book.found(each.time)
        grant = each.event if isinstance(each.event, GrantRead) and each.event.data.corrects is not None else None
        if rules is not None and grant is not None and grant.data.points < 0:
            end_before(member, rules, each.time, self._poster, self._now)
            lenders = self._lenders(grant.data.bought_by)
            back = self._refunds.correct(each, grant, member, rules, self._paid(each, rules, lane), lenders)
            awarded = awarded._replace(awards=back.awards)
            self._poster.post(member, heading(each), back.postings, awarded, back.left_over(), uncounted=back.uncounted)
        else:
            self._poster.post(member, heading(each), self._earned(each, member, awarded, rules, lane), awarded)
        if rules is not None and not (rules.plain and "due_at" not in member):
            due.note(member, rules.programme.purses, rules.zone)

    def _earned(
        self, each: Entry, member: dict[str, Any], awarded: Awarded, rules: Ruleset | None, lane: int
    ) -> list[accounts.Posting]:
        """Postings of what an entry earns, done to the member."""
        paid = None if rules is None else self._paid(each, rules, lane)
        postings = accounts.of(awarded.awards, accounts.of_member(each.member), each.event, terms_of(each, rules), paid)
        if rules is not None and not (rules.plain and "due_at" not in member):
            # Before the points come: what inactivity has ended is not revived by them.
            end_before(member, rules, each.time, self._poster, self._now)
            due.touch(member, rules.programme.purses, each.time, rules.zone)
        accounts.apply(member, postings, each.time)
        return postings

    def _paid(self, each: Entry, rules: Ruleset, lane: int) -> accounts.Paid | None:
        """What issuers' packs pay of this entry's points; None where nobody has any."""
        if not rules.prepaid:
            return None
        decided = isinstance(each.event, ActivityRead)
        return lambda issuer, wallet, points: self._packs.pay(issuer, wallet, points, lane, rules, decided=decided)
