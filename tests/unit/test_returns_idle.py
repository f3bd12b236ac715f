"""Points that inactivity ended, and whose goods come back later: as of points that ended on a day. By hand."""

from __future__ import annotations

import pytest

from services.earn.ledger import MEMBERS
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import merged, of, stars
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_ended import account
from tests.unit.test_returns_late import balanced, buys, mall

DATED = "expires: {after: 12 months}"
IDLE = "expires: {inactive: 12 months}"
assert DATED in PROGRAMME


@pytest.fixture(params=["pending", "zero", "deficit"])
def found(request: pytest.FixtureRequest) -> Mall:
    """A mall of each policy; points end twelve months after a member was last active."""
    return lazy(str(request.param))


def lazy(policy: str) -> Mall:
    return mall(policy, PROGRAMME.replace(DATED, IDLE))


async def ends(at: Mall, *who: str) -> None:
    """A year without anything goes by, and the clock does its work."""
    at.passes(days=370)
    await at.swept(*(who or (ANN,)))


async def test_what_inactivity_ended_is_not_asked_for_once_more(found: Mall) -> None:
    """Forty ended, thirty are there of a later purchase: those stay, and the issuer has its forty back. Mechanism:
    `ended.idle_ended`; without it the thirty are taken, or owed."""
    first = await buys(found, 40)
    await ends(found)
    await buys(found, 30)
    assert account(found, "programme:breakage") == 40
    await returned(found, ANN, first)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (30, 0)
    assert account(found, "partner:grocer:issued") == -30
    assert of(found, MEMBERS)[ANN]["lifetime"] == {"stars": 30}
    assert balanced(found)


async def test_of_what_was_spent_before_the_policy_decides(found: Mall) -> None:
    """Of forty fifteen are spent and twenty-five end."""
    first = await buys(found, 40)
    await captured(found, ANN, await held(found, ANN, 15))
    await ends(found)
    await returned(found, ANN, first)
    [back] = entries(found, "return")
    assert stars(found, ANN) == (-15 if back.get("spared") is None else 0)
    assert back["ended"][0][-1] == 25
    assert account(found, "programme:breakage") == 0
    assert balanced(found)


async def test_two_returns_of_one_end(found: Mall) -> None:
    """Of sixty ten are spent, fifty end: the first return takes its forty of them, the second the ten that are left."""
    first, second = await buys(found, 40), await buys(found, 20)
    await captured(found, ANN, await held(found, ANN, 10))
    await ends(found)
    for each in (first, second):
        await returned(found, ANN, each)
    assert [each["ended"][0][-1] for each in entries(found, "return")] == [40, 10]
    assert balanced(found)


async def test_what_nobody_has_swept_up_yet_goes_back_itself(found: Mall) -> None:
    """Then it never was breakage."""
    first = await buys(found, 40)
    found.passes(days=370)
    await returned(found, ANN, first)
    await found.swept(ANN)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 0)
    assert balanced(found)


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
    """Two years without anything, twice forty ended, and thirty are there: each return finds its own forty."""
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


async def test_what_ended_before_a_merge_is_found_after_it() -> None:
    """Bob's forty and Ann's thirty have ended when they are merged; both purchases come back, and nobody owes."""
    found = lazy("deficit")
    bought = [await buys(found, 30), await buys(found, 40, BOB)]
    await ends(found, ANN, BOB)
    await merged(found, BOB, ANN)
    for each in bought:
        await returned(found, ANN, each)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 0)
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
