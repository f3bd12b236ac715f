"""A return lets another rule of a group win: within what its limits and budgets have left by then. By hand.

Rule `most` gives 15 for a basket of 15 dollars, `fixed` 20, as far as its limit lets it: the better of both wins. When
goods come back `most` gives less, and where `fixed` wins then, it gives no more than it may.
"""

from __future__ import annotations

import pytest

from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule
from tests.unit.test_undoing import Coalition

MOST = rule("most", "then: {per_amount: {per: 1.00}}\nstacking: {group: g, how: best, priority: 2}")


def fixed(bounds: str, points: int = 20) -> str:
    """The rival."""
    return rule("fixed", f"then: {{fixed: {points}}}\nstacking: {{group: g, how: best, priority: 1}}\n{bounds}")


def used(shop: Shop, who: str = ANN) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = shop.member(who).get("uses", {})
    return found


async def test_a_member_gets_no_more_points_a_month_than_the_limit_says() -> None:
    """Three baskets, of each 12 dollars come back. `fixed` may give 8 a month: once. Mechanism: `instead.within`;
    without it the month has 24."""
    shop = Shop(book(MOST, fixed("limits: [{period: month, points: 8}]")))
    bought = [await shop.buys(line("15.00")) for _ in range(3)]
    back = [await shop.returns(each, amount="12.00") for each in bought]
    assert [shop.points(each) for each in back] == [
        {"most": -15, "fixed": 8}, {"most": -12}, {"most": -12},
    ]  # fmt: skip
    assert used(shop) == {"fixed:member:points:month": {"2017-03": 8}}
    last = await shop.returns(bought[0])
    assert shop.points(last) == {"fixed": -8}
    assert used(shop) == {}
    assert shop.balance() == 6


async def test_a_second_return_keeps_what_the_first_let_it_have() -> None:
    """Ten of fifteen, then two more: what `fixed` has of its limit is its own. Mechanism: `_Freed`; without it the
    second return would find the limit used up, by the first."""
    shop = Shop(book(MOST, fixed("limits: [{period: month, points: 8}, {period: month, times: 1}]")))
    bought = await shop.buys(line("15.00"))
    first = await shop.returns(bought, amount="10.00")
    second = await shop.returns(bought, amount="2.00")
    assert shop.points(first) == {"most": -15, "fixed": 8}
    assert shop.points(second) == {}
    assert used(shop) == {"fixed:member:points:month": {"2017-03": 8}, "fixed:member:times:month": {"2017-03": 1}}


@pytest.mark.parametrize(
    ("bounds", "gives"),
    [
        ("budget: {points: 20}", {"most": -24}),
        ("budget: {points: 26}", {"most": -25, "fixed": 6}),
        ("limits: [{per: programme, period: ever, times: 1}]", {"most": -24}),
        ("limits: [{per: programme, period: ever, times: 2}]", {"most": -25, "fixed": 20}),
        ("", {"most": -25, "fixed": 20}),
    ],
)
async def test_what_others_have_used_since_is_used(bounds: str, gives: dict[str, int]) -> None:
    """Ann buys for 25: `most` gives 25. Bob for 5: `fixed` gives him 20. Of Ann's 24 dollars come back."""
    shop = Shop(book(MOST, fixed(bounds)))
    hers = await shop.buys(line("25.00"))
    his = await shop.buys(line("5.00"), who=BOB)
    assert (shop.points(hers), shop.points(his)) == ({"most": 25}, {"fixed": 20})
    assert shop.points(await shop.returns(hers, amount="24.00")) == gives


async def test_a_campaigns_limit_that_both_draw_on_is_free_for_the_other() -> None:
    """Both are of a campaign that gives a member 15 points a month. `most` has taken them all; when it gives way, they
    are there for `fixed`. Mechanism: `_Freed`."""
    spring = rule("spring", "limits: [{period: month, points: 15}]", "campaign")
    shop = Shop(book(spring, MOST + "  campaign: spring\n", fixed("campaign: spring", points=12)))
    bought = await shop.buys(line("15.00"))
    assert shop.points(bought) == {"most": 15}
    assert shop.points(await shop.returns(bought, amount="10.00")) == {"most": -15, "fixed": 12}
    assert used(shop) == {"spring:member:points:month": {"2017-03": 12}}


async def test_who_loses_the_limit_in_between_keeps_the_other_rules_points() -> None:
    """The limit is in times, and is used up by another basket: `most` keeps what is left of its own."""
    shop = Shop(book(MOST, fixed("limits: [{period: month, times: 1}]")))
    bought = await shop.buys(line("25.00"))
    await shop.buys(line("2.00"))
    assert shop.points(await shop.returns(bought, amount="20.00")) == {"most": -20}
    assert used(shop) == {"fixed:member:times:month": {"2017-03": 1}}


@pytest.mark.parametrize(
    "bounds", ["limits: [{per: member, period: month, points: 8}]", "budget: {points: 8}"]
)  # fmt: skip
async def test_so_it_is_with_what_campaigns_give(bounds: str) -> None:
    """Two baskets; of each most comes back: the bonus that wins then has eight points once."""
    group = "stacking: {group: g, how: best"
    most = rule("most", f"then: {{per_amount: {{per: 1.00}}}}\n{group}, priority: 2}}", "bonus")
    found = Coalition(most, rule("fixed", f"then: {{fixed: 20}}\n{group}, priority: 1}}\n{bounds}", "bonus"))
    bought = [await found.buys(line("15.00")) for _ in range(2)]
    assert found.granted() == {"most": 30}
    await found.returns(bought[0], amount="12.00")
    assert found.granted() == {"most": 15, "fixed": 8}
    await found.returns(bought[1], amount="12.00")
    assert found.granted() == {"most": 3, "fixed": 8}
