"""At a till, points of a wallet that ends by inactivity: what comes back after the end, and what the till is told.
By hand."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.earn.counter.commands import Done
from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit import clockkit
from tests.unit.clockkit import ANN, Books
from tests.unit.rulekit import book

PROGRAMME = """
- id: p
  kind: programme
  effective: 2017-01-01T00:00:00Z
  title: P
  time_zone: Europe/Berlin
  currency: EUR
  wallets:
    - {id: idle, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, expires: {inactive: 6 months}}
    - {id: gold, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}}
"""


def at(local: str) -> datetime:
    """An instant of Berlin's winter, or an hour beside it."""
    return datetime.fromisoformat(local + "+01:00")


@pytest.fixture
def found() -> Books:
    """Ann has 100 that end six months after she was last active: 2026-01-10."""
    books = Books(book(*(clockkit.rule(each) for each in ("idle", "gold")), programme=PROGRAMME))
    books.buy("idle", 100, at("2026-01-10T12:00:00"))
    return books


def held(found: Books, points: int, moment: datetime) -> str:
    """A hold's id."""
    answer = found.ask(found.hold("idle", points), moment)
    assert isinstance(answer, Done), answer
    return str(answer.body["hold"])


def captured(found: Books, hold: str, moment: datetime, points: int | None = None) -> str:
    """A redemption's id."""
    answer = found.ask(found.capture(hold, points), moment)
    assert isinstance(answer, Done), answer
    return str(answer.body["redemption"])


def told(found: Books, redemption: str, moment: datetime) -> tuple[object, object]:
    """What an undo answers: points, and what of all can be spent."""
    answer = found.ask(found.undo(redemption), moment)
    assert isinstance(answer, Done), answer
    return answer.body["points"], answer.body["spendable"]


def there(found: Books, moment: datetime) -> tuple[int, int]:
    """The balance, and what of it can be spent."""
    member = found.members[ANN]
    return member["balances"]["idle"], lots.spendable(member, "idle", utc(moment))


def test_an_undo_promises_no_points_that_have_ended(found: Books) -> None:
    """Sixty come back seven months later, and expire with that. Mechanism: `till._spendable`; without it the till is
    told 60, for ever under its key."""
    spent = captured(found, held(found, 60, at("2026-01-10T13:00:00")), at("2026-01-10T13:30:00"))
    late = at("2026-08-20T12:00:00")
    assert told(found, spent, late) == (60, 0)
    assert there(found, late) == (0, 0)


def test_a_release_promises_none_either(found: Books) -> None:
    """All is held in the last hour before the end, and released in the first one after it."""
    hold = held(found, 100, at("2026-07-10T22:30:00"))
    late = at("2026-07-10T23:30:00")  # 00:30 of the 11th in summer
    answer = found.ask(found.release(hold), late)
    assert isinstance(answer, Done), answer
    assert (answer.body["released"], answer.body["spendable"]) == (100, 0)
    assert there(found, late) == (0, 0)


def test_a_capture_promises_none_of_its_rest(found: Books) -> None:
    hold = held(found, 60, at("2026-07-10T22:30:00"))
    late = at("2026-07-10T23:30:00")
    answer = found.ask(found.capture(hold, 20), late)
    assert isinstance(answer, Done), answer
    assert (answer.body["released"], answer.body["spendable"]) == (40, 0)
    assert there(found, late) == (0, 0)


@pytest.mark.parametrize("capture", [True, False])
def test_spent_points_that_had_ended_with_the_others_do_not_come_back_to_life(found: Books, *, capture: bool) -> None:
    """Thirty are redeemed; fifty and ten are held over the end, and 20 of the 50 captured after it, or not. Undone then
    the thirty have ended, as all others: an unrelated capture is nothing to them. Mechanism: `ended.as_they_ended`."""
    spent = captured(found, held(found, 30, at("2026-01-10T13:00:00")), at("2026-01-10T13:30:00"))
    fifty, ten = (held(found, points, at("2026-07-10T22:30:00")) for points in (50, 10))
    if capture:
        captured(found, fifty, at("2026-07-10T23:10:00"), 20)
    late = at("2026-07-10T23:30:00")
    assert told(found, spent, late) == (30, 0)
    assert isinstance(found.ask(found.release(ten), late), Done)
    assert there(found, late) == ((0, 0) if capture else (50, 0))  # what is still held
    assert found.sums()["idle"]["programme:breakage"] == (80 if capture else 50)


def test_what_had_ended_at_the_till_when_it_was_spent_comes_back_ended(found: Books) -> None:
    """All is held over the end, and spent after it. Mechanism: `till._let_go`."""
    late = at("2026-07-10T23:30:00")
    spent = captured(found, held(found, 100, at("2026-07-10T22:30:00")), late)
    assert told(found, spent, late) == (100, 0)
    assert there(found, late) == (0, 0)


def test_points_that_were_all_spent_have_ended_too_once_their_time_was_over(found: Books) -> None:
    """Nothing was left that could end; then a purchase eight months later. Mechanism: `due.touch` notes an end of which
    no point tells; without it the hundred are alive again."""
    spent = captured(found, held(found, 100, at("2026-01-10T13:00:00")), at("2026-01-10T13:30:00"))
    found.buy("idle", 5, at("2026-09-20T12:00:00"))
    late = at("2026-09-21T12:00:00")
    assert told(found, spent, late) == (100, 5)
    assert there(found, late) == (5, 5)


def test_who_stays_active_has_spent_points_back_alive(found: Books) -> None:
    """Seven months later, of which none went by without a purchase: and what ended before they were spent is not
    theirs."""
    found.buy("idle", 40, at("2026-08-20T12:00:00"))  # the hundred have ended
    spent = captured(found, held(found, 30, at("2026-08-20T13:00:00")), at("2026-08-20T13:30:00"))
    for month in (10, 12):
        found.buy("gold", 1, at(f"2026-{month}-20T12:00:00"))
    found.buy("gold", 1, at("2027-03-20T12:00:00"))
    late = at("2027-03-21T12:00:00")
    assert told(found, spent, late) == (30, 40)
    assert there(found, late) == (40, 40)
