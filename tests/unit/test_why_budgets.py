"""What `why` says of a budget whose total was changed: how much is used, and which total held a rule back; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.ops.explaining import UNKNOWN, Standing, explain
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.rules.yamlfile import read_all
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.returnkit import NOON
from tests.unit.rulekit import book, line, rule
from tests.unit.test_rebuilding import OTHER, Books, at
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_challenge import DAY
from tests.unit.test_why_challenge import lines as challenge_lines
from tests.unit.test_why_challenge import told as challenge_told

POINTS = "budget: {{points: {}}}"
MONEY = 'budget: {{money: {{amount: "{}", currency: USD}}, cost_per_point: 0.01}}'
EARN = "when: basket.total >= 10.00\nthen: {per_amount: {per: 1.00}}\n"


def versions(body: str, budget: str, *totals: tuple[str, str], kind: str = "earn") -> Rulebook:
    """Versions of one rule, `eb`: the total of each, and since when (a day of March 2017, or of all time)."""
    found = book().versions
    for number, (total, since) in enumerate(totals, 1):
        text = rule("eb", f"version: {number}\n{body}{budget.format(total)}", kind)
        text = text.replace("2017-01-01T00:00:00-05:00", f"2017-{since}T00:00:00-05:00")
        found = [*found, *read_all([(f"v{number}.yaml", text)], found)]
    return Rulebook(found)


def lines(books: Books, event: str, language: Language = "en", *, now: bool = True, **known: Any) -> list[str]:
    """All that is told of `eb` and an event of the member's. now: whether it is known how things stand now."""
    entry = next(each for each in books.journal if each["_id"].endswith(f"|{event}"))
    standing = Standing(books.state.shared.lane(0), Ample()) if now else UNKNOWN
    found = explain(entry, replace(books.sources, **known), standing)
    [ruling] = [each for each in found.rulings if each.rule == "eb"]
    return tell_ruling(ruling, language)


@pytest.mark.parametrize(
    ("budget", "totals", "told", "vietnamese"),
    [
        (POINTS, ("30", "100", "50"), "85 of 50 points spent by now", "đã dùng 85 trên 50 điểm tính đến nay"),
        (MONEY, ("0.30", "1.00", "0.50"), "0.85 of 0.50 USD spent by now", "đã dùng 0,85 trên 0,50 USD tính đến nay"),
    ],
)
def test_of_a_budget_that_was_lowered_all_that_is_used_is_told(
    budget: str, totals: tuple[str, str, str], told: str, vietnamese: str
) -> None:
    """30 of the first 30, 55 of the next 100, then it is lowered to 50, and the member's basket is too small.
    Mechanism: `Pool.used`; without it, by what is left of 50, which is nothing, 50 would be used."""
    first, second, third = totals
    books = Books(versions(EARN, budget, (first, "01-01"), (second, "03-10"), (third, "03-20")))
    books.send("signup", "s", at(1, 8))
    books.buy("o-1", at(2), "30.00", OTHER)
    books.buy("o-2", at(11), "55.00", OTHER)
    books.buy("o-3", at(21), "20.00", OTHER)
    books.buy("small", at(22), "5.00")
    as_now = " (how it stands now, not before this event)"
    assert lines(books, "small")[-1] == f"      budget: {told}{as_now}"
    assert vietnamese in lines(books, "small", "vi")[-1]


def late(budget: str, *totals: str, others: tuple[str, str]) -> Books:
    """Somebody buys under each of two versions; then the member's basket comes in, which is older than the second."""
    books = Books(versions(EARN, budget, (totals[0], "01-01"), (totals[1], "03-10")))
    books.send("signup", "s", at(1, 8))
    books.buy("o-1", at(2), others[0], OTHER)
    books.buy("o-2", at(11), others[1], OTHER)
    books.buy("late", at(3), "90.00")
    return books


def test_a_late_event_is_told_the_total_that_can_have_cut_it() -> None:
    """30 of 30, then 20 of 100; the late one gets the 50 that are left, which 30 never allowed. Mechanism:
    `Totals.of`; without it the first version's 30 would have taken 40 of 90 away."""
    books = late(POINTS, "30", "100", others=("30.00", "20.00"))
    said = "50 stars; 40 of 90 taken away: its budget of 100 points is spent"
    for now in (True, False):
        assert lines(books, "late", now=now)[0].partition("): ")[2] == said
    [held] = [
        each
        for ruling in explain(books.journal[-1], books.sources, UNKNOWN).rulings
        for each in (ruling.explained.held if ruling.explained is not None else ())
    ]
    assert (held.used, held.most) == (50, 100)


@pytest.mark.parametrize(
    ("budget", "totals", "told", "vietnamese"),
    [
        (POINTS, ("30", "100"), "(100 points by now)", "(tính đến nay là 100 điểm) khi đó đã hết"),
        (MONEY, ("0.30", "1.00"), "(1.00 USD by now)", "(tính đến nay là 1,00 USD) khi đó đã hết"),
    ],
)
def test_where_either_total_can_have_cut_it_the_newest_is_told_as_such(
    budget: str, totals: tuple[str, str], told: str, vietnamese: str
) -> None:
    """20 are left of 100, and 20 may have been left of 30: whether the second version had been seen is in no journal.
    Mechanism: `Total.then`; without it the one or the other would be said as if it were known."""
    books = late(budget, *totals, others=("30.00", "50.00"))
    said = f"20 stars; 70 of 90 taken away: its budget {told} was spent"
    for now in (True, False):
        assert lines(books, "late", now=now)[0].partition("): ")[2] == said
    assert lines(books, "late", "vi")[0].endswith(vietnamese)


def test_a_total_that_was_published_after_the_decision_held_nothing_back() -> None:
    """The 30 are spent when the member buys; then 100 are published for that time, and spent. Mechanism: `published` of
    `Totals`; without it the 100 might have held it back, too."""
    books = Books(versions(EARN, POINTS, ("30", "01-01"), ("100", "03-10")))
    books.send("signup", "s", at(1, 8))
    books.buy("o-1", at(2), "30.00", OTHER)
    books.buy("mine", at(3), "90.00")
    books.buy("o-2", at(11), "70.00", OTHER)
    said = "its budget {} points {}"
    since = {("eb", 1): datetime(2017, 1, 1, tzinfo=UTC), ("eb", 2): datetime.now(UTC) + timedelta(hours=1)}
    assert lines(books, "mine", published=since)[0].endswith(said.format("of 30", "is spent"))
    assert lines(books, "mine")[0].endswith(said.format("(100", "by now) was spent"))


def test_a_version_that_nobody_has_seen_by_now_held_nothing_back() -> None:
    """The second version is in force, and no event of its time has come. Mechanism: `newest` of `Totals.of`; without it
    its 100 points might have been the ones that were spent."""
    books = Books(versions(EARN, POINTS, ("30", "01-01"), ("100", "03-10")))
    books.send("signup", "s", at(1, 8))
    books.buy("mine", at(3), "90.00")
    assert lines(books, "mine")[0].endswith("60 of 90 taken away: its budget of 30 points is spent")


async def test_a_campaigns_money_that_was_lowered() -> None:
    """A campaign of 2.00, at 0.01 a point: Bob's challenge takes 0.70, two others' as much, of the last 10 points are
    cut. Then it is lowered to 1.00, and somebody buys. Mechanism: `Pool.used`; without
    it 1.00 would be said to be used. What was cut is told the 2.00 that cut it."""
    money = 'budget: {{money: {{amount: "{}", currency: USD}}, cost_per_point: 0.01}}'
    body = "campaign: nov\nprogress: {count: times, period: month, goal: 2}\nthen: {fixed: 70}"
    first = rule("nov", money.format("2.00"), "campaign")
    found = Coalition(first, rule("pot", body, "challenge"))
    bought = {who: [await found.buys(line("30"), who=who) for _ in range(2)] for who in (BOB, member(7), ANN)}
    lowered = rule("nov", f"version: 2\n{money.format('1.00')}", "campaign").replace("2017-01-01T00", "2017-03-03T00")
    found.book = Rulebook([*found.book.versions, *read_all([("later.yaml", lowered)], found.book.versions)])
    late = [await found.buys(line("30"), who=member(9), at=NOON + DAY * 3) for _ in range(2)]
    cut = (
        "60 stars; 2 of 2 in 2017-03, but 10 of 70 taken away: campaign A title (nov): its budget of 2.00 USD is spent"
    )
    assert challenge_told(found, bought[ANN][1]) == cut
    first_of_two = challenge_lines(found, late[0], member(9))
    assert first_of_two[-1].strip().startswith("campaign A title (nov): budget: 2.00 of 1.00 USD spent by now")
    assert "đã dùng 2,00 trên 1,00 USD" in challenge_lines(found, late[0], member(9), language="vi")[-1]
