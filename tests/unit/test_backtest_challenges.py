"""What a backtest says limits and budgets took from challenges, in every form and on both sides; by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.backtest.page import rendered
from shared.backtest.result import Report
from shared.backtest.text import lines
from tests.unit.backtesting import compared, compared_with, posted, written
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_backtest_contested import OTHER, buys, joins

TWICE = "progress: {count: times, period: month, goal: 2}\nthen: {fixed: 50}\n"
ALL = "limits: [{per: programme, period: ever, times: 1}]"
HOME = "limits: [{per: household, period: month}]"
POINTS = "budget: {points: 80}"
DAYS = ("03-01", "03-02", "03-03", "03-04")


def report(folder: Path, body: str, *, against: bool = False, who: str = "cat", home: str | None = "h-1") -> Report:
    """Bob wins with his second; somebody else's second, third and fourth reach the goal as well."""
    live = book(rule("pot", TWICE + body, "challenge"))
    story = [joins("bob", home), joins("cat", home), buys("bob", "03-01", "b1"), buys("bob", "03-01", "b2")]
    story += [buys(who, day, f"c{number}") for number, day in enumerate(DAYS)]
    file = written(folder / "activity.zip", posted(story, live), live)
    return compared_with(folder, file, OTHER, against=OTHER if against else None)


def held(found: Report) -> list[tuple[object, ...]]:
    return [
        (each.rule, each.why, each.draft_times, each.draft_points, each.other_times, each.other_points)
        for each in found.held
    ]


@pytest.mark.parametrize(
    ("body", "why", "points", "by"),
    [
        (ALL, "limit", 50, "times a programme, in all"),
        (HOME, "limit", 50, "times a household, a month"),
        (POINTS, "budget", 20, "budget"),  # 30 of 50 are left, and given
    ],
)
@pytest.mark.parametrize("against", [False, True])
def test_what_was_taken_from_a_challenge_counts_once_a_period(
    body: str, why: str, points: int, by: str, against: bool, tmp_path: Path
) -> None:
    """Bob's second wins. Of Cat's, three reach the goal: one reward is missed, not three. Mechanism: `rewards` of
    `rule_wins`, without which nothing is told."""
    found = report(tmp_path, body, against=against)
    then = (1, points) if against else (None, None)  # the journal notes nothing of challenges
    assert held(found) == [("pot", why, 1, points, *then)]
    [row] = [each for each in lines(found) if by in each and each.lstrip().startswith("pot")]
    assert row.split()[-4:] == ["1", str(points), *(["1", str(points)] if against else ["?", "?"])]
    assert by in rendered(found)
    assert found.data()["held"][0]["rule"] == "pot"
    assert found.data().get("contested") == (None if against else ["pot"])


def test_a_reward_that_is_given_after_all_was_not_taken_away(tmp_path: Path) -> None:
    """One a day of all members: Cat's second is held back, and her third wins on the next day. Mechanism: `Held.less`;
    without it 50 points would be told as taken from a member who has them."""
    live = book(rule("pot", f"{TWICE}limits: [{{per: programme, period: day, times: 1}}]", "challenge"))
    story = [joins("bob", None), joins("cat", None), buys("bob", "03-01", "b1"), buys("bob", "03-01", "b2")]
    story += [buys("cat", day, f"c{number}") for number, day in enumerate(("03-01", "03-01", "03-02"))]
    file = written(tmp_path / "activity.zip", posted(story[:-1], live), live)
    assert held(compared_with(tmp_path, file, OTHER)) == [("pot", "limit", 1, 50, None, None)]
    file = written(tmp_path / "activity.zip", posted(story, live), live)
    found = compared_with(tmp_path, file, OTHER)
    assert held(found) == [] and "contested" not in found.data()


@pytest.mark.parametrize(("day", "times"), [("2017-03-02", 1), ("2017-03-03", 0)])
def test_it_counts_on_the_day_on_which_the_goal_was_reached(day: str, times: int, tmp_path: Path) -> None:
    """The 2nd; from the 3rd on nothing is told of it. Mechanism: `_missed` of `reward`; without it each later event
    would move it to its own day."""
    live = book(rule("pot", TWICE + ALL, "challenge"))
    story = [joins("cat", None), buys("bob", "03-01", "b1"), buys("bob", "03-01", "b2")]
    story += [buys("cat", each, f"c-{each}") for each in DAYS]
    file = written(tmp_path / "activity.zip", posted(story, live), live)
    assert [each.draft_times for each in compared_with(tmp_path, file, OTHER, (day, None)).held] == [1] * times


def test_each_period_counts_by_itself(tmp_path: Path) -> None:
    """In all one: Bob's of March. Cat misses March's and April's."""
    live = book(rule("pot", TWICE + ALL, "challenge"))
    story = [joins("cat", None), buys("bob", "03-01", "b1"), buys("bob", "03-01", "b2")]
    story += [buys("cat", day, f"c-{day}-{n}") for day in ("03-02", "04-02") for n in range(3)]
    file = written(tmp_path / "activity.zip", posted(story, live), live)
    assert held(compared_with(tmp_path, file, OTHER)) == [("pot", "limit", 2, 100, None, None)]


def test_what_nobody_shares_is_counted_and_not_contested(tmp_path: Path) -> None:
    """A campaign's one a member, a year: April's is held back. Nobody else can have been first."""
    campaign = rule("all", "limits: [{period: year, times: 1}]", "campaign")
    live = book(campaign, rule("pot", f"campaign: all\n{TWICE}", "challenge"))
    story = [joins("bob", "h-1"), *(buys("bob", day, f"b-{day}") for day in ("03-01", "03-02", "04-01", "04-02"))]
    file = written(tmp_path / "activity.zip", posted(story, live), live)
    found = compared_with(tmp_path, file, OTHER)
    assert held(found) == [("pot", "limit", 1, 50, None, None)] and "contested" not in found.data()


def test_a_draft_is_told_what_its_own_limit_would_take(tmp_path: Path) -> None:
    """No limit as yet; the draft has a budget of 70: of two rewards of 50 it takes 30 from the second."""
    live = book(rule("pot", TWICE, "challenge"))
    story = [(who, basket(line("9.00"), time=f"2017-03-0{n}T12:00:00-05:00", id_=f"{who}{n}"))
             for who in ("bob", "cat") for n in (1, 2)]  # fmt: skip
    draft = rule("pot", f"version: 2\n{TWICE}budget: {{points: 70}}", "challenge")
    assert held(compared(tmp_path, story, live, draft)) == [("pot", "budget", 1, 30, None, None)]
