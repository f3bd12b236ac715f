"""A backtest says of which rules of campaigns others may have been first: what households and all share; by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.backtest.entries import Entry
from shared.backtest.page import rendered
from shared.backtest.result import Report
from shared.backtest.text import lines
from shared.events.light import Occurrence
from shared.rules.effects import Award
from shared.rules.rulebook import Rulebook
from tests.unit.backtesting import brought, compared_with, posted, written
from tests.unit.rulekit import basket, book, event, line, rule
from tests.unit.test_backtest_withheld import BASE, BRING, FRIENDS

TREAT = "then: {fixed: 50}\nstacking: {group: g, how: exclusive, priority: 1}\n"
HOME = "limits: [{per: household, period: week}]"
OTHER = rule("draft", "schedule: {until: 2017-01-02}\nthen: {fixed: 1}")


def joins(who: str, household: str | None) -> tuple[str, Occurrence]:
    profile = {} if household is None else {"household": household}
    return who, event("signup", "2017-02-01T12:00:00-05:00", f"s-{who}", profile=profile)


def buys(who: str, day: str, id_: str) -> tuple[str, Occurrence]:
    return who, basket(line("9.00"), time=f"2017-{day}T12:00:00-05:00", id_=id_)


def told(folder: Path, body: str, household: str | None, who: str = "cat", against: bool = False) -> Report:
    """Bob joins with a household, and Cat; Bob buys, then who is said, in one week."""
    kind = "earn" if "earn" in body else "bonus"
    live = book(rule("hh", body.removeprefix("earn\n"), kind=kind))
    story = [joins("bob", household), joins("cat", household), buys("bob", "03-01", "b"), buys(who, "03-02", "c")]
    file = written(folder / "activity.zip", posted(story, live), live)
    return compared_with(folder, file, OTHER, against=OTHER if against else None)


@pytest.mark.parametrize("body", [HOME, "budget: {points: 50}", "limits: [{per: programme, period: week}]"])
def test_what_others_may_have_used_first_is_told_in_every_form(body: str, tmp_path: Path) -> None:
    """Mechanism: `Contested`; without it the result says nothing of an order that nobody kept."""
    report = told(tmp_path, TREAT + body, "h-1")
    assert report.data()["contested"] == ["hh"]
    sentence = (
        "Used up by households or by all members together, in campaigns: hh; campaigns may have met members in another "
        "order than a replay, so who got the last of it may differ from what was posted; --against with a copy of the "
        "rules decides both sides alike"
    )
    assert sentence in [*lines(report)]
    assert f"{sentence}." in rendered(report)


@pytest.mark.parametrize(
    ("body", "household", "who", "against"),
    [
        (TREAT + HOME, None, "bob", False),  # a household of one
        (TREAT + "limits: [{period: week}]", "h-1", "bob", False),  # the member's own
        (f"earn\n{TREAT}{HOME}", "h-1", "cat", False),  # earn has the ledger's order
        (TREAT + HOME, "h-1", "cat", True),  # both sides are decided
    ],
)
def test_where_the_order_is_the_same_nothing_is_said(
    body: str, household: str | None, who: str, against: bool, tmp_path: Path
) -> None:
    report = told(tmp_path, body, household, who, against)
    assert "contested" not in report.data()
    assert not any("Used up by" in each for each in [*lines(report), rendered(report)])


def test_a_household_of_which_only_one_member_is_known_has_no_other(tmp_path: Path) -> None:
    """Mechanism: `Contested.rules` counts the household's members; without it each such member is told of."""
    live = book(rule("hh", TREAT + HOME, kind="bonus"))
    story = [joins("bob", "h-1"), joins("cat", "h-2"), buys("bob", "03-01", "b"), buys("bob", "03-02", "c")]
    file = written(tmp_path / "activity.zip", posted(story, live), live)
    assert "contested" not in compared_with(tmp_path, file, OTHER).data()


@pytest.mark.parametrize(
    ("limits", "days", "contested"),
    [
        ("budget: {points: 100}", ("2017-03-01", None), ["bring"]),
        ("budget: {points: 100}", (None, "2017-02-28"), []),  # it was spent in March
        ("limits: [{period: month, times: 1}]", ("2017-03-01", None), []),  # the advocate's own
    ],
)
def test_referrals_are_told_of_too_and_only_within_the_span(
    limits: str, days: tuple[str | None, str | None], contested: list[str], tmp_path: Path
) -> None:
    """Three friends of one member, as in the tests of what limits took. Mechanism: what campaigns keep of a pair is
    noted; without it no referral is named."""
    live = book(BASE, rule("bring", f"{BRING}\n{limits}", kind="referral"))
    file = written(tmp_path / "activity.zip", brought(FRIENDS, live, "m-bert"), live)
    assert compared_with(tmp_path, file, rule("more", "then: {fixed: 1}"), days).contested == contested


def otherwise(entries: list[Entry], live: Rulebook) -> list[Entry]:
    """As if campaigns had met Cat first: her grant, and none of Bob's."""
    own = posted([joins("cat", "h-1"), buys("cat", "03-02", "c")], live)[-1]
    assert own.grant is not None and own.awards == [Award("hh", 1, "stars", 50)]
    return [*(each for each in entries if each.grant is None), own]


def test_a_difference_that_comes_of_the_order_is_told_with_its_reason(tmp_path: Path) -> None:
    """Campaigns met Cat first, the ledger posted Bob's purchase first: a draft that changes nothing gives Bob 50 and
    takes them from Cat, and the result says of which rule that may be so."""
    live = book(rule("hh", TREAT + HOME, kind="bonus"))
    story = [joins("bob", "h-1"), joins("cat", "h-1"), buys("bob", "03-01", "b"), buys("cat", "03-02", "c")]
    file = written(tmp_path / "activity.zip", otherwise(posted(story, live), live), live)
    report = compared_with(tmp_path, file, OTHER)
    more = {each.member: each.more for each in (*report.winners, *report.losers)}
    assert more == {"bob": 50, "cat": -50}
    assert report.contested == ["hh"]
