"""The engine: stored activity replayed under a rulebook, with no effect but what it returns. Pure.

It decides with the code that the services decide with, for all members in one pass, in the order in which the ledger
posted: what an event earns (limits, budgets, stacking, history), what that qualifies for, what campaigns make of it,
and what their grants come to. By the rules of the time it posts what the ledger posted. What nobody asks is not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.backtest.contested import Contested
from shared.backtest.entries import Announced, Change, Entry
from shared.backtest.held_back import HeldBack
from shared.backtest.needs import Needs, asks_member
from shared.backtest.person import Person
from shared.backtest.posting import Posted
from shared.backtest.segmenting import Memberships
from shared.backtest.taking_back import Bought, Gone, Returns
from shared.backtest.tally import Handed
from shared.backtest.tally import Thing as Counted
from shared.backtest.withheld import weighed
from shared.events.light import Occurrence
from shared.rules import membership, undoing
from shared.rules.compiled import Compiled
from shared.rules.definition import Ladder, Rule
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.ladder import Qualified, lapse, qualify
from shared.rules.matching import Decided, Outcome, ruled
from shared.rules.member import NOBODY, Member
from shared.rules.quotas import Quotas
from shared.rules.referring import Uses
from shared.rules.rewards import Thing
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage
from shared.rules.wins import Prize, Win, prizes, referral_wins, rule_wins
from shared.runtime.sharing import SharedUsage

_NOTHING: Final[dict[str, Any]] = {}
_KINDS: Final = ("earn", "bonus", "challenge")


class Engine:
    """Replays entries, each once and in order.

    announced: see `Announced`. by_segment: whether to find out which segments members are in.
    """

    def __init__(self, book: Rulebook, announced: Announced, *, by_segment: bool = False) -> None:
        self.book = book
        self.people: dict[str, Person] = {}
        self._held_back = HeldBack()
        self._needs = Needs(book)
        self._segments = Memberships(book, steady=self._needs.steady) if by_segment else None
        # Each service counts what members share for itself, as their databases do; one lane, as there is one reader.
        self._earn = SharedUsage({}, Quotas({}, 1)).lane(0)
        self._campaigns = SharedUsage({}, Quotas({}, 1)).lane(0)
        self._returns = Returns(announced.returns, book, points=self._needs.points) if announced.returns else None
        self._asks_on = self._needs.points or self._needs.tiers or self._returns is not None  # what came of an event
        self._grants_to_come = set(announced.grants)
        self._changes_to_come = Counter(announced.changes)
        self._recorded = frozenset(announced.changes)
        self._drafted: set[tuple[str, str]] = set()  # members and ladders whose status nobody announced
        self._won: dict[str, tuple[Win, Prize]] = {}
        self._changed: dict[Change, list[str]] = {}

    def take(self, entry: Entry) -> list[Posted]:
        """What came of an entry, in order; a grant that these rules do not give comes to nothing."""
        for change in entry.heard:
            self._lapse(change.member, change.since)  # heard, so it was; perhaps the clock's
            self._changes_to_come[change] -= 1
            if waiting := self._changed.get(change):
                self._rank(change, waiting.pop(0))
        if entry.event is not None:
            return self._activity(entry, entry.event)
        assert entry.grant is not None
        self._grants_to_come.discard(entry.grant)
        won = self._won.pop(entry.grant, None)
        return [] if won is None else [self._granted(*won, {} if entry.taken is None else entry.taken.spared)]

    @property
    def contested(self) -> Contested:
        """Rules of campaigns of which others may have got the last."""
        return self._held_back.contested

    def person(self, id_: str) -> Person:
        """A member, from when they are first heard of."""
        found = self.people.get(id_)
        if found is None:
            found = self.people[id_] = Person(id_)
        return found

    def segments(self, id_: str, moment: datetime) -> frozenset[str]:
        """The segments that a member is in, as of their latest event, by those in force at a moment."""
        found = self.people.get(id_)
        return frozenset() if found is None or self._segments is None else self._segments.of(found, moment)

    def _activity(self, entry: Entry, event: Occurrence) -> list[Posted]:
        id_ = entry.member
        person, kind = self.people.get(id_) or self.person(id_), event.kind
        member = person.ledger
        if kind == "signup":
            membership.join(member, event)
        under = ruled(event, self.book)
        if under is None:  # before the programme: a member all the same, but no points
            return []
        facts, rules = under.facts, under.rules
        if self._drafted:
            self._lapse(id_, event.time, drafted=True)
        kept = None if self._returns is None else self._returns.keeps(event, member)
        facts.by_line = kept is not None
        candidates, bonuses, challenges = rules.matcher.plausible_of(_KINDS, facts)
        decided = membership.earn(member, candidates, facts, rules, self._earn)
        held = tuple(weighed(decided, candidates, facts, rules)) if decided.passed else ()
        if self._segments is not None:
            self._segments.met(person, facts, rules)
        asked = asks_member(bonuses) or asks_member(challenges) or (self._needs.friends and kind == "purchase")
        told = membership.answers(facts, rules) if asked else _NOTHING
        membership.count(member, facts, self.book)
        awards = decided.awards
        posted = [Posted(id_, event.time, facts.today(None), awards, held)]
        gone = self._earned(entry, person, awards, rules, posted) if self._asks_on else None
        if asked:
            facts.of_member(NOBODY, told)
        if bonuses or challenges:
            self._campaign(person, bonuses, challenges, facts, rules, posted, kept)
        if self._needs.referrals:
            before = person.campaigns.get("rewarded")
            self._give(referral_wins(person.campaigns, facts, entry.advocate, self.book, self._uses()), person, posted)
            pair = person.campaigns.get("rewarded")
            if pair is not None and pair is not before:
                posted += self._held_back.pair(pair, self.book, facts, person, id_)
        if kept is not None:
            kept.decided(decided)
        if gone is not None:
            buyer = self.person(gone.buyer)
            usage = self._usage_of_campaigns(buyer)
            back = undoing.undone([buyer.campaigns], gone.record, gone.case, self.book, usage, self._uses())
            self._give(back, buyer, posted)
        return posted

    def _earned(
        self, entry: Entry, person: Person, awards: list[Award], rules: Ruleset, posted: list[Posted]
    ) -> Gone | None:
        """What an activity earned is credited; of a return what goes back is taken, and counts when its purchase did,
        with all that is in its entry."""
        id_, gone = entry.member, None
        if self._returns is not None and entry.event is not None and (back := entry.back) is not None:
            gone = self._returns.take(back, entry.event, self._ledger_of, self._earn, entry.taken)
        if gone is None or not (gone.awards or gone.uncounted):
            self._credit(id_, person, awards, entry.time, rules)
            return gone
        then = self.book.at(gone.at)
        posted.append(Posted(id_, gone.at, gone.at.astimezone(then.zone).date(), gone.awards))
        self._hold(person, awards)
        if self._needs.tiers:
            mine = [*gone.awards, *gone.uncounted, *awards]
            self._qualify(gone.buyer, self.person(gone.buyer), mine, gone.at, then)
        return gone

    def _ledger_of(self, id_: str) -> dict[str, Any]:
        return self.person(id_).ledger

    def _campaign(
        self,
        person: Person,
        bonuses: Sequence[Compiled],
        challenges: Sequence[Compiled],
        facts: Facts,
        rules: Ruleset,
        posted: list[Posted],
        kept: Bought | None,
    ) -> None:
        def watch(decided: Decided) -> None:
            if kept is not None:
                kept.won(decided)
            posted.extend(self._held_back.bonuses(decided, bonuses, facts, rules, person))

        def rewards(outcome: Outcome, period: str) -> None:
            posted.extend(self._held_back.reward(outcome, period, facts, rules, person))

        usage = self._usage_of_campaigns(person)
        won = rule_wins(person.campaigns, bonuses, challenges, facts, rules, usage, watch, rewards)
        self._give(won, person, posted, kept)

    def _usage_of_campaigns(self, person: Person) -> MemberUsage:
        if person.usage is None:
            person.usage = MemberUsage(person.campaigns, self._campaigns, Member(person.ledger))
        return person.usage

    def _uses(self) -> Uses:
        return Uses(lambda id_: self._usage_of_campaigns(self.person(id_)), self._campaigns)

    def _give(self, won: Iterable[Win], person: Person, posted: list[Posted], kept: Bought | None = None) -> None:
        """Grants reach the ledger, now or where they did; what brings neither points nor a tag is not for it."""
        for win in won:
            given = list(prizes(win, person.campaigns))
            if win.things:
                undoing.note(win, given, person.campaigns, None if kept is None else kept.record)
            for prize in given:
                if prize.thing is not None:
                    posted.append(self._handed(win, prize.thing))
                if not prize.points and prize.tag is None:
                    continue
                if prize.id in self._grants_to_come:
                    self._won[prize.id] = (win, prize)
                else:
                    posted.append(self._granted(win, prize))
            for each in win.withdrawn:
                assert isinstance(win.rule, Rule)
                posted.append(self._handed(win, win.rule.things[each.number], -1))

    def _handed(self, win: Win, thing: Thing, sign: int = 1) -> Posted:
        """A thing, or (-1) its being taken back; its value counts where it is in the programme's currency."""
        rules, worth = self.book.at(win.time), thing.worth
        value = worth.value if worth is not None and worth.currency == rules.programme.currency else None
        count = thing.tickets.count if thing.tickets is not None else 1
        handed = Handed(Counted(win.rule.id, thing.name, value), sign * count)
        return Posted(win.winner, win.time, win.time.astimezone(rules.zone).date(), (), handed=(handed,))

    def _granted(self, win: Win, prize: Prize, spared: Mapping[str, int] = _NOTHING) -> Posted:
        """The ledger hears of it. spared: of what it takes back as many points by wallet as the real one left."""
        person, time, back = self.person(win.winner), win.time, win.corrects is not None
        rules = self.book.at(time)
        membership.grant(person.ledger, prize.tag, win.role, back=back)
        awards: list[Award] = []
        if prize.points:
            kept = min(spared.get(prize.wallet, 0), max(0, -prize.points))
            named = (win.rule.id, win.rule.version, prize.wallet)
            awards = [Award(*named, prize.points + kept, owner=win.rule.owner)] if prize.points + kept else []
            less = [Award(*named, -kept)] if kept else []
            self._credit(win.winner, person, awards, time, rules, less, back=back)
        return Posted(win.winner, time, time.astimezone(rules.zone).date(), awards, (), prize.id)

    def _credit(
        self,
        id_: str,
        person: Person,
        awards: Sequence[Award],
        time: datetime,
        rules: Ruleset,
        uncounted: Sequence[Award] = (),
        *,
        back: bool = False,
    ) -> None:
        """back: a correction, which takes back what was never earned; uncounted: of that what the member keeps."""
        self._hold(person, awards, back=back)
        for each in uncounted if self._needs.points else ():
            membership.never_earned(person.ledger, each.wallet, -each.points)
        if self._needs.tiers:
            self._qualify(id_, person, [*awards, *uncounted] if uncounted else awards, time, rules)

    def _hold(self, person: Person, awards: Sequence[Award], *, back: bool = False) -> None:
        """Balances, as far as anybody asks for them."""
        if self._needs.points:
            for award in awards:
                membership.credit(person.ledger, award.wallet, award.points, correction=back)

    def _qualify(self, id_: str, person: Person, awards: Sequence[Award], time: datetime, rules: Ruleset) -> None:
        for ladder in rules.ladders:
            points = sum(award.points for award in awards if award.rule in ladder.qualifying)
            if not points:
                continue
            self._lapse(id_, time)
            found = qualify(person.ladders, ladder, points, time, rules.zone)
            if found.after != found.before:
                self._moves(id_, person, ladder, found)

    def _lapse(self, id_: str, to: datetime, *, drafted: bool = False) -> None:
        """What the clock has ended of a member's statuses by then. drafted: only of those that nobody announced: when
        the ledger heard of the others' end, the journal says."""
        person = self.people.get(id_)
        if person is None or not person.ladders or (rules := self.book.found(to)) is None:
            return
        for ladder in rules.ladders:
            if drafted and (id_, ladder.id) not in self._drafted:
                continue
            for found in lapse(person.ladders, ladder, to, rules.zone):
                self._moves(id_, person, ladder, found)

    def _moves(self, id_: str, person: Person, ladder: Ladder, found: Qualified) -> None:
        person.changes += 1
        change, event = Change(id_, ladder.id, found.after, found.since), f"{ladder.id}:{id_}:{person.changes}"
        (self._drafted.discard if change in self._recorded else self._drafted.add)((id_, ladder.id))
        waiting = self._changed.setdefault(change, [])
        if len(waiting) < self._changes_to_come[change]:
            waiting.append(event)
        else:
            self._rank(change, event)

    def _rank(self, change: Change, event: str) -> None:
        """The ledger hears of a change of tier."""
        member = self.person(change.member).ledger
        membership.rank(member, change.ladder, change.after, change.since, event)
        member.pop("heard", None)
