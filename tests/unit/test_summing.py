"""What adds up the journal is asked one at a time; and a table never hides that the books are not in balance."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.earn.api.app import build
from services.earn.api.problems import Problem
from services.earn.api.summing import Sums
from shared.access.roles import Role
from shared.clock import wall
from shared.settlement.statement import Statement
from tests.unit.roomkit import asker, room


async def test_one_at_a_time_and_the_next_when_it_is_done() -> None:
    sums, go = Sums(), asyncio.Event()

    async def slow() -> int:
        await go.wait()
        return 7

    async def quick() -> int:
        return 8

    first = asyncio.create_task(sums.ask(slow))
    await asyncio.sleep(0)
    with pytest.raises(Problem) as raised:
        await sums.ask(quick)
    assert (raised.value.status_code, raised.value.code, raised.value.headers) == (503, "busy", {"Retry-After": "10"})
    go.set()
    assert (await first, await sums.ask(quick)) == (7, 8)


async def test_what_fails_and_what_is_given_up_leaves_the_place_free() -> None:
    """Mechanism: the place is given back whatever happens, and who gives up takes the question along."""
    sums, ended = Sums(), asyncio.Event()

    async def wrong() -> int:
        raise ZeroDivisionError

    async def endless() -> int:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return 0

    with pytest.raises(ZeroDivisionError):
        await sums.ask(wrong)
    asked = asyncio.create_task(sums.ask(endless))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.wait_for(ended.wait(), 5)

    async def quick() -> int:
        return 8

    assert await sums.ask(quick) == 8


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), ("text/csv", 500)])
async def test_books_that_are_not_in_balance_are_no_table(accept: str, status: int) -> None:
    found = Statement(
        date(2026, 3, 1), date(2026, 4, 1), "UTC", True, datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC), accounts={"stars": {"members": 5}},
    )  # fmt: skip

    class Added:
        @staticmethod
        async def ask(question: Any) -> Statement:
            return found

    here = room(Role.partner, "bakery", sums=Added(), clock=wall, database=None, book=SimpleNamespace())
    async with asker(build(here)) as http:
        answer = await http.get("/v1/statements?from=2026-03-01&to=2026-04-01", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.json().get("code") == (None if status == 200 else "not_in_balance")
    if status == 200:
        assert answer.json()["sums_to_zero"] is False
