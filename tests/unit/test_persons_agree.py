"""Several members' lives at random: earn, give back, redeem, alone or with a household, undo, transfer, expire, merge,
take apart, close, erase. After each step the ledger is what a model says that counts single stars; books balance."""

from __future__ import annotations

from datetime import datetime

import orjson
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from services.earn.counter.commands import (
    Asked,
    Done,
    Hold,
    Release,
    Transfer,
)
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.ledger import MEMBERS
from tests.model.persons import Star, a_year_later
from tests.unit.lives import A_STAR, ANYBODY, FEW, TILL, WHO, Bought, Lives

BEFORE = st.tuples(st.integers(0, 6), st.booleans())  # what somebody spends, and whether they owe then
MEANWHILE = st.lists(st.sampled_from(["buys", "spends", "undoes", "gives back", "waits"]), max_size=5)


class Persons(Lives):
    """The mall's ledger and counter on a store in memory, and the model."""

    @initialize()
    def begin(self) -> None:
        self.open()
        for number, id_ in enumerate(WHO):
            self._take("signup", id_, {"profile": {"name": "Somebody"}})
            if number < 3:
                self.move(id_, "north")
            self.buy(id_, [2, number + 1])
            self.mall.passes(days=number % 2)

    @rule(days=st.sampled_from([0.01, 1, 30, 181, 300]))
    def wait(self, days: float) -> None:
        """Time passes; what is due is done, of everybody."""
        self.mall.passes(days=days)
        for until, id_ in sorted((until, id_) for id_, (_, until) in self.holds.items()):  # of one instant by their ids
            if until <= self.at:
                self._give_back(id_, until)
        self.model.swept(self.at)
        self.loop.run(self.mall.swept(*WHO))

    @rule(who=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=3))
    def buy(self, who: str, lines: list[int]) -> None:
        said = [{"product": "p", "quantity": 1, "amount": str(stars * A_STAR)} for stars in lines]
        id_ = self._take("purchase", who, {"currency": "VND", "lines": said})
        target = self.model.people[self.model.last(who)]
        if target.state == "open":
            self.bought[id_] = Bought(who, self.model.last(who), a_year_later(self.at), dict(enumerate(lines)))
            for _ in range(sum(lines)):
                target.put(Star(a_year_later(self.at)), self.at)
        elif target.state == "closed":
            self.letters["account_closed"] += 1

    @precondition(lambda self: self.bought)
    @rule(data=st.data(), whole=st.booleans(), names=ANYBODY)
    def give_back(self, data: st.DataObject, whole: bool, names: str) -> None:
        """A line or all that is left, by whoever bought or somebody whom they were merged with, or a stranger."""
        id_ = data.draw(st.sampled_from(sorted(self.bought)))
        who = names if data.draw(st.booleans()) else self.bought[id_].who
        self._given_back(id_, who, whole, data.draw(st.integers(0, 2)))

    @precondition(lambda self: self.bought)
    @rule(data=st.data(), into=ANYBODY, whole=st.booleans())
    def merged_by_mistake(self, data: st.DataObject, into: str, whole: bool) -> None:
        """Something that the duplicate had bought comes back before anybody sees that they are two."""
        id_ = data.draw(st.sampled_from(sorted(self.bought)))
        who = self.bought[id_].who
        self.merge(who, into)
        self._given_back(id_, data.draw(st.sampled_from([who, into])), whole, 0)
        self.unmerge(who)

    @rule(data=st.data(), who=ANYBODY, into=ANYBODY, third=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=2))
    def merged_with_debts(self, data: st.DataObject, who: str, into: str, third: str, lines: list[int]) -> None:
        """One spends, or one owes; they are merged, perhaps the survivor, too, and much happens before anybody sees
        that they are two."""
        for each, spends, owes in ((who, *data.draw(BEFORE)), (into, *data.draw(BEFORE))):
            if spends:
                self.spend(each, spends)
            if owes:
                self.owe(each, third, lines)
        self.merge(who, into)
        further = data.draw(st.booleans())
        if further:
            self.merge(into, third)
        for step in data.draw(MEANWHILE):
            match step:
                case "buys":
                    self.buy(who, lines)
                case "spends":
                    self.spend(self.model.last(who), lines[0])
                case "undoes" if mine := [id_ for id_, (whose, _) in self.spent.items() if whose == who]:
                    self._undone(data.draw(st.sampled_from(mine)))
                case "gives back":
                    self._given_back(data.draw(st.sampled_from(sorted(self.bought))), who, lines[0] > 3, 0)
                case _:
                    self.wait(200)
        if further:
            self.unmerge(into)
        self.unmerge(who)

    @rule(data=st.data(), who=ANYBODY, into=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=2), spends=BEFORE)
    def expired_meanwhile(
        self, data: st.DataObject, who: str, into: str, lines: list[int], spends: tuple[int, bool]
    ) -> None:
        """Two buy on one day, and are merged; what they do not spend expires before anybody sees that they are two, or
        before they are merged. Goods of either come back, also after that."""
        before = set(self.bought)
        self.buy(who, lines)
        self.buy(into, lines[:1])
        points, early = spends
        if early:
            self.spend(who, lines[0])
            self.wait(400)
        self.merge(who, into)
        if points:
            self.spend(into, points)
        self.wait(400)
        theirs = sorted(self.bought.keys() - before)
        for id_ in data.draw(st.lists(st.sampled_from(theirs), max_size=2)) if theirs else ():
            self._given_back(id_, self.bought[id_].who, points > 3, 0)
        self.unmerge(who)
        for id_ in theirs:
            self._given_back(id_, self.bought[id_].who, True, 0)

    @rule(who=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=2), days=st.sampled_from([60, 100, 400]))
    def undone_late(self, who: str, lines: list[int], days: int) -> None:
        """All is spent, goods of it come back, and the till gives it back when the first of it has ended."""
        self.buy(who, lines)
        self.wait(300)
        bought, spent = set(self.bought), set(self.spent)
        self.buy(who, lines[:1])
        self.spend(who, max(1, len(self.model.people[who].free())))
        for id_ in self.bought.keys() - bought:
            self._given_back(id_, who, True, 0)
        self.wait(days)
        for id_ in self.spent.keys() - spent:
            self._undone(id_)

    @rule(data=st.data(), who=ANYBODY, into=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=2))
    def spent_meanwhile(self, data: st.DataObject, who: str, into: str, lines: list[int]) -> None:
        """Both have spent, the survivor also while they are one; goods of either come back, they are taken apart, and
        what was spent comes back in any order."""
        bought, spent = set(self.bought), set(self.spent)
        for each in (who, into):
            self.buy(each, lines)
            self.spend(each, data.draw(FEW))
        self.merge(who, into)
        self.spend(into, data.draw(FEW))
        for id_ in data.draw(st.permutations(sorted(self.bought.keys() - bought))):
            self._given_back(id_, self.bought[id_].who, lines[0] > 2, 0)
        self.unmerge(who)
        for id_ in data.draw(st.permutations(sorted(self.spent.keys() - spent))):
            self._undone(id_)

    @rule(who=ANYBODY, points=FEW)
    def spend(self, who: str, points: int) -> None:
        """At once."""
        before = set(self.holds)
        self.hold(who, points)
        for id_ in self.holds.keys() - before:
            self._captured(id_, points)

    @rule(who=ANYBODY, to=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=2))
    def owe(self, who: str, to: str, lines: list[int]) -> None:
        """Somebody gives away all that they have, then a purchase of theirs comes back."""
        before = set(self.bought)
        self.buy(who, lines)
        self.transfer(who, to, max(1, len(self.model.people[who].free())))
        for id_ in self.bought.keys() - before:
            self._given_back(id_, who, True, 0)

    @rule(who=ANYBODY, points=st.integers(1, 12))
    def hold(self, who: str, points: int) -> None:
        refusal, pool = self._refusal(who), self.model.pool(who)
        if refusal is None and len(pool) < points:
            refusal = "too_few_points"
        answer = self._ask(Hold, who, TILL, asked=Asked(wallet="stars", points=points), partner="grocer")
        if self._is(answer, refusal):
            assert isinstance(answer, Done)
            id_ = str(answer.body["hold"])
            self.holds[id_] = who, datetime.fromisoformat(str(answer.body["until"]))
            assert answer.body["spendable"] == len(pool) - points
            self.model.step += 1
            for _, star in pool[:points]:
                star.hold, star.left = id_, self.model.step

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), part=st.booleans())
    def capture(self, data: st.DataObject, part: bool) -> None:
        """Who has points held is neither merged nor closed meanwhile."""
        id_ = data.draw(st.sampled_from(sorted(self.holds)))
        self._captured(id_, 1 if part else None)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.holds)))
        who = self.holds[id_][0]
        self._is(self._ask(Release, who, TILL, hold=id_), None)
        self._give_back(id_, self.at)
        self._settled()

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self._undone(data.draw(st.sampled_from(sorted(self.spent))))

    @rule(who=ANYBODY, house=st.sampled_from(["north", "south"]))
    def move(self, who: str, house: str) -> None:
        """Somebody says whom they live with; the latest word counts, of two at one instant the greater event's."""
        id_ = self._take("signup", who, {"profile": {"name": "Somebody", "household": house}})
        person = self.model.people[self.model.last(who)]
        said = (self.at, f"/partners/grocer|{id_}", house)
        if person.state == "closed":
            self.letters["account_closed"] += 1
        elif person.state == "open" and (person.house is None or person.house[:2] < said[:2]):
            person.house = said

    @rule(who=ANYBODY, to=ANYBODY, points=FEW)
    def transfer(self, who: str, to: str, points: int) -> None:
        person, refusal = self.model.people[who], self._refusal(who) or self._refusal(to)
        if refusal is None:
            refusal = "same_member" if who == to else "too_few_points" if len(person.free()) < points else None
        if self._is(self._ask(Transfer, who, to=to, wallet="stars", points=points), refusal):
            for star in person.free()[:points]:
                person.stars.remove(star)
                self.model.people[to].put(star, self.at)

    @rule(who=ANYBODY, into=ANYBODY)
    def merge(self, who: str, into: str) -> None:
        refusal = self._refusal(who) or self._refusal(into)
        if refusal is None:
            refusal = "same_member" if who == into else "open_holds" if self._holds(who) else None
        if self._is(self._ask(Merge, who, into=into, reason="the same"), refusal):
            self.model.merge(who, into, self.at)

    @rule(who=ANYBODY)
    def unmerge(self, who: str) -> None:
        into, refusal = self.model.people[who].into, None
        if into is None:
            refusal = "closed" if self.model.people[who].state != "open" else "not_merged"
        elif self.model.people[into].into is not None:
            refusal = "merged"
        elif self.model.people[into].state != "open":
            refusal = "closed"
        elif self._holds(into):
            refusal = "open_holds"
        if self._is(self._ask(Unmerge, who, reason="two"), refusal):
            self.model.unmerge(who, self.at)
            self._settled()

    @rule(who=ANYBODY, one_in_eight=st.sampled_from([True] + 7 * [False]))
    def close(self, who: str, one_in_eight: bool) -> None:
        if one_in_eight:
            refusal = self._refusal(who) or ("open_holds" if self._holds(who) else None)
            if self._is(self._ask(Close, who, reason="leaves"), refusal):
                self.model.end(who, "closed")

    @rule(who=ANYBODY, one_in_eight=st.sampled_from([True] + 7 * [False]))
    def erase(self, who: str, one_in_eight: bool) -> None:
        """By any of their ids. Nothing of the person is left in the members' documents; the ledger stands."""
        if not one_in_eight:
            return
        whom, refusal = self.model.last(who), None
        if self.model.people[whom].state == "erased":
            refusal = "erased"
        elif self._holds(whom):
            refusal = "open_holds"
        if self._is(self._ask(Erase, who, reason="asked to", approved_by="staff-8"), refusal):
            everybody = self.model.leading_to(who)
            self.model.end(whom, "erased")
            for each in everybody:
                self.model.people[each].state = "erased"
                assert b"Somebody" not in orjson.dumps(self.store.collection(MEMBERS)[each])


TestPersons = Persons.TestCase
# Without shrinking: minutes would pass before a failure is told.
TestPersons.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
