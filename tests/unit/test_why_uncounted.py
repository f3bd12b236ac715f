"""What `why` says of challenges that ask for history, when a purchase comes back that they never counted; by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.partnerkit import ANN
from tests.unit.returnkit import NOON
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_challenge import is_rebuilt, newest, told

SECOND = "when: history.count(today) >= 2\n"
MUCH = rule("hm", f"{SECOND}progress: {{count: amount, period: day, goal: 30}}\nthen: {{fixed: 6}}", "challenge")
TIMES = rule("tm", f"{SECOND}progress: {{count: times, period: day, goal: 3}}\nthen: {{fixed: 8}}", "challenge")


async def test_the_first_of_the_day_comes_back_whole() -> None:
    """4.00 counts for nothing, 12.00 counts, the 4.00 come back, 6.00 counts: 18 and two times.
    Mechanism: `_uncount` asks with the member as they were before the purchase; without it the 4.00, and one of the
    times, are taken from what the others counted."""
    found = Coalition(MUCH, TIMES)
    first = await found.buys(line("4.00"))
    second = await found.buys(line("12.00"))
    await found.returns(first)
    third = await found.buys(line("6.00"))
    assert found.counted()["progress"] == {"hm": {"2017-03-01": 18}, "tm": {"2017-03-01": 2}}
    is_rebuilt(found)
    assert newest(found, rule_="hm") == told(found, third, rule_="hm") == "18 of 30 in 2017-03-01"
    assert newest(found, rule_="tm") == told(found, third, rule_="tm") == "2 of 3 in 2017-03-01"
    assert told(found, second, rule_="hm") == "12 of 30 in 2017-03-01"


async def test_a_part_of_the_first_of_the_day_comes_back_and_the_goal_is_reached() -> None:
    """10.00 counts for nothing, 12.00 and 6.00 count, 4.00 of the first come back, 5.00 counts: 23; 7.00 wins.
    Mechanism: the same; without it 19, and what won is told as what would not have."""
    found = Coalition(MUCH)
    first = await found.buys(line("6.00"), line("4.00"))
    for amount in ("12.00", "6.00"):
        await found.buys(line(amount))
    await found.returns(first, (1, 1))
    fourth = await found.buys(line("5.00"))
    assert newest(found, rule_="hm") == "23 of 30 in 2017-03-01"
    fifth = await found.buys(line("7.00"))
    assert found.granted() == {"hm": 6}
    assert told(found, fourth, rule_="hm") == "23 of 30 in 2017-03-01"
    assert told(found, fifth, rule_="hm") == "6 stars; 30 of 30 in 2017-03-01"
    is_rebuilt(found)


async def test_what_had_counted_is_taken_though_it_would_not_count_by_now() -> None:
    """The third counted; the others come back, then it, which is the only one of the day by then: 0.
    Mechanism: the same; without it the 12.00 stay."""
    found = Coalition(MUCH.replace(">= 2", ">= 3"))
    for each in [await found.buys(line(amount)) for amount in ("4.00", "5.00", "12.00")]:
        await found.returns(each)
    assert found.counted()["progress"] == {"hm": {"2017-03-01": 0}}
    is_rebuilt(found)


@pytest.mark.parametrize("joined", [False, True])
async def test_who_became_a_regular_afterwards(joined: bool) -> None:
    """The same of what is asked about the member besides history: an attribute that a later signup brought. Mechanism:
    `as_of`; without it the first, which counted for nothing, is taken from the second."""
    body = 'when: member.attributes.vip == "gold"\nprogress: {count: times, period: month, goal: 3}\nthen: {fixed: 5}'
    found = Coalition(rule("vips", body, "challenge"))
    await found.joins(attributes={"vip": "gold" if joined else "no"})
    first = await found.buys(line("4.00"))
    await found.joins(attributes={"vip": "gold"})
    await found.buys(line("5.00"), at=NOON + timedelta(hours=2))
    await found.returns(first, at=NOON + timedelta(hours=3))
    assert found.counted(ANN)["progress"] == {"vips": {"2017-03": 1}}
    is_rebuilt(found)
