"""Random histories of referrals with a condition, limits and a budget, against a plain model that looks through all
that is held and adds up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from shared.rules.matching import facts_of
from shared.rules.quotas import Quotas
from shared.rules.referrals import Reward, returned, rewards
from shared.rules.referring import Uses
from shared.rules.rulebook import Rulebook
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import SharedUsage
from tests.model.seeds import seeds
from tests.unit.rulekit import basket, book, event, line, rule

ADVOCATE, FRIEND, LEAST = 20, 10, 20


@dataclass
class Bounds:
    """A month's times of an advocate, uses in all, and points."""

    times: int
    total: int
    budget: int


@dataclass
class Known:
    """What the model knows of a friend. held: the pair that was decided, advocate, month, and points of both."""

    referrals: list[tuple[str, str, str]] = field(default_factory=list)  # day, id, advocate
    bought: list[tuple[str, str]] = field(default_factory=list)
    held: tuple[tuple[str, str], str, str, int, int] | None = None


class Model:
    """Decides by the plainest means."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.friends: dict[str, Known] = {}
        self.left: dict[str, int] = {}  # of each purchase

    def decide(self, who: str) -> None:
        """What a friend's event changes."""
        known = self.friends[who]
        due = None
        if known.referrals and known.bought:
            (since, referral, advocate), (day, purchase) = min(known.referrals), min(known.bought)
            if day >= since and self.left[purchase] >= LEAST:
                due = (referral, purchase), advocate, day[:7]
        if known.held is not None and due is not None and known.held[0] == due[0]:
            return
        known.held = None
        if due is not None:
            known.held = (*due, *self._points(due[1], due[2]))

    def _points(self, advocate: str, month: str) -> tuple[int, int]:
        held = [each.held for each in self.friends.values() if each.held is not None]
        left = self.bounds.budget - sum(each[3] + each[4] for each in held)
        if sum(1 for each in held if each[4]) >= self.bounds.total:
            return 0, 0
        friend = min(FRIEND, left)
        mine = sum(1 for each in held if each[3] and each[1:3] == (advocate, month))
        return (min(ADVOCATE, left - friend) if mine < self.bounds.times else 0), friend

    def sums(self) -> dict[str, int]:
        """What everybody holds."""
        found: dict[str, int] = {}
        for who, known in self.friends.items():
            if known.held is not None:
                _, advocate, _, mine, theirs = known.held
                found[advocate] = found.get(advocate, 0) + mine
                found[who] = found.get(who, 0) + theirs
        return {who: points for who, points in found.items() if points}


class Ours:
    """The code that campaigns decide with."""

    def __init__(self, bounds: Bounds) -> None:
        limits = f"[{{period: month, times: {bounds.times}}}, {{per: programme, period: ever, times: {bounds.total}}}]"
        body = f"when: basket.total >= {LEAST}\nlimits: {limits}\nbudget: {{points: {bounds.budget}}}\n"
        both = f"advocate: {{fixed: {ADVOCATE}}}\nfriend: {{fixed: {FRIEND}}}"
        self.book: Rulebook = book(rule("refer", body + both, kind="referral"))
        self.documents: dict[str, dict[str, Any]] = {}
        shared = SharedUsage({}, Quotas({}, 1)).lane(0)
        self.uses = Uses(lambda id_: MemberUsage(self.document(id_), shared), shared)
        self.held: dict[str, int] = {}

    def document(self, id_: str) -> dict[str, Any]:
        return self.documents.setdefault(id_, {"_id": id_})

    def take(self, found: Iterable[Reward]) -> None:
        for each in found:
            self.held[each.member] = self.held.get(each.member, 0) + (-each.points if each.back else each.points)

    def referred(self, who: str, day: str, id_: str, advocate: str) -> None:
        happened = event("referral", f"{day}T12:00:00-05:00", id_)
        facts = facts_of(happened, None, self.book.at(happened.time))
        self.take(rewards(self.document(who), facts, advocate, self.book, self.uses))

    def bought(self, who: str, day: str, id_: str, amount: int) -> None:
        happened = basket(line(str(amount)), time=f"{day}T12:00:00-05:00", id_=id_)
        facts = facts_of(happened, None, self.book.at(happened.time))
        self.take(rewards(self.document(who), facts, None, self.book, self.uses))

    def came_back(self, who: str, day: str, id_: str, left: int) -> None:
        happened = event("return", f"{day}T18:00:00-05:00", f"back-{id_}")
        kept = basket(line(str(left)), time=f"{day}T12:00:00-05:00", id_=id_)
        facts = facts_of(kept, None, self.book.at(kept.time)) if left else None
        found = returned(self.document(who), f"/partners/grocer|{id_}", happened, facts, self.book, self.uses)
        self.take(found)


@pytest.mark.parametrize("seed", seeds(120))
def test_random_histories_end_as_a_plain_model_says(seed: int) -> None:
    """After every event. Breaks when a use or point is counted twice, not at all, or not given back."""
    r = Random(seed)
    bounds = Bounds(r.randrange(1, 4), r.randrange(2, 9), r.randrange(25, 200))
    model, ours = Model(bounds), Ours(bounds)
    bought: list[tuple[str, str, str]] = []
    for number in range(60):
        who, day, id_ = f"f{r.randrange(8)}", f"2017-0{r.randrange(2, 5)}-1{r.randrange(10)}", f"e-{number:03d}"
        known = model.friends.setdefault(who, Known())
        kind = r.choice(("referral", "purchase", "purchase", "return"))
        if kind == "referral":
            advocate = r.choice(("amy", "bob"))
            known.referrals.append((day, id_, advocate))
            ours.referred(who, day, id_, advocate)
        elif kind == "purchase":
            model.left[id_] = r.choice((5, 20, 50))
            known.bought.append((day, id_))
            bought.append((who, day, id_))
            # Of two that are known only the earlier is remembered: it is their first.
            known.bought = [min(known.bought)]
            ours.bought(who, day, id_, model.left[id_])
        elif bought:
            who, day, id_ = r.choice(bought)
            known = model.friends[who]
            left = model.left[id_] = r.choice([0, model.left[id_] // 2])
            if left == 0:
                bought.remove((who, day, id_))
                known.bought = [each for each in known.bought if each[1] != id_]
            ours.came_back(who, day, id_, left)
        model.decide(who)
        assert {who: points for who, points in ours.held.items() if points} == model.sums(), number
