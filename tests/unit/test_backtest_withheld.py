"""How many points a limit is said to have taken from a rule that builds on others: what came before it, no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.backtest.withheld import weighed
from shared.rules.explaining import explain
from shared.rules.matching import decide, facts_of
from shared.rules.usage import Ample, MemberUsage, bounds
from tests.unit.backtesting import compared
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_backtest import LIVE, STORY

BASE = rule("base", "then: {per_amount: {per: 1.00}}")
HALF = "then: {multiply: {rules: [base], by: 1.5, compounding: true}}"
AGAIN = rule("late", "then: {again: [base]}")
LIMIT = "limits: [{period: year, points: 10}]"


@pytest.mark.parametrize("limits", ["", LIMIT])
def test_what_a_limit_took_and_left_is_what_there_is_without_it(limits: str, tmp_path: Path) -> None:
    """Half of 20, 30, 40, 5 and 7 (of 7.50) is 10, 15, 20, 2 and 3: 50; a year's limit leaves 10 of Anna's and of
    Bert's. Doubling comes later, and gives 102 more.

    Mechanism: a rule whose limit is used up is asked with what comes before it. Without it, half of what the later one
    gave would be taken away, too.
    """
    found = compared(tmp_path, STORY, LIVE, rule("half", f"{HALF}\n{limits}") + AGAIN)
    gave = {each.rule: each.sums.draft.points for each in found.rules}
    took = sum(each.draft_points or 0 for each in found.held if each.rule == "half")
    assert (gave["half"], took, gave["late"]) == ((50, 0, 102) if not limits else (20, 30, 102))


@pytest.mark.parametrize("group", ["", "stacking: {group: g, how: exclusive, priority: 1}\n"])
def test_an_explanation_says_the_same(group: str) -> None:
    """Of 30 points half is 15, whether the later one is of no group or one of its own group gives points as well.

    Mechanism: as above; and uses of a group are counted after all of it is told. Without that, an explanation would ask
    the rule with what the other of its group gave.
    """
    other = rule("other", "then: {multiply: {rules: [base], by: 3}}\nstacking: {group: g, how: exclusive, priority: 9}")
    rules = book(BASE, rule("half", f"{HALF}\n{group}{LIMIT}"), AGAIN, *([other] if group else []))
    happened = basket(line("30.00"))
    ruleset, document = rules.at(happened.time), dict[str, Any]()
    candidates = ruleset.rules("earn", "purchase")
    limited = next(each for each in candidates if each.rule.id == "half")
    facts = facts_of(happened, document, ruleset)
    usage = MemberUsage(document, Ample(), None)
    for each in bounds(limited.rule, facts):
        usage.use(each, 10)
    (half,) = [each for each in explain("earn", facts, ruleset, usage) if each.rule == "half"]
    decided = decide(candidates, facts, ruleset, usage)
    (held,) = [each for each in weighed(decided, candidates, facts, ruleset) if each.rule == "half"]
    assert (half.verdict, half.gives[0].wanted, held.points) == ("limit", 15, 15)
