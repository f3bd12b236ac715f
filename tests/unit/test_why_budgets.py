"""What `why` says of a budget whose total was changed: how much is used, and which total held a rule back; by hand."""

from __future__ import annotations

import pytest

from shared.ops.explaining import Standing, explain
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.rules.yamlfile import read_all
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import OTHER, Books, at

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


def lines(books: Books, event: str, language: Language = "en") -> list[str]:
    """All that is told of `eb` and an event of the member's, where it is known how things stand now."""
    entry = next(each for each in books.journal if each["_id"].endswith(f"|{event}"))
    found = explain(entry, books.sources, Standing(books.state.shared.lane(0), Ample()))
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
    """30 of the first 30, 55 of the next 100, then it is lowered to 50, and the member's basket is too small. Mechanism:
    `Pool.used`; by what is left of 50, which is nothing, 50 would be used."""
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
