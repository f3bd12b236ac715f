"""The ledger takes points of a purchase back: lots, accounts, packs, limits and history. Pure.

What is to go back is decided in `returning`; here it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from services.earn import accounts, ended, returning
from services.earn.backfill import recount
from services.earn.entries import Entry, terms_of
from services.earn.packs import Packs
from services.earn.purchases import Purchases
from services.earn.returning import Back, Then
from shared.events.light import GrantRead, Occurrence
from shared.ledger import due, merging, spared
from shared.ledger.kin import family
from shared.ledger.returned import NUMBER, RETURN_OF
from shared.rules import membership
from shared.rules import merging as known
from shared.rules.effects import Award
from shared.rules.learning import utc
from shared.rules.leftover import Leaves
from shared.rules.member import Member
from shared.rules.returning import Key, give_back_all, limits_changed
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import SharedUsage

Document = dict[str, Any]
_LENT: Final = ("lots", "balances", "lifetime", "uses")  # of which who was merged is given back what they brought


class Refunds:
    """What a batch's returns (and cancelled purchases) take back."""

    def __init__(
        self, known: Purchases, journal: Mapping[str, Document], shared: SharedUsage, packs: Packs, book: Rulebook,
        now: datetime,
    ) -> None:  # fmt: skip
        self._known, self._journal, self._now = known, journal, now
        self._shared, self._packs, self._book = shared, packs, book

    def take(
        self, bought: Document, case: Leaves, at: Occurrence, member: Document, lane: int, lenders: Sequence[Document]
    ) -> Back:
        """Changes the member and what members share; what went back, with its postings. at: what took it back;
        lenders: of a purchase of somebody who was merged into the member, they and whom it came by."""
        earlier = self._known.returns.get(bought["_id"], [])
        then = returning.then(bought, self._journal_of, self._book)
        stood = returning.standing(bought, earlier)
        usage = MemberUsage(member, self._shared.lane(lane), Member(member).profile("household"))
        changes = returning.difference(stood, case, then, usage)
        rules = self._book.found(at.time) or then.rules
        due.end_idle(member, at.time, rules.zone)
        before = {name: deepcopy(member.get(name, {})) for name in _LENT} if lenders else {}
        until = utc(max(self._now, at.time))
        own = returning.lots_of(bought, self._known.milestones.get(bought["_id"], ()), until)
        own = ended.idle_ended(own, bought, (*lenders, member))
        expired = self._expired(member, own, until, lenders)
        unspent = ended.among(expired, own)
        back = returning.take_back(member, changes, at.time, rules.programme.purses, own, unspent)
        paid = returning.payers(bought, earlier)
        back.postings = self._postings(back.awards, accounts.of_member(member["_id"]), paid, bought, then.rules, lane)
        back.postings += self._postings(back.out_of_breakage(), accounts.BREAKAGE, paid, bought, then.rules, lane)
        back.priced_at = bought.get("posted_at")
        of = None if bought["member"] == member["_id"] else bought["member"]
        by = spared.By(at.key, bought["at"], back.priced_at, of)
        _left(member, back, by, lambda rule, wallet: _issued(paid[rule, wallet]))
        self._uses(member, stood, back, then, case.event, lane)
        _lost(member, before, lenders, own, back.ended, expired)
        due.note(member, rules.programme.purses, rules.zone)
        back.told = returning.told(case, then)
        return back

    def correct(
        self, each: Entry, grant: GrantRead, member: Document, rules: Ruleset, paid: accounts.Paid | None,
        lenders: Sequence[Document],
    ) -> Back:  # fmt: skip
        """A grant is taken back, dated as what it corrects: as a return takes what its purchase earned, out of the lot
        that the grant went into first, by the wallet's policy; what expired of that, out of breakage. The member's are
        changed; what went back, with its postings."""
        won = grant.data
        before = {name: deepcopy(member.get(name, {})) for name in _LENT} if lenders else {}
        due.touch(member, rules.programme.purses, each.time, rules.zone)
        went = terms_of(each, rules)(won.wallet)
        until = utc(self._now)
        waits = went.activates is not None and went.activates > until
        places = {won.wallet: (went,) if waits else (went, went.active)}
        key = f"{grant.source}|{won.corrects}"
        own = self._ended_since(places, key, member, lenders)
        changes = {(won.rule, won.version, won.wallet): won.points}
        expired = self._expired(member, own, until, lenders)
        unspent = ended.among(expired, own)
        back = returning.take_back(member, changes, each.time, rules.programme.purses, own, unspent)
        back.postings = accounts.of(back.awards, accounts.of_member(each.member), grant, paid=paid)
        back.postings += accounts.of(back.out_of_breakage(), accounts.BREAKAGE, grant, paid=paid)
        back.priced_at = self._known.grants.get(key) or self._journal.get(key, {}).get("posted_at")
        back.bought_by = None if won.bought_by == member["_id"] else won.bought_by
        by = spared.By(each.key, each.time, back.priced_at, back.bought_by)
        _left(member, back, by, lambda _, __: f"{won.issuer}:issued")
        _lost(member, before, lenders, own, back.ended, expired)
        if won.role == "advocate":
            for lender in lenders:
                known.brought_nobody(lender)
        return back

    def _ended_since(
        self, own: Mapping[str, ended.Own], key: str, member: Document, lenders: Sequence[Document]
    ) -> Mapping[str, ended.Own]:
        """The lots of what a grant corrects, where inactivity has ended them: its entry tells since when they were."""
        persons = (*lenders, member)
        if not any(each.get(due.IDLED) for each in persons):
            return own
        known = self._past([each["_id"] for each in persons])
        corrected = next((each for each in known if each["_id"] == key), None)
        return own if corrected is None else ended.idle_ended(own, corrected, persons)

    def kept(self, bought: Document, back: Back, member: str) -> Document:
        """What the journal keeps of it. member: whose it is now; who bought is said where that is one who was merged
        into them."""
        number = len(self._known.returns.get(bought["_id"], ()))
        found = {RETURN_OF: bought["_id"], NUMBER: number, "bought_at": bought["at"], **back.kept()}
        return found if bought["member"] == member else {**found, "bought_by": bought["member"]}

    def posted(self, bought: Document, case: Leaves, entry: Document, member: Document) -> None:
        """Once the entry is there: later returns find it, and history counts what is left."""
        self._known.returns.setdefault(bought["_id"], []).append(entry)
        if not self._book.counters:
            return
        lost = membership.uncount(member, case.was, case.now, self._book, bought.get("posted_at"))
        if lost:
            recount(member, lost, family(member["_id"], self._journal_of), self._book)

    def _past(self, persons: Collection[str]) -> Iterable[Mapping[str, Any]]:
        """All entries of these, as far as they were read; those of this batch included."""
        mine = (each for each in self._journal.values() if each.get("member") in persons and "event" in each)
        read = (each for person in persons for each in self._known.pasts.get(person, ()))
        return {each["_id"]: each for each in (*read, *mine)}.values()

    def _journal_of(self, person: str) -> Iterable[Mapping[str, Any]]:
        return self._past([person])

    def _expired(
        self, member: Document, own: Mapping[str, ended.Own], now: str, lenders: Sequence[Document]
    ) -> ended.Expired:
        """What has expired unspent; the journal is there where any of the purchase's lots can have, and where it was
        of somebody who was merged: then it is asked whose that is."""
        if not lenders and not ended.may_have(own, now):
            return {}
        return ended.unspent(self._past([member["_id"], *member.get("absorbed", ())]))

    def _postings(
        self, awards: Iterable[Award], whose: str, paid_by: Mapping[tuple[str, str], dict[str, int]], bought: Document,
        rules: Ruleset, lane: int,
    ) -> list[accounts.Posting]:  # fmt: skip
        """whose: the account that they come from."""
        found: list[accounts.Posting] = []
        for each in awards:
            named = {"wallet": each.wallet, "rule": each.rule, "version": each.version}
            found.append({"account": whose, "amount": each.points, **named})
            if each.points < 0:
                paid = paid_by[each.rule, each.wallet]
                parts = self._to_payers(paid, each, lane)
            else:
                parts = self._by_payer(each, bought, rules, lane)
            found += [{"account": account, "amount": amount, **named} for account, amount in parts.items() if amount]
        return found

    def _to_payers(self, paid: dict[str, int], award: Award, lane: int) -> dict[str, int]:
        """Points beyond a pack go back first: what is left of the purchase the pack would have paid first."""
        rest, found = -award.points, dict[str, int]()
        for account in sorted(paid, key=accounts.is_pack):
            part = min(rest, paid[account])
            if accounts.is_pack(account):
                part = self._packs.give_back(accounts.partner_of(account), award.wallet, part, lane)
            found[account] = part
            paid[account] -= part
            rest -= part
        if rest:
            issuer = _issued(paid)
            found[issuer] = found.get(issuer, 0) + rest
        return found

    def _by_payer(self, award: Award, bought: Document, rules: Ruleset, lane: int) -> dict[str, int]:
        """Of a rule that another beat before: its issuer pays."""
        owner = next((each.owner for each in rules.definitions if each.id == award.rule), "coalition")
        source = bought["_id"].partition("|")[0]
        issuer = f"partner:{source.removeprefix('/partners/') if owner == 'coalition' else owner}"
        of_pack = self._packs.pay(issuer, award.wallet, award.points, lane, rules, decided=False)
        return {f"{issuer}:prepaid": -of_pack, f"{issuer}:issued": of_pack - award.points}

    def _uses(
        self, member: Document, stood: Mapping[Key, int], back: Back, then: Then, event: Occurrence, lane: int
    ) -> None:
        """Limits and budgets count what went back no more, in the period of the purchase."""
        rules = limits_changed(then.rules.rules(returning.KIND, "purchase"), back.entitled)
        if rules:
            shared = self._shared.lane(lane)
            usage = MemberUsage(member, shared, Member(member).profile("household"))
            give_back_all(rules, then.facts(event), usage, shared, stood, back.entitled, back.awards)


def _lost(
    member: Document, before: Mapping[str, Any], lenders: Sequence[Document], own: Mapping[str, ended.Own],
    of_breakage: ended.Rows, expired: ended.Expired,
) -> None:  # fmt: skip
    """What was taken of a purchase of somebody who was merged into the member is their loss; so is what had expired,
    and was taken out of breakage. before: of the member, as `_LENT` names it; lenders: they and whom it came by; own:
    the purchase's lots; expired: all that had been."""
    if lenders:
        taken = {wallet: points - member["balances"][wallet] for wallet, points in before["balances"].items()}
        for wallet, _, _, points in of_breakage:
            taken[wallet] = taken.get(wallet, 0) + points
        gone = [*merging.lost(before["lots"], member["lots"]), *of_breakage]
        lent = [each["lent"] for each in reversed(lenders)]
        merging.returned(lent, member, gone, taken, own, ended.rows(ended.without(expired, of_breakage)))
    for each in lenders:
        known.returned(each, before, member)


def _left(member: Document, back: Back, by: spared.By, issued: Callable[[str, str], str]) -> None:
    """Notes what wallets' policies leave to the member. Should it come back from a till, it goes to the issuers' own
    accounts (by rule and wallet): a pack is given back to by returns alone."""
    for wallet, places in back.places.items():
        rows = [
            spared.Row(rule, version, issued(rule, wallet), points)
            for (rule, version, of), points in back.kept_by_member.items()
            if of == wallet
        ]
        spared.note(member, by, wallet, places, rows)


def _issued(paid: Mapping[str, int]) -> str:
    """The account of whoever paid, beside their pack."""
    return next(iter(paid)).rpartition(":")[0] + ":issued"
