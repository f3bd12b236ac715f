"""What `why` says of a rule of campaigns that gave nothing, where another of its campaign did, or where the member's
own limit was used up; by hand. The budgets pay 0.01 a point."""

from __future__ import annotations

import pytest

from shared.ops.explaining import UNKNOWN, explain
from shared.ops.rule_story import case_now
from shared.ops.rulings import as_it_stands
from shared.ops.telling_rulings import tell_ruling
from shared.rules.definition import Rule
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.returnkit import NOON
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_challenge import lines, sources, told

VOUCHER = '{voucher: {title: V, value: {amount: "5.00", currency: USD}}}'
FIRST = f"campaign: camp\nthen: [{{fixed: 20}}, {VOUCHER}]"
SECOND = "campaign: camp\nthen: {fixed: 5}"
BEST = "\nstacking: {group: g, how: best}"


def camp(body: str) -> str:
    return rule("camp", body, "campaign")


def money(amount: str) -> str:
    return camp(f'budget: {{money: {{amount: "{amount}", currency: USD}}, cost_per_point: 0.01}}')


async def bought(times: int, *rules: str, who: str = ANN) -> tuple[Coalition, list[str]]:
    found = Coalition(*rules)
    return found, [await found.buys(line("30"), who=who) for _ in range(times)]


@pytest.mark.parametrize(
    ("amount", "more", "why", "vietnamese"),
    [
        ("6.00", "", "its budget of 6.00 USD has only 0.65 left, which does not pay for it",
         "ngân sách 6,00 USD chỉ còn 0,65, không đủ để tặng"),
        ("6.00", BEST, "its budget of 6.00 USD has only 0.70 left, which does not pay for it",
         "ngân sách 6,00 USD chỉ còn 0,70, không đủ để tặng"),
        # Spent by now: the last 0.05 by the other rule, for the same purchase.
        ("5.35", "", "its budget of 5.35 USD had too little left to pay for it",
         "ngân sách 5,35 USD khi đó còn quá ít để tặng"),
    ],
)  # fmt: skip
async def test_what_a_campaigns_budget_did_not_pay_for_is_told_so_where_it_paid_for_another(
    amount: str, more: str, why: str, vietnamese: str
) -> None:
    """The first purchase takes 5.20, and 0.05 by the other rule where no group has it lose; each later one 0.05: 5.35
    in all, or 5.30. Mechanism: `Case.gave_nothing`; without it what the budget allowed the other rule it allows every
    rule of the campaign, and nobody knows why this one gave nothing; and `shared_told._too_little`, without which the
    budget is said to have been spent when it had 0.15 or 0.10 left."""
    both = rule("first", FIRST + more, "bonus"), rule("second", SECOND + more, "bonus")
    found, ids = await bought(3, money(amount), *both)
    for each in ids[1:]:
        assert told(found, each, rule_="first") == f"campaign A title (camp): {why}"
        assert told(found, each, rule_="second") == "5 stars"
    assert told(found, ids[1], rule_="first", language="vi") == f"chiến dịch A title (camp): {vietnamese}"
    assert told(found, ids[0], rule_="first").startswith("20 stars, voucher V")


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("7.00", "campaign A title (camp): its budget of 7.00 USD has only 1.95 left, which does not pay for it"),
        ("11.00", "campaign A title (camp): its budget of 11.00 USD had too little left to pay for it"),
    ],
)
async def test_what_a_budget_would_pay_for_by_now_it_is_said_to_have_had_too_little_for(amount: str, why: str) -> None:
    """Bob's 5.20 and 1.00 leave 0.80, or 4.80, of which Ann gets 0.05; then 1.20 come back of his points, and all that
    his voucher is worth stays spent: 1.95 are left, or 5.95, which would pay for it. Mechanisms: `Recorded.refused`,
    without which nobody knows why it gave nothing; and `_of`, without which 5.95 would be said not to pay for it."""
    second = rule("second", "campaign: camp\nthen: {per_amount: {per: 1.00}}", "bonus")
    found = Coalition(money(amount), rule("first", FIRST, "bonus"), second)
    his, mine = await found.buys(line("100"), who=BOB), await found.buys(line("5"))
    await found.returns(his, who=BOB)
    assert told(found, mine, rule_="second") == "5 stars"
    assert told(found, mine, rule_="first") == why


async def test_of_a_budget_that_is_spent_since_by_somebody_else_no_more_is_said_than_that_it_was_too_little() -> None:
    """5.20 of 7.00 leave 1.80; then Bob gets the 1.80 in points. As it stands now it is spent, where no event is asked
    about. Mechanisms: as above; `Told.then`."""
    second = rule("second", "campaign: camp\nwhen: basket.total >= 100\nthen: {per_amount: {per: 1}}", "bonus")
    found, ids = await bought(2, money("7.00"), rule("first", FIRST, "bonus"), second)
    short = "campaign A title (camp): its budget of 7.00 USD has only 1.80 left, which does not pay for it"
    assert told(found, ids[1], rule_="first") == short
    await found.buys(line("180"), who=BOB)
    assert told(found, ids[1], rule_="first") == (
        "campaign A title (camp): its budget of 7.00 USD had too little left to pay for it"
    )
    known, standing = sources(found, member(9))
    [asked] = [each for each in found.book.versions if each.id == "first"]
    assert isinstance(asked, Rule)
    now = as_it_stands(case_now(member(9), asked, known, standing, NOON))
    [first] = [tell_ruling(each)[0] for each in now if each.rule == "first"]
    assert first.endswith("campaign A title (camp): its budget of 7.00 USD is spent")


async def test_of_points_that_another_rule_took_the_last_of() -> None:
    """20 and 5 of 30; then the first rule gets the last 5 of its 20, and the other none."""
    rules = rule("first", "campaign: camp\nthen: {fixed: 20}", "bonus"), rule("second", SECOND, "bonus")
    found, ids = await bought(2, camp("budget: {points: 30}"), *rules)
    spent = "campaign A title (camp): its budget of 30 points is spent"
    assert told(found, ids[1], rule_="first") == f"5 stars; 15 of 20 taken away: {spent}"
    assert told(found, ids[1], rule_="second") == spent


@pytest.mark.parametrize(
    ("per", "why"),
    [("household", "already used up by the household this month"), ("programme", "used up this month by all members "
     "together")],
)  # fmt: skip
async def test_of_a_campaigns_limit_that_another_rule_used_up(per: str, why: str) -> None:
    """One a month: the first rule has it for the same purchase."""
    limit = camp(f"limits: [{{per: {per}, period: month, times: 1}}]")
    found = Coalition(
        limit, rule("first", "campaign: camp\nthen: {fixed: 20}", "bonus"), rule("second", SECOND, "bonus")
    )
    await found.joins(ANN, household="oak")
    await found.hear()
    mine = await found.buys(line("30"))
    assert told(found, mine, rule_="first") == "20 stars"
    assert told(found, mine, rule_="second") == f"campaign A title (camp): {why}; again from 2017-04-01"


async def test_of_a_challenge_that_a_budget_did_not_pay_for_though_it_paid_for_a_bonus() -> None:
    """5.05, of which the bonus takes 0.05 twice: 4.95 are left, and the reward takes 5.20."""
    twice = f"campaign: camp\nprogress: {{count: times, period: month, goal: 2}}\nthen: [{{fixed: 20}}, {VOUCHER}]"
    found, ids = await bought(2, money("5.05"), rule("twice", twice, "challenge"), rule("second", SECOND, "bonus"))
    short = "its budget of 5.05 USD has only 4.95 left, which does not pay for it"
    assert told(found, ids[1], rule_="twice") == f"2 of 2 in 2017-03, but campaign A title (camp): {short}"


async def test_what_builds_on_what_was_granted_is_told_by_all_of_that() -> None:
    """100 points take 1.00 of 8.50, and the same once more with a voucher 6.00: 1.50 are left; the next 100 leave 0.50.
    Mechanism: only what gave nothing is judged by what is left now; without it the 100 would be cut to 50, and 50 be
    what is to be given once more."""
    again = rule("again", f"campaign: camp\nthen: [{{again: [first]}}, {VOUCHER}]", "bonus")
    found, ids = await bought(2, money("8.50"), rule("first", "campaign: camp\nthen: {fixed: 100}", "bonus"), again)
    known, standing = sources(found, ANN)
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{ids[1]}"))
    [held] = [each for each in explain(entry, known, standing).rulings if each.rule == "again"]
    assert held.explained is not None and [each.wanted for each in held.explained.gives] == [100]
    short = "campaign A title (camp): its budget of 8.50 USD has only 0.50 left, which does not pay for it"
    assert tell_ruling(held)[0].endswith(short)


ALL_GONE = "20 of 20 taken away: {}its budget of {} USD is spent"


@pytest.mark.parametrize("other", [(), (rule("second", SECOND, "bonus"),)])
async def test_of_a_voucher_that_was_paid_for_where_no_point_was(other: tuple[str, ...]) -> None:
    """5.20, or 5.25 with the other rule's points; then 5.00 for the voucher, or 5.05, and nothing is left for points.
    Mechanism: `Case.gave_no_points`; without it 20 stars are on their way for ever, and no voucher is told."""
    amount = "10.30" if other else "10.20"
    found, ids = await bought(2, money(amount), *other, rule("vouched", FIRST, "bonus"))
    assert told(found, ids[0], rule_="vouched") == "20 stars, voucher V"
    said = ALL_GONE.format("campaign A title (camp): ", amount)
    assert told(found, ids[1], rule_="vouched") == f"voucher V; {said}"


async def test_of_a_challenges_voucher_that_was_paid_for_where_no_point_was() -> None:
    """All 5.00 go for the voucher. Mechanism: `Sources.rewards` tells what challenges gave, also where no grant does;
    without it the budget that it spent itself is said to have held it back."""
    body = f"progress: {{count: times, period: month, goal: 2}}\nthen: [{{fixed: 20}}, {VOUCHER}]\n"
    own = 'budget: {money: {amount: "5.00", currency: USD}, cost_per_point: 0.01}'
    found, ids = await bought(2, rule("vouched", body + own, "challenge"))
    assert told(found, ids[1], rule_="vouched") == f"voucher V; 2 of 2 in 2017-03, but {ALL_GONE.format('', '5.00')}"


OWN = "campaign: camp\nthen: {fixed: 9}\nlimits: [{period: week, points: 15}]"


@pytest.mark.parametrize("rules", [(), (rule("second", SECOND, "bonus"),)])
async def test_a_limit_of_the_members_own_is_told_before_a_budget_that_is_spent_by_now(rules: tuple[str, ...]) -> None:
    """9 and 6 are the week's 15; then Bob spends what is left of the campaign's. Mechanism: `Case._of_campaigns` asks
    the member's own limits first; without it the budget is said to have held back what it would have paid for."""
    found, ids = await bought(3, money("0.40" if rules else "0.20"), rule("own", OWN, "bonus"), *rules)
    for _ in range(3):
        await found.buys(line("30"), who=BOB)
    used = f"all 15 points that it gives this week are given (by {ids[0]}, {ids[1]}); again from 2017-03-06"
    assert told(found, ids[2], rule_="own") == used
    assert "spent by now (how it stands now, not before this event)" in lines(found, ids[2], rule_="own")[-1]
    assert told(found, ids[2], rule_="own", language="vi").startswith("đã nhận đủ 15 điểm trong tuần này")


async def test_where_nobody_knows_how_a_budget_stands_the_members_own_limit_is_told() -> None:
    found, ids = await bought(3, money("0.20"), rule("own", OWN, "bonus"))
    known, _ = sources(found, ANN)
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{ids[2]}"))
    [held] = explain(entry, known, UNKNOWN).rulings
    assert (held.verdict, held.explained and held.explained.by) == ("limit", "own:member:points:week")
