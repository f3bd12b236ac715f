"""Backtests and returns: what rules give is compared as it was before anything came back, and the file keeps both."""

from __future__ import annotations

from pathlib import Path

from shared.backtest.engine import Engine
from shared.backtest.entries import Announced
from shared.backtest.exported import Export
from shared.backtest.journal import entry
from tests.unit.backtesting import written
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule

RULES = (
    rule("base", "then: {per_amount: {per: 10}}"),
    rule("once", "when: basket.total >= 50\nthen: {fixed: 25}\nlimits: [{period: month}]"),
)


async def test_a_replay_gives_what_was_given_and_takes_nothing_back(tmp_path: Path) -> None:
    found = Shop(book(*RULES))
    bought = await found.buys(line("30"), line("40"))
    await found.returns(bought, (0, 1))
    await found.returns(bought, amount="5.50")
    await found.returns(bought)
    journal = sorted(found.store.collection("journal").values(), key=lambda each: int(each["seq"]))
    stored = [entry(each) for each in journal]
    file = written(tmp_path / "activity.zip", stored, found.book)
    read = list(Export(file).entries())
    assert [each.event for each in read[1:]] == [each.event for each in stored[1:]]  # what each return is of
    engine = Engine(found.book, Announced())
    posted = [[(a.rule, a.points) for p in engine.take(each) for a in p.awards] for each in read]
    assert posted == [[("base", 7), ("once", 25)], [], [], []]
    assert posted == [[(a.rule, a.points) for a in each.awards] for each in read]
