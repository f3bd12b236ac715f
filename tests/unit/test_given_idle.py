"""Points of a wallet that ends by inactivity, given to somebody who did nothing for them. By hand."""

from __future__ import annotations

from typing import Any

import pytest

from services.earn.counter.commands import Done
from services.earn.counter.people_commands import Merge, Unmerge
from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit import clockkit
from tests.unit.clockkit import ANN, BOB, Books
from tests.unit.rulekit import book
from tests.unit.test_till_idle import PROGRAMME, at, captured, held, told


@pytest.fixture
def found() -> Books:
    """Ann and Bob were active on 2026-01-10 last; Ann has 100 that end six months later, Bob has none."""
    books = Books(book(*(clockkit.rule(each) for each in ("idle", "gold")), programme=PROGRAMME))
    books.buy("idle", 100, at("2026-01-10T12:00:00"))
    books.buy("gold", 1, at("2026-01-10T12:00:00"), BOB)
    return books


def given(found: Books, points: int, moment: str, who: str = ANN) -> object:
    """A gesture; the balance that its answer tells."""
    answer = found.ask(found.give("idle", points, who), at(moment))
    assert isinstance(answer, Done), answer
    return answer.body["balance"]


def spendable(found: Books, moment: str, who: str = ANN) -> int:
    found.sweep(at(moment), who)
    return lots.spendable(found.members[who], "idle", utc(at(moment)))


def test_they_live_their_span_though_all_else_has_ended(found: Books) -> None:
    """25 in September, to who was active in January: they end with 1 March. Mechanism: `due.begin`; without it the
    answer says 25, and they expire with it."""
    assert given(found, 25, "2026-09-01T12:00:00") == 25
    assert spendable(found, "2026-09-01T12:00:01") == 25
    assert spendable(found, "2027-03-01T23:59:00") == 25
    assert spendable(found, "2027-03-02T00:00:00") == 0
    assert found.sums()["idle"]["programme:breakage"] == 125


def test_while_others_are_alive_they_end_with_them(found: Books) -> None:
    """A gesture is nothing that the member did: 25 in June end with the hundred of January."""
    assert given(found, 25, "2026-06-01T12:00:00") == 125
    assert spendable(found, "2026-07-10T22:30:00") == 125  # 23:30 in Berlin's summer
    assert spendable(found, "2026-07-10T23:30:00") == 0


def test_who_is_given_somebodys_points_has_them(found: Books) -> None:
    """Ann is active in August, and gives Bob 5 of hers."""
    found.buy("idle", 40, at("2026-08-01T12:00:00"))
    answer = found.ask(found.transfer("idle", 5), at("2026-09-01T12:00:00"))
    assert isinstance(answer, Done), answer
    assert (spendable(found, "2026-09-01T12:00:01", BOB), spendable(found, "2026-09-01T12:00:01")) == (5, 35)
    assert (spendable(found, "2027-03-01T12:00:00", BOB), spendable(found, "2027-03-02T12:00:00", BOB)) == (5, 0)


def test_what_was_spent_before_is_as_dead_as_ever(found: Books) -> None:
    """The hundred were spent, and would have ended in July; 25 are given in September, and the hundred come back."""
    spent = captured(found, held(found, 100, at("2026-01-10T13:00:00")), at("2026-01-10T13:30:00"))
    given(found, 25, "2026-09-01T12:00:00")
    assert told(found, spent, at("2026-09-02T12:00:00")) == (100, 25)
    assert spendable(found, "2026-09-02T12:00:01") == 25


def test_what_a_till_holds_over_the_end_is_not_brought_to_life_by_a_gesture(found: Books) -> None:
    """The hundred are held in the last hour, five are given in the next, and the till lets go: five live. Mechanism:
    `Working.begin` ends what a till holds, too; without it 105 would live on."""
    hold = held(found, 100, at("2026-07-10T22:30:00"))
    given(found, 5, "2026-07-10T23:10:00")
    answer = found.ask(found.release(hold), at("2026-07-10T23:20:00"))
    assert isinstance(answer, Done), answer
    assert (answer.body["released"], answer.body["spendable"]) == (100, 5)
    assert spendable(found, "2026-07-10T23:20:01") == 5


def test_what_had_paid_a_debt_comes_back_dead_where_all_else_has_ended(found: Books) -> None:
    """Bob owes 40 when he is merged into Ann in February: forty of her hundred pay it. The sixty end in July; apart in
    September she has nothing, and he owes 40. Mechanism: `part_idle` of `took`; without it her forty would live on."""
    found.members[BOB]["deficit"], found.members[BOB]["balances"]["idle"] = {"idle": 40}, -40
    key = found.give("idle", 1)
    said: dict[str, Any] = {"caller": key.caller, "member": BOB, "reason": "the same"}
    merging = Merge(key="/earn/api/office|merge", hash="m", into=ANN, **said)
    assert isinstance(found.ask(merging, at("2026-02-01T12:00:00")), Done)
    assert spendable(found, "2026-02-01T12:00:01") == 60
    parting = Unmerge(key="/earn/api/office|part", hash="p", **said)
    assert isinstance(found.ask(parting, at("2026-09-01T12:00:00")), Done)
    assert spendable(found, "2026-09-01T12:00:01") == 0
    assert [found.members[who]["balances"]["idle"] for who in (ANN, BOB)] == [0, -40]
