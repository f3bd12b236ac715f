"""A rule that would give nothing is not held back by a limit that is used up; by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.ops.explaining import explain
from shared.ops.rebuilding import Sources
from shared.ops.telling_rulings import tell_ruling
from tests.unit.backtesting import compared
from tests.unit.returnkit import Shop
from tests.unit.rulekit import Till, basket, book, line, rule
from tests.unit.test_backtest import LIVE
from tests.unit.test_returns_told import journal

FRUIT = 'per_amount: {per: 1.00, where: department == "FRUIT"}'
WEEKCAP = rule("weekcap", f"then: {{{FRUIT}}}\nlimits: [{{period: week, points: 20}}]")


async def test_the_journal_and_why_say_that_there_was_nothing_to_give() -> None:
    """20.00 of fruit are all 20 points of the week. Bread wants nothing; fruit is held back. Mechanism:
    `Compiled.wants`; without it bread is held back, too, and `passed` says so."""
    found = Shop(book(WEEKCAP))
    await found.buys(line("20.00", department="FRUIT"))
    bread, fruit = await found.buys(line("9.00")), await found.buys(line("9.00", department="FRUIT"))
    assert not found.entry(bread).get("passed")
    assert [(each["rule"], each["verdict"], each["by"]) for each in found.entry(fruit)["passed"]] == [
        ("weekcap", "limit", "weekcap:member:points:week")
    ]
    sources = Sources(journal(found), found.book)
    [nothing], [held] = ([*explain(found.entry(each), sources).rulings] for each in (bread, fruit))
    assert (nothing.verdict, held.verdict) == ("no_points", "limit")
    assert tell_ruling(nothing)[0] == "  - A title (weekcap, v1, earn): 0: 1 for each 1.00, rounded down"


@pytest.mark.parametrize("limit", ["times: 1", "points: 20"])
@pytest.mark.parametrize(
    ("more", "held"), [("", []), (", {tag: fruit}", ["limit"]), (", {fixed: 1, wallet: miles}", ["limit"])]
)
def test_what_gives_things_or_other_points_wants_something(limit: str, more: str, held: list[str]) -> None:
    """Mechanism: `Compiled.wants` asks for things, and for every effect."""
    kind = "bonus" if "tag" in more else "earn"
    till = Till(book(rule("weekcap", f"then: [{{{FRUIT}}}{more}]\nlimits: [{{period: week, {limit}}}]", kind)), kind)
    till.decide(basket(line("20.00", department="FRUIT")))
    found = till.decide(basket(line("9.00")))
    assert (found.awards, [each.verdict for each in found.passed]) == ([], held)


def test_a_backtest_counts_nothing_that_there_was_not_to_give(tmp_path: Path) -> None:
    """25.00 of fruit, of which 5 points are cut; bread; 3.00 of fruit: the limit took something twice, 8 points in all.
    Mechanism: as above; without it the bread is the third time."""
    days = (("27", "25.00", "FRUIT"), ("28", "9.00", "BREAD"), ("28", "3.00", "FRUIT"))
    story = [
        ("m-anna", basket(line(amount, department=of), time=f"2017-02-{day}T1{number}:00:00-05:00", id_=f"b-{number}"))
        for number, (day, amount, of) in enumerate(days)
    ]
    found = [each for each in compared(tmp_path, story, LIVE, WEEKCAP).held if each.rule == "weekcap"]
    assert [(each.why, each.draft_times, each.draft_points) for each in found] == [("limit", 2, 8)]
