"""The engine: stored activity replayed under a rulebook, with no effect but what it returns. Pure.

It decides with the code that the services decide with, for all members in one pass, in the order in which the ledger
posted: what an event earns (limits, budgets, stacking, history), what that qualifies for, what campaigns make of it,
and what their grants come to. A replay under the rules of the time posts what the ledger posted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from shared.backtest.entries import Announced, Change, Entry
from shared.events.light import Occurrence
from shared.rules import membership
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.ladder import qualify
from shared.rules.matching import Decided, Passed, Ruled, ruled
from shared.rules.member import NOBODY, Member
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage
from shared.rules.wins import Prize, Win, prizes, wins
from shared.runtime.sharing import SharedUsage

_EARN, _BONUS, _CHALLENGE = ("earn",), ("bonus",), ("challenge",)


class Posted(NamedTuple):
    """What came of an event, for one member, on a local day: points given, and rules that were held back.

    grant: the id of what campaigns gave; None where it is what the event earned at once.
    """

    member: str
    time: datetime
    day: date
    awards: Sequence[Award]
    held: Sequence[Held] = ()
    grant: str | None = None


class Person:
    """What ledger, campaigns and tiers keep of a member; and their segments, as of their latest event."""

    __slots__ = ("campaigns", "changes", "ladders", "ledger", "segments")

    def __init__(self, id_: str) -> None:
        self.ledger = membership.newcomer(id_)
        self.campaigns: dict[str, Any] = {"_id": id_, "progress": {}}
        self.ladders: dict[str, Any] = {}
        self.changes = 0
        self.segments: frozenset[str] = frozenset()


class Engine:
    """Replays entries, each once and in order.

    announced: see `Announced`. by_segment: whether to find out which segments members are in.
    """

    def __init__(self, book: Rulebook, announced: Announced, *, by_segment: bool = False) -> None:
        self.book = book
        self.people: dict[str, Person] = {}
        self._by_segment = by_segment
        # Each service counts what members share for itself, as their databases do; one lane, as there is one reader.
        self._earn = SharedUsage({}, Quotas({}, 1)).lane(0)
        self._campaigns = SharedUsage({}, Quotas({}, 1)).lane(0)
        self._grants_to_come = set(announced.grants)
        self._changes_to_come = set(announced.changes)
        self._won: dict[str, tuple[Win, Prize]] = {}
        self._changed: dict[Change, str] = {}

    def take(self, entry: Entry) -> list[Posted]:
        """What came of an entry, in order; a grant that these rules do not give comes to nothing."""
        for change in entry.heard:
            self._changes_to_come.discard(change)
            if (event := self._changed.pop(change, None)) is not None:
                self._rank(change, event)
        if entry.event is not None:
            return list(self._activity(entry, entry.event))
        assert entry.grant is not None
        self._grants_to_come.discard(entry.grant)
        won = self._won.pop(entry.grant, None)
        return [] if won is None else [self._granted(*won)]

    def person(self, id_: str) -> Person:
        """A member, from when they are first heard of."""
        found = self.people.get(id_)
        if found is None:
            found = self.people[id_] = Person(id_)
        return found

    def _activity(self, entry: Entry, event: Occurrence) -> Iterator[Posted]:
        person = self.person(entry.member)
        member = person.ledger
        if event.kind == "signup":
            membership.join(member, event)
        under = ruled(event, self.book)
        if under is None:  # before the programme: a member all the same, but no points
            return
        facts, rules = under
        candidates = list(under.plausible(_EARN))
        earned = membership.earn(member, candidates, facts, rules, self._earn, self.book)
        if self._by_segment:
            person.segments = rules.segments_of(facts)
        awards = earned.decided.awards
        for award in awards:
            membership.credit(member, award.wallet, award.points)
        yield Posted(entry.member, event.time, facts.today(None), awards, earned.decided.passed)
        self._qualify(entry.member, person, awards, event.time, rules)
        household = Member(member).profile("household")
        yield from self._campaign(person, under, earned.told, household, entry.advocate)

    def _campaign(
        self, person: Person, under: Ruled, told: dict[str, Any], household: str | None, advocate: str | None
    ) -> Iterator[Posted]:
        facts, rules = under
        bonuses, challenges = list(under.plausible(_BONUS)), list(under.plausible(_CHALLENGE))
        facts.of_member(NOBODY, told)
        usage = MemberUsage(person.campaigns, self._campaigns, household)
        for win in wins(person.campaigns, bonuses, challenges, facts, rules, usage, advocate):
            for prize in prizes(win, person.campaigns):
                if not prize.points and prize.tag is None:
                    continue
                if prize.id in self._grants_to_come:
                    self._won[prize.id] = (win, prize)
                else:
                    yield self._granted(win, prize)

    def _granted(self, win: Win, prize: Prize) -> Posted:
        """The ledger hears of it."""
        person, time = self.person(win.winner), win.event.time
        rules = self.book.at(time)
        membership.grant(person.ledger, prize.tag, win.role)
        awards: list[Award] = []
        if prize.points:
            awards = [Award(win.rule.id, win.rule.version, prize.wallet, prize.points, owner=win.rule.owner)]
            membership.credit(person.ledger, prize.wallet, prize.points)
            self._qualify(win.winner, person, awards, time, rules)
        return Posted(win.winner, time, time.astimezone(rules.zone).date(), awards)

    def _qualify(self, id_: str, person: Person, awards: Sequence[Award], time: datetime, rules: Ruleset) -> None:
        for ladder in rules.ladders:
            points = sum(award.points for award in awards if award.rule in ladder.qualifying)
            if not points:
                continue
            found = qualify(person.ladders, ladder, points, time, rules.zone)
            if found.after == found.before:
                continue
            person.changes += 1
            change, event = Change(id_, ladder.id, found.after, found.since), f"{ladder.id}:{id_}:{person.changes}"
            if change in self._changes_to_come:
                self._changed[change] = event
            else:
                self._rank(change, event)

    def _rank(self, change: Change, event: str) -> None:
        """The ledger hears of a change of tier."""
        member = self.person(change.member).ledger
        membership.rank(member, change.ladder, change.after, change.since, event)
        member.pop("heard", None)


__all__ = ["Decided", "Engine", "Facts", "Person", "Posted"]
