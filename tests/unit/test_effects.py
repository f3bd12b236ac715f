"""Effects, by hand: every shape, every rounding, multipliers on exact and on rounded points, bounds; lines add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.effects import Rate, per_amount, resized
from shared.rules.part import Rounding
from tests.unit.rulekit import Till, basket, book, line, rule


def earned(body: str, *lines: dict[str, object], currency: str = "USD", more: tuple[str, ...] = ()) -> int | None:
    """What rule `x` gives for a basket, beside other rules."""
    return Till(book(rule("x", body), *more)).points(basket(*lines, currency=currency)).get("x")


@pytest.mark.parametrize(
    ("rounding", "amount", "points"),
    [
        ("down", "12.49", 12), ("down", "12.99", 12), ("down", "0.99", None),
        ("up", "12.00", 12), ("up", "12.01", 13),
        ("half_up", "12.49", 12), ("half_up", "12.50", 13), ("half_up", "13.50", 14),
        ("half_even", "12.50", 12), ("half_even", "13.50", 14), ("half_even", "13.51", 14),
    ],
)  # fmt: skip
def test_rounding(rounding: str, amount: str, points: int | None) -> None:
    assert earned(f"then: {{per_amount: {{per: 1.00, rounding: {rounding}}}}}", line(amount)) == points


@pytest.mark.parametrize(
    ("body", "points"),
    [
        # Lines of 1.60 and 2.60: 4.20 in all.
        ("then: {per_amount: {per: 1.00}}", 4),
        ("then: {per_amount: {per: 1.00, round: line}}", 3),
        ("then: {per_amount: {per: 1.00, round: line, rounding: up}}", 5),
        ("then: {per_amount: {per: 0.10, give: 3}}", 126),
        ("then: {per_amount: {per: 3.00, give: 10}}", 10),
        ('then: {per_amount: {per: 1.00, where: department == "DELI"}}', 2),
        ("then: {fixed: 7}", 7),
        # Pieces: 2 and 3.
        ("then: {per_quantity: {give: 4}}", 20),
        ("then: {per_quantity: {per: 2, give: 4}}", 8),
        ('then: {per_quantity: {per: 2, give: 4, where: department == "DELI"}}', 4),
        ("then: {per_line: {give: 5}}", 10),
        ("then: {per_line: {give: 5, where: amount > 2.00}}", 5),
        # 5 % of 4.20 is 0.21: 21 cents.
        ("then: {cashback: {percent: 5, unit: 0.01}, wallet: cash}", 21),
        ("then: {cashback: {percent: 2.5, unit: 0.01, rounding: half_up}, wallet: cash}", 11),
        ("then: {cashback: {percent: 2.5, unit: 0.01}, wallet: cash}", 10),
        # 1 % of each line is 1.6 and 2.6 cents, of the sum 4.2.
        ("then: {cashback: {percent: 1, unit: 0.01}, wallet: cash}", 4),
        ("then: {cashback: {percent: 1, unit: 0.01, round: line}, wallet: cash}", 3),
        ("then: {cashback: {percent: 1, unit: 0.01, round: line, rounding: half_up}, wallet: cash}", 5),
        ("then: {per_amount: {per: 1.00}, at_least: 10}", 10),
        ("then: {per_amount: {per: 1.00}, at_most: 3}", 3),
        ("then: {per_amount: {per: 100.00}, at_least: 10}", None),  # none stays none
    ],
)
def test_each_shape(body: str, points: int | None) -> None:
    assert earned(body, line("1.60", 2), line("2.60", 3, department="DELI")) == points


def test_lines_that_are_not_eligible_earn_only_by_the_total() -> None:
    lines = (line("5.00"), line("20.00", department="FUEL"))
    assert earned("then: {per_amount: {per: 1.00}}", *lines) == 5
    assert earned("then: {per_amount: {per: 1.00, of: basket.total}}", *lines) == 25
    assert earned('then: {per_amount: {per: 1.00, where: department == "FUEL"}}', *lines) is None


def test_lines_that_are_not_eligible_count_only_where_the_rule_says_so() -> None:
    """By line and by piece, too. Breaks when only amounts ask the programme: fuel would earn by being there."""
    lines = (line("5.00", 2), line("20.00", 30, department="FUEL"))
    assert earned("then: {per_line: {give: 7}}", *lines) == 7
    assert earned("then: {per_line: {give: 7, of: all}}", *lines) == 14
    assert earned("then: {per_quantity: {per: 2, give: 1}}", *lines) == 1
    assert earned("then: {per_quantity: {per: 2, give: 1, of: all}}", *lines) == 16
    assert earned('then: {per_line: {give: 7, where: department == "FUEL"}}', *lines) is None
    assert earned("then: {per_line: {give: 7}, at_least: 20}", lines[1]) is None  # none stays none


def test_amounts_in_another_currency_earn_nothing() -> None:
    assert earned("then: {per_amount: {per: 1.00}}", line("5.00"), currency="VND") is None
    assert earned("then: {cashback: {percent: 5, unit: 0.01}, wallet: cash}", line("5.00"), currency="VND") is None


# `base` gives 1 for each whole 2.00: of 9.50 that is 4 (exactly 4.75).
BASE = rule("base", "then: {per_amount: {per: 2.00}}")


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ("then: {again: [base]}", 4),
        ("then: {multiply: {rules: [base], by: 2}}", 4),
        ("then: {multiply: {rules: [base], by: 3}}", 8),
        ("then: {multiply: {rules: [base], by: 1.5}}", 2),
        ("then: {multiply: {rules: [base], by: 1.2}}", None),  # 0.8, down
        ("then: {multiply: {rules: [base], by: 1.2, rounding: up}}", 1),
        ("then: {multiply: {rules: [base], by: 1.1, on: exact}}", 1),  # together 5.225, down
        ("then: {multiply: {rules: [base], by: 1.05, on: exact}}", None),  # 4.9875, down
        ("then: {multiply: {rules: [base], by: 3, on: exact}}", 10),  # 14.25, down
        ("then: {multiply: {rules: [base], by: 3, on: exact, rounding: up}}", 11),
        ("then: {multiply: {rules: [up], by: 1.02, on: exact}}", None),  # 4.845, down: 5 were given
        ("then: {multiply: {rules: [up], by: 1.1, rounding: half_even}}", 1),  # 5.5
        ("then: {multiply: {rules: [nobody], by: 3}}", None),
    ],
)
def test_multipliers(body: str, points: int | None) -> None:
    up = rule("up", "then: {per_amount: {per: 2.00, rounding: up}}")
    more = (BASE, rule("nobody", "when: basket.total > 1000\nthen: {fixed: 1}"), up)
    assert earned(body, line("9.50"), more=more) == points


def test_multipliers_compound_only_where_they_say_so() -> None:
    """Base 4; double puts 4 on top; triple of the base alone puts 8, compounding 2 * (4 + 4) = 16."""
    double = rule("double", "then: {multiply: {rules: [base], by: 2}}\nstacking: {group: g, how: ordered, priority: 9}")
    for compounding, points in (("false", 8), ("true", 16)):
        body = f"then: {{multiply: {{rules: [base], by: 3, compounding: {compounding}}}}}\n"
        triple = rule("triple", body + "stacking: {group: g, how: ordered, priority: 1}")
        given_ = Till(book(BASE, double, triple)).points(basket(line("9.50")))
        assert given_ == {"base": 4, "double": 4, "triple": points}


def test_what_is_named_and_also_on_top_counts_once() -> None:
    """Base 4, double 4 on top. Half of both, compounding: 0.5 * (4 + 4), though `double` is also on top of `base`."""
    double = rule("double", "then: {again: [base]}")
    body = "then: {multiply: {rules: [base, double], by: 1.5, compounding: true}}"
    assert earned(body, line("9.50"), more=(BASE, double)) == 4


def test_a_rule_is_on_top_once_though_two_of_its_effects_build_on_another() -> None:
    """Base 4 stars, and miles; `both` puts 4 stars on top, and miles; half of 4 + 4, compounding."""
    base = rule("base", "then: [{per_amount: {per: 2.00}}, {fixed: 3, wallet: miles}]")
    both = rule("both", "then: [{again: [base]}, {again: [base], wallet: miles}]")
    body = "then: {multiply: {rules: [base], by: 1.5, compounding: true}}\nstacking: {group: g, priority: -1}"
    assert earned(body, line("9.50"), more=(base, both)) == 4


def test_a_multiplier_comes_after_what_it_multiplies_whatever_the_ids() -> None:
    given_ = Till(book(rule("a", "then: {again: [b]}"), rule("b", "then: {again: [c]}"), rule("c", "then: {fixed: 5}")))
    assert given_.points(basket(line("1.00"))) == {"c": 5, "b": 5, "a": 5}


def test_multiplied_points_are_divided_among_the_lines() -> None:
    """1.30 + 1.30 + 1.40 are 4 points: 1, 1, 2 by the running total; twice on top: 2, 2, 4."""
    till = Till(book(rule("base", "then: {per_amount: {per: 1.00}}"),
                     rule("x", "then: {multiply: {rules: [base], by: 3}}")))  # fmt: skip
    awards = {each.rule: each for each in till.decide(basket(line("1.30"), line("1.30"), line("1.40"))).awards}
    assert (awards["base"].lines, awards["x"].lines) == ((1, 1, 2), (2, 2, 4))


AMOUNTS = st.lists(st.decimals("0", "9999", places=2), min_size=1, max_size=12)


@given(
    AMOUNTS, st.sampled_from(["0.01", "0.30", "1.00", "7.00"]), st.sampled_from(["down", "up", "half_up", "half_even"])
)
def test_lines_add_up_and_the_sum_is_rounded_once(amounts: list[Decimal], per: str, rounding: Rounding) -> None:
    """Whatever the lines, their points add up to those of the sum; which a division with remainder gives."""
    found = per_amount(amounts, Rate(per=Decimal(per), give=3, rounding=rounding))
    assert found.lines is not None
    assert sum(found.lines) == found.points
    cents, step = int(sum(amounts) * 100), int(Decimal(per) * 100)
    whole, rest = divmod(cents, step)
    up = {"down": 0, "up": rest > 0, "half_up": 2 * rest >= step}.get(rounding)
    if up is None:
        up = 2 * rest > step or (2 * rest == step and whole % 2 == 1)
    assert found.points == 3 * (whole + up)


@given(AMOUNTS, st.integers(0, 10**6))
def test_points_that_are_cut_keep_their_lines_in_step(amounts: list[Decimal], points: int) -> None:
    found = per_amount(amounts, Rate(per=Decimal("0.10")))
    cut = resized(found, points)
    assert cut.points == points
    assert cut.lines is None or (sum(cut.lines) == points and all(part >= 0 for part in cut.lines))
