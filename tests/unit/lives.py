"""Several members' lives for stateful tests: the ledger and the counter on a store in memory, beside the model."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from services.earn.accounts import BREAKAGE
from services.earn.counter.commands import (
    Answer,
    Caller,
    Capture,
    Denied,
    Done,
    OfMember,
    Undo,
)
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots
from shared.rules.learning import utc
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from shared.runtime.store import DEAD_LETTERS
from tests.model.persons import Everybody, Person, Star
from tests.unit.partnerkit import POOLED, Mall, activity, member

WHO = [member(number) for number in range(1, 5)]
TILL, CLERK = Caller("till", partner="grocer"), Caller("office", person="staff-7")
A_STAR = 10_000  # dong
ANYBODY = st.sampled_from(WHO)
FEW = st.integers(1, 6)


@dataclass
class Bought:
    """A purchase: by whose names it was made, whose it was, when its stars end, and the stars of its lines that have
    not come back."""

    names: str
    who: str
    ends: datetime
    lines: dict[int, int] = field(default_factory=dict)


class Lives(RuleBasedStateMachine):
    """What rules of such a test are made of, and what holds after each."""

    programme = POOLED
    everybody: type[Everybody] = Everybody

    def open(self) -> None:
        """Nobody has anything yet."""
        self.store = MemoryStore()
        self.mall, self.loop = Mall(self.store, programme=self.programme), asyncio.Runner()
        self.model = self.everybody({id_: Person() for id_ in WHO})
        self.bought: dict[str, Bought] = {}
        self.holds: dict[str, tuple[str, datetime]] = {}
        self.spent: dict[str, tuple[str, list[tuple[str, Star]]]] = {}
        self.letters: Counter[str] = Counter()

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

    def _captured(self, id_: str, points: int | None) -> None:
        who = self.holds[id_][0]
        held = self.model.held(id_, who)
        points = len(held) if points is None else points
        answer = self._ask(Capture, who, TILL, hold=id_, points=points)
        assert isinstance(answer, Done), answer
        self.spent[str(answer.body["redemption"])] = who, held[:points]
        for owner, star in held[:points]:
            self.model.people[owner].stars.remove(star)
        self._give_back(id_, self.at)
        self._settled()

    def _undone(self, id_: str) -> None:
        who, stars = self.spent[id_]
        refusal = self._refusal(who, follows=True)
        for owner, _ in stars:
            refusal = refusal or self._refusal(owner, follows=True)
        if self._is(self._ask(Undo, who, TILL, redemption=id_), refusal):
            del self.spent[id_]
            for owner, star in sorted(stars, key=lambda each: each[0] == who):  # whoever spent is the last
                self.model.put_back(owner, star, self.at)
            self.model.asked([(owner, star) for owner, star in stars], self.at)
            self._settled()

    def _given_back(self, id_: str, who: str, whole: bool, line: int) -> None:
        bought = self.bought[id_]
        self._take("return", who, {"purchase": id_, **({} if whole else {"lines": [{"line": line, "quantity": 1}]})})
        if who == bought.names:  # whoever they are by now: they are the purchase's
            who = bought.who
        target = self.model.people[self.model.last(who)]
        if target.state != "open":
            self.letters["account_closed"] += target.state == "closed"
        elif self.model.last(who) != self.model.last(bought.who):
            self.letters["unknown_purchase"] += 1
        elif not bought.lines or (not whole and line not in bought.lines):
            self.letters["exceeds_purchase"] += 1
        else:
            stars = sum(bought.lines.values()) if whole else bought.lines[line]
            self.model.give_back(bought.who, stars, bought.ends)
            bought.lines = {} if whole else {n: each for n, each in bought.lines.items() if n != line}

    def _give_back(self, hold: str, at: datetime) -> None:
        """To whose they are."""
        who, _ = self.holds.pop(hold)
        stars = self.model.held(hold, who)
        for owner, star in stars:
            self.model.people[owner].put(star, at)
        self.model.asked(stars, at)

    def _settled(self) -> None:
        """What has come back may have ended meanwhile."""
        self.model.swept(self.at)
        self.loop.run(self.mall.swept(*WHO))

    def _holds(self, who: str) -> bool:
        mine = any(star.hold is not None for star in self.model.people[who].stars)
        return mine or any(holder == who for holder, _ in self.holds.values())

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

    @invariant()
    def the_journal_tells_how_points_stand(self) -> None:
        """Whose points are held, and by when they end: what every entry moved sums to what members' documents say."""
        told: Counter[tuple[str, str | None]] = Counter()
        for entry in self.store.collection(JOURNAL).values():
            mine = [each for each in entry["postings"] if each["account"].startswith("member:")]
            said = [["stars", "lot", *each.get("terms", (None, None)), each["amount"]] for each in mine]
            for _, state, _, expires, number in entry.get("moves", said):
                told[state, expires] += number
        found: Counter[tuple[str, str | None]] = Counter()
        for member_ in self.store.collection(MEMBERS).values():
            for lot in member_["lots"]:
                found["lot", lot["expires"]] += lot["points"]
            for hold in member_.get("holds", {}).values():
                for _, expires, number in hold["slices"]:
                    found["held", expires] += number
            found["owed", None] -= member_.get("deficit", {}).get("stars", 0)
        assert {key: each for key, each in told.items() if each} == {key: each for key, each in found.items() if each}
