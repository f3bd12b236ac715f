"""Bonuses that campaigns takes back when their members have spent them: as the wallet says of returns. By hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.earn.ledger import MEMBERS
from tests.unit.partnerkit import ANN, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import of, stars
from tests.unit.test_returns_late import balanced, buys, mall, released


async def corrected(at: Mall, points: int = 10) -> dict[str, Any]:
    """What was granted is taken back; the entry."""
    await at.granted(ANN, "programme", -points, corrects="g-1")
    return entries(at, "grant")[-1]


@pytest.mark.parametrize(("policy", "balance", "taken"), [("deficit", -6, 10), ("zero", 0, 4), ("pending", 0, 4)])
async def test_of_what_is_spent_the_wallet_decides(policy: str, balance: int, taken: int) -> None:
    """Ten granted, six spent. What the member keeps counts for no tier and was never earned; the books agree.
    Mechanism: `Refunds.correct`; without it `zero` would leave a debt."""
    found = mall(policy)
    await found.granted(ANN, "programme", 10)
    await captured(found, ANN, await held(found, ANN, 6))
    entry = await corrected(found)
    assert stars(found, ANN) == balance
    assert [each["points"] for each in entry["awards"]] == [-taken]
    assert [(each["account"], each["amount"]) for each in entry["postings"]] == [
        (f"member:{ANN}", -taken), ("programme:issued", taken),
    ]  # fmt: skip
    kept = {} if taken == 10 else {"spared": {"stars": 10 - taken}, "uncounted": {"gift": 10 - taken}}
    assert {name: entry[name] for name in ("spared", "uncounted") if name in entry} == kept
    assert orjson.loads(found.sent[-1].value)["data"].get("uncounted", {}) == kept.get("uncounted", {})
    assert of(found, MEMBERS)[ANN]["lifetime"] == {"stars": 0}
    assert balanced(found)


@pytest.mark.parametrize(("policy", "left"), [("deficit", 40), ("zero", 40), ("pending", 50)])
async def test_other_purchases_points_are_taken_by_some_policies_only(policy: str, left: int) -> None:
    """The bonus is spent, and fifty of another day's purchase are there."""
    found = mall(policy)
    await found.granted(ANN, "programme", 10)
    await captured(found, ANN, await held(found, ANN, 10))
    moment = found.clock.now
    found.passes(days=1)
    await buys(found, 50)
    found.clock.now, now = moment, found.clock.now  # a correction is dated as what it corrects
    await corrected(found)
    found.clock.now = now
    assert stars(found, ANN) == left
    assert balanced(found)


@pytest.mark.parametrize("policy", ["zero", "pending"])
async def test_what_a_till_has_goes_back_when_it_comes_back(policy: str) -> None:
    found = mall(policy)
    await found.granted(ANN, "programme", 10)
    hold = await held(found, ANN, 10)
    await corrected(found)
    assert stars(found, ANN) == 10
    assert (await released(found, ANN, hold))["spendable"] == 0
    [late] = entries(found, "late_return")
    assert [(each["account"], each["amount"], each["rule"]) for each in late["postings"]] == [
        (f"member:{ANN}", -10, "gift"), ("programme:issued", 10, "gift"),
    ]  # fmt: skip
    assert balanced(found)


async def test_a_partners_pack_gets_back_what_is_there() -> None:
    """The bakery's bonus came out of its pack; of ten four are there, and the pack can be drawn on for them again."""
    found = mall("zero")
    await found.ask(found.pack("bakery", 100))
    await found.granted(ANN, "partner:bakery", 10)
    await captured(found, ANN, await held(found, ANN, 6))
    await found.granted(ANN, "partner:bakery", -10, corrects="g-1")
    assert [(each["account"], each["amount"]) for each in entries(found, "grant")[-1]["postings"]] == [
        (f"member:{ANN}", -4), ("partner:bakery:prepaid", 4),
    ]  # fmt: skip
    assert stars(found, ANN) == 0
