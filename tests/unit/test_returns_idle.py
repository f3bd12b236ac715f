"""Points that inactivity ended, and whose goods come back later: each return finds the end of its own. By hand."""

from __future__ import annotations

from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import merged, stars
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_ended import IDLE, account, ending, ends
from tests.unit.test_returns_late import balanced, buys


def lazy(policy: str) -> Mall:
    """A mall whose points end twelve months after a member was last active."""
    return ending(policy, IDLE)


async def test_what_ended_before_a_purchase_is_not_of_it() -> None:
    """Forty ended; of the next twenty all are spent, and owed when their goods come back: breakage keeps the forty."""
    found = lazy("deficit")
    await buys(found, 40)
    await ends(found)
    second = await buys(found, 20)
    await captured(found, ANN, await held(found, ANN, 20))
    await returned(found, ANN, second)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (-20, 40)
    assert balanced(found)


async def test_later_points_are_not_taken_for_those_that_ended() -> None:
    """Two years without anything, twice forty ended, and thirty are there: each return finds its own forty. Mechanism:
    `ended.idle_ended`; without it the thirty are taken."""
    found = lazy("zero")
    bought = []
    for _ in range(2):
        bought.append(await buys(found, 40))
        await ends(found)
    await buys(found, 30)
    for number, each in enumerate(bought, 1):
        await returned(found, ANN, each)
        assert (stars(found, ANN), account(found, "programme:breakage")) == (30, 80 - 40 * number)
    first, second = (each["ended"][0][2] for each in entries(found, "return"))
    assert first < second
    assert balanced(found)


async def test_what_ends_after_a_merge_is_found_by_both() -> None:
    """Seventy of both end together."""
    found = lazy("deficit")
    bought = [await buys(found, 30), await buys(found, 40, BOB)]
    await merged(found, BOB, ANN)
    await ends(found)
    assert account(found, "programme:breakage") == 70
    for each in bought:
        await returned(found, ANN, each)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 0)
    assert balanced(found)
