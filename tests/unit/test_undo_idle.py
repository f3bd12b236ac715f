"""Points that inactivity has ended come back by an undo; by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.earn.counter.commands import Done
from tests.unit.clockkit import ANN, Books
from tests.unit.lifekit import BOOK


def test_what_inactivity_has_ended_repays_nothing_when_it_is_undone() -> None:
    """One point is spent, and its goods come back: one is owed. Nothing is left in the wallet when the member has been
    away for two months, so no end is noted. Mechanism: `till._idled`; without it the ended point repays the debt."""
    books, at = Books(BOOK), datetime.fromisoformat("2023-11-30T22:30:00+00:00")
    first = books.buy("idle", 1, at)
    at = datetime.fromisoformat("2024-01-30T22:59:59.999999+00:00")
    hold = books.ask(books.hold("idle", 1), at)
    assert isinstance(hold, Done)
    books.bring_back(first, 1, at)
    spent = books.ask(books.capture(str(hold.body["hold"]), None), at)
    assert isinstance(spent, Done)
    assert books.members[ANN]["deficit"] == {"idle": 1}
    at = datetime.fromisoformat("2024-03-30T22:59:59.999999+00:00") + timedelta(hours=1)
    books.ask(books.undo(str(spent.body["redemption"])), at)
    books.sweep(at)
    assert books.members[ANN]["deficit"] == {"idle": 1}
    assert books.members[ANN]["lots"] == []
