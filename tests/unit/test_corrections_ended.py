"""Bonuses that expired before campaigns take them back: breakage gives them, not the member. By hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import pytest

from services.earn.ledger import MEMBERS
from shared.ledger.recalling import as_of
from shared.ops.rebuilding import Sources, before
from shared.runtime.records import Record
from tests.unit.partnerkit import ANN, BOB, Mall, grant
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import merged, of, stars
from tests.unit.test_returns_ended import DATED, IDLE, account, ending, ends
from tests.unit.test_returns_late import balanced, buys

ISSUER = "partner:cinema"


@pytest.fixture(params=["pending", "zero", "deficit"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[DATED, IDLE])
def found(request: pytest.FixtureRequest, policy: str) -> Mall:
    """A mall of each policy; points end after twelve months, or after as many without anything."""
    return ending(policy, str(request.param))


async def won(at: Mall, points: int, who: str = ANN) -> tuple[str, datetime]:
    """A bonus: its id, and when it was given."""
    await at.granted(who, ISSUER, points)
    return orjson.loads(entries(at, "grant")[-1]["event"])["id"], at.clock.now


async def corrected(at: Mall, bonus: tuple[str, datetime], points: int, who: str = ANN, **more: Any) -> dict[str, Any]:
    """It is taken back, dated as it was given."""
    number = at.number()
    value = grant(who, ISSUER, f"g-{number}", -points, bonus[1], corrects=bonus[0], **more)
    await at.ledger.run([Record("grants", 0, number, value)])
    return entries(at, "grant")[-1]


async def test_a_bonus_that_expired_is_not_asked_for_once_more(found: Mall) -> None:
    """Ten expired, thirty of a later purchase stay; the issuer has its ten back, and they count for nothing. Mechanism:
    `Refunds.correct` looks for what has ended; without it `zero` takes ten of the thirty, and `deficit`, too."""
    bonus = await won(found, 10)
    await ends(found)
    await buys(found, 30)
    assert account(found, "programme:breakage") == 10
    entry = await corrected(found, bonus, 10)
    assert (stars(found, ANN), account(found, "programme:breakage"), account(found, f"{ISSUER}:issued")) == (30, 0, 0)
    assert "spared" not in entry
    assert orjson.loads(found.sent[-1].value)["data"]["uncounted"] == {"gift": 10}
    assert of(found, MEMBERS)[ANN]["lifetime"] == {"stars": 30}
    assert balanced(found)


async def test_of_a_part_that_was_spent_the_policy_decides(found: Mall, policy: str) -> None:
    """Of ten four are spent and six expire; it is taken back in two parts: seven, then three."""
    bonus = await won(found, 10)
    await captured(found, ANN, await held(found, ANN, 4))
    await ends(found)
    parts = [await corrected(found, bonus, points) for points in (7, 3)]
    assert [sum(each[-1] for each in entry.get("ended", ())) for entry in parts] == [6, 0]
    assert stars(found, ANN) == (-4 if policy == "deficit" else 0)
    assert account(found, "programme:breakage") == 0
    assert balanced(found)


async def test_a_bonus_of_who_was_merged_since(found: Mall) -> None:
    """Bob's bonus expired, then he was seen to be Ann."""
    bonus = await won(found, 10, BOB)
    await buys(found, 30)
    found.passes(days=370)
    await found.swept(ANN, BOB)
    await merged(found, BOB, ANN)
    await corrected(found, bonus, 10, ANN, bought_by=BOB)
    assert (stars(found, ANN), account(found, "programme:breakage")) == (0, 30)
    assert balanced(found)


async def test_whoever_asks_again_what_was_ever_earned_is_told_the_same(found: Mall) -> None:
    """The member as journal entries tell: of forty that expired ten were given back, and were never earned."""
    bonus = await won(found, 10)
    await buys(found, 30)
    await ends(found)
    await corrected(found, bonus, 10)
    await buys(found, 1)
    journal = list(of(found, "journal").values())
    last = max(each["seq"] for each in journal if each["member"] == ANN)
    mine = [each for each in journal if each["member"] == ANN]
    assert as_of(ANN, last, {ANN: mine}.__getitem__, found.book)["lifetime"] == {"stars": 30}
    assert before(last, ANN, Sources(mine, found.book)).earn.document["lifetime"] == {"stars": 30}
