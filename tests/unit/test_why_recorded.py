"""What `why` says of bonuses of a purchase by campaigns' record of it, where several bounds could have held them back,
or what was spent is there again; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.ops.explaining import explain
from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import data
from shared.rules.yamlfile import read_all
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_challenge import sources, told

EACH = "then: {per_amount: {per: 1.00}}\n"
MONEY = 'budget: {{money: {{amount: "{}", currency: USD}}, cost_per_point: 0.01}}'
WEEK = "limits: [{{per: household, period: week, points: {}}}]\n"
BEST = "stacking: {group: g, how: best}\n"
BUDGET = "5 stars; 45 of 50 taken away: {}its budget of {} is spent"


async def homes(*rules: str) -> Coalition:
    """Ann and Bob, each of a household of their own."""
    found = Coalition(*rules)
    for who, home in ((ANN, "oak"), (BOB, "elm")):
        await found.joins(who, household=home)
    await found.hear()
    return found


def ruling(found: Coalition, event: str, rule_: str, who: str = ANN) -> Ruling:
    known, standing = sources(found, who)
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{event}"))
    return next(each for each in explain(entry, known, standing).rulings if each.rule == rule_)


async def test_of_a_campaigns_rule_that_its_budget_cut_no_households_limit_is_told() -> None:
    """Bob has 30 and 10 of 75; Ann 30, and the last 5; her household has used 35 of 60. Mechanism: `told` of `Granted`;
    without it the household's limit is said to be used up, of which by now there is less left than the rule wants."""
    camp = rule("camp", WEEK.format(60) + "budget: {points: 75}", "campaign")
    first = rule("first", "campaign: camp\nthen: {fixed: 30}", "bonus")
    found = await homes(camp, first, rule("second", f"campaign: camp\n{EACH}", "bonus"))
    await found.buys(line("10"), who=BOB)
    mine = await found.buys(line("50"))
    assert told(found, mine, rule_="first") == "30 stars"
    assert told(found, mine, rule_="second") == BUDGET.format("campaign A title (camp): ", "75 points")
    assert "chiến dịch A title (camp): ngân sách 75 điểm" in told(found, mine, rule_="second", language="vi")
    plain = data(ruling(found, mine, "second"), "en")["explained"]
    assert plain["by"] == "camp:programme:budget:ever"
    [cut] = [each for each in plain["held"] if each["key"] == plain["by"]]
    assert (cut["used"], cut["most"]) == (75, 75)


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ("limits: [{per: programme, period: day, points: 40}]\n" + MONEY.format("0.15"), BUDGET.format("", "0.15 USD")),
        (WEEK.format(40) + "budget: {points: 15}", BUDGET.format("", "15 points")),
        ("limits: [{per: household, period: week, points: 40}, {per: programme, period: day, points: 15}]",
         "5 stars; 45 of 50 taken away: used up this day by all members together; again from 2017-03-02"),
    ],
)  # fmt: skip
async def test_of_a_rule_that_several_could_have_cut_the_tightest_then_is_told(bounds: str, why: str) -> None:
    """10 of Bob's, then 5 of Ann's 50: the 15 are spent, and of the 40 are 25 left, or 35. Mechanism: as above."""
    found = await homes(rule("pot", EACH + bounds, "bonus"))
    await found.buys(line("10"), who=BOB)
    assert told(found, await found.buys(line("50"))) == why


async def test_what_a_rule_got_that_a_budget_cut_is_what_it_used_of_others() -> None:
    """Of 1.55, a voucher takes 1.00, and 25 of 90 points 0.25 after Bob's 0.30; nothing is left for the other rule.
    Then Bob's 0.30 come back. Mechanism: `Recorded`; without it nobody knows why the other gave nothing, and of the
    week's 200 are 90 said to be given, which were never given."""
    voucher = '{voucher: {title: V, value: {amount: "1.00", currency: USD}}}'
    camp = rule("camp", "limits: [{period: week, points: 200}]\n" + MONEY.format("1.55"), "campaign")
    tick = f"campaign: camp\nwhen: basket.total >= 50\nthen: [{voucher}, {{fixed: 90}}]"
    found = Coalition(
        camp, rule("tick", tick, "bonus"), rule("two", "campaign: camp\nthen: {per_amount: {per: 1}}", "bonus")
    )
    his = await found.buys(line("30"), who=BOB)
    mine = await found.buys(line("60"))
    spent = "campaign A title (camp): its budget of 1.55 USD is spent"
    for back in (False, True):
        if back:
            await found.returns(his, who=BOB)
        assert told(found, mine, rule_="tick") == f"25 stars, voucher V; 65 of 90 taken away: {spent}"
        assert told(found, mine, rule_="two") == spent
        assert ruling(found, mine, "two").verdict == "budget"
        explained = ruling(found, mine, "two").explained
        assert explained is not None and explained.by == "camp:programme:budget:ever"
        assert [(each.used, each.most) for each in explained.held if each.per == "member"] == [(25, 200)]


async def test_a_household_whose_purchase_came_back_had_used_its_limit_then() -> None:
    """Bob has the month's one of `treat`; Ann gets the other rule's points alone, and then Bob's purchase comes back.
    Mechanism: `Refused`; without it the limit has room, and it is not kept why the rule gave nothing."""
    treat = rule("treat", "then: {fixed: 7}\nlimits: [{per: household, period: month, times: 1}]", "bonus")
    found = await homes(treat, rule("other", "then: {fixed: 1}", "bonus"))
    await found.joins(ANN, household="elm")
    his = await found.buys(line("30"), who=BOB)
    mine = await found.buys(line("30"))
    used = "already used up by the household this month; again from 2017-04-01"
    assert told(found, mine, rule_="treat") == used
    await found.returns(his, who=BOB)
    assert told(found, mine, rule_="treat") == used


async def test_what_is_used_up_since_is_not_what_refused_it() -> None:
    """Bob has the 15, the day's first; Ann gets the other rule's alone; 5 of Bob's come back, and somebody gets these,
    the day's second: by now both are used up. Mechanism: `Apart` takes what was recorded; without it the day's limit is
    told, which stands before the budget."""
    pot = rule("pot", f"{EACH}limits: [{{per: programme, period: day, times: 2}}]\nbudget: {{points: 15}}", "bonus")
    found = Coalition(pot, rule("other", "then: {fixed: 1}", "bonus"))
    his = await found.buys(line("10"), line("5"), who=BOB)
    mine = await found.buys(line("30"))
    await found.returns(his, (1, 1), who=BOB)
    assert told(found, await found.buys(line("5"), who=member(7)), member(7)) == "5 stars"
    assert told(found, mine) == "its budget of 15 points is spent"


async def test_what_lost_to_another_with_what_a_budget_had_left_then() -> None:
    """Of 100 Bob has 85: 15 are left of Ann's 30, and the other of the group gives 20; then Bob gets the 15. Mechanism:
    `Recorded.refused` has what won, too; without it the budget is said to have held back 30, which would have won."""
    rich = rule("rich", f"{BEST}{EACH}budget: {{points: 100}}", "bonus")
    found = Coalition(rich, rule("flat", f"{BEST}when: basket.total <= 30\nthen: {{fixed: 20}}", "bonus"))
    await found.buys(line("85"), who=BOB)
    mine = await found.buys(line("30"))
    said = "A title (flat) gave more: 20 instead of 15"
    assert (told(found, mine, rule_="flat"), told(found, mine, rule_="rich")) == ("20 stars", said)
    his = await found.buys(line("40"), who=BOB)
    assert told(found, his, BOB, rule_="rich").startswith("15 stars; 25 of 40 taken away")
    assert told(found, mine, rule_="rich") == said


async def test_what_a_budget_refused_before_another_of_its_group_won() -> None:
    """The 5 are Bob's; of Ann's the other gives 20. Mechanism: `_lost` leaves what is on record alone; without it the
    rule is said to have lost to 20, which nobody compared."""
    poor = rule("poor", f"{BEST}then: {{fixed: 5}}\nbudget: {{points: 5}}", "bonus")
    found = Coalition(poor, rule("rich", f"{BEST}when: basket.total > 20\nthen: {{fixed: 20}}", "bonus"))
    await found.buys(line("10"), who=BOB)
    mine = await found.buys(line("30"))
    assert told(found, mine, rule_="poor") == "its budget of 5 points is spent"


async def test_of_a_record_that_does_not_say_it_all_is_as_it_stands_now() -> None:
    """Of a release before this one, whose records have no `passed`: the guess is as it was. And what is on record for
    another purchase is not this one's."""
    found = await homes(rule("pot", EACH + WEEK.format(40) + "budget: {points: 15}", "bonus"))
    await found.buys(line("10"), who=BOB)
    mine = await found.buys(line("50"))
    assert told(found, mine) == BUDGET.format("", "15 points")
    known, standing = sources(found, ANN)
    older = [{name: each[name] for name in ("_id", "awards")} for each in known.noted]
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{mine}"))
    [guess] = explain(entry, replace(known, noted=older), standing).rulings
    assert "already used up by the household this week" in tell_ruling(guess)[0]


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (rule("camp", "version: 2\nbudget: {points: 500}", "campaign"),
         "would give 7 stars by definitions published after this was decided: it gave nothing"),
        (rule("second", "version: 2\ncampaign: camp\nthen: {fixed: 9}", "bonus"),
         "version 2 would give 9 stars, but was published after this was decided: it gave nothing"),
        (rule("third", "version: 2\nthen: {fixed: 2}", "bonus"),
         "campaign A title (camp): its budget of 40 points is spent"),
    ],
)  # fmt: skip
async def test_what_another_version_would_give_is_told_as_before(later: str, why: str) -> None:
    """Bob has 20 and 7 of 40, Ann the last 13, and then his come back. A second version of the campaign, of 500, is
    published for that time, or one of the rule: by these it would give. One of another rule changes nothing. Mechanism:
    `recorded` asks whether rule and campaign are those that decided; without it all would be told the 40."""
    camp = rule("camp", "budget: {points: 40}", "campaign")
    first, second = (rule(name, f"campaign: camp\nthen: {{fixed: {points}}}", "bonus")
                     for name, points in (("first", 20), ("second", 7)))  # fmt: skip
    found = await homes(camp, first, second, rule("third", "then: {fixed: 1}", "bonus"))
    his = await found.buys(line("30"), who=BOB)
    mine = await found.buys(line("30"))
    await found.returns(his, who=BOB)
    assert told(found, mine, rule_="second") == "campaign A title (camp): its budget of 40 points is spent"
    known, standing = sources(found, ANN)
    book = Rulebook([*found.book.versions, *read_all([("later.yaml", later)], found.book.versions)])
    hour, newer = timedelta(hours=1), {(each.id, 2) for each in book.versions if each.version == 2}
    published = {
        (each.id, each.version): datetime.now(UTC) + (hour if (each.id, each.version) in newer else -hour)
        for each in book.versions
    }
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{mine}"))
    rulings = explain(entry, replace(known, book=book, published=published), standing).rulings
    [said] = [each for each in rulings if each.rule == "second"]
    assert tell_ruling(said)[0].partition("): ")[2] == why
