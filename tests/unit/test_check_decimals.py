"""Points between thousands, which make an amount a thousandth of what was meant: each found as it is written."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import PROGRAMME, rule, told

DONG = PROGRAMME.replace("currency: USD", "currency: VND")
DINAR = PROGRAMME.replace("currency: USD", "currency: KWD")
TEN = "VND has no decimals, and 10.000 is 10; write 10000 if the point is between thousands, or 10"


@pytest.mark.parametrize(
    "then",
    [
        "{per_amount: {per: ▶10.000}}",
        "{per_amount: {per: ▶'10.000', of: basket.total}}",
        "[{fixed: 1}, {wallet: miles, per_amount: {per: ▶10.000}}]",
        "{cashback: {percent: 1, unit: ▶10.000}}",
        "{per_amount: {per: 1, where: amount > ▶10.000}}",
        "{per_line: {give: 1, where: 'quantity > 1 && price >= ▶10.000'}}",
    ],
)
def test_what_a_rule_gives_by_an_amount_is_read_as_it_was_meant(then: str) -> None:
    """Mechanism: `decimals`; without it 10.000 dong are ten, and nobody hears of it."""
    assert told(rule("x", "", then=then), DONG) == [TEN]


@pytest.mark.parametrize(
    "when",
    [
        "basket.total >= ▶10.000",
        "▶10.000 < basket.eligible",
        "!(basket.total - 5 == ▶10.000)",
        "basket.total + ▶10.000 > basket.eligible * 2",
        "(basket.total - ▶10.000) * 2 > 5",
        "basket.total * 1.125 > ▶10.000",
        "basket.total in [5, ▶10.000]",
        "lines.sum(amount, brand == 'a') > ▶10.000 || lines.any(price > ▶10.000)",
        "lines.dearest() > ▶10.000",
        "history.sum(basket.total, ever) > ▶10.000",
        "history.count(ever, lines.any(amount > ▶10.000)) > 2",
    ],
)
def test_what_is_compared_with_an_amount_is_one(when: str) -> None:
    """Breaks where literals beside money, in filters or in lists are not looked at, or not at their characters."""
    assert set(told(rule("x", f'when: "{when}"'), DONG)) == {TEN}


def test_other_places_of_amounts() -> None:
    """In trees, in segments, in campaigns, in what the programme does not let earn; breaks where one is left out."""
    tree = "when:\n  all:\n    - event.store == '1'\n    - not: basket.total < ▶10.000"
    assert told(rule("x", tree), DONG) == [TEN]
    assert told(rule("x", "when: history.sum(basket.total, ever) > ▶10.000", "segment", ""), DONG) == [TEN]
    assert told(rule("x", "when: basket.total > ▶10.000", "campaign", ""), DONG) == [TEN]
    assert told("", f"{DONG}  not_eligible: amount > ▶10.000\n") == [TEN]
    budget = "budget: {money: {amount: ▶'10.000', currency: VND}, cost_per_point: 0.5}"
    assert told(rule("x", budget), DONG) == [TEN]
    prizes = "draws_at: 2027-04-16T20:00:00Z\nprizes: [{title: p, value: {amount: ▶'10.000', currency: VND}}]"
    assert told(rule("x", prizes, "draw", ""), DONG) == [TEN]
    assert told("", DONG.replace("[stars", "[{id: s, value: {amount: ▶'10.000', currency: VND}}, stars")) == [TEN]
    assert told(rule("x", "cost: {stars: {amount: ▶'10.000', currency: VND}}", "partner", ""), DONG) == [TEN]


@pytest.mark.parametrize(
    ("when", "programme", "said"),
    [
        ("basket.total > ▶10.5", DONG, "nobody can pay 10.5 VND, which has no decimals; write a whole amount"),
        ("basket.total > ▶10.00", DONG, "VND has no decimals, and 10.00 is 10; write 10"),
        ("basket.total > ▶1.234", DONG, "nobody can pay 1.234 VND, which has no decimals; write 1234 if the point is "
         "between thousands, or a whole amount"),
        ("basket.total > ▶1.250", PROGRAMME, "USD has 2 decimals, and 1.250 is 1.25; write 1250 if the point is "
         "between thousands, or 1.25"),
        ("basket.total > ▶0.505", PROGRAMME, "nobody can pay 0.505 USD, which has 2 decimals; write at most 2 "
         "decimals"),
        ("lines.cheapest() > ▶1.125", PROGRAMME, "USD has 2 decimals, and 1.125 may be read as 1125; write 1125 if the "
         "point is between thousands, or 1.1250"),
        ("basket.total > ▶1.2345", DINAR, "nobody can pay 1.2345 KWD, which has 3 decimals; write at most 3 decimals"),
        ("member.balance.stars >= ▶10.000", DONG, "points have no decimals, and 10.000 is 10; write 10000 if the point "
         "is between thousands, or 10"),
        ("basket.quantity in [▶1.000, 2]", PROGRAMME, "pieces have no decimals, and 1.000 is 1; write 1000 if the "
         "point is between thousands, or 1"),
    ],
)  # fmt: skip
def test_what_to_write_goes_by_the_currency(when: str, programme: str, said: str) -> None:
    """Breaks where every currency is taken to have the decimals of one."""
    assert told(rule("x", f'when: "{when}"'), programme) == [said]


@pytest.mark.parametrize(
    ("body", "then"),
    [
        ("when: basket.total * 0.125 > 33.5", "{fixed: 1}"),  # of an eighth nobody asks that it can be paid
        ("when: basket.total > basket.eligible * 1.125", "{fixed: 1}"),
        ("when: lines.cheapest() == 33.3333", "{fixed: 1}"),  # a third of 100
        ("when: lines.any(price < 0.125)", "{fixed: 1}"),
        ("when: event.attributes.litres > 10.000", "{fixed: 1}"),
        ("", "{cashback: {percent: 1.125, unit: 0.5}}"),
        ("budget: {money: {amount: '10', currency: VND}, cost_per_point: 0.0125}", "{fixed: 1}"),
    ],
)
def test_what_need_not_be_payable_is_let_be(body: str, then: str) -> None:
    """Breaks where factors, percentages, prices or the worth of one point are taken for amounts."""
    assert told(rule("x", body, then=then), DONG) == []


def test_currencies_with_decimals_have_them() -> None:
    """Breaks where a point before three digits is always one between thousands."""
    body = "when: basket.total > 10.000 && lines.cheapest() > 1.125"
    assert told(rule("x", body, then="{per_amount: {per: 1.250}}"), DINAR) == []
    assert told(rule("x", "when: basket.total > 10.50", then="{per_amount: {per: 1.25}}")) == []


def test_without_a_programme_nobody_knows_the_decimals() -> None:
    """Breaks where a currency is taken for granted."""
    text = rule("x", "when: basket.total > 10.000", then="{per_amount: {per: 10.000}}")
    assert check([("rules.yaml", text)]).errors == []
