"""What `why` says of a bonus that lost to another of its group, when a budget that members share is spent since."""

from __future__ import annotations

import pytest

from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import data
from shared.rules.usage import Shared
from tests.unit.rulekit import book, rule
from tests.unit.test_why_cut import Spent, bought, ruling, told


def two(how: str, hi: str, lo: str) -> Rulebook:
    """Two bonuses of which one gives points: 5 at first, and 12, of which a budget pays 3 in all."""
    return book(
        rule("hi", f"stacking: {{group: g, how: {how}, priority: 9}}\n{hi}", kind="bonus"),
        rule("lo", f"stacking: {{group: g, how: {how}, priority: 1}}\n{lo}", kind="bonus"),
    )


LIMITED = "then: {fixed: 5}\nlimits: [{per: programme, period: ever, times: 1}]"
BUDGETED = "then: {fixed: 12}\nbudget: {points: 3}"


@pytest.mark.parametrize("now", [Spent(), Spent("lo"), Spent("hi", "lo")])
def test_what_lost_to_stacking_did_whatever_is_spent_by_now(now: Shared) -> None:
    """The first of the two was granted; later events have used its limit and the budget of the other.

    Mechanism: a rule that loses whatever others have used is told by that. Without it, its budget would be what
    decided, which was whole then.
    """
    sources = bought(two("exclusive", LIMITED, BUDGETED), "hi", 5)
    assert told(sources, "lo", now) == "A title (hi) comes first, and only one of g gives points"
    found = ruling(sources, "lo", now)
    assert (found.verdict, found.explained and found.explained.by) == ("stacking", "hi")
    explained = data(found.explained)
    assert (explained["wanted"], explained["gives"][0]["wanted"]) == (3, 12)


def test_what_would_have_won_was_held_back_by_its_budget() -> None:
    """The best of two gives points, and 12 is more than the 5 that were granted: so little was left of its budget.

    Breaks when stacking is told wherever another of the group was granted.
    """
    sources = bought(two("best", LIMITED, BUDGETED.replace("3", "40")), "hi", 5)
    assert told(sources, "lo", Spent("hi", "lo")) == "its budget of 40 points is spent"


def test_what_its_whole_budget_would_not_have_let_win_did_not_win() -> None:
    """Of 12 its budget never pays more than 3, and 5 were granted.

    Mechanism: budgets are taken for whole, not for endless. Without it, 12 would have won.
    """
    sources = bought(two("best", LIMITED, BUDGETED), "hi", 5)
    assert ruling(sources, "lo", Spent("hi", "lo")).verdict == "stacking"


def test_what_comes_first_was_held_back_where_the_other_was_granted() -> None:
    """It has the higher priority, so it would have won: it is its limit that decided.

    Breaks as above.
    """
    sources = bought(two("exclusive", LIMITED, "then: {fixed: 12}"), "lo", 12)
    assert told(sources, "hi", Spent("hi")) == "used up in all by all members together"
