"""Returns in a replay: what is kept of a purchase until something of it comes back, and what goes back then. Pure.

The ledger finds the purchase, its rules' answers and the member as they were in its journal; a replay keeps them, of
those purchases only of which it knows that something will come back. What goes back is decided by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from shared.backtest.entries import Back, Taken
from shared.events.decode import Refused
from shared.events.light import Occurrence, Returned
from shared.ledger import lots
from shared.rules import membership, undoing
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.leftover import WHOLE, Leaves, leaves
from shared.rules.matching import Decided, Passed, facts_of, ruled
from shared.rules.member import NOBODY, Member
from shared.rules.returning import Key, changed, give_back_all, goes_back, left_to_keep, let_keep, limits_changed
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import Lane

People = Callable[[str], dict[str, Any]]
_EARN = "earn"
_NOTHING = Taken(datetime.min)


@dataclass(slots=True)
class Bought:
    """A purchase of which something will come back. member: the ledger's document of them, before it was decided;
    record: what it won of bonuses (see `undoing.record`); returns: what has come back; stood: what it gave, less what
    went back, by rule, version and wallet."""

    event: Occurrence
    member: dict[str, Any]
    awards: list[Award] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    record: dict[str, Any] | None = None
    returns: list[Returned] = field(default_factory=list)
    stood: dict[Key, int] = field(default_factory=dict)

    def decided(self, decided: Decided) -> None:
        """What it earned."""
        self.awards, self.passed = decided.awards, decided.passed
        for each in self.awards:
            key = (each.rule, each.version, each.wallet)
            self.stood[key] = self.stood.get(key, 0) + each.points

    def won(self, decided: Decided) -> None:
        """What it won of bonuses."""
        self.record = undoing.record(self.event.key, self.member["_id"], decided)

    def facts(self, event: Occurrence, rules: Ruleset) -> Facts:
        """What is left of it, with the member as they were."""
        found = facts_of(event, self.member, rules)
        found.of_member(Member(self.member))
        return found


class Gone(NamedTuple):
    """What went back at once, from whom, dated as the purchase (`at`); and what campaigns hear of it. uncounted: points
    that the member kept, and that count for no tier any more."""

    buyer: str
    at: datetime
    awards: list[Award]
    uncounted: list[Award]
    record: dict[str, Any] | None
    case: undoing.Undoing


class Returns:
    """Of one replay. returns: see `Announced`; points: whether balances are kept."""

    def __init__(self, returns: Collection[Back], book: Rulebook, *, points: bool) -> None:
        self._book, self._points = book, points
        self._purchases = {each.purchase for each in returns}
        self._bought: dict[str, Bought] = {}
        # Counters that cannot subtract are counted again, from all that the member has done.
        lossy = any(each.aggregate not in ("count", "sum") for each in book.counters.values())
        self._pasts: dict[str, dict[str, Occurrence]] = {each.member: {} for each in returns} if lossy else {}

    def keeps(self, event: Occurrence, member: dict[str, Any]) -> Bought | None:
        """Keeps what will be asked for; must be told of every activity before it is decided. None where nothing of it
        will come back."""
        past = self._pasts.get(member["_id"])
        if past is not None:
            past[event.key] = event
        if event.kind != "purchase" or event.key not in self._purchases:
            return None
        kept = self._bought[event.key] = Bought(event, deepcopy(member))
        return kept

    def take(self, back: Back, event: Occurrence, people: People, lane: Lane, stored: Taken | None) -> Gone | None:
        """Changes the ledger's document of the member and what members share. None where nothing can come back.

        people: documents by member. Who was merged into another has their own still: a replay merges nobody. stored:
        what the real one took; as much as wallets' policies spared then is spared again.
        """
        bought = self._bought.get(back.purchase)
        if bought is None:
            return None
        said = event.data if isinstance(event.data, Returned) else WHOLE
        case = leaves(bought.event, bought.returns, said)
        if isinstance(case, Refused):
            return None
        bought.returns.append(said)
        if case.now is None:  # nothing can come back of it any more
            del self._bought[back.purchase]
        member = people(bought.member["_id"])
        rules, left = self._book.at(case.event.time), case.now
        left_facts = None if left is None else bought.facts(left, rules)
        stood, usage = dict(bought.stood), MemberUsage(member, lane, Member(member).profile("household"))
        changes = changed(_EARN, stood, left_facts, case.after.parts, rules, bought.awards, bought.passed, usage)
        for key, points in changes.items():
            bought.stood[key] = stood.get(key, 0) + points
        awards = self._points_back(member, changes, stored or _NOTHING)
        limits = limits_changed(rules.rules(_EARN, "purchase"), changes)
        if limits:
            give_back_all(limits, bought.facts(case.event, rules), usage, lane, stood, changes, awards)
        told = self._told(event, bought, case, rules)
        self._uncount(member, case)
        kept = [Award(*key, -points) for key, points in left_to_keep(changes, awards).items()]
        return Gone(member["_id"], case.event.time, awards, kept, bought.record, told)

    def _points_back(self, member: dict[str, Any], changes: dict[Key, int], stored: Taken) -> list[Award]:
        net = goes_back(changes)
        short = {wallet: min(stored.spared.get(wallet, 0), points) for wallet, points in net.items()}
        if self._points:
            lifetime = member.setdefault("lifetime", {})
            for wallet, points in net.items():
                lots.claw(member, wallet, points - short[wallet], "")
                lifetime[wallet] = lifetime.get(wallet, 0) - points
        return let_keep(changes, short)

    def _told(self, event: Occurrence, bought: Bought, case: Leaves, rules: Ruleset) -> undoing.Undoing:
        """As campaigns hears of it: with the answers about the member that their rules ask for, and no others."""

        def heard(of: Occurrence) -> Facts:
            under = ruled(of, self._book)
            assert under is not None  # it was decided by a programme
            under.facts.of_member(NOBODY, membership.answers(bought.facts(of, rules), rules))
            return under.facts

        left = case.now
        left_facts = None if left is None else heard(left)
        return undoing.Undoing(event, case.was, rules, heard(case.was), left_facts, case.after.parts)

    def _uncount(self, member: dict[str, Any], case: Leaves) -> None:
        past = self._pasts.get(member["_id"])
        if past is not None:
            if case.now is None:
                past.pop(case.event.key, None)
            else:
                past[case.event.key] = case.now
        lost = membership.uncount(member, case.was, case.now, self._book)
        if lost and past is not None:
            membership.recount(member, lost, past.values(), self._book)
