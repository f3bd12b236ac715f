"""Points that expired unspent, and whose goods come back later: breakage gives them back, not the member. By hand.

On a day, or by inactivity: nothing is done meanwhile, so that they end alike. What is of inactivity alone is in
test_returns_idle.py.
"""

from __future__ import annotations

import orjson
import pytest

from services.earn.ledger import MEMBERS
from shared.ops.explaining import explain
from shared.ops.rebuilding import Sources
from shared.ops.telling_events import tell_explanation
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import merged, of, stars
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_late import balanced, buys, mall


def account(at: Mall, name: str) -> int:
    """An account's points, by all postings."""
    return sum(p["amount"] for e in of(at, "journal").values() for p in e["postings"] if p["account"] == name)


DATED = "expires: {after: 12 months}"
IDLE = "expires: {inactive: 12 months}"


def ending(policy: str, terms: str) -> Mall:
    assert DATED in PROGRAMME
    return mall(policy, PROGRAMME.replace(DATED, terms))


@pytest.fixture(params=["pending", "zero", "deficit"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[DATED, IDLE])
def terms(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def found(policy: str, terms: str) -> Mall:
    """A mall of each policy; points end after twelve months, or after as many without anything."""
    return ending(policy, terms)


async def ends(at: Mall) -> None:
    """A good year goes by, and the clock does its work."""
    at.passes(days=370)
    await at.swept(ANN)


async def test_what_expired_is_not_asked_for_once_more(found: Mall) -> None:
    """Forty expired, thirty are there of a later purchase: those stay, and the issuer has its forty back. Mechanism:
    `ended.unspent`; of inactivity `ended.idle_ended`. Without it `zero` takes the thirty, and `deficit` ten more."""
    first = await buys(found, 40)
    await ends(found)
    await buys(found, 30)
    assert account(found, "programme:breakage") == 40
    await returned(found, ANN, first)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (30, 0)
    assert account(found, "partner:grocer:issued") == -30
    [back] = entries(found, "return")
    named = {"wallet": "stars", "rule": "base", "version": 1}
    assert back["postings"] == [
        {"account": "programme:breakage", "amount": -40, **named},
        {"account": "partner:grocer:issued", "amount": 40, **named},
    ]
    assert "spared" not in back
    assert orjson.loads(found.sent[-1].value)["data"]["uncounted"] == {"base": 40}, "it is no status any more"
    assert of(found, MEMBERS)[ANN]["lifetime"] == {"stars": 30}
    assert balanced(found)


async def test_of_what_was_spent_the_policy_decides_as_ever(found: Mall) -> None:
    """Of forty fifteen are spent and twenty-five expire."""
    first = await buys(found, 40)
    await captured(found, ANN, await held(found, ANN, 15))
    await ends(found)
    await returned(found, ANN, first)
    [back] = entries(found, "return")
    owes = back.get("spared") is None
    assert stars(found, ANN) == (-15 if owes else 0)
    assert back["ended"][0][-1] == 25
    assert account(found, "programme:breakage") == 0
    assert balanced(found)


async def test_what_one_return_took_the_next_does_not_find(found: Mall) -> None:
    """Two purchases of one day are one lot: of sixty ten are spent, fifty expire. The first return takes its forty of
    them, the second the ten that are left: ten were spent. Mechanism: `ended` of entries."""
    first, second = await buys(found, 40), await buys(found, 20)
    await captured(found, ANN, await held(found, ANN, 10))
    await ends(found)
    for each in (first, second):
        await returned(found, ANN, each)
    assert [each["ended"][0][-1] for each in entries(found, "return")] == [40, 10]
    owes = entries(found, "return")[1].get("spared") is None
    assert stars(found, ANN) == (-10 if owes else 0)
    assert account(found, "programme:breakage") == 0
    assert balanced(found)


async def test_what_has_ended_and_nobody_has_swept_up_yet_goes_back_itself(found: Mall) -> None:
    """Then it never was breakage."""
    first = await buys(found, 40)
    found.passes(days=370)
    await returned(found, ANN, first)
    await found.swept(ANN)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 0)
    assert balanced(found)


async def test_another_days_expired_points_are_not_of_this_purchase() -> None:
    """They are other lots: of the second purchase all is spent."""
    found = mall("deficit")
    await buys(found, 40)
    found.passes(days=1)
    second = await buys(found, 20)
    found.passes(days=364, hours=13)
    await found.swept(ANN)  # the first has ended
    await captured(found, ANN, await held(found, ANN, 20))
    await ends(found)
    await returned(found, ANN, second)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (-20, 40)
    assert balanced(found)


async def test_what_expired_before_a_merge_is_found_after_it(terms: str) -> None:
    """Bob's forty and Ann's thirty have expired when they are merged; both purchases come back, and nobody owes."""
    found = ending("deficit", terms)
    bought = [await buys(found, 30), await buys(found, 40, BOB)]
    found.passes(days=370)
    await found.swept(ANN, BOB)
    await merged(found, BOB, ANN)
    for each in bought:
        await returned(found, ANN, each)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 0)
    assert balanced(found)


async def test_what_expired_is_told(found: Mall) -> None:
    """Else the rows of the return would say nothing of forty points."""
    first = await buys(found, 40)
    await ends(found)
    await returned(found, ANN, first)
    journal = list(of(found, "journal").values())
    told = tell_explanation(explain(entries(found, "return")[0], Sources(journal, found.book)))
    assert "expired already, and not asked of the member once more: 40 stars" in told
