"""Money among the facts of an explanation: with the currency's decimals wherever it is told; by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shared.ops.explaining import explain
from shared.ops.rebuilding import Sources
from shared.ops.telling_events import tell_explanation
from shared.rules.money_told import in_currency, kept
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule
from tests.unit.test_returns_told import journal

MONTH = "history.sum(basket.total, this_month)"
SUMMED = rule("x", f"when: {MONTH} >= 300\nthen: {{fixed: 5}}")


async def test_a_sum_of_history_is_told_alike_among_facts_and_in_conditions() -> None:
    """40.90 and 88.1 are 129; kept as they were added up. Mechanism: `kept` for the journal's facts and `in_currency`
    for conditions; without them 129 stands beside 88.10."""
    found = Shop(book(SUMMED))
    first = await found.buys(line("88.1"))
    second = await found.buys(line("40.9"))
    for event, sum_, more in ((first, "88.10", "211.90"), (second, "129.00", "171.00")):
        explained = explain(found.entry(event), Sources(journal(found), found.book))
        told = "\n".join(tell_explanation(explained))
        assert f"  the sum of the basket this month  {sum_}\n" in told
        assert f"no: the sum of the basket this month is at least 300.00 (is {sum_}): {more} more" in told
        assert explained.facts[MONTH] == sum_
        vietnamese = tell_explanation(explained, "vi")
        assert f"  tổng giỏ hàng trong tháng này  {sum_.replace('.', ',')}" in vietnamese


@pytest.mark.parametrize(
    ("label", "text", "currency", "told"),
    [
        (MONTH, "129", "USD", "129.00"),
        (f"{MONTH} in Asia/Tokyo", "88.1", "USD", "88.10"),
        ("basket.total", "50000.00", "VND", "50000"),
        ("basket.total", "1.5", "KWD", "1.500"),
        ("basket.total", "1.2345", "USD", "1.2345"),
        ('lines.sum(amount, category in ["tea", "rum"])', "7", "USD", "7.00"),
        ("lines.sum(quantity)", "7", "USD", "7"),
        ("history.count(this_month)", "7", "USD", "7"),
        ("member.attributes.kids", "7", "USD", "7"),
        ("basket.total", None, "USD", None),
        ("what.nobody(knows", "7", "USD", "7"),
    ],
)
def test_only_money_has_the_currencys_decimals(label: str, text: str | None, currency: str, told: str | None) -> None:
    """By the label that a journal keeps it by. Breaks without the type of what a label asks for, or where a currency
    without cents, or of a thousand parts, is told as dollars are."""
    assert kept(label, text, currency) == told


def test_money_is_never_rounded() -> None:
    """Breaks where what has more decimals, or more digits than the default context, is made to fit."""
    many = Decimal("123456789012345678901234567890.1")
    assert str(in_currency(many, "money", "EUR")) == f"{many}0"
    assert in_currency(Decimal("0.005"), "money", "EUR") == Decimal("0.005")
    assert str(in_currency(0, "money", None)) == "0.00"
