"""A challenge whose goal changes while its period runs is won once; and what it counts cannot change. By hand."""

from __future__ import annotations

from typing import Any

import pytest

from shared.publishing.edition import Draft, ImmutableVersionError
from shared.rules.challenges import completed, counted
from shared.rules.definition import Challenge
from shared.rules.member import Member
from shared.rules.merging_progress import lend, take_back
from shared.rules.reasons import progress
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import spoken
from shared.rules.usage import Ample, MemberUsage
from shared.rules.yamlfile import read_all
from tests.unit.desk import NOW, START, Desk, request, written
from tests.unit.rulekit import basket, book, facts, line, rule

Document = dict[str, Any]


def versions(count: str, *goals: int) -> Rulebook:
    """A challenge whose goal changes on the 10th, and on the 20th, of a March."""
    said = "progress: {{count: {}, period: month, goal: {}}}\nthen: {{fixed: 50}}"
    found = book(rule("much", said.format(count, goals[0]), "challenge"))
    for number, goal in enumerate(goals[1:], 2):
        text = rule("much", said.format(count, goal) + f"\nversion: {number}", "challenge")
        text = text.replace("2017-01-01", f"2017-03-{10 * (number - 1):02d}")
        found = Rulebook([*found.versions, *read_all([("later.yaml", text)], found.versions)])
    return found


def buys(member: Document, rules: Rulebook, day: int, dollars: str = "30") -> bool:
    """Whether that purchase wins it."""
    found = facts(basket(line(dollars), time=f"2017-03-{day:02d}T12:00:00-05:00"), rules)
    candidates = rules.at(found.event.time).matcher.plausible("challenge", found)
    return bool(list(completed(member, candidates, found, rules.at(found.event.time), MemberUsage(member, Ample()))))


@pytest.mark.parametrize(("count", "goals"), [("times", (4, 2)), ("days", (4, 2)), ("amount", (100, 50))])
def test_a_goal_that_is_lowered_below_what_a_member_has_is_won_by_their_next_event(
    count: str, goals: tuple[int, int]
) -> None:
    """Three of four, and then two are enough. Mechanism: `Step.reaches` asks whether the period was won, and not
    whether the goal lay between before and after."""
    member: Document = {"_id": "m"}
    rules = versions(count, *goals)
    assert [buys(member, rules, day) for day in (1, 2, 3)] == [False, False, False]
    assert [buys(member, rules, day) for day in (11, 12)] == [True, False]


@pytest.mark.parametrize(("count", "goals"), [("times", (2, 4)), ("days", (2, 4)), ("amount", (50, 110))])
def test_a_goal_that_is_raised_is_not_won_once_more_in_the_same_period(count: str, goals: tuple[int, int]) -> None:
    """Mechanism: `won` in the member's document."""
    member: Document = {"_id": "m"}
    rules = versions(count, *goals)
    assert [buys(member, rules, day) for day in (1, 2)] == [False, True]
    assert not any(buys(member, rules, day) for day in (11, 12, 13, 14))
    assert member["won"] == {"much": ["2017-03"]}


def test_what_is_told_of_a_period_that_was_won() -> None:
    member: Document = {"_id": "m"}
    rules = versions("times", 1, 9)
    assert buys(member, rules, 1)
    found = facts(basket(line("30"), time="2017-03-12T12:00:00-05:00"), rules).of_member(Member(member))
    [compiled] = rules.at(found.event.time).rules("challenge", "purchase")
    usage = MemberUsage(member, Ample())
    step, _ = counted(member, compiled, found, rules.at(found.event.time), usage)
    assert isinstance(compiled.rule, Challenge)
    assert spoken(progress(compiled.rule, step, found), "en") == "2017-03 is won already"


def test_a_document_of_before_knows_by_what_was_given() -> None:
    """Earlier releases kept what a challenge gave, and no `won`."""
    member: Document = {"_id": "m", "progress": {"much": {"2017-03": 2}}, "completed": {"much": {"2017-03": {}}}}
    assert not buys(member, versions("times", 3), 5)


def test_a_draft_that_counts_something_else_begins_anew() -> None:
    """In a backtest a draft follows what was in force. Breaks without the look at what is kept."""
    member: Document = {"_id": "m"}
    assert not any(buys(member, versions("times", 10), day) for day in (1, 2, 3))
    assert [buys(member, versions("days", 2), day) for day in (4, 5)] == [False, True]
    assert not buys(member, versions("amount", 50), 6)


def test_who_is_merged_into_another_brings_what_was_won() -> None:
    """Together they have more than the goal; it was won by one of them, and is not once more. Mechanism: `won` of what
    is lent."""
    rules = versions("times", 3)
    one: Document = {"_id": "m-1"}
    other: Document = {"_id": "m-2", "progress": {}}
    assert [buys(one, rules, day) for day in (1, 2, 3)] == [False, False, True]
    lend(one, other, rules)
    assert not any(buys(other, rules, day) for day in (4, 5, 6))
    take_back(one, other, rules)
    assert (one["won"], other["won"]) == ({"much": ["2017-03"]}, {"much": []})


def challenge(progress: dict[str, Any], goal: int = 3, **said: Any) -> Draft:
    return written("challenge", "much", progress={"goal": goal, **progress}, then={"fixed": 5}, **said)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ({"count": "times"}, {"count": "days"}, "count` is times"),
        ({}, {"count": "amount"}, "count` is days"),
        ({"period": "month"}, {"period": "week"}, "period` is month"),
    ],
)
async def test_what_a_challenge_counts_cannot_be_published_anew(
    before: dict[str, Any], after: dict[str, Any], what: str
) -> None:
    """Days and times, or sums of months and weeks, would be added up. Mechanism: `edition._same_progress`."""
    desk = await Desk().begun(challenge(before, effective=START))
    with pytest.raises(ImmutableVersionError, match=what):
        await desk.office.publish(request(challenge(after)), NOW)
    assert (await desk.office.publish(request(challenge(before, goal=4)), NOW)).new
