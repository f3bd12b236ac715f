"""What a draft would have cost, worked out by hand: spans, warm-up, limits, budgets, stacking, segments, money."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.backtest.exported import ExportError
from shared.backtest.result import OfMember, Report
from shared.events.light import Occurrence
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.backtesting import Story, compared
from tests.unit.rulekit import basket, book, event, line, rule

LIVE = book(
    rule("base", "then: {per_amount: {per: 1.00}}"),
    rule("daily", "then: {fixed: 10}\nlimits: [{period: day, times: 1}]"),
    rule("families", 'when: has(member.attributes.kids)\n', kind="segment"),
)  # fmt: skip


def buys(member: str, amount: str, day: str, hour: str = "12") -> tuple[str, Occurrence]:
    return member, basket(line(amount), time=f"2017-{day}T{hour}:00:00-05:00", id_=f"{member}-{day}-{hour}-{amount}")


# Anna has children. March 1st was a Wednesday.
STORY: Story = [
    ("m-anna", event("signup", "2017-01-05T12:00:00-05:00", "s1", attributes={"kids": "2"})),
    ("m-bert", event("signup", "2017-01-05T12:00:00-05:00", "s2")),
    buys("m-anna", "20.00", "02-27"),
    buys("m-anna", "30.00", "03-01"),
    buys("m-bert", "40.00", "03-01", "13"),
    buys("m-anna", "5.00", "03-01", "14"),
    buys("m-bert", "7.50", "03-02"),
]


def by_rule(found: Report) -> dict[str, tuple[int | None, int | None]]:
    return {each.rule: (each.sums.draft.points, each.sums.other.points) for each in found.rules}


def test_a_new_rule_joins(tmp_path: Path) -> None:
    """Twenty points from 25 dollars on: three baskets of February and March."""
    draft = rule("big", "when: basket.eligible >= 20.00\nthen: {fixed: 20}")
    found = compared(tmp_path, STORY, LIVE, draft)
    assert by_rule(found) == {"base": (102, 102), "big": (60, 0), "daily": (40, 40)}
    assert (found.total.draft.points, found.total.other.points, found.total.more.points) == (202, 142, 60)
    assert (found.total.draft.money, found.total.more.money) == ("2.02", "0.60")
    assert found.definitions == [{"id": "big", "kind": "earn", "what": "new"}]
    assert (found.first, found.last, found.events, found.members) == ("2017-01-05", "2017-03-02", 7, 2)
    assert [(each.wallet, each.winning, each.losing) for each in found.wallets] == [("stars", 2, 0)]
    assert found.winners == [OfMember("m-anna", "stars", 115, 75), OfMember("m-bert", "stars", 87, 67)]


def test_only_the_span_is_counted_and_only_in_it_the_draft_is_in_force(tmp_path: Path) -> None:
    """A budget of 25 begins with the span: February's basket takes nothing of it."""
    draft = rule("base", "then: {per_amount: {per: 2.00}}\nbudget: {points: 25}")
    found = compared(tmp_path, STORY, LIVE, draft, ("2017-03-01", "2017-03-01"))
    # 30.00 gives 15, of the 20 that 40.00 would give 10 are left, 5.00 would give 2.
    assert by_rule(found) == {"base": (25, 75), "daily": (20, 20)}
    assert [(day.day, day.draft, day.other) for day in found.days] == [("2017-03-01", 45, 95)]
    held = {(each.rule, each.why): (each.draft_times, each.draft_points) for each in found.held}
    assert held == {("base", "budget"): (2, 12), ("daily", "limit"): (1, 10)}
    assert found.losers == [OfMember("m-bert", "stars", 20, 50), OfMember("m-anna", "stars", 25, 45)]


def test_what_was_before_the_span_counts_for_limits_history_and_challenges(tmp_path: Path) -> None:
    """A limit of once ever was used in February; the third visit and the second day are reached in March."""
    live = book(
        rule("once", "then: {fixed: 9}\nlimits: [{period: ever, times: 1}]"),
        rule("two-days", "progress: {period: year, goal: 2}\nthen: {fixed: 50}", kind="challenge"),
    )
    draft = (
        rule("once", "then: {fixed: 99}\nlimits: [{period: ever, times: 1}]")
        + rule("third", "when: history.count(ever) == 3\nthen: {fixed: 3}")
        + rule("two-days", "progress: {period: year, goal: 2}\nthen: {fixed: 60}", kind="challenge")
    )
    found = compared(tmp_path, STORY, live, draft, ("2017-03-01", "2017-03-02"))
    # Anna used `once` in February, Bert uses it in March; her third visit is at 14:00; both have two days in March.
    assert by_rule(found) == {"once": (99, 9), "third": (3, 0), "two-days": (120, 100)}


def test_a_draft_takes_part_in_stacking(tmp_path: Path) -> None:
    """Best of two: 15 fixed wins over 5.00 and 7.50, and loses to the others."""
    live = book(rule("base", "then: {per_amount: {per: 1.00}}\nstacking: {group: g, how: best}"))
    draft = rule("flat", "then: {fixed: 15}\nstacking: {group: g, how: best}")
    found = compared(tmp_path, STORY, live, draft)
    assert by_rule(found) == {"base": (90, 102), "flat": (30, 0)}
    held = {(each.rule, each.by): (each.draft_times, each.draft_points) for each in found.held}
    assert held == {("base", "flat"): (2, 12), ("flat", "base"): (3, 45)}


def test_segments_and_money(tmp_path: Path) -> None:
    """Only Anna has children; the draft's points cost what its budget says, the others what the caller says."""
    draft = rule(
        "kids",
        'segment: families\nthen: {fixed: 4}\n'
        'budget: {money: {amount: "0.10", currency: USD}, cost_per_point: 0.0125}',
    )  # fmt: skip
    found = compared(tmp_path, STORY, LIVE, draft, usual="0.02")
    (kids,) = [each for each in found.rules if each.rule == "kids"]
    assert (kids.sums.draft.points, kids.sums.draft.money, kids.cost_per_point) == (8, "0.10", "0.0125")
    (families,) = found.segments
    assert (families.segment, families.sums.draft.points, families.sums.other.points) == ("families", 83, 75)
    assert families.sums.draft.money == "1.60"  # 75 at 0.02, and 8 at 0.0125
    assert families.sums.draft.members == 1
    assert found.total.more.money == "0.10"


def test_against_other_definitions_both_are_decided(tmp_path: Path) -> None:
    """What was posted is no side of it."""
    draft, against = rule("base", "then: {per_amount: {per: 2.00}}"), rule("base", "then: {per_amount: {per: 5.00}}")
    found = compared(tmp_path, STORY, LIVE, draft, against=against)
    assert by_rule(found) == {"base": (50, 20), "daily": (40, 40)}
    held = {each.rule: (each.draft_times, each.other_times, each.other_points) for each in found.held}
    assert held == {"daily": (1, 1, 10)}


ONE, FIVE = (rule("base", f"then: {{per_amount: {{per: {per}}}}}") for per in ("1.00", "5.00"))
SECOND = FIVE.replace("kind: earn", "kind: earn\n  version: 2").replace("2017-01-01T00", "2017-03-01T00")
CHANGING = Rulebook([*book(ONE).versions, *read_all([("second.yaml", SECOND)], book().versions)])


@pytest.mark.parametrize(
    ("days", "draft", "what", "points"),
    [
        ((None, None), ONE, "changed", 102),
        ((None, "2017-02-28"), ONE, "unchanged", 20),
        (("2017-03-01", None), FIVE, "unchanged", 16),
        (("2017-02-27", None), FIVE, "changed", 20),
    ],
)
def test_a_definition_as_it_was_all_the_time_is_no_draft(
    days: tuple[str | None, str | None], draft: str, what: str, points: int, tmp_path: Path
) -> None:
    """In March another version came into force: which is new depends on the span."""
    found = compared(tmp_path, STORY, CHANGING, draft, days)
    assert ([each["what"] for each in found.definitions], found.total.draft.points) == ([what], points)
    assert (found.total.more.points == 0) == (what == "unchanged")


def test_nothing_within_the_span(tmp_path: Path) -> None:
    """It is told from when to when there is something."""
    with pytest.raises(ExportError, match="no event is within the span; the activity is from 2017-01-05 to 2017-03-02"):
        compared(tmp_path, STORY, LIVE, rule("x", "then: {fixed: 1}"), ("2018-01-01", None))
