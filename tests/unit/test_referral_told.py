"""A referral with a condition and limits as it is told, replayed and published; by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from shared.backtest.costs import Costs
from shared.backtest.journal import entry, is_replayed
from shared.ops.explaining import UNKNOWN, Standing
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.rules.effects import Award
from shared.rules.quotas import Quotas
from shared.rules.usage import Ample
from shared.runtime.sharing import SharedUsage
from tests.unit.backtesting import written
from tests.unit.partnerkit import ANN
from tests.unit.referralkit import FIRST, FOURTH, SECOND, THIRD, Friends, on, refer
from tests.unit.rulekit import rule
from tests.unit.test_backtest_returns import live, points


def steps(found: Friends, who: str, standing: Standing = UNKNOWN) -> list[str]:
    """What `doublestar why --rule refer` says of a member, without what they were given."""
    entries = [each for each in found.store.collection("journal").values() if each["member"] == who]
    sources = Sources(entries, found.book, campaigns=found.counted(who))
    lines = tell_rule(story_of(who, rule_named("refer", found.book), sources, standing, on("03-20")))
    return [each.strip() for each in lines[lines.index("") + 2 :]]


async def test_why_tells_what_the_first_purchase_lacked_and_which_limit_held_back_whom() -> None:
    found = Friends(refer("when: basket.total >= 20.00\nlimits: [{period: month, times: 2}]"))
    await found.joins(ANN)
    await found.brings(FIRST, "03-02", "19.50")
    for friend in (SECOND, THIRD, FOURTH):
        await found.brings(friend, "03-02")
    asked = "the first purchase, as far as it was kept, is what the rule asks for"
    assert steps(found, FIRST)[3:] == [f"no: {asked}", "no: the basket is at least 20.00 (is 19.50): 0.50 more"]
    left = "limits (of members: the advocate's) and the budget left both sides all of their reward"
    assert steps(found, SECOND)[3:] == [f"yes: {asked}", f"yes: {left}"]
    held = "already used 2 times this month (20 stars less for the advocate)"
    assert steps(found, FOURTH)[3:] == [f"yes: {asked}", f"no: {left}: {held}"]
    assert steps(found, ANN) == [
        "no: somebody has referred the member: no referral is known",
        "no: limit of the member this month: 2 of 2 times used",
    ]


@pytest.mark.parametrize(
    ("budget", "less"),
    [
        (35, "5 stars less for the friend, 20 stars less for the advocate"),
        (45, "15 stars less for the advocate"),
        (30, "10 stars less for the friend, 20 stars less for the advocate"),
    ],
)
async def test_a_budget_that_ran_short_is_told_once_with_what_each_side_lost(budget: int, less: str) -> None:
    """Breaks when it is told for each side, or without what it took from whom; the last where the advocate, who is not
    asked about any more, is left out."""
    found = Friends(refer(f"budget: {{points: {budget}}}"))
    for friend in (FIRST, SECOND):
        await found.brings(friend, "03-02")
    told = [each.partition("reward: ")[2] for each in steps(found, SECOND)[3:]]
    assert told == [f"its budget of {budget} points is spent ({less})"]


async def test_a_replay_posts_what_was_posted(tmp_path: Path) -> None:
    """Breaks when a replay knows nothing of an advocate's uses, or asks about a friend when their history has counted
    the purchase."""
    when = "member.attributes.kids == true && history.count(ever, event.kind == 'purchase') < 2"
    limits = f"when: {when}\nlimits: [{{period: month}}]\nbudget: {{points: 55}}"
    found = Friends(refer(limits), rule("base", "then: {per_amount: {per: 10}}"))
    for friend, kids in ((FIRST, True), (SECOND, True), (THIRD, False)):
        await found.joins(friend, {"kids": kids})
        await found.brings(friend, "03-02")
    await found.joins(FOURTH, {"kids": True})
    back = await found.brings(FOURTH, "04-02")
    assert found.gave(FIRST, SECOND, THIRD, FOURTH) == (25, 10, 10, 0, 10)
    await found.returns(back, who=FOURTH, at=on("04-03"))
    journal = found.store.collection("journal").values()  # in the order in which it was posted
    entries = [entry(each) for each in journal if is_replayed(each)]
    assert points(written(tmp_path / "activity.zip", entries, found.book), found.book) == live(entries)


def test_a_point_of_a_referral_costs_what_its_budget_says() -> None:
    found = Friends(refer('budget: {money: {amount: "1.00", currency: USD}, cost_per_point: 0.03}'))
    costs = Costs(found.book.versions, "USD", {"stars": Decimal("0.01")})
    assert costs.of(Award("refer", 1, "stars", 30), on("03-20")) == Decimal("0.03")


async def test_a_budget_that_others_used_up_is_told_to_who_was_rewarded_with_none_of_it() -> None:
    """One friend and the advocate had 30 points of 30; the next one has not bought yet. Mechanism: `_of_all`."""
    found = Friends(refer("budget: {points: 30}"))
    await found.joins(ANN)
    await found.brings(FIRST, "03-02")
    await found.refers(SECOND, ANN)
    quotas = {each["_id"]: each for each in found.campaigns.collection("quotas").values()}
    standing = Standing(Ample(), SharedUsage({}, Quotas(quotas, 1)).lane(0))
    told = "no: budget: 30 of 30 points spent by now"
    assert steps(found, SECOND, standing)[-1] == told
    assert steps(found, ANN, standing)[-1] == told
    assert told not in steps(found, FIRST, standing)
    assert told not in steps(found, SECOND)
