"""What `why` says where a budget that members share cut what a rule gave; every figure by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from shared.ops.explaining import Standing, explain
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import rule_named, story_of
from shared.ops.rulings import Ruling
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample, Bound, Shared
from tests.unit.rulekit import HEAD, book, rule
from tests.unit.test_rebuilding import ME, Books, at

MONEY = '{money: {amount: "11.50", currency: USD}, cost_per_point: 0.01}'
VOUCHER = '{voucher: {title: V, value: {amount: "5.00", currency: USD}}}'


class Spent:
    """What is used up by now, by the owners of budgets; nothing else is shared."""

    def __init__(self, *owners: str) -> None:
        self._owners = owners

    def left(self, scope: str, bound: Bound, want: int) -> int:
        return 0 if bound.owner in self._owners else want

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        raise AssertionError("nothing of now is used")


def bought(rules: Rulebook, rule_: str, points: int, *, voucher: bool = False) -> Sources:
    """One basket, for which a rule of campaigns' was granted so many points."""
    books = Books(rules)
    books.send("signup", "s", at(1, 8))
    books.buy("b-0", at(2), "35.00")
    books.grant(rule_, "b-0", at(2), points=points)
    thing: dict[str, Any] = {"_id": f"{rule_}:{ME}:b-0:t0", "member": ME, "rule": rule_, "version": 1}
    thing |= {"at": datetime.fromisoformat(at(2)), "kind": "voucher", "title": "V"}
    return replace(books.sources, things=(thing,) if voucher else ())


def ruling(sources: Sources, rule_: str, now: Shared) -> Ruling:
    last = next(each for each in sources.journal if each["_id"].endswith("b-0"))
    return next(each for each in explain(last, sources, Standing(Ample(), now)).rulings if each.rule == rule_)


def told(sources: Sources, rule_: str, now: Shared, language: Language = "en") -> str:
    return tell_ruling(ruling(sources, rule_, now), language)[0].partition("): ")[2]


@pytest.mark.parametrize("now", [Spent("cut"), Spent()])
def test_a_bonus_cut_by_its_points_says_so(now: Shared) -> None:
    """150 points, of which another purchase had 100; spent by now, or given back since."""
    sources = bought(book(rule("cut", "then: {fixed: 100}\nbudget: {points: 150}", "bonus")), "cut", 50)
    assert told(sources, "cut", now) == "50 stars; 50 of 100 taken away: its budget of 150 points is spent"
    vietnamese = told(sources, "cut", now, "vi")
    assert "50" in vietnamese and "quy định" not in vietnamese
    story = story_of(
        ME, rule_named("cut", sources.book), sources, Standing(Ample(), now), datetime.fromisoformat(at(9))
    )
    assert any("50 of 100 taken away" in each for each in tell_rule(story))


def test_a_bonus_that_was_not_cut_is_whole_though_its_budget_is_spent_by_now() -> None:
    sources = bought(book(rule("cut", "then: {fixed: 100}\nbudget: {points: 150}", "bonus")), "cut", 100)
    assert told(sources, "cut", Spent("cut")) == "100 stars"


def test_points_besides_a_voucher_cut_by_money() -> None:
    """11.50: the first purchase had 5.00 and 1.00, the second 5.00, and 0.50 for 50 of 100 points."""
    sources = bought(
        book(rule("both", f"then: [{VOUCHER}, {{fixed: 100}}]\nbudget: {MONEY}", "bonus")), "both", 50, voucher=True
    )
    said = told(sources, "both", Spent("both"))
    assert said.startswith("50 stars, voucher V") and "50 of 100 taken away: its budget of 11.50 USD is spent" in said


def test_a_campaigns_budget_cuts_a_bonus() -> None:
    """Mechanism: `reasons._whose`; without it the rule is said to have a budget, and it has none."""
    campaign = f"- id: spring\n  kind: campaign\n{HEAD}  budget: {{points: 150}}\n"
    sources = bought(book(campaign, rule("cut", "campaign: spring\nthen: {fixed: 100}", "bonus")), "cut", 50)
    said = told(sources, "cut", Spent("spring"))
    assert said == "50 stars; 50 of 100 taken away: campaign A title (spring): its budget of 150 points is spent"
    assert "bớt 50 trong 100: chiến dịch A title (spring): ngân sách 150 điểm" in told(
        sources, "cut", Spent("spring"), "vi"
    )


def test_what_is_used_up_by_now_is_what_cut() -> None:
    """Mechanism: `Stood.SHORT` cuts by what is used up by now only; with `TIGHT` alone the campaign would be blamed."""
    campaign = f"- id: spring\n  kind: campaign\n{HEAD}  budget: {{points: 9000}}\n"
    body = "campaign: spring\nthen: {fixed: 100}\nbudget: {points: 150}"
    sources = bought(book(campaign, rule("cut", body, "bonus")), "cut", 50)
    assert told(sources, "cut", Spent("cut")) == "50 stars; 50 of 100 taken away: its budget of 150 points is spent"


def test_a_campaigns_money_cuts_an_earn_rule() -> None:
    """1.50 at 0.01: the first basket has 100 points, the second 50."""
    campaign = f"- id: spring\n  kind: campaign\n{HEAD}  budget: {MONEY.replace('11.50', '1.50')}\n"
    books = Books(book(campaign, rule("cut", "campaign: spring\nthen: {fixed: 100}")))
    books.send("signup", "s", at(1, 8))
    books.buy("b-1", at(2), "35.00")
    books.buy("b-0", at(3), "35.00")
    said = told(books.sources, "cut", Ample())
    assert said.startswith("50 stars; ") and said.endswith(
        "50 of 100 taken away: campaign A title (spring): its budget of 1.50 USD is spent"
    )


def test_later_versions_are_told_of_only_where_there_are_any() -> None:
    """Posted 30 of what gives 100 and is not bounded: nobody knows why; with a second version, everybody does."""
    first = rule("cut", "then: {fixed: 100}", "bonus")
    assert told(bought(book(first), "cut", 30), "cut", Ample()) == (
        "30 stars; as posted; asked again it would give otherwise, and why is not kept"
    )
    sources = bought(book(first), "cut", 30)
    second = replace(sources, book=book(rule("cut", "version: 2\nthen: {fixed: 100}", "bonus")))
    assert told(second, "cut", Ample()) == (
        "30 stars; posted by the definitions of that time; others were published since"
    )
