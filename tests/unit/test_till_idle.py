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
    """Held in the last hour before the end, released in the first one after it."""
    hold = held(found, 60, at("2026-07-10T22:30:00"))
    late = at("2026-07-10T23:30:00")  # 00:30 of the 11th in summer
    answer = found.ask(found.release(hold), late)
    assert isinstance(answer, Done), answer
    assert (answer.body["released"], answer.body["spendable"]) == (60, 0)
    assert there(found, late) == (0, 0)


def test_a_capture_promises_none_of_its_rest(found: Books) -> None:
    hold = held(found, 60, at("2026-07-10T22:30:00"))
    late = at("2026-07-10T23:30:00")
    answer = found.ask(found.capture(hold, 20), late)
    assert isinstance(answer, Done), answer
    assert (answer.body["released"], answer.body["spendable"]) == (40, 0)
    assert there(found, late) == (0, 0)
