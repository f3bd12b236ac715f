"""Points of a wallet that ends by inactivity, given to somebody who did nothing for them. By hand."""

from __future__ import annotations

import pytest

from services.earn.counter.commands import Done
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
