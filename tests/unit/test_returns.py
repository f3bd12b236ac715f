"""Returns by hand: what goes back, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.rules.language.terms import literal
from shared.rules.sets import joined, parted
from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import NOON, Shop
from tests.unit.rulekit import book, line, rule

BASE = rule("base", "then: {per_amount: {per: 10}}")
LEAST = rule("least", "when: basket.total >= 50\nthen: {fixed: 25}")
DOUBLE = rule("double", "then: {multiply: {rules: [base], by: 2}}")


def shop(*rules: str) -> Shop:
    return Shop(book(*rules))


async def test_a_line_takes_with_it_what_it_earned_and_three_returns_are_the_whole() -> None:
    """15, 15 and 15 at a star for 10: the lines earned 1, 2 and 1. What is left would earn 3, then 1, anew."""
    found = shop(BASE)
    bought = await found.buys(line("15"), line("15"), line("15"))
    assert found.entry(bought)["awards"][0]["lines"] == [1, 2, 1]
    backs = [await found.returns(bought, (number, 1)) for number in range(3)]
    assert [found.points(each) for each in backs] == [{"base": -1}, {"base": -2}, {"base": -1}]
    assert found.balance() == 0
    assert found.member()["lifetime"] == {"stars": 0}


async def test_of_a_line_that_is_left_in_part_what_goes_is_rounded_down() -> None:
    """Five points for three pieces: 1, then 3 in all, then 5."""
    found = shop(BASE)
    bought = await found.buys(line("50", 3))
    backs = [await found.returns(bought, (0, 1)) for _ in range(3)]
    assert [found.points(each) for each in backs] == [{"base": -1}, {"base": -2}, {"base": -2}]


async def test_an_amount_is_taken_from_all_lines_in_proportion() -> None:
    """30 of 100 on lines that earned 6 and 4: 1.8 and 1.2 go, each rounded down; with the rest goes the rest."""
    found = shop(BASE)
    bought = await found.buys(line("60"), line("40"))
    assert found.points(await found.returns(bought, amount="30", currency="USD")) == {"base": -2}
    assert found.points(await found.returns(bought, amount="70.00")) == {"base": -8}
    assert found.balance() == 0


async def test_a_least_spend_that_is_missed_now_takes_the_whole_bonus_back() -> None:
    found = shop(BASE, LEAST)
    bought = await found.buys(line("30"), line("30"), line("10"))
    assert found.points(await found.returns(bought, (2, 1))) == {"base": -1}
    assert found.points(await found.returns(bought, (0, 1))) == {"base": -3, "least": -25}
    assert found.points(await found.returns(bought)) == {"base": -3}
    assert found.balance() == 0


async def test_a_multiplier_is_computed_of_what_the_others_have_left() -> None:
    """Twice 7 points: with the line that earned 3 go 3 of the multiplier's."""
    found = shop(BASE, DOUBLE)
    bought = await found.buys(line("30"), line("40"))
    assert found.points(await found.returns(bought, (0, 1))) == {"base": -3, "double": -3}
    assert found.balance() == 8


async def test_of_a_group_the_best_is_found_anew() -> None:
    """A tenth of 1000, or 60 for a basket of 100 or more: for 390 the second is better, for 90 the first is alone."""
    tenth = rule("tenth", "then: {per_amount: {per: 10}}\nstacking: {group: g, how: best}")
    sixty = rule("sixty", "when: basket.total >= 100\nthen: {fixed: 60}\nstacking: {group: g, how: best}")
    found = shop(tenth, sixty)
    bought = await found.buys(line("300"), line("610"), line("90"))
    assert found.points(bought) == {"tenth": 100}
    first = await found.returns(bought, (1, 1))
    assert found.points(first) == {"tenth": -100, "sixty": 60}
    second = await found.returns(bought, (0, 1))
    assert found.points(second) == {"sixty": -60, "tenth": 9}
    assert found.points(await found.returns(bought)) == {"tenth": -9}
    assert found.balance() == 0


async def test_a_cap_that_still_bites_takes_nothing_back() -> None:
    found = shop(rule("capped", "then: {per_amount: {per: 10}, at_most: 20}"))
    bought = await found.buys(line("200"), line("200"), line("100"))
    assert found.points(await found.returns(bought, (0, 1))) == {}
    assert found.points(await found.returns(bought, (1, 1))) == {"capped": -10}
    assert found.points(await found.returns(bought)) == {"capped": -10}


async def test_no_rule_gives_more_than_it_gave_and_no_return_gives_points() -> None:
    """A rule for small baskets did not give for the large one: what is left of it is not made one."""
    small = rule("small", "when: basket.total < 50\nthen: {fixed: 40}")
    found = shop(BASE, small)
    bought = await found.buys(line("60"), line("40"))
    assert found.points(await found.returns(bought, (0, 1))) == {"base": -6}
    assert found.balance() == 4


async def test_what_a_limit_cut_comes_back_counted_anew_but_never_more_than_was_given() -> None:
    """Twelve a day: of the second basket's 10, 2 were given, and stay while what is left would have earned as many."""
    found = shop(rule("few", "then: {per_amount: {per: 10}}\nlimits: [{period: day, points: 12}]"))
    first = await found.buys(line("100"))
    second = await found.buys(line("50"), line("40"), line("10"))
    assert found.points(second) == {"few": 2}
    assert found.points(await found.returns(second, (0, 1))) == {}
    assert found.points(await found.returns(second, (1, 1))) == {"few": -1}
    assert found.points(await found.returns(first)) == {"few": -10}
    third = await found.buys(line("200"))
    assert found.points(third) == {"few": 11}  # 1 of the 12 is still used


# What is refused


async def test_a_line_without_pieces_comes_back_as_one_piece() -> None:
    """What is sold without counting has no pieces (quantity 0). Mechanism: `leftover.untouched`."""
    found = shop(BASE, rule("pieces", "then: {wallet: miles, per_quantity: {give: 1, per: 1}}"))
    bought = await found.buys({**line("40"), "quantity": 0}, line("30"), {**line("0"), "quantity": 0})
    assert found.points(bought) == {"base": 7, "pieces": 1}
    assert found.points(await found.returns(bought, (0, 1))) == {"base": -4}
    assert found.points(await found.returns(bought, (2, 1))) == {}, "it cost nothing, and comes back all the same"
    for number in (0, 2):
        await found.returns(bought, (number, 1))
    assert [said.partition(";")[0] for _, said in found.letters()] == [
        f"of line {number} 0 pieces are left to return, not 1" for number in (0, 2)
    ]
    assert found.points(await found.returns(bought, (1, 1))) == {"base": -3, "pieces": -1}


async def test_what_is_free_and_has_no_pieces_keeps_no_purchase_alive_but_its_own() -> None:
    """A purchase of such a line alone can be returned once; beside others it is nothing that is left. Mechanism:
    `leftover.is_gone`; the first would be called returned before, and the second keep the points of the visit."""
    found = shop(rule("visit", "then: {wallet: miles, fixed: 5}"))
    free = {**line("0"), "quantity": 0}
    alone, beside = await found.buys(free), await found.buys(line("30"), free)
    assert found.points(await found.returns(alone, (0, 1))) == {"visit": -5}
    assert found.points(await found.returns(beside, (0, 1))) == {"visit": -5}
    await found.returns(alone)
    [(reason, _)] = found.letters()
    assert reason == "exceeds_purchase"


@pytest.mark.parametrize(
    ("lines", "more", "reason", "detail"),
    [
        ([(2, 1)], {}, "exceeds_purchase", "there is no line 2"),
        ([(0, 3)], {}, "exceeds_purchase", "of line 0 2 pieces are left to return, not 3"),
        ([(1, 1), (0, 1), (0, 2)], {}, "exceeds_purchase", "of line 0 1 pieces are left"),
        ([], {"amount": "100.01"}, "exceeds_purchase", "100.00 is left to return, not 100.01"),
        ([], {"amount": "1", "currency": "EUR"}, "wrong_currency", "the purchase was in USD"),
        ([], {"at": NOON - timedelta(days=1)}, "before_purchase", "after they were bought"),
        ([], {"who": BOB}, "unknown_purchase", "another member's"),
        ([], {"partner": "baker"}, "unknown_purchase", "replay this when it has been"),
    ],
)
async def test_a_return_that_cannot_be_is_refused_and_nothing_of_it_is_done(
    lines: list[tuple[int, int]], more: dict[str, Any], reason: str, detail: str
) -> None:
    found = shop(BASE)
    bought = await found.buys(line("60", 2), line("40"))
    await found.returns(bought, *lines, **more)
    [(told, why)] = found.letters()
    assert told == reason
    assert detail in why
    assert found.balance() == 10
    assert len(found.store.collection("journal")) == 1


async def test_returns_together_never_exceed_the_purchase() -> None:
    found = shop(BASE)
    bought = await found.buys(line("60", 2), line("40"))
    await found.returns(bought, (0, 1))
    await found.returns(bought, (0, 2))  # one is left
    await found.returns(bought, amount="70.01")  # 70 is left
    await found.returns(bought, amount="50")
    await found.returns(bought, amount="20.01")  # 20 is left
    await found.returns(bought)
    await found.returns(bought)
    await found.returns(bought, amount="0.01")
    assert [reason for reason, _ in found.letters()] == ["exceeds_purchase"] * 5
    assert "all of this purchase was returned" in found.letters()[-1][1]
    assert found.balance() == 0


async def test_a_cent_that_a_third_of_a_line_is_rounded_by_may_come_back() -> None:
    """Of three for 10.00 one came back: 6.67 may be refunded, as a till would."""
    found = shop(BASE)
    bought = await found.buys(line("10.00", 3))
    await found.returns(bought, (0, 1))
    await found.returns(bought, amount="6.67")
    assert found.letters() == []
    assert found.balance() == 0


async def test_purchase_and_returns_of_one_batch_are_decided_in_order() -> None:
    found = shop(BASE, LEAST)
    bought, id_ = found.purchase(line("30"), line("30"))
    one, _ = found.back(id_, (0, 1))
    again, _ = found.back(id_, (0, 1))
    rest, _ = found.back(id_)
    early, _ = found.back("e-99")
    await found.loop.run([early, bought, one, again, rest])
    assert [reason for reason, _ in found.letters()] == ["unknown_purchase", "exceeds_purchase"]
    assert found.balance() == 0
    assert found.sums() == {"stars": {f"member:{ANN}": 0, "partner:grocer:issued": 0}}


async def test_a_return_that_comes_twice_counts_once() -> None:
    found = shop(BASE)
    bought = await found.buys(line("60", 2))
    record, _ = found.back(bought, (0, 1))
    for _ in range(2):
        await found.loop.run([record])
    assert found.balance() == 3


@pytest.mark.parametrize(
    ("value", "condition", "later"),
    [
        (2, "member.attributes.kids == 2", 2),
        (2, "member.attributes.kids >= 2", 5),  # changed since: of the sort that it has now
        ("2.5", 'member.attributes.kids == "2.5"', "2.5"),
        ("2", 'member.attributes.kids == "2"', "many"),
        (True, "member.attributes.kids == true", True),
        (True, "member.attributes.kids == true", False),
    ],
)
async def test_a_rule_on_an_attribute_keeps_what_is_earned_by_the_lines_that_stay(
    value: Any, condition: str, later: Any
) -> None:
    """7 stars for 10.00 and 20.00, whichever stays. Breaks where an attribute is recalled as the text of it: 2 is no
    "2", the condition would hold no more, and all 7 would come back."""
    shop = Shop(book(rule("kids", f"when: {condition}\nthen: {{fixed: 7}}")))
    await shop.joins(attributes={"kids": value})
    bought = await shop.buys(line("10.00"), line("20.00"))
    await shop.joins(attributes={"kids": later})
    back = await shop.returns(bought, (1, 1))
    assert [each["points"] for each in shop.entry(bought)["awards"]] == [7]
    assert [each["points"] for each in shop.entry(back)["awards"]] == []


@pytest.mark.parametrize("consents", [["none"], ["e-mail, weekly"], ["[a]"], ["a", "none"], []])
async def test_a_rule_on_a_set_keeps_what_is_earned_by_the_lines_that_stay(consents: list[str]) -> None:
    """7 stars to who agreed to these, whichever line stays. Breaks where a set is read back from the journal as
    another: one with the text none in it as empty, or one text with a comma as two."""
    asked = " && ".join(f"{literal(each)} in member.consents" for each in consents) or '!("none" in member.consents)'
    shop = Shop(book(rule("agreed", f"when: '{asked}'\nthen: {{fixed: 7}}")))
    await shop.joins(consents=consents)
    bought = await shop.buys(line("10.00"), line("20.00"))
    back = await shop.returns(bought, (1, 1))
    assert (shop.points(bought), shop.points(back)) == ({"agreed": 7}, {})


@pytest.mark.parametrize(
    ("texts", "text"),
    [
        ([], "none"),
        (["none"], '["none"]'),
        (["b", "a"], "a, b"),
        (["none", "a"], "a, none"),
        (["a, b"], '["a, b"]'),
        (["[a]"], "[a]"),
        (['["a"]'], '["[\\"a\\"]"]'),
        ([""], '[""]'),
        (["[{}]"], "[{}]"),
    ],
)
def test_a_set_as_the_journal_keeps_it(texts: list[str], text: str) -> None:
    """Breaks where two sets have one text, or where what journals have had for long is read otherwise."""
    assert joined(texts) == text
    assert parted(text) == frozenset(texts)
