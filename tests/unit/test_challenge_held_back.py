"""Challenges whose reward is nothing, or held back, for an event that counts; by hand, through ledger and campaigns."""

from __future__ import annotations

from datetime import timedelta

from shared.rules.challenges import reached
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.returnkit import NOON
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition

CAT = member(7)
TWICE = "progress: {count: times, period: month, goal: 2}\n"
DAY = timedelta(days=1)


def challenge(id_: str, body: str) -> str:
    return rule(id_, body, "challenge")


async def test_an_event_counts_for_which_the_reward_would_be_no_points() -> None:
    """5.00, 9.00, then 50.00 with 20.00 of wine: 7 by tens, 20 by the wine, and a fixed 7. Mechanism: `counted` counts
    before the reward is asked for; without it the first two would not count where they give nothing."""
    thrice = "progress: {count: times, period: month, goal: 3}\n"
    wine = 'then: {per_amount: {per: 1.00, where: category == "wine"}}'
    found = Coalition(
        challenge("tens", f"{thrice}then: {{per_amount: {{per: 10.00}}}}"),
        challenge("wine", f"{thrice}{wine}"),
        challenge("fixed", f"{thrice}then: {{fixed: 7}}"),
    )
    await found.buys(line("5.00"))
    await found.buys(line("9.00"))
    assert found.granted() == {}
    await found.buys(line("50.00"), line("20.00", category="wine"))
    assert found.granted() == {"tens": 7, "wine": 20, "fixed": 7}


async def test_where_the_reward_of_the_event_that_reaches_the_goal_is_nothing_a_later_one_wins() -> None:
    """Mechanism: a period is won by the first event that has something to give; else the third would be its third of
    two, and nothing."""
    found = Coalition(challenge("tens", f"{TWICE}then: {{per_amount: {{per: 10.00}}}}"))
    for amount in ("30.00", "9.99"):
        await found.buys(line(amount))
    assert (found.granted(), found.counted()["progress"]["tens"]) == ({}, {"2017-03": 2})
    await found.buys(line("40.00"))
    assert found.granted() == {"tens": 4}
    await found.buys(line("80.00"))
    assert found.granted() == {"tens": 4}


async def test_what_goes_back_of_an_event_that_gives_no_points_is_counted_no_more() -> None:
    """Mechanism: `undoing._holds` asks for conditions; by what the event would give, the 5.00 would stay counted."""
    found = Coalition(challenge("tens", f"{TWICE}then: {{per_amount: {{per: 10.00}}}}"))
    small = await found.buys(line("5.00"))
    await found.returns(small)
    assert found.counted()["progress"]["tens"] == {"2017-03": 0}
    await found.buys(line("30.00"))
    assert found.granted() == {}
    await found.buys(line("30.00"))
    assert found.granted() == {"tens": 3}


async def test_a_used_up_limit_keeps_no_event_from_counting() -> None:
    """One of all members a day: Cat's on the first. Ann's of that day is her 1 of 2, and the next day she wins."""
    found = Coalition(
        challenge("two", f"limits: [{{per: programme, period: day, times: 1}}]\n{TWICE}then: {{fixed: 9}}")
    )
    for _ in range(2):
        await found.buys(line("30"), who=CAT)
    await found.buys(line("30"), who=ANN)
    assert (found.granted(CAT), found.granted()) == ({"two": 9}, {})
    await found.buys(line("30"), who=ANN, at=NOON + DAY)
    assert found.granted() == {"two": 9}


async def test_a_campaigns_limit_that_its_bonus_takes_keeps_no_day_from_counting() -> None:
    """The bonus takes the one a day; on the fourth day, which is beyond its condition, the challenge is won."""
    found = Coalition(
        rule("c", "limits: [{per: member, period: day, times: 1}]", "campaign"),
        rule("bonus", "campaign: c\nwhen: basket.total >= 10\nthen: {fixed: 1}", "bonus"),
        challenge("days", "campaign: c\nprogress: {count: days, period: month, goal: 3}\nthen: {fixed: 100}"),
    )
    for day in range(3):
        await found.buys(line("30"), at=NOON + day * DAY)
    assert (found.granted(), reached(found.counted(), "days", "2017-03")) == ({"bonus": 3}, 3)
    await found.buys(line("5"), at=NOON + 3 * DAY)
    assert found.granted() == {"bonus": 3, "days": 100}


async def test_a_households_points_keep_no_event_from_counting() -> None:
    """Bob had the household's nine of the day. Ann's second of that day reaches the goal; the next day's wins."""
    found = Coalition(
        challenge("two", f"limits: [{{per: household, period: day, points: 9}}]\n{TWICE}then: {{fixed: 9}}")
    )
    for who in (ANN, BOB):
        await found.joins(who, household="oak")
    for who in (BOB, BOB, ANN, ANN):
        await found.buys(line("30"), who=who)
    assert (found.granted(BOB), found.granted()) == ({"two": 9}, {})
    await found.buys(line("30"), at=NOON + DAY)
    assert found.granted() == {"two": 9}


async def test_an_empty_budget_loses_nothing() -> None:
    """Ann has its 20. Bob's two reach the goal; then a basket of Ann's comes back, and Bob's third wins. Mechanism:
    progress goes on past the goal; of days, too."""
    for count in ("times", "days"):
        progress = f"progress: {{count: {count}, period: month, goal: 2}}\n"
        found = Coalition(challenge("two", f"{progress}then: {{fixed: 20}}\nbudget: {{points: 20}}"))
        first = await found.buys(line("30"))
        await found.buys(line("30"), at=NOON + DAY)
        for day in range(2):
            await found.buys(line("30"), who=BOB, at=NOON + day * DAY)
        assert (found.granted(), found.granted(BOB)) == ({"two": 20}, {})
        await found.returns(first)
        assert (found.granted(), found.granted(BOB)) == ({"two": 0}, {})
        await found.buys(line("30"), who=BOB, at=NOON + 2 * DAY)
        assert found.granted(BOB) == {"two": 20}


async def test_days_beyond_the_goal_count_until_it_is_won() -> None:
    """The first of three days comes back while the budget is empty: two are left, and the next event wins. Mechanism:
    days are counted past a goal that is not won; without it one day would be left, and the fourth would win."""
    progress = "progress: {count: days, period: month, goal: 3}\n"
    found = Coalition(challenge("days", f"{progress}then: {{fixed: 20}}\nbudget: {{points: 20}}"))
    gone = [await found.buys(line("30"), at=NOON + day * DAY) for day in range(3)]
    mine = [await found.buys(line("30"), who=BOB, at=NOON + day * DAY) for day in range(4)]
    await found.returns(mine[0], who=BOB)
    assert reached(found.counted(BOB), "days", "2017-03") == 3
    await found.returns(gone[0])
    await found.buys(line("30"), who=BOB, at=NOON + 3 * DAY)
    assert found.granted(BOB) == {"days": 20}


async def test_a_reward_that_was_held_back_goes_back_when_progress_falls_under_the_goal() -> None:
    """Won with the third of two: with one of them back two are left, and it stays; with two it goes."""
    found = Coalition(challenge("two", f"{TWICE}then: {{fixed: 20}}\nbudget: {{points: 20}}"))
    theirs = [await found.buys(line("30"), who=BOB) for _ in range(2)]
    mine = [await found.buys(line("30")) for _ in range(2)]
    await found.returns(theirs[0], who=BOB)
    mine.append(await found.buys(line("30")))
    assert found.granted() == {"two": 20}
    await found.returns(mine[0])
    assert found.granted() == {"two": 20}
    await found.returns(mine[1])
    assert found.granted() == {"two": 0}
