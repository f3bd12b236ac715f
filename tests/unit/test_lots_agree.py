"""Lots and due work against a model of single points, by random lives: whoever sweeps, and whether anybody does."""

from __future__ import annotations

import copy
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.earn.counter.commands import Answer, Denied, Done
from services.earn.posting import Poster
from services.earn.sweeping import sweep
from shared.ledger import due, lots
from shared.rules.learning import utc
from shared.runtime.records import Decision
from tests.model.points import WALLETS, ZONE, Account, Point, midnight_after, shifted
from tests.unit.clockkit import ANN, BOB, Books, moves, seen
from tests.unit.lifekit import BOOK, FEW, START, WALLET, expected


class Lives(RuleBasedStateMachine):
    """One member's life, in the ledger and in the model."""

    @initialize(start=START)
    def begin(self, start: datetime) -> None:
        self.books, self.model, self.at = Books(BOOK), Account(), start
        self.bob: dict[str, int] = {}
        self.held: list[str] = []
        self.orders: dict[str, str] = {}  # purchases of orders, and what became of them
        self.spent: dict[str, list[Point]] = {}
        self.lazy: dict[str, tuple[datetime, int]] = {}  # purchases of idle points: when, and what has not come back

    @property
    def member(self) -> dict[str, Any]:
        return self.books.members[ANN]

    def _ask(self, command: Any) -> dict[str, Any]:
        answer: Answer = self.books.ask(command, self.at)
        assert isinstance(answer, Done), answer
        return answer.body

    @rule(hours=st.sampled_from([1, 1.75, 2, 24, 24 * 6.5, 24 * 14, 24 * 30, 24 * 61, 24 * 92]))
    def wait(self, hours: float) -> None:
        self.at += timedelta(hours=hours)
        self.model.now(self.at)

    @precondition(lambda self: "due_at" in self.member)
    @rule(before=st.sampled_from([0, 0, 1]))
    def wait_for_what_is_due(self, before: int) -> None:
        """To the very instant, or the last microsecond before it."""
        moment = datetime.fromisoformat(self.member["due_at"]) - timedelta(microseconds=before)
        self.at = max(self.at, moment)
        self.model.now(self.at)

    @rule(wallet=WALLET, points=FEW)
    def buy(self, wallet: str, points: int) -> None:
        purchase = self.books.buy(wallet, points, self.at)
        self.model.active(self.at)
        self.model.earn(wallet, points, self.at, purchase)
        if wallet == "orders":
            self.orders[purchase] = "ordered"
        if wallet == "idle":
            self.lazy[purchase] = (self.at, points)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), milestone=st.sampled_from(["delivered", "cancelled", "packed"]))
    def report(self, data: st.DataObject, milestone: str) -> None:
        self._report(data.draw(st.sampled_from(sorted(self.orders))), milestone)

    def _report(self, purchase: str, milestone: str) -> None:
        self.books.report(purchase, milestone, self.at)
        if self.orders[purchase] in (milestone, "cancelled") or milestone == "packed":
            return
        delivered, self.orders[purchase] = self.orders[purchase] == "delivered", milestone
        mine = [each for each in self.model.points if each.purchase == purchase and each.waits is not None]
        if milestone == "delivered":
            for point in mine:
                point.waits = None
        else:
            earned = next(e for e in self.books.of("purchase") if e["_id"].endswith(f"|{purchase}"))
            end = midnight_after(shifted(earned["at"].astimezone(ZONE).date(), 6))
            alike = [each for each in self.model.free("orders") if each.waits is None and each.ends == end]
            own, points = alike if delivered else mine, earned["awards"][0]["points"]
            missing = max(0, points - len(own))
            points -= self.model.given_back("orders", end, missing, {purchase, None} if delivered else {purchase})
            self.model.claw("orders", points, self.at, own, policy="zero")

    @precondition(lambda self: self.lazy)
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        """Goods whose points end by inactivity come back, some or all, however long after. Mechanism:
        `ended.idle_ended`; without it points that ended are asked of the member once more."""
        id_ = data.draw(st.sampled_from(sorted(self.lazy)))
        bought, left = self.lazy.pop(id_)
        points = data.draw(st.integers(1, left))
        if left > points:
            self.lazy[id_] = (bought, left - points)
        self.books.bring_back(id_, points, self.at)
        self.model.bring_back(bought, points, self.at)

    @rule(wallet=WALLET, points=FEW)
    def hold(self, wallet: str, points: int) -> None:
        answer = self.books.ask(self.books.hold(wallet, points), self.at)
        if points > len(self.model.spendable(wallet, self.at)):
            assert isinstance(answer, Denied), answer
            assert answer.code == "too_few_points"
            return
        assert isinstance(answer, Done), answer
        id_ = str(answer.body["hold"])
        self.model.take_hold(id_, wallet, points, self.at, self.at + timedelta(hours=2))
        self.held.append(id_)

    @rule(wallet=WALLET, points=FEW)
    def hold_what_is_about_to_end(self, wallet: str, points: int) -> None:
        """In its last moment; an hour later it has ended, and the till has it still."""
        spendable = self.model.spendable(wallet, self.at)
        if not spendable or self.model.end_of(spendable[0]) - self.at > timedelta(days=200):
            return
        self.at = self.model.end_of(spendable[0]) - timedelta(microseconds=1)
        self.model.now(self.at)
        self.hold(wallet, min(points, len(self.model.spendable(wallet, self.at))))
        self.wait(1)

    @rule(points=FEW, held=FEW)
    def cancel_what_a_till_has(self, points: int, held: int) -> None:
        """An order whose points a till holds when it is cancelled."""
        self.buy("orders", points)
        purchase = max(self.orders, key=lambda each: int(each.removeprefix("e-")))
        self._report(purchase, "delivered")
        self.hold("orders", held)
        self._report(purchase, "cancelled")

    @rule(points=FEW, held=FEW, back=FEW, late=st.booleans())
    def bring_back_what_is_about_to_end_at_a_till(self, points: int, held: int, back: int, late: bool) -> None:
        """Goods whose points inactivity ends in a moment, or has just ended, while a till has them. Mechanism:
        `lots._await`; without it who spent nothing owes."""
        self.buy("idle", points)
        purchase = max(self.lazy, key=lambda each: int(each.removeprefix("e-")))
        ends = min(self.model.end_of(each) for each in self.model.free("idle")) if self.model.free("idle") else self.at
        self.at = max(self.at, ends - timedelta(microseconds=1))
        self.model.now(self.at)
        self.hold("idle", held)
        if late:  # and nobody has swept
            self.wait(1)
        bought, left = self.lazy.pop(purchase)
        if left > (some := min(back, left)):
            self.lazy[purchase] = (bought, left - some)
        self.books.bring_back(purchase, some, self.at)
        self.model.bring_back(bought, some, self.at)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), all_of_it=st.booleans())
    def capture(self, data: st.DataObject, all_of_it: bool) -> None:
        id_ = data.draw(st.sampled_from(self.held))
        there = sum(each.hold == id_ for each in self.model.points)
        amount = there if all_of_it or there < 2 else data.draw(st.integers(1, there))
        answer = self.books.ask(self.books.capture(id_, amount or None), self.at)
        if id_ not in self.model.holds:
            assert isinstance(answer, Denied), answer
            assert answer.code == "unknown_hold"
            return
        assert isinstance(answer, Done), answer
        self.spent[str(answer.body["redemption"])] = self.model.capture(id_, amount, self.at)
        self.model.now(self.at)  # what inactivity had ended at the till is not revived by this
        self.model.active(self.at)
        self.model.now(self.at)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(self.held))
        answer = self.books.ask(self.books.release(id_), self.at)
        assert isinstance(answer, Done) == (id_ in self.model.holds)
        if id_ in self.model.holds:
            self.model.give_back(id_, self.at)
            self.model.now(self.at)

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.spent)))
        self._ask(self.books.undo(id_))
        for point in self.spent.pop(id_):
            self.model.come_back(point, self.at)
        self.model.now(self.at)

    @rule(wallet=WALLET, points=FEW)
    def give_bob(self, wallet: str, points: int) -> None:
        answer = self.books.ask(self.books.transfer(wallet, points), self.at)
        mine = self.model.spendable(wallet, self.at)[:points]
        assert isinstance(answer, Done) == (len(mine) == points)
        if isinstance(answer, Done):
            self.model.points = [each for each in self.model.points if each not in mine]
            self.bob[wallet] = self.bob.get(wallet, 0) + points

    @rule(wallet=st.sampled_from(["gold", "miles"]), points=FEW)
    def correct(self, wallet: str, points: int) -> None:
        """Something that is dated now; a ledger that nobody swept takes what has expired, which is nobody's loss."""
        self.books.sweep(self.at)
        self.books.correct(wallet, points, self.at)
        self.model.active(self.at)
        self.model.claw(wallet, points, self.at, self.model.alike(wallet, self.at))

    @rule()
    def sweep(self) -> None:
        self.books.sweep(self.at)
        count = len(self.books.journal)
        assert self.books.sweep(self.at) == 0  # twice is once
        assert len(self.books.journal) == count

    @invariant()
    def nothing_is_impossible(self) -> None:
        """Books balance; nothing in a lot is negative or empty; who owes has nothing to spend."""
        for member in self.books.members.values():
            told = {wallet: points for wallet, points in member["balances"].items() if points}
            assert told == {wallet: points for wallet, points in lots.accounted(member).items() if points}
            assert all(lot["points"] > 0 for lot in member["lots"])
            assert all(points > 0 for points in member.get("deficit", {}).values())
        for wallet, accounts in self.books.sums().items():
            assert sum(accounts.values()) == 0
            mine = [accounts.get(f"member:{id_}", 0) for id_ in (ANN, BOB)]
            assert mine == [self.books.members[id_]["balances"].get(wallet, 0) for id_ in (ANN, BOB)]
        seqs = sorted(each["seq"] for each in self.books.journal.values() if each["seq"] and each["member"] == ANN)
        assert seqs == list(range(1, self.member["seq"] + 1))

    @invariant()
    def it_agrees_with_the_model_swept_or_not(self) -> None:
        """The document as it is tells what can be spent; swept (a copy), it is the model's, point by point."""
        unswept, swept = copy.deepcopy(self.member), copy.deepcopy(self.member)
        due.end_idle(unswept, self.at, ZONE)
        sweep(swept, BOOK.at(self.at), self.at, Poster(Decision(), "accruals", {}, self.at))
        assert "due_at" not in swept or swept["due_at"] > utc(self.at)
        for wallet in WALLETS:
            spendable = len(self.model.spendable(wallet, self.at))
            assert lots.spendable(swept, wallet, utc(self.at)) == spendable
            assert lots.pending(swept, wallet, utc(self.at)) == len(self.model.pending(wallet, self.at))
            assert lots.deficit(swept, wallet) == self.model.owed.get(wallet, 0)
            assert swept["balances"].get(wallet, 0) == self.model.balance(wallet)
            if not self._overdue_hold(unswept, wallet):
                assert lots.spendable(unswept, wallet, utc(self.at)) == spendable
            assert lots.spendable(unswept, wallet, utc(self.at)) <= spendable
        assert seen(swept, self.at, ZONE) == expected(self.model, self.at)

    @invariant()
    def there_were_never_fewer_points_than_none(self) -> None:
        """Entries by when they happened: at no instant a member's account, or what stood in lots that had not ended,
        in lots that had, or at tills, was below zero, but for debts. Mechanism: `sweeping.expire_back`."""
        for id_ in (ANN, BOB):
            mine = [each for each in self.books.journal.values() if each["member"] == id_]
            cells: Counter[tuple[Any, ...]] = Counter()
            for moment, entries in groupby(sorted(mine, key=itemgetter("at")), key=itemgetter("at")):
                for entry in entries:
                    for wallet, state, _, expires, points in moves(entry):
                        cells[wallet, state, expires] += points
                for wallet in WALLETS:
                    there = {"held": 0, "lot": 0, "ended": 0}
                    for (of, state, expires), points in cells.items():
                        if of == wallet and state != "owed":
                            ended = state == "lot" and expires is not None and expires <= utc(moment)
                            there["ended" if ended else state] += points
                    assert min(there.values()) >= 0, (moment, wallet, there)

    def _overdue_hold(self, member: dict[str, Any], wallet: str) -> bool:
        """What a hold that has timed out gives back is there once somebody has swept."""
        holds = member.get("holds", {}).values()
        return any(each["wallet"] == wallet and each["until"] <= utc(self.at) for each in holds)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
