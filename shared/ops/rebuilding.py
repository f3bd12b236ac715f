"""A member as they were before an event, from the journal, in order, by the code that the services use. Pure.

What was posted is what was used: limits are counted by the awards and grants in the journal, whatever the definitions
of today would say. Progress of challenges is counted again, by campaigns' own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import msgspec

from shared.events.light import ActivityRead, Occurrence
from shared.ops.story import cause_of, grant_of
from shared.rules import membership
from shared.rules.challenges import counted
from shared.rules.definition import Bounded, Campaign, Rule
from shared.rules.effects import Given
from shared.rules.facts import Facts
from shared.rules.matching import judge, ruled, settle_alone
from shared.rules.member import Member
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.spending import finest, used, worth
from shared.rules.usage import Bound, MemberUsage, Shared, bounds, left, use
from shared.rules.wins import event_scope

Entry = Mapping[str, Any]
_DECODER: Final = msgspec.json.Decoder(ActivityRead)


class Tally:
    """What the member themselves used of what members share: more than that nobody can tell from their journal."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], dict[str, int]] = {}

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        fine, unit = finest(bound)
        return left(self._used.get((scope, bound.key), {}), fine, want * unit) // unit

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`."""
        fine, unit = finest(bound)
        use(self._used.setdefault((scope, bound.key), {}), fine, amount * unit)


class Counted:
    """Usage that notes which event used what."""

    def __init__(self, document: dict[str, Any], shared: Shared, household: str | None, side: Side, event: str) -> None:
        self._usage, self._side, self._event = MemberUsage(document, shared, household), side, event

    def left(self, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Usage`."""
        return self._usage.left(bound, want)

    def use(self, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Usage`."""
        self._usage.use(bound, amount)
        self._side.by.setdefault((bound.key, bound.bucket), []).append(self._event)


@dataclass(slots=True)
class Side:
    """What one service (earn, or campaigns) knows: its document of the member, and which events used what."""

    document: dict[str, Any]
    tally: Tally = field(default_factory=Tally)
    by: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def usage(self, event: str, household: str | None, shared: Shared | None = None) -> Counted:
        """As an event finds it."""
        return Counted(self.document, shared or self.tally, household, self, event)


@dataclass(slots=True)
class Past:
    """Everything before an event."""

    earn: Side
    campaigns: Side

    @property
    def member(self) -> Member:
        """The member as rules saw them."""
        return Member(self.earn.document)

    @property
    def household(self) -> str | None:
        """Theirs, where it is known."""
        found: str | None = self.member.profile("household")
        return found


@dataclass(frozen=True, slots=True)
class Won:
    """What a rule gave for one event, as it was posted: points of all wallets, by the version of that time."""

    rule: str
    version: int
    points: int


@dataclass(frozen=True)
class Sources:
    """What a member's past is rebuilt from.

    journal: all of their entries, with their `event` bytes; things: what campaigns keeps of vouchers, gifts and tickets
    that the member won; tiers: ladder to tier, as earn knows them now.
    """

    journal: Sequence[Entry]
    book: Rulebook
    things: Sequence[Entry] = ()
    tiers: Mapping[str, str] = field(default_factory=dict)

    def won(self, entry: Entry) -> list[Won]:
        """What campaigns' bonuses gave for an event: as grants, or as things."""
        found = {each.rule: each for each in won_in(self._grants(entry, "bonus"))}
        scope = f":{entry['member']}:{event_scope(entry['_id'])}:"
        for each in self.things:
            if scope in each["_id"]:
                found.setdefault(each["rule"], Won(each["rule"], each["version"], 0))
        return list(found.values())

    def _grants(self, entry: Entry, reason: str) -> list[Entry]:
        return [each for each in self.caused(entry) if grant_of(each).data.reason == reason]

    def caused(self, entry: Entry) -> list[Entry]:
        """The grants that followed from an event."""
        return self._by_cause.get(entry["_id"], [])

    @cached_property
    def _by_cause(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for each in self.journal:
            if each["kind"] == "grant":
                found.setdefault(cause_of(each), []).append(each)
        return found


def before(seq: int, member: str, sources: Sources) -> Past:
    """The state before the member's entry of that number."""
    past = Past(Side(membership.newcomer(member)), Side({"_id": member, "progress": {}}))
    for each in sorted(sources.journal, key=lambda each: int(each["seq"])):
        if each["seq"] >= seq:
            break
        if each["kind"] == "grant":
            said = grant_of(each).data
            _heard(past.earn.document, each)
            membership.grant(past.earn.document, said.tag, said.role)
        else:
            _activity(past, each, sources)
        _credit(past.earn.document, each)
    return past


def activity_of(entry: Entry) -> ActivityRead:
    """The activity that a journal entry answers, as rules look at it."""
    return _DECODER.decode(bytes(entry["event"]))


def arrived(past: Past, entry: Entry, event: Occurrence) -> None:
    """What its own rules know of an event's arrival: tiers heard of before it; of a signup, who the member is."""
    _heard(past.earn.document, entry)
    if event.kind == "signup":
        membership.join(past.earn.document, event)


def _heard(document: dict[str, Any], entry: Entry) -> None:
    tiers = document.setdefault("tiers", {})
    for change in entry.get("heard", ()):
        tiers.pop(change["ladder"], None)
        if change["after"] is not None:
            tiers[change["ladder"]] = change["after"]


def _activity(past: Past, entry: Entry, sources: Sources) -> None:
    event, key = activity_of(entry).event, entry["_id"]
    arrived(past, entry, event)
    household, under = past.household, ruled(event, sources.book)
    if under is None:
        return
    facts, rules = under
    facts.of_member(past.member)
    earn, campaigns = past.earn.usage(key, household), past.campaigns.usage(key, household)
    for won in won_in([entry]):
        _used(won, facts, rules, sources.book, earn)
    for won in sources.won(entry):
        _used(won, facts, rules, sources.book, campaigns)
    for compiled in rules.rules("bonus", facts.kind):
        if _traceless(compiled.rule):
            settle_alone(judge(compiled, facts, rules, campaigns, Given.nothing()), facts, campaigns)
    for compiled in rules.rules("challenge", facts.kind):
        outcome = judge(compiled, facts, rules, campaigns, Given.nothing())
        counted(past.campaigns.document, compiled, facts, outcome, campaigns)
    membership.count(past.earn.document, facts, sources.book)


def _traceless(rule: Rule) -> bool:
    """Whether nothing that is kept tells that the rule gave something: then it is decided again."""
    return not rule.points and all(thing.name in ("message", "punch") for thing in rule.things)


def won_in(entries: Iterable[Entry]) -> list[Won]:
    """What each rule gave in these entries; a grant of a tag gives no points."""
    found: dict[tuple[str, int], int] = {}
    for each in entries:
        given = [(award["rule"], award["version"], award["points"]) for award in each["awards"]]
        if each["kind"] == "grant" and not given:
            said = grant_of(each).data
            given = [(said.rule, said.version, 0)]
        for rule, version, points in given:
            found[rule, version] = found.get((rule, version), 0) + points
    return [Won(rule, version, points) for (rule, version), points in found.items()]


def _used(won: Won, facts: Facts, rules: Ruleset, book: Rulebook, usage: Counted) -> None:
    """What was won used the limits of its rule, in the version of that time, and of the campaign."""
    rule = next((each for each in book.versions if (each.id, each.version) == (won.rule, won.version)), None)
    if not isinstance(rule, Rule):
        return
    campaign = next((each for each in rules.of(Campaign) if each.id == rule.campaign), None)
    parts: list[Bounded] = [rule] if campaign is None else [campaign, rule]
    for each in (each for part in parts for each in bounds(part, facts)):
        bound, amount = used(each, worth(rule.things), won.points)
        if amount:
            usage.use(bound, amount)


def _credit(document: dict[str, Any], entry: Entry) -> None:
    for award in entry["awards"]:
        membership.credit(document, award["wallet"], award["points"])
