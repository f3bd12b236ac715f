"""Rules that apply, and never to a basket that is enough for what they give: told; what may be enough is let be."""

from __future__ import annotations

from itertools import product

import pytest

from tests.unit.marked import PROGRAMME, found, rule, told
from tests.unit.rulekit import Till, basket, book, line
from tests.unit.rulekit import rule as written

FUEL = PROGRAMME + "  not_eligible: department == 'FUEL'\n"
NO_LINE = "it gives nothing: where the rule applies, every line is `not_eligible` in shop, and counts nothing; change "
TOO_LITTLE = "it gives nothing: where the rule applies, "


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("when: lines.all(department == 'FUEL')\nthen: {per_amount: ▶{per: 1.00}}",
         f"{NO_LINE}the condition, or write `of: basket.total`"),
        ("when: lines.none(department != 'FUEL')\nthen: {per_line: ▶{give: 1}}",
         f"{NO_LINE}the condition, or write `of: all`"),
        ("when: '!lines.any(department != \"FUEL\")'\nthen: {per_quantity: ▶{give: 1}}", NO_LINE),
        ("when: lines.count(department != 'FUEL') == 0\nthen: {cashback: ▶{percent: 5, unit: 0.01}}", NO_LINE),
        ("when: lines.all(department in ['FUEL'])\nthen: {per_line: ▶{give: 1, where: amount > 1}}",
         "it gives nothing: where the rule applies, every line that fits is `not_eligible` in shop"),
        ("when: lines.all(category == 'tea')\nthen: {per_line: ▶{give: 1, of: all, where: category == 'rum'}}",
         "it gives nothing: no basket to which the rule applies has a line that fits `where`; change one of the two"),
        ("when: basket.eligible < 1\nthen: {per_amount: ▶{per: 1.00}}",
         f"{TOO_LITTLE}basket.eligible is never enough for a point, rounded (down); write a smaller `per`, or change"),
        ("when: basket.total < 1\nthen: {per_amount: ▶{per: 1.00}}", f"{TOO_LITTLE}basket.eligible is never enough"),
        ("when: basket.total < 1\nthen: {cashback: ▶{percent: 1, unit: 0.01, of: basket.total}}",
         f"{TOO_LITTLE}basket.total is never enough for a point, rounded (down); write a smaller `unit`, or change"),
        ("when: basket.eligible < 0.50\nthen: {per_amount: ▶{per: 1.00, rounding: half_up}}", TOO_LITTLE),
        ("when: basket.eligible <= 0.50\nthen: {per_amount: ▶{per: 1.00, rounding: half_even}}", TOO_LITTLE),
        ("when: basket.eligible == 0\nthen: {per_amount: ▶{per: 1.00, rounding: up}}",
         f"{TOO_LITTLE}basket.eligible is never enough for a point, rounded (up); change the condition"),
        ("when: lines.sum(amount, brand == 'a') < 6\nthen: {per_amount: ▶{per: 6, where: brand == 'a'}}",
         f"{TOO_LITTLE}what fits is never enough for a point"),
        ("when: lines.all(amount < 1)\nthen: {per_amount: ▶{per: 1.00, round: line}}",
         f"{TOO_LITTLE}one line is never enough for a point"),
        ("when: basket.quantity < 6\nthen: {per_quantity: ▶{per: 6, give: 1}}",
         f"{TOO_LITTLE}there are never 6 pieces to count; write a smaller `per`, or change the condition"),
        ("when: lines.sum(quantity, brand == 'a') < 6\nthen: {per_quantity: ▶{per: 6, give: 1, where: brand == 'a'}}",
         f"{TOO_LITTLE}there are never 6 pieces"),
        ("campaign: few\nthen: {per_quantity: ▶{per: 6, give: 1}}", f"{TOO_LITTLE}there are never 6 pieces"),
    ],
)  # fmt: skip
def test_what_is_never_enough_where_the_rule_applies(body: str, words: str) -> None:
    """Breaks where an effect is judged by itself alone, and not with what rule and campaign ask: `amounts`, and what
    filters of lines have to do with each other: `baskets`."""
    campaign = rule("few", "when: basket.quantity < 6", "campaign", "")
    [said] = told(campaign + rule("x", body, then=""), FUEL)
    assert said.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        "when: lines.any(department == 'FUEL')\nthen: {per_amount: {per: 1.00}}",
        "when: lines.all(department == 'FUEL')\nthen: {per_amount: {per: 1.00, of: basket.total}}",
        "when: lines.all(department == 'FUEL')\nthen: {per_quantity: {give: 1, of: all}}",
        "when: lines.all(department == 'FUEL')\nthen: {fixed: 1}",
        "when: lines.all(department in ['FUEL', 'DELI'])\nthen: {per_line: {give: 1}}",
        "when: lines.all(category == 'tea')\nthen: {per_line: {give: 1, where: brand == 'a'}}",
        "when: lines.any(category == 'tea')\nthen: {per_line: {give: 1, where: category == 'rum'}}",
        "when: basket.eligible <= 1\nthen: {per_amount: {per: 1.00}}",
        "when: basket.eligible < 1\nthen: {per_amount: {per: 1.00, rounding: half_up}}",
        "when: basket.eligible <= 0.50\nthen: {per_amount: {per: 1.00, rounding: half_up}}",
        "when: basket.eligible < 1 || event.store == '1'\nthen: {per_amount: {per: 1.00}}",
        "when: lines.sum(amount, brand == 'b') < 6\nthen: {per_amount: {per: 6, where: brand == 'a'}}",
        "when: lines.all(amount < 1)\nthen: {per_amount: {per: 1.00}}",
        "when: basket.quantity <= 6\nthen: {per_quantity: {per: 6, give: 1}}",
        "when: basket.quantity < 1\nthen: {per_line: {give: 1}}",
    ],
)
def test_what_may_be_enough(body: str) -> None:
    """Breaks where any of these checks says more than what it can prove."""
    assert told(rule("x", body, then=""), FUEL) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("lines.all(category == 'tea')", "lines.any(category == 'rum')"),
        ("lines.all(category == 'tea')", "lines.count(category in ['rum', 'gin']) >= 1"),
        ("lines.none(category in ['rum', 'gin'])", "lines.sum(quantity, category == 'rum') > 0"),
        ("lines.none(category == 'tea')", "lines.dearest(category == 'tea') > 3"),
        ("lines.all(amount > 5)", "lines.any(amount < 5)"),
        ("lines.all(brand == 'a')", "lines.all(brand == 'b')"),
    ],
)
def test_filters_of_lines_that_exclude_each_other(one: str, other: str) -> None:
    """Breaks where only conditions with one and the same filter are held against each other."""
    [said] = told(rule("x", f"when: {one} && ▶{other}"))
    assert said.startswith("never true together with `lines.")


@pytest.mark.parametrize(
    "when",
    [
        "lines.any(category == 'tea') && lines.any(category == 'rum')",
        "lines.none(category == 'tea') && lines.none(category == 'rum')",
        "lines.all(amount > 5) && lines.any(brand == 'a') && lines.any(brand == 'b')",
        "lines.none(category == 'tea') && lines.sum(quantity, category == 'tea') < 5",
        "'!lines.any(amount < 5) && event.store == \"1\"'",
    ],
)
def test_filters_of_lines_that_go_together(when: str) -> None:
    """Breaks where different lines are taken for one, or no line for some."""
    assert told(rule("x", f"when: {when}")) == []


def test_what_is_said_never_to_be_enough_gives_nothing() -> None:
    """Conditions and effects on baskets around their thresholds: where a fault is told, none has a star; and some are
    told, and some give."""
    conditions = (
        "basket.eligible < 1", "basket.total <= 1", "lines.all(department == 'FUEL')", "lines.all(amount < 1)",
        "basket.quantity < 2", "lines.sum(amount, brand == 'a') < 1", "lines.none(brand == 'a')",
    )  # fmt: skip
    options = product(
        ("basket.eligible", "basket.total"), ("sum", "line"), ("down", "half_up", "half_even", "up"),
        ("", ", where: brand == 'a'"),
    )  # fmt: skip
    amounts = [
        f"per_amount: {{per: 1.00, of: {of}, round: {round_}, rounding: {way}{where}}}"
        for of, round_, way, where in options
    ]
    effects = [*amounts, "per_line: {give: 1}", "per_quantity: {per: 2, give: 1}",
               "per_quantity: {per: 2, give: 1, of: all, where: brand == 'a'}"]  # fmt: skip
    baskets = [
        basket(line("0.99"), line("0.50", 2, brand="a"), line("0.49", 3, department="FUEL")),
        basket(line("1.00", 1, brand="a")), basket(line("0.50", 1, brand="a")), basket(line("0.50"), line("0.50", 0)),
        basket(line("5.00", 2, department="FUEL", brand="a")), basket(line("0.00", 2, department="FUEL")),
        basket(line("0.60", 1, brand="b"), line("0.40", 0, brand="a")),
    ]  # fmt: skip
    faults = gives = 0
    for when, effect in product(conditions, effects):
        said, _ = found(rule("x", f"when: {when}", then=f"{{{effect}}}"), FUEL)
        rules = book(written("r", f"when: {when}\nthen: {{{effect}}}"))
        points = [Till(rules).points(each) for each in baskets]
        faults, gives = faults + len(said), gives + any(points)
        assert not said or not any(points), (when, effect)
    assert faults > 30
    assert gives > 30
