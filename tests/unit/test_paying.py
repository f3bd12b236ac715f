"""Purchases that points paid a part of: they earn on the money or on the whole bill, as the programme says; exactly."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from shared.events.light import Line, PaidRead
from shared.events.partner import PurchaseData
from shared.rules.language.questions import ask
from shared.rules.paying import in_money, paid_of
from shared.rules.rulebook import Rulebook
from tests.unit.rulekit import Till, basket, book, facts, line, rule

PROGRAMME = """
- id: shop
  kind: programme
  effective: 2017-01-01T00:00:00-05:00
  title: Shop
  time_zone: Asia/Ho_Chi_Minh
  currency: VND
  wallets:
    - {id: stars, value: {amount: "1000", currency: VND}, redemption: {earn_on: EARN_ON}}
  not_eligible: department == "TOBACCO"
"""
BASE = rule("base", "then: {per_amount: {per: 10000}}")


def shop(earn_on: str = "money", *more: str) -> Rulebook:
    return book(BASE, *more, programme=PROGRAMME.replace("EARN_ON", earn_on))


def paid(amount: str, wallet: str = "stars") -> dict[str, Any]:
    return {"currency": "VND", "paid_with_points": {"wallet": wallet, "points": 100, "amount": amount}}


@pytest.mark.parametrize(("earn_on", "points"), [("money", 25), ("bill", 35)])
def test_the_issues_example(earn_on: str, points: int) -> None:
    """350,000 dong, of which points paid 100,000, at 10,000 dong a point."""
    bill = basket(line("350000"), **paid("100000"))
    assert Till(shop(earn_on)).points(bill) == {"base": points}


def test_several_lines_share_what_points_paid() -> None:
    """Of 30, 60 and 10 (thousand) points paid 50: 15, 30 and 5 earn; by line 1, 3 (a half of each ten), 1."""
    bill = basket(line("30000"), line("60000"), line("10000"), **paid("50000"))
    (award,) = Till(shop()).decide(bill).awards
    assert (award.points, award.lines) == (5, (1, 3, 1))


def test_lines_that_are_not_eligible_take_their_part() -> None:
    """Half of 100,000 is tobacco: points paid 40,000 of both alike, and 30,000 of the rest earn."""
    bill = basket(line("50000"), line("50000", department="TOBACCO"), **paid("40000"))
    assert Till(shop()).points(bill) == {"base": 3}


def test_a_wallet_that_is_not_known_earns_on_money() -> None:
    assert Till(shop("bill")).points(basket(line("350000"), **paid("100000", "moons"))) == {"base": 25}


def test_what_rules_may_ask() -> None:
    bill = facts(basket(line("350000"), **paid("100000")), shop())
    assert bill.get(ask("basket.paid_with_points")) == 100_000
    assert bill.get(ask("basket.total")) == 250_000
    other = facts(basket(line("350000"), currency="VND"), shop())
    assert other.get(ask("basket.paid_with_points")) == 0
    only = rule("cash-only", "when: basket.paid_with_points == 0\nthen: {fixed: 5}")
    assert Till(shop("money", only)).points(basket(line("10000"), **paid("10000"))) == {}


def test_to_the_cent_whatever_the_amounts() -> None:
    """Lines add up to bill less part; none is negative, none grows, each is within a unit of its exact share."""
    random = Random(1)
    for _ in range(500):
        digits = random.choice((0, 2, 4))
        amounts = [Decimal(random.randint(0, 10**6)).scaleb(-digits) for _ in range(random.randint(1, 12))]
        total, unit = sum(amounts, Decimal(0)), Decimal(1).scaleb(-max(2, digits))
        part = (total * random.randint(0, 100) / 100).quantize(unit, "ROUND_DOWN")
        lines = [Line("p", 1, amount) for amount in amounts]
        found = [each.amount for each in in_money(lines, part)]
        assert sum(found) == total - part
        for before, after in zip(amounts, found, strict=True):
            assert after >= 0
            share = before * (total - part) / total if total else Decimal(0)
            assert abs(after - share) <= unit


def test_a_part_that_is_left_of_a_purchase() -> None:
    """Of 300 and 700 points paid 101: of the 300 that are left they paid 30.30, of all 101, of none nothing."""
    lines = [Line("p", 1, Decimal("300")), Line("p", 1, Decimal("700"))]
    whole = PaidRead("stars", Decimal(101))
    assert paid_of(whole, lines[:1], lines).amount == Decimal("30.30")
    assert paid_of(whole, lines, lines).amount == 101
    assert paid_of(whole, [], lines).amount == 0


def test_points_cannot_pay_more_than_there_was() -> None:
    said = {"member": {"card": "1"}, "currency": "VND", "lines": [{"product": "p", "quantity": 1, "amount": "10.00"}],
            "paid_with_points": {"wallet": "stars", "points": 1, "amount": "10.01"}}  # fmt: skip
    with pytest.raises(ValidationError, match="points paid more than the lines cost together"):
        PurchaseData.model_validate(said)
    said["paid_with_points"] = {"wallet": "stars", "points": 1, "amount": "10.00", "redemption": "r-1"}
    PurchaseData.model_validate(said)
