"""How many points limits are said to have taken: of a rule that builds on others by what came before it, and of
referrals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.backtest.withheld import weighed
from shared.rules.explaining import explain
from shared.rules.matching import decide, facts_of
from shared.rules.usage import Ample, MemberUsage, bounds
from tests.unit.backtesting import Story, brought, compared, compared_with, written
from tests.unit.rulekit import basket, book, event, line, rule
from tests.unit.test_backtest import LIVE, STORY, buys

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


FRIENDS: Story = [
    ("m-bert", event("signup", "2017-01-05T12:00:00-05:00", "s1")),
    *((who, event("signup", "2017-01-05T12:00:00-05:00", who)) for who in ("m-carl", "m-dora", "m-emil")),
    *((who, event("referral", "2017-02-01T12:00:00-05:00", f"r-{who}")) for who in ("m-carl", "m-dora", "m-emil")),
    buys("m-carl", "9.00", "02-27"),
    buys("m-dora", "9.00", "03-01"),
    buys("m-emil", "9.00", "03-02"),
]
BRING = "advocate: {fixed: 50}\nfriend: {fixed: 20}"


@pytest.mark.parametrize(
    ("limits", "gave", "held"),
    [
        # The month's one time was February's for Carl, and is March's for Dora; for Emil the advocate gets nothing.
        ("limits: [{period: month, times: 1}]", 90, [("bring", "limit", 1, 50)]),
        # Carl and Bert got 70 of 100 in February. Dora gets 20, Bert 10 of 50; for Emil there is nothing for both.
        ("budget: {points: 100}", 30, [("bring", "budget", 2, 110)]),
        # In all, two referrals: Carl's and Dora's.
        ("limits: [{per: programme, period: ever, times: 2}]", 70, [("bring", "limit", 1, 70)]),
        ("", 140, []),
    ],
)
def test_what_limits_took_from_referrals_is_named(
    limits: str, gave: int, held: list[tuple[object, ...]], tmp_path: Path
) -> None:
    """Bert brings three, of whom two first buy in March, which is compared.

    Mechanism: what campaigns keep of a pair says what was denied. Without it, the list says nothing of referrals.
    """
    bring = rule("bring", f"{BRING}\n{limits}", kind="referral")
    live = book(BASE, bring)
    file = written(tmp_path / "activity.zip", brought(FRIENDS, live, "m-bert"), live)
    draft = rule("more", "then: {fixed: 1}")
    found = compared_with(tmp_path, file, draft, ("2017-03-01", None), against=rule("more", "then: {fixed: 2}"))
    (points,) = [each.sums.draft.points for each in found.rules if each.rule == "bring"]
    assert points == gave
    told = [(each.rule, each.why, each.draft_times, each.draft_points) for each in found.held]
    assert told == held
    assert [(each.other_times, each.other_points) for each in found.held] == [each[2:] for each in held]
