"""Budgets in money that bound vouchers and gifts, and what is refused as it would bound nothing. By hand."""

from __future__ import annotations

import pytest

from shared.ops.past import Tally
from shared.rules.explaining import explain
from shared.rules.matching import facts_of
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import spoken
from shared.rules.spending import in_money, used
from shared.rules.usage import MemberUsage, Shared, bounds
from shared.runtime.sharing import SharedUsage
from tests.unit import marked
from tests.unit.rulekit import Till, basket, book, line, rule

FIVE = "{voucher: {title: five off, value: {amount: '5', currency: USD}}}"
FIFTEEN = "{gift: {title: a mug, value: {amount: '1.50', currency: USD}}}"


def given(rules: Rulebook, shared: Shared, times: int) -> list[list[str]]:
    """What each of so many members' baskets gives: points, then names of things, by rule."""
    told = []
    for _ in range(times):
        decided = Till(rules, kind="bonus", shared=shared).decide(basket(line("1.00")))
        told.append([
            f"{each.rule.id} {each.points} {'+'.join(thing.name for thing in each.rule.things)}".strip()
            for each in decided.outcomes
        ])  # fmt: skip
    return told


def shared() -> Shared:
    return SharedUsage({}, Quotas({}, 1)).lane(0)


@pytest.mark.parametrize(
    ("then", "budget", "expected"),
    [
        (FIVE, "{money: {amount: '10', currency: USD}}", [["x 0 voucher"], ["x 0 voucher"], []]),
        (FIVE, "{money: {amount: '14.99', currency: USD}, cost_per_point: 1}", [["x 0 voucher"], ["x 0 voucher"], []]),
        (FIFTEEN, "{money: {amount: '3', currency: USD}}", [["x 0 gift"], ["x 0 gift"], []]),
        # 6.50 each time of 14: twice 13.00, and 1.00 does not pay for things.
        (f"[{FIVE}, {FIFTEEN}]", "{money: {amount: '14', currency: USD}}", [["x 0 voucher+gift"]] * 2 + [[]]),
        # 5.00 and 20 points at 0.10: 7.00. Of 13.00 then 6.00 are left: the voucher, and 10 points.
        (f"[{{fixed: 20}}, {FIVE}]", "{money: {amount: '13', currency: USD}, cost_per_point: 0.1}",
         [["x 20 voucher"], ["x 10 voucher"], []]),
        # Nothing is left for points, and the voucher is paid.
        (f"[{{fixed: 20}}, {FIVE}]", "{money: {amount: '12', currency: USD}, cost_per_point: 0.1}",
         [["x 20 voucher"], ["x 0 voucher"], []]),
    ],
)  # fmt: skip
def test_what_things_are_worth_is_taken_of_the_budget(then: str, budget: str, expected: list[list[str]]) -> None:
    """Mechanism: `spending.worth`; without it every member is given."""
    assert given(book(rule("x", f"then: {then}\nbudget: {budget}", "bonus")), shared(), 3) == expected


def test_a_campaigns_budget_counts_its_rules_points_and_things_together() -> None:
    """Of 8.00: a voucher of 5.00, 20 points at 0.10; then 1.00 is left: no voucher, 10 points; then nothing."""
    rules = book(
        rule("c", "budget: {money: {amount: '8', currency: USD}, cost_per_point: 0.1}", "campaign"),
        rule("a", f"campaign: c\nthen: {FIVE}", "bonus"),
        rule("b", "campaign: c\nthen: {fixed: 20}", "bonus"),
    )
    assert given(rules, shared(), 3) == [["a 0 voucher", "b 20"], ["b 10"], []]


def test_lanes_together_give_no_more_than_the_budget() -> None:
    """Each lane leases its own slice: three vouchers of 17.00, whichever lane asks."""
    rules = book(rule("x", f"then: {FIVE}\nbudget: {{money: {{amount: '17', currency: USD}}}}", "bonus"))
    of_all = SharedUsage({}, Quotas({}, 4))
    lanes = [of_all.lane(number) for number in (0, 1, 2, 3, 0, 1)]
    assert sum(len(told) for lane in lanes for told in given(rules, lane, 1)) == 3


def test_why_says_what_is_left_of_the_money() -> None:
    rules = book(rule("x", f"then: {FIVE}\nbudget: {{money: {{amount: '12', currency: USD}}}}", "bonus"))
    till, together = basket(line("1.00")), shared()
    told = []
    for _ in range(3):
        ruleset, document = rules.at(till.time), dict[str, object]()
        [each] = explain("bonus", facts_of(till, document, ruleset), ruleset, MemberUsage(document, together))
        told.append((each.verdict, each.why, spoken(each.held[0].so_far())))
    assert [(verdict, said) for verdict, _, said in told] == [
        ("applies", "budget: 0 of 12 USD spent"),
        ("applies", "budget: 5 of 12 USD spent"),
        ("budget", "budget: 10 of 12 USD spent"),
    ]
    short = told[-1][1]
    assert short is not None
    assert spoken(short) == "its budget of 12 USD has only 2 left, which does not pay for it"
    assert spoken(short, "vi") == "ngân sách 12 USD chỉ còn 2, không đủ để tặng"


def of_rule(body: str, then: str, campaign: str = "") -> str:
    """A bonus x, and the campaign c where it is written."""
    above = marked.rule("c", campaign, "campaign", "") if campaign else ""
    return above + marked.rule("x", body, "bonus", then)


MONEY = "budget: {money: {amount: '10', currency: USD}}"
INSTEAD = "write `limits: [{per: programme, period: ever, times: …}]` in the place of `budget`"
COUNT = f"count; {INSTEAD}"
LIMIT = INSTEAD.replace("budget", "limits")
DAILY = "limits: [{period: day}]"


@pytest.mark.parametrize(
    ("body", "then", "words"),
    [
        (
            "budget: ▶{points: 10}",
            FIVE,
            "`budget` counts points, and x gives a voucher, which it does not " + COUNT,
        ),
        ("limits: [▶{period: day, points: 9}]", FIVE, "`limits` counts points, and x gives a voucher, which it"),
        ("budget: ▶{points: 10}", "{tag: vip}", "`budget` counts points, and x gives a tag, which it does not"),
        (
            MONEY.replace("{money", "▶{money"),
            "{voucher: {title: half, percent_off: 50}}",
            "`budget` counts money, and nobody says what a voucher of x costs; write its `value`, or " + INSTEAD,
        ),
        (MONEY.replace("{money", "▶{money"), "{gift: {title: mug}}", "`budget` counts money, and nobody says what a"),
        (MONEY.replace("{money", "▶{money"), "{tag: vip}", "`budget` counts money, and x gives a tag, which cost none"),
        (
            MONEY.replace("{money", "▶{money"),
            "{fixed: 1}",
            "`budget` counts money, and x gives points; write its `cost_per_point`",
        ),
        (
            MONEY.replace("{money", "▶{money").replace("'10'", "'4.99'"),
            FIVE,
            "`budget` does not pay for what x gives once; write a larger `amount`",
        ),
    ],
)
def test_a_bound_that_counts_nothing_is_a_fault(body: str, then: str, words: str) -> None:
    [told] = marked.told(of_rule(body, then))
    assert told.startswith(words)


@pytest.mark.parametrize(
    ("campaign", "then", "words"),
    [
        ("budget: {points: 3}", FIVE, "`budget` of c counts points, and x gives a voucher, which it"),
        (MONEY, "{gift: {title: mug}}", "`budget` of c counts money, and nobody says what a gift of x costs"),
        ("limits: [{period: day, points: 3}]", FIVE, "`limits` of c counts points, and x gives a voucher"),
        (MONEY, "{fixed: 1}", "`budget` of c counts money, and x gives points; write its `cost_per_point`"),
    ],
)
def test_a_campaigns_bound_that_does_not_count_what_a_rule_gives_is_a_fault_there(
    campaign: str, then: str, words: str
) -> None:
    [told] = marked.told(of_rule("campaign: ▶c", then, campaign))
    assert told.startswith(words)


def test_a_campaigns_budget_that_none_of_its_rules_uses_is_a_fault() -> None:
    [told] = marked.told(of_rule("campaign: c", "{tag: vip}", "budget: ▶{points: 3}"))
    assert told.startswith("`budget` counts points, and no rule of c gives any: it bounds nothing; " + INSTEAD)


@pytest.mark.parametrize(
    ("bounds", "said", "mended"),
    [
        ("budget: ▶{points: 3}", INSTEAD, "limits: [{per: programme, period: ever, times: 3}]"),
        (
            "limits: [▶{period: day, points: 9}]",
            INSTEAD.replace("budget", "limits"),
            "limits: [{period: day, times: 3}]",
        ),
        (
            "limits: [{period: day, times: 1}, ▶{period: day, points: 9}]",
            "take `limits.1` away",
            "limits: [{period: day}]",
        ),
        ("limits: [{period: day}]\nbudget: ▶{points: 3}", "take `budget` away", DAILY),
    ],
)
def test_what_is_told_of_a_rules_bound_mends_it(bounds: str, said: str, mended: str) -> None:
    """Mechanism: `bounding._instead`; a second `limits`, or one beside the budget, would be at fault again."""
    [told] = marked.told(of_rule(bounds, FIVE))
    assert told.endswith(f"which it does not count; {said}")
    assert marked.told(of_rule(mended, FIVE)) == []


def test_what_is_told_of_a_campaigns_bound_mends_it() -> None:
    """Its points bound what y gives, and its times the voucher: only apart from each other are both right."""
    both, other = "limits: [{period: day}, {period: day, points: 3}]", marked.rule("y", "campaign: c", "bonus")
    [told] = marked.told(of_rule("campaign: ▶c", FIVE, both) + other)
    assert told == (
        "`limits.1` of c counts points, and x gives a voucher, which it does not count; take `limits.1` of c away, or "
        "x out of c"
    )
    assert marked.told(of_rule("campaign: c", FIVE, DAILY) + other) == []
    assert marked.told(of_rule("on: purchase", FIVE, both) + other) == []


@pytest.mark.parametrize(
    ("body", "then"),
    [
        (MONEY, FIVE),
        ("budget: {points: 10}", f"[{{fixed: 1}}, {FIVE}]"),
        ("budget: {money: {amount: '10', currency: USD}, cost_per_point: 1}", f"[{{fixed: 1}}, {FIVE}, {{tag: vip}}]"),
        ("limits: [{per: programme, period: ever, times: 3}]", "{gift: {title: mug}}"),
    ],
)
def test_a_bound_that_counts_is_none(body: str, then: str) -> None:
    assert marked.told(of_rule(body, then)) == []


def test_what_a_member_used_is_told_alike_in_points_and_in_money() -> None:
    """Of a campaign's 8.00, 20 points at 0.10 and a voucher of 5.00: 1.00 is left, which is 10 points.

    Mechanism: `spending.finest`; without it millionths and points would be added up.
    """
    rules = book(
        rule("c", "budget: {money: {amount: '8', currency: USD}, cost_per_point: 0.1}", "campaign"),
        rule("a", f"campaign: c\nthen: {FIVE}", "bonus"),
        rule("b", "campaign: c\nthen: {fixed: 20}", "bonus"),
    )
    tally = Tally()
    ruleset = rules.at(basket(line("1.00")).time)
    compiled = {each.rule.id: each for each in ruleset.rules("bonus", "purchase")}
    [bound] = bounds(compiled["b"].gates[0].of, facts_of(basket(line("1.00")), {}, ruleset))
    tally.use("programme", *used(bound, compiled["b"].worth, 20))
    tally.use("programme", *used(bound, compiled["a"].worth, 0))
    assert tally.left("programme", bound, 50) == 10
    assert tally.left("programme", in_money(bound, compiled["a"].worth), 5_000_000) == 1_000_000
