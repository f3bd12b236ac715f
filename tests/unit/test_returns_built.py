"""What goes back of points that build on other rules': by hand, where what they built on gives less or nothing."""

from __future__ import annotations

import pytest

from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule

# A star a dollar from 30 dollars on.
LEAST = rule("least", "when: basket.total >= 30\nthen: {per_amount: {per: 1}}")
AGAIN = rule("again", "then: {again: [least]}")
BASE = rule("base", "then: {per_amount: {per: 1}}")


def ordered(priority: int) -> str:
    return f"\nstacking: {{group: g, how: ordered, priority: {priority}}}"


@pytest.mark.parametrize(
    ("rules", "earned", "left"),
    [
        # 40 of `least`, 40 once more, 80 on top; with 25 left, `least` would have given none of it.
        (
            [LEAST, AGAIN, rule("triple", "then: {multiply: {rules: [least], by: 3}}")],
            {"least": 40, "again": 40, "triple": 80},
            {},
        ),
        # The same through another rule: what builds on what builds on `least`.
        (
            [LEAST, AGAIN, rule("more", "then: {again: [again]}")],
            {"least": 40, "again": 40, "more": 40},
            {},
        ),
        # 40; ten times makes 360 more; double of both 400 more. With 25 left: 25, and 25 on top of that alone.
        (
            [
                BASE,
                rule("tenfold", "when: basket.total >= 30\nthen: {multiply: {rules: [base], by: 10}}" + ordered(2)),
                rule("double", "then: {multiply: {rules: [base], by: 2, compounding: true}}" + ordered(1)),
            ],
            {"base": 40, "tenfold": 360, "double": 400},
            {"base": 25, "double": 25},
        ),
        # 40 each, and twice both on top: of 25, base has 25 and so has the double.
        (
            [BASE, LEAST, rule("double", "then: {multiply: {rules: [base, least], by: 2}}")],
            {"base": 40, "least": 40, "double": 80},
            {"base": 25, "double": 25},
        ),
        # What an unconditional base gave goes with its line, and so does what is on top: 15 of 40.
        (
            [BASE, rule("half", "then: {multiply: {rules: [base], by: 1.5}}")],
            {"base": 40, "half": 20},
            {"base": 25, "half": 13},
        ),
    ],
    ids=["no base", "through another", "compounding", "one of two", "all stand"],
)  # fmt: skip
async def test_what_is_left_of_points_on_top(rules: list[str], earned: dict[str, int], left: dict[str, int]) -> None:
    """Lines of 20, 15 and 5; that of 15 comes back. Breaks without `_stands`: lines would keep their parts of what was
    put on top of a rule that holds no more, and who buys up to a least spend and returns it keeps what multiplied it.

    `half`, 20 on top of lines of 20, 15 and 5, is 10, 7 and 3 by the running total: 13 are left."""
    found = Shop(book(*rules))
    bought = await found.buys(line("20"), line("15"), line("5"))
    assert found.points(bought) == earned
    back = found.points(await found.returns(bought, (1, 1)))
    assert {each: points for each in earned if (points := earned[each] + back.get(each, 0))} == left
    assert found.balance() == sum(left.values())
    await found.returns(bought)
    assert found.balance() == 0
