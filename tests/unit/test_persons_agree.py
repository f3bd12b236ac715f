"""Several members' lives at random: earn, give back, redeem, undo, transfer, expire, merge, take apart, close, erase;
after each step the ledger is what a model says that counts single stars, and its books balance."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.earn.accounts import BREAKAGE
from services.earn.counter.commands import Answer, Asked, Caller, Capture, Denied, Done, Hold, OfMember, Transfer, Undo
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots
from shared.rules.learning import utc
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from shared.runtime.store import DEAD_LETTERS
from tests.model.persons import Everybody, Person, Star, a_year_later
from tests.unit.partnerkit import Mall, activity, member

WHO = [member(number) for number in range(1, 5)]
TILL, CLERK = Caller("till", partner="grocer"), Caller("office", person="staff-7")
A_STAR = 10_000  # dong
ANYBODY = st.sampled_from(WHO)
FEW = st.integers(1, 6)


@dataclass
class Bought:
    """A purchase: whose it was, when its stars end, and the stars of its lines that have not come back."""

    who: str
    ends: datetime
    lines: dict[int, int] = field(default_factory=dict)


class Persons(RuleBasedStateMachine):
    """The mall's ledger and counter on a store in memory, and the model."""

    @initialize()
    def begin(self) -> None:
        self.store = MemoryStore()
        self.mall, self.loop = Mall(self.store), asyncio.Runner()
        self.model = Everybody({id_: Person() for id_ in WHO})
        self.bought: dict[str, Bought] = {}
        self.holds: dict[str, tuple[str, datetime]] = {}
        self.spent: dict[str, tuple[str, list[Star]]] = {}
        self.letters: Counter[str] = Counter()
        for id_ in WHO:
            self._take("signup", id_, {"profile": {"name": "Somebody"}})

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    @property
    def at(self) -> datetime:
        return self.mall.clock.now

    def _take(self, kind: str, who: str, data: dict[str, Any]) -> str:
        number = self.mall.number()
        value = activity(who, "grocer", f"e-{number}", data, at=self.at, offset=number, kind=kind)
        self.loop.run(self.mall.ledger.run([Record("activities", 0, number, value)]))
        return f"e-{number}"

    def _ask(self, kind: type[OfMember], who: str, by: Caller = CLERK, **more: Any) -> Answer:
        return self.loop.run(self.mall.ask(kind(**self.mall.key(), caller=by, member=who, **more)))

    def _refusal(self, who: str, *, follows: bool = False) -> str | None:
        """What a command about a member must be denied with; follows: it goes on to whom they were merged into."""
        if self.model.last(who) != who and not follows:
            return "merged"
        return "closed" if self.model.people[self.model.last(who)].state != "open" else None

    def _is(self, answer: Answer, refusal: str | None) -> bool:
        """The answer is what it must be; whether it was done."""
        assert (answer.code if isinstance(answer, Denied) else None) == refusal, answer
        return refusal is None

    @rule(days=st.sampled_from([0.01, 1, 30, 181, 300]))
    def wait(self, days: float) -> None:
        """Time passes; what is due is done, of everybody."""
        self.mall.passes(days=days)
        for id_, (who, until) in list(self.holds.items()):
            if until <= self.at:
                self._give_back(id_, who)
        self.model.swept(self.at)
        self.loop.run(self.mall.swept(*WHO))

    @rule(who=ANYBODY, lines=st.lists(FEW, min_size=1, max_size=3))
    def buy(self, who: str, lines: list[int]) -> None:
        said = [{"product": "p", "quantity": 1, "amount": str(stars * A_STAR)} for stars in lines]
        id_ = self._take("purchase", who, {"currency": "VND", "lines": said})
        target = self.model.people[self.model.last(who)]
        if target.state == "open":
            self.bought[id_] = Bought(self.model.last(who), a_year_later(self.at), dict(enumerate(lines)))
            for _ in range(sum(lines)):
                target.put(Star(a_year_later(self.at)))
        elif target.state == "closed":
            self.letters["account_closed"] += 1

    @precondition(lambda self: self.bought)
    @rule(data=st.data(), whole=st.booleans(), names=ANYBODY)
    def give_back(self, data: st.DataObject, whole: bool, names: str) -> None:
        """A line or all that is left, by whoever bought or somebody whom they were merged with, or a stranger."""
        id_ = data.draw(st.sampled_from(sorted(self.bought)))
        bought = self.bought[id_]
        who = names if data.draw(st.booleans()) else bought.who
        line = data.draw(st.integers(0, 2))
        self._take("return", who, {"purchase": id_, **({} if whole else {"lines": [{"line": line, "quantity": 1}]})})
        target = self.model.people[self.model.last(who)]
        if target.state != "open":
            self.letters["account_closed"] += target.state == "closed"
        elif self.model.last(who) != self.model.last(bought.who):
            self.letters["unknown_purchase"] += 1
        elif not bought.lines or (not whole and line not in bought.lines):
            self.letters["exceeds_purchase"] += 1
        else:
            stars = sum(bought.lines.values()) if whole else bought.lines[line]
            target.take_back(stars, bought.ends)
            bought.lines = {} if whole else {n: each for n, each in bought.lines.items() if n != line}

    @rule(who=ANYBODY, points=FEW)
    def hold(self, who: str, points: int) -> None:
        person, refusal = self.model.people[who], self._refusal(who)
        if refusal is None and len(person.free()) < points:
            refusal = "too_few_points"
        answer = self._ask(Hold, who, TILL, asked=Asked(wallet="stars", points=points), partner="grocer")
        if self._is(answer, refusal):
            assert isinstance(answer, Done)
            id_ = str(answer.body["hold"])
            self.holds[id_] = who, datetime.fromisoformat(str(answer.body["until"]))
            for star in person.free()[:points]:
                star.hold = id_

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), part=st.booleans())
    def capture(self, data: st.DataObject, part: bool) -> None:
        """Who has points held is neither merged nor closed meanwhile."""
        id_ = data.draw(st.sampled_from(sorted(self.holds)))
        who = self.holds[id_][0]
        person = self.model.people[who]
        held = sorted((s for s in person.stars if s.hold == id_), key=lambda star: (star.ends, star.number))
        points = 1 if part else len(held)
        answer = self._ask(Capture, who, TILL, hold=id_, points=points)
        assert isinstance(answer, Done), answer
        self.spent[str(answer.body["redemption"])] = who, held[:points]
        person.stars = [each for each in person.stars if each not in held[:points]]
        self._give_back(id_, who)
        self.model.swept(self.at)

    def _give_back(self, hold: str, who: str) -> None:
        del self.holds[hold]
        for star in [each for each in self.model.people[who].stars if each.hold == hold]:
            self.model.people[who].put(star)

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.spent)))
        who, stars = self.spent[id_]
        if self._is(self._ask(Undo, who, TILL, redemption=id_), self._refusal(who, follows=True)):
            del self.spent[id_]
            for star in stars:
                self.model.people[self.model.last(who)].put(star)
            self.model.swept(self.at)
            self.loop.run(self.mall.swept(*WHO))

    @rule(who=ANYBODY, to=ANYBODY, points=FEW)
    def transfer(self, who: str, to: str, points: int) -> None:
        person, refusal = self.model.people[who], self._refusal(who) or self._refusal(to)
        if refusal is None:
            refusal = "same_member" if who == to else "too_few_points" if len(person.free()) < points else None
        if self._is(self._ask(Transfer, who, to=to, wallet="stars", points=points), refusal):
            for star in person.free()[:points]:
                person.stars.remove(star)
                self.model.people[to].put(star)

    @rule(who=ANYBODY, into=ANYBODY)
    def merge(self, who: str, into: str) -> None:
        refusal = self._refusal(who) or self._refusal(into)
        if refusal is None:
            refusal = "same_member" if who == into else "open_holds" if self._holds(who) else None
        if self._is(self._ask(Merge, who, into=into, reason="the same"), refusal):
            self.model.merge(who, into)

    @rule(who=ANYBODY)
    def unmerge(self, who: str) -> None:
        into, refusal = self.model.people[who].into, None
        if into is None:
            refusal = "closed" if self.model.people[who].state != "open" else "not_merged"
        elif self.model.people[into].into is not None:
            refusal = "merged"
        elif self.model.people[into].state != "open":
            refusal = "closed"
        if self._is(self._ask(Unmerge, who, reason="two"), refusal):
            self.model.unmerge(who)

    @rule(who=ANYBODY, one_in_four=st.sampled_from([True, False, False, False]))
    def close(self, who: str, one_in_four: bool) -> None:
        if one_in_four:
            refusal = self._refusal(who) or ("open_holds" if self._holds(who) else None)
            if self._is(self._ask(Close, who, reason="leaves"), refusal):
                self.model.end(who, "closed")

    @rule(who=ANYBODY, one_in_four=st.sampled_from([True, False, False, False]))
    def erase(self, who: str, one_in_four: bool) -> None:
        """By any of their ids. Nothing of the person is left in the members' documents; the ledger stands."""
        if not one_in_four:
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

    def _holds(self, who: str) -> bool:
        return any(holder == who for holder, _ in self.holds.values())

    @invariant()
    def the_ledger_is_what_the_model_says(self) -> None:
        members = self.store.collection(MEMBERS)
        for id_, person in self.model.people.items():
            document = members[id_]
            assert document["balances"].get("stars", 0) == person.balance, id_
            assert lots.spendable(document, "stars", utc(self.at)) == len(person.free()), id_
            assert lots.deficit(document, "stars") == person.owed, id_
            ends = Counter({utc(each.ends): 0 for each in person.free()}) + Counter(utc(s.ends) for s in person.free())
            told: Counter[str] = Counter()
            for lot in lots.of(document, "stars"):
                told[lot["expires"]] += lot["points"]
            assert told == ends, id_

    @invariant()
    def the_books_balance(self) -> None:
        """Per wallet all accounts sum to zero; a balance is its postings' sum; nothing is lost without a word."""
        accounts: Counter[str] = Counter()
        for entry in self.store.collection(JOURNAL).values():
            assert sum(each["amount"] for each in entry["postings"]) == 0
            for each in entry["postings"]:
                accounts[each["account"]] += each["amount"]
        for id_, person in self.model.people.items():
            assert accounts[f"member:{id_}"] == person.balance
        assert accounts[BREAKAGE] == self.model.gone
        letters = Counter(each["reason"] for each in self.store.collection(DEAD_LETTERS).values())
        assert letters == +self.letters


TestPersons = Persons.TestCase
# Without shrinking: minutes would pass before a failure is told.
TestPersons.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
