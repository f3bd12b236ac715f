"""A referral's condition, limits and budget, from partners' events through to what both sides hold; by hand."""

from __future__ import annotations

import pytest

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import MEMBERS
from shared.events.decode import Refused
from shared.rules.merging_progress import lend, take_back
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from shared.runtime.records import Item, Record
from shared.runtime.store import ConflictError
from tests.unit.partnerkit import ANN
from tests.unit.referralkit import FIRST, FOURTH, SECOND, THIRD, Friends, on, refer
from tests.unit.rulekit import line, rule


async def test_an_advocate_is_rewarded_so_often_a_month_and_every_friend_gets_theirs() -> None:
    """Breaks when `times` is not asked of the advocate, is counted by friend, or takes the friend's reward along."""
    found = Friends(refer("limits: [{period: month, times: 2}]"))
    for friend in (FIRST, SECOND, THIRD):
        await found.brings(friend, "03-02")
    assert found.gave(FIRST, SECOND, THIRD) == (40, 10, 10, 10)
    assert found.member()["referrals"] == 2
    assert found.counted(THIRD)["rewarded"]["passed"] == [["refer", "advocate", "limit", "refer:member:times:month"]]
    await found.brings(FOURTH, "04-01")
    assert found.gave(FOURTH) == (60, 10)
    assert found.uses() == {"refer:member:times:month": {"2017-03": 2, "2017-04": 1}}


async def test_the_period_is_that_of_the_first_purchase_in_the_zone_of_the_schedule() -> None:
    """Noon in New York on the last of March is the first of April in Kiritimati."""
    found = Friends(refer("limits: [{period: month}]\nschedule: {time_zone: Pacific/Kiritimati}"))
    await found.brings(FIRST, "03-30")
    await found.brings(SECOND, "03-31")
    assert found.gave(FIRST, SECOND) == (40, 10, 10)
    assert found.uses() == {"refer:member:times:month": {"2017-03": 1, "2017-04": 1}}


async def test_points_a_member_cut_the_advocate_s_reward_alone() -> None:
    found = Friends(refer("limits: [{period: year, points: 50}]"))
    for friend in (FIRST, SECOND, THIRD, FOURTH):
        await found.brings(friend, "03-02")
    assert found.gave(FIRST, SECOND, THIRD, FOURTH) == (50, 10, 10, 10, 10)
    assert found.uses() == {"refer:member:points:year": {"2017": 50}}


async def test_a_total_of_times_counts_referrals_and_ends_both_sides() -> None:
    """Breaks when each side counts as a use, or the friend is rewarded beyond the total."""
    found = Friends(refer("limits: [{per: programme, period: ever, times: 2}, {period: day}]"))
    await found.brings(FIRST, "03-02")
    await found.brings(SECOND, "03-02")  # she has had hers today: the use of the total is the friend's
    await found.brings(THIRD, "03-03")
    assert found.gave(FIRST, SECOND, THIRD) == (20, 10, 10, 0)
    assert found.shared() == {"quota|refer|times:ever|ever": 2}


async def test_a_budget_counts_both_sides_and_gives_the_friend_theirs_first() -> None:
    """65: twice 30, then 5 for the third friend. Breaks when either side is not counted."""
    found = Friends(refer("budget: {points: 65}"))
    for friend in (FIRST, SECOND, THIRD, FOURTH):
        await found.brings(friend, "03-02")
    assert found.gave(FIRST, SECOND, THIRD, FOURTH) == (40, 10, 10, 5, 0)
    held = [found.counted(who)["rewarded"].get("passed") for who in (SECOND, THIRD, FOURTH)]
    key = "refer:programme:budget:ever"
    assert held == [None, [["refer", "friend", "budget", key], ["refer", "advocate", "budget", key]],
                    [["refer", "friend", "budget", key]]]  # fmt: skip


async def test_a_budget_in_money_pays_by_the_cost_of_a_point() -> None:
    """1.00 at 0.03 a point pays 33 points: 30, then 3."""
    found = Friends(refer('budget: {money: {amount: "1.00", currency: USD}, cost_per_point: 0.03}'))
    await found.brings(FIRST, "03-02")
    await found.brings(SECOND, "03-02")
    assert found.gave(FIRST, SECOND) == (20, 10, 3)
    assert found.shared() == {"quota|refer|money-USD|ever": 990_000}


async def test_points_in_all_are_cut_across_both_sides() -> None:
    found = Friends(refer("limits: [{per: programme, period: month, points: 45}]"))
    await found.brings(FIRST, "03-02")
    await found.brings(SECOND, "03-02")
    assert found.gave(FIRST, SECOND) == (25, 10, 10)
    await found.brings(THIRD, "04-02")
    assert found.gave(THIRD) == (45, 10)


LEAST = refer("when: basket.total >= 20.00")


async def test_the_first_purchase_has_to_meet_the_condition_and_a_later_one_does_not_make_up_for_it() -> None:
    """Breaks when the condition is not asked, or is asked of whatever purchase comes."""
    found = Friends(LEAST)
    await found.brings(FIRST, "03-02", "19.99")
    await found.buys(line("500"), who=FIRST, at=on("03-03"))
    await found.brings(SECOND, "03-02", "20.00")
    assert found.gave(FIRST, SECOND) == (20, 0, 10)


async def test_a_purchase_before_the_one_that_was_first_decides_anew() -> None:
    """An earlier purchase that is heard of late: what it does not meet is taken back, what it meets is given."""
    found = Friends(LEAST)
    await found.brings(FIRST, "03-04")
    await found.buys(line("5"), who=FIRST, at=on("03-03"))
    assert found.gave(FIRST) == (0, 0)
    await found.buys(line("25"), who=FIRST, at=on("03-02"))
    assert found.gave(FIRST) == (20, 10)


@pytest.mark.parametrize(("age", "gives"), [("2000-01-01", 0), ("1990-01-01", 20)])
async def test_what_is_asked_of_the_member_is_asked_of_the_friend_also_before_the_referral(
    age: str, gives: int
) -> None:
    """The referral is heard of after the purchase, by which the friend's age was told. Breaks when earn does not tell
    it, or the condition is asked of the event that completes the pair."""
    found = Friends(refer("when: member.age >= 18"))
    await found.joins(FIRST, birthday=age)
    await found.buys(line("5"), who=FIRST, at=on("03-05"))
    await found.refers(FIRST, ANN)
    assert found.gave(FIRST) == (gives, gives // 2)


async def test_a_segment_is_the_friend_s() -> None:
    kids = rule("kids", "when: member.attributes.kids == true", kind="segment")
    found = Friends(refer("segment: kids"), kids)
    await found.joins(FIRST, {"kids": True})
    await found.brings(FIRST, "03-02")
    await found.brings(SECOND, "03-02")
    assert found.gave(FIRST, SECOND) == (20, 10, 0)


async def test_the_version_of_the_referral_s_time_asks_though_another_is_in_force_when_the_friend_buys() -> None:
    """Breaks when only the version in force at the purchase is asked, or told about the friend."""
    newer = refer("when: basket.total >= 1000.00").replace("2017-01-01T00:00:00-05:00", "2017-03-03T00:00:00-05:00")
    found = Friends(refer("when: member.attributes.kids == true"))
    [later] = read_all([("newer.yaml", newer.replace("kind:", "version: 2\n  kind:"))])
    found.book = Rulebook([*found.book.versions, later])
    for who, kids in ((FIRST, True), (SECOND, False)):
        await found.joins(who, {"kids": kids})
        await found.brings(who, "03-10")
    assert found.gave(FIRST, SECOND) == (20, 10, 0)


async def test_a_return_tells_what_an_older_version_asks_though_other_rules_were_published_since() -> None:
    """The referral of the old version asks whose kids these are, the one in force does not, and the purchase's other
    rule has a new version. Breaks when what a return tells campaigns comes from the versions in force alone."""
    base = rule("base", "then: {per_amount: {per: 10}}")
    found = Friends(refer("when: member.attributes.kids == true && basket.total >= 20.00"), base)
    newer = [refer(""), base]
    dated = [each.replace("2017-01-01T00:00:00-05:00", "2017-03-03T00:00:00-05:00") for each in newer]
    later = [each.replace("kind:", "version: 2\n  kind:") for each in dated]
    found.book = Rulebook([*found.book.versions, *read_all([("newer.yaml", later[0])])])
    await found.joins(FIRST, {"kids": True})
    await found.refers(FIRST, ANN)
    bought = await found.buys(line("25"), line("5"), who=FIRST, at=on("03-10"))
    found.book = Rulebook([*found.book.versions, *read_all([("base.yaml", later[1])])])
    await found.returns(bought, (1, 1), who=FIRST, at=on("03-11"))
    assert found.gave(FIRST) == (20, 10)


async def test_what_comes_back_gives_limits_and_budgets_back() -> None:
    """Breaks when a reward is taken back without its uses."""
    limits = "limits: [{period: month}, {per: programme, period: ever, times: 5}]\nbudget: {points: 100}"
    found = Friends(refer(limits))
    bought = await found.brings(FIRST, "03-02")
    await found.brings(SECOND, "03-03")
    assert found.gave(FIRST, SECOND) == (20, 10, 10)
    assert found.shared() == {"quota|refer|times:ever|ever": 2, "quota|refer|budget:ever|ever": 40}
    await found.returns(bought, who=FIRST, at=on("05-01"))
    assert found.gave(FIRST, SECOND) == (0, 0, 10)
    assert found.uses() == {}
    assert found.shared() == {"quota|refer|times:ever|ever": 1, "quota|refer|budget:ever|ever": 10}
    await found.brings(THIRD, "03-30")
    assert found.gave(FIRST, SECOND, THIRD) == (20, 0, 10, 10)


async def test_what_is_left_of_the_first_purchase_has_to_meet_the_condition() -> None:
    """Bought for 30, brought back for 15: the purchase stays the first. Breaks when only a whole return takes back."""
    found = Friends(refer("when: basket.total >= 20.00\nlimits: [{period: month}]"))
    await found.refers(FIRST, ANN)
    bought = await found.buys(line("15"), line("10"), line("5"), who=FIRST, at=on("03-02"))
    await found.returns(bought, (2, 1), who=FIRST, at=on("03-03"))
    assert found.gave(FIRST) == (20, 10)
    await found.returns(bought, (1, 1), who=FIRST, at=on("03-03"))
    assert (found.gave(FIRST), found.uses()) == ((0, 0), {})
    await found.buys(line("50"), who=FIRST, at=on("03-04"))
    assert found.gave(FIRST) == (0, 0)
    await found.returns(bought, who=FIRST, at=on("03-05"))
    await found.buys(line("50"), who=FIRST, at=on("03-06"))
    assert found.gave(FIRST) == (20, 10)


async def test_a_reward_that_moves_to_an_earlier_month_is_counted_there() -> None:
    found = Friends(refer("limits: [{period: month}]"))
    await found.brings(FIRST, "04-02")
    await found.buys(line("5"), who=FIRST, at=on("03-20"))
    assert (found.gave(FIRST), found.uses()) == ((20, 10), {"refer:member:times:month": {"2017-03": 1}})


async def test_who_was_merged_has_used_what_both_have() -> None:
    """The advocate is a duplicate: the survivor's document counts."""
    found = Friends(refer("limits: [{period: year, times: 2}]"))
    await found.brings(FIRST, "03-02")
    duplicate, survivor = found.counted(ANN), {"_id": FOURTH, "progress": {}}
    lend(duplicate, survivor, found.book)
    duplicate["led"] = [99, FOURTH]
    for document in (duplicate, survivor):
        found.campaigns.documents[MEMBERS, str(document["_id"])] = document
    await found.brings(SECOND, "03-02")
    await found.brings(THIRD, "03-02")
    assert found.gave(FIRST, SECOND, THIRD) == (40, 10, 10, 10)
    survivor = found.counted(FOURTH)
    assert survivor["uses"] == {"refer:member:times:year": {"2017": 2}}
    take_back(duplicate, survivor, found.book)
    assert survivor["uses"] == {"refer:member:times:year": {"2017": 1}}


async def test_two_lanes_cannot_both_take_the_advocate_s_last() -> None:
    """Two friends of one advocate, decided at once from one state: one of the two is decided again, and finds nothing
    left. Breaks when the advocate's document is not read and written with the friend's batch."""
    found = Friends(refer("limits: [{period: month}]"))
    await found.refers(FIRST, ANN)
    await found.refers(SECOND, ANN)
    for who in (FIRST, SECOND):
        await found.loop.run([found.purchase(line("5"), who=who, at=on("03-02"))[0]])
    handler, store = CampaignsHandler(partitions=2), found.campaigns
    accruals = [each for each in found.sent[found._heard :] if each.topic == "accruals"]
    records = [Record("accruals", lane, 50, each.value) for lane, each in enumerate(accruals)]
    batches = [[Item(each, read)] for each in records if not isinstance(read := handler.decode(each), Refused)]
    async with store.unit() as one, store.unit() as other:
        gathered = [await handler.gather(unit, batch, found.book)
                    for unit, batch in zip((one, other), batches, strict=True)]  # fmt: skip
        decided = [handler.decide(state, batch, found.book) for state, batch in zip(gathered, batches, strict=True)]
        assert [len(each.messages) for each in decided] == [4, 4]  # grants and offers of both sides
        await one.commit(decided[0].inserts, decided[0].replaces)
        with pytest.raises(ConflictError):
            await other.commit(decided[1].inserts, decided[1].replaces)
    async with store.unit() as again:
        state = await handler.gather(again, batches[1], found.book)
        assert len(handler.decide(state, batches[1], found.book).messages) == 2  # the friend's alone


async def test_a_first_purchase_that_an_earlier_release_noted_counts_in_its_week() -> None:
    """It kept the instant alone. Breaks when what all share is not read for such a one: nothing would be committed."""
    found = Friends(refer("limits: [{per: programme, period: week}]"))
    for friend in (FIRST, SECOND):
        await found.buys(line("5"), who=friend, at=on("03-02"))
        document = found.counted(friend)
        document["first_purchase"] = document["first_purchase"]["time"]
        found.campaigns.documents[MEMBERS, friend] = document
        await found.refers(friend, ANN)
    assert found.gave(FIRST, SECOND) == (20, 10, 0)
    assert found.shared() == {"quota|refer|times:week|2017-W09": 1}
