"""A member as they were before an event, from the journal, in order, by the code that the services use. Pure.

What was posted is what was used: limits are counted by the awards and grants in the journal, whatever the definitions
of today would say. Progress of challenges is counted again, by campaigns' own code and by the versions that it knew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from shared.events.light import ActivityRead, Occurrence
from shared.events.light_entries import ASKED, MOVES
from shared.ledger.changes import changes
from shared.ledger.kin import Family, duplicate_of, family, other_side, survivor_of
from shared.ledger.recalling import as_of
from shared.ledger.returned import RETURN_OF, standing, unasked
from shared.ops.challenged import Rewards, challenged, noted, rewards
from shared.ops.known import Known
from shared.ops.merged import Kin
from shared.ops.past import Past, Side, Won
from shared.ops.rejoined import bought_by, brought_nobody, join, lost, part
from shared.ops.rejoined import counted as counted_now
from shared.ops.story import cause_of, grant_of
from shared.ops.unwinding import unwind, use_bounds, won_in
from shared.rules import membership
from shared.rules.as_known import Published
from shared.rules.definition import Rule
from shared.rules.effects import Given
from shared.rules.matching import judge, ruled, settle_alone
from shared.rules.rulebook import Rulebook
from shared.rules.wins import event_scope
from shared.runtime.applied import applied

Entry = Mapping[str, Any]
_DECODER: Final = msgspec.json.Decoder(ActivityRead)
_AWARD: Final = ("rule", "version", "wallet", "points", "lines")  # see `undoing.record`
_ALL: Final = datetime.max.replace(tzinfo=UTC)  # an instant by which everything was published


@dataclass(frozen=True)
class Sources:
    """What a member's past is rebuilt from.

    journal: all of their entries that have a number, with their `event` bytes; things: what campaigns keeps of
    vouchers, gifts and tickets that the member won, None where campaigns was not asked; tiers: ladder to tier, as earn
    knows them now; published: when each version was; campaigns: its document of the member, None where there is none or
    it was not asked. kin: the same of everybody whom merges have ever made one with the member, themselves included;
    empty for nearly all. noted: what campaigns keeps of purchases that won bonuses, of all of them.
    """

    journal: Sequence[Entry]
    book: Rulebook
    things: Sequence[Entry] | None = ()
    tiers: Mapping[str, str] = field(default_factory=dict)
    published: Published = field(default_factory=dict)
    campaigns: Mapping[str, Any] | None = None
    kin: Mapping[str, Kin] = field(default_factory=dict)
    noted: Sequence[Entry] = ()

    def of(self, member: str) -> Sources:
        """The sources of one of the kin; what is no merged member's is the member's own."""
        kin = self.kin.get(member)
        if kin is None or kin.journal is self.journal:
            return self
        found = replace(self, journal=kin.journal, things=kin.things, campaigns=kin.campaigns)
        found.__dict__["known"] = self.known  # the same versions: their rulebooks are made once
        return found

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Of the member and all their kin: what is on its way at a merge is posted to the survivor, and so is what
        comes back."""
        return [entry for each in self.kin.values() for entry in each.journal] or self.journal

    def family(self, entry: Entry) -> Family:
        """What all who were the member then had posted, up to and with an entry of theirs, and what had come back."""
        return family(entry["member"], self.journal_of, entry["seq"] + 1)

    def journal_of(self, id_: str) -> Sequence[Entry]:
        """Of one of the kin, or of the member themselves; none of anybody else."""
        return self.kin[id_].journal if id_ in self.kin else [each for each in self.journal if each["member"] == id_]

    @cached_property
    def _before(self) -> dict[str, dict[str, Any]]:
        return {}

    def before_it(self, bought: Entry) -> dict[str, Any]:
        """The member as rules asked about them before a purchase of theirs. Kept: all their entries are gone through
        for it, and several returns, and several rulebooks, ask for the same one."""
        key = bought["_id"]
        if key not in self._before:
            self._before[key] = as_of(bought["member"], bought["seq"], self.journal_of, self.book)
        return self._before[key]

    @cached_property
    def all_things(self) -> Sequence[Entry] | None:
        """Of the member and all their kin; None where campaigns was not asked."""
        if self.things is None or not self.kin:
            return self.things
        return [thing for each in self.kin.values() for thing in each.things or ()]

    def earn_knew(self, entry: Entry) -> datetime:
        """The instant by which earn knew versions that decided an entry."""
        return max(entry.get("posted_at") or _ALL, self.known.heard(won_in([entry])))

    def campaigns_knew(self, entry: Entry) -> datetime:
        """The same of campaigns, which decides later; what it has not decided yet is decided by all there are."""
        moment = self.earn_knew(entry)
        if self.known.all_by(moment):
            return moment
        if self.campaigns is not None and not self.decided(entry):
            return _ALL
        return max(moment, self.known.heard([*self.won(entry), *self.challenges(entry)]))

    def knew(self, bought: Entry, back: Entry) -> Rulebook:
        """The versions by which a purchase that comes back is looked at: those that were known when it was posted, as a
        version that is newer had counted nothing of it; where nobody knows when that was, by the return."""
        posted: datetime | None = bought.get("posted_at")
        return self.known.by(self.campaigns_knew(back) if posted is None else posted)

    def decided(self, entry: Entry) -> bool:
        """Whether campaigns is known to have decided an entry."""
        return self.campaigns is not None and applied(self.campaigns, entry["seq"])

    def sent(self, entry: Entry) -> frozenset[str]:
        """Rules of which campaigns notes that they gave something for an event: what of it is not posted is on its way.
        It notes purchases' bonuses and challenges, and nothing of a signup's bonuses or of a tag."""
        found = {each.rule for each in self._noted.get(entry["_id"], ())}
        at = activity_of(entry).event.time
        return frozenset(found | {each.won.rule for each in noted(at, self._documents)})

    @property
    def _documents(self) -> list[Mapping[str, Any] | None]:
        return [self.campaigns, *(each.campaigns for each in self.kin.values())]

    @cached_property
    def known(self) -> Known:
        """Which versions were known when."""
        return Known(self.book, self.published)

    def won(self, entry: Entry) -> list[Won]:
        """What campaigns' bonuses gave for an event: as grants, posted or on their way, or as things."""
        found = {each.rule: each for each in self._noted.get(entry["_id"], ())}
        found |= {each.rule: each for each in won_in(self._grants(entry, "bonus"))}
        persons = {entry["member"], *self.kin}
        scopes = [f":{person}:{event_scope(entry['_id'])}:" for person in persons]
        for each in self.all_things or ():
            if any(scope in each["_id"] for scope in scopes):
                found.setdefault(each["rule"], Won(each["rule"], each["version"], 0))
        return list(found.values())

    def challenges(self, entry: Entry) -> list[Won]:
        """What challenges gave for it."""
        return won_in(self._grants(entry, "challenge"))

    def rewards(self, entry: Entry) -> Rewards:
        """The same, by rule, with the periods that it won; also what is on its way, and things."""
        return rewards(activity_of(entry).event.time, self.caused(entry), self._documents, self.all_things or ())

    def forgets(self, rule: Rule) -> bool:
        """Whether nothing at hand would tell that a challenge was won."""
        if rule.points or any(each.tag is not None for each in rule.things):
            return False  # the journal does
        return self.campaigns is None and (self.things is None or traceless(rule))

    def _grants(self, entry: Entry, reason: str) -> list[Entry]:
        return [each for each in self.caused(entry) if grant_of(each).data.reason == reason]

    def caused(self, entry: Entry) -> list[Entry]:
        """The grants that followed from an event."""
        return self._by_cause.get(entry["_id"], [])

    @cached_property
    def _noted(self) -> dict[str, list[Won]]:
        awards = {each["_id"]: [dict(zip(_AWARD, one, strict=True)) for one in each["awards"]] for each in self.noted}
        return {key: won_in([{"kind": "", "awards": each}]) for key, each in awards.items()}

    @cached_property
    def _by_cause(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for each in self.entries:
            if each["kind"] == "grant":
                found.setdefault(cause_of(each), []).append(each)
        return found


def before(seq: int, member: str, sources: Sources) -> Past:
    """The state before the member's entry of that number."""
    sources = sources.of(member)
    past = Past(Side(membership.newcomer(member)), Side({"_id": member, "progress": {}}))
    for each in sorted(sources.journal, key=lambda each: int(each["seq"])):
        if each["seq"] >= seq:
            break
        correction, buyer, counts = RETURN_OF in each, each.get("bought_by"), counted_now(past)
        membership.hear(past.earn.document, each.get("heard", ()))
        if each["kind"] == "grant":
            grant = grant_of(each).data
            correction, buyer = grant.corrects is not None, bought_by(past, each, grant)
            membership.grant(past.earn.document, grant.tag, grant.role, back=correction)
            if correction and grant.role == "advocate":
                brought_nobody(past, buyer)
        elif each["kind"] in ASKED:
            _activity(past, each, sources)
        elif each["kind"] in MOVES:  # at a till, by the clock, by a person: no rule was asked
            _moved(past.earn.document, each)
            past = _made_one(past, each, sources)
            if duplicate_of(each) or survivor_of(each):
                history = standing(*sources.family(each))
                membership.recount_posted(past.earn.document, sources.book.counters, history, sources.book)
        if RETURN_OF in each:
            unwind(past, each, sources)
        _credit(past.earn.document, each, correction=correction)
        if correction and past.merged:
            lost(past, buyer, counts)
        past.entries.append(each)
    return past


def _made_one(past: Past, entry: Entry, sources: Sources) -> Past:
    """What a merge, or its undoing, made of the member; of whom nothing is at hand only the points are known."""
    other, into, id_ = duplicate_of(entry), survivor_of(entry), entry["member"]
    if other is not None and entry["kind"] == "unmerge":
        part(past, other, sources.book, entry["at"])
    elif other is not None and (theirs := _at(entry, other, sources)) is not None:
        join(past, other, before(theirs["seq"], other, sources), sources.book)
    elif into is not None and entry["kind"] == "unmerge" and (theirs := _at(entry, into, sources)) is not None:
        # They were counted as the survivor meanwhile: what they have lost as such is known from there.
        found = part(before(theirs["seq"], into, sources), id_, sources.book, entry["at"])
        if found is not None:
            found.earn.document["balances"] = past.earn.document["balances"]
            found.entries = past.entries
            return found
    return past


def _at(entry: Entry, other: str, sources: Sources) -> Entry | None:
    return other_side(entry, other, sources.kin[other].journal if other in sources.kin else ())


def activity_of(entry: Entry) -> ActivityRead:
    """The activity that a journal entry answers, as rules look at it."""
    return _DECODER.decode(bytes(entry["event"]))


def arrived(past: Past, entry: Entry, event: Occurrence) -> None:
    """What its own rules know of an event's arrival: tiers heard of before it; of a signup, who the member is."""
    membership.hear(past.earn.document, entry.get("heard", ()))
    _joined(past, event)


def _joined(past: Past, event: Occurrence) -> None:
    if event.kind == "signup":
        membership.join(past.earn.document, event)


def _activity(past: Past, entry: Entry, sources: Sources) -> None:
    event, key = activity_of(entry).event, entry["_id"]
    _joined(past, event)
    household, under = past.household, ruled(event, sources.known.by(sources.campaigns_knew(entry)))
    if under is None:
        return
    facts, rules = under.facts, under.rules
    facts.of_member(past.member)
    earn, campaigns = past.earn.usage(key, household), past.campaigns.usage(key, household)
    back = {rule for rule, *_ in entry.get("back", ())}
    for won in won_in([entry]):
        if won.rule not in back:
            use_bounds(won, facts, rules, sources.book, earn)
    for won in sources.won(entry):
        if won.points >= 0:
            use_bounds(won, facts, rules, sources.book, campaigns)
    for compiled in rules.rules("bonus", facts.kind):
        if traceless(compiled.rule):
            settle_alone(judge(compiled, facts, rules, campaigns, Given()), facts, campaigns)
    challenged(past.campaigns.document, key, under, sources.rewards(entry), sources.forgets, campaigns, sources.book)
    membership.count(past.earn.document, facts, sources.book)


def traceless(rule: Rule) -> bool:
    """Whether nothing that is kept tells that the rule gave something: then it is decided again."""
    return not rule.points and all(thing.name in ("message", "punch") for thing in rule.things)


def _moved(document: dict[str, Any], entry: Entry) -> None:
    balances = document["balances"]
    for wallet, points in changes(entry["member"], entry).items():
        balances[wallet] = balances.get(wallet, 0) + points


def _credit(document: dict[str, Any], entry: Entry, *, correction: bool) -> None:
    for award in entry["awards"]:
        membership.credit(document, award["wallet"], award["points"], correction=correction)
    for wallet, points in unasked(entry).items():  # the goods came back: it was never earned
        membership.never_earned(document, wallet, points)
