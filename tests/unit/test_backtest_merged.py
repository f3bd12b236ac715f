"""A backtest's result says how many members were merged: a replay merges nobody; by hand."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from shared.backtest.comparing import Comparison
from shared.backtest.entries import Announced
from shared.backtest.exported import Export
from shared.backtest.journal import merged_at
from shared.backtest.page import rendered
from shared.backtest.result import Report
from shared.backtest.text import lines
from shared.backtest.writing import Writer
from shared.ledger.kin import survivor_of
from tests.unit.backtesting import posted
from tests.unit.rulekit import rule
from tests.unit.test_backtest import LIVE, STORY
from tests.unit.test_why_merged import merge

MERGES = tuple(datetime.fromisoformat(f"2017-{day}T12:00:00-05:00") for day in ("02-01", "02-27", "03-02"))
APART = "a replay merges nobody, and decides each of the two by their own entries"


def compared(folder: Path, first: str | None, last: str | None, against: str | None = None) -> Report:
    file, draft = folder / "activity.zip", folder / "draft.yaml"
    with Writer(file, LIVE.versions) as writer:
        for each in posted(STORY, LIVE):
            writer.add(each)
        writer.finish(Announced(merges=MERGES))
    draft.write_text(rule("big", "then: {fixed: 1}"), encoding="utf-8")
    days = (None if first is None else date.fromisoformat(first), None if last is None else date.fromisoformat(last))
    return Comparison(Export(file), [draft], draft if against else None, days).run()


@pytest.mark.parametrize(
    ("days", "found", "said"),
    [
        ((None, None), {"within": 3, "before": 0}, "3 within these days"),
        (("2017-02-27", "2017-03-01"), {"within": 1, "before": 1}, "1 within these days, 1 before them"),
        (("2017-02-28", "2017-03-01"), {"within": 0, "before": 2}, "2 before them"),
    ],
)
def test_merges_are_told_in_every_form(
    days: tuple[str | None, str | None], found: dict[str, int], said: str, tmp_path: Path
) -> None:
    """Mechanism: `running.merges_in`, of what the file has; without it the result says nothing of them."""
    report = compared(tmp_path, *days)
    assert report.data()["merges"] == found
    sentence = (
        f"Members who were merged into others: {said}; {APART}; what was posted after a merge was decided of both as "
        "one, and may differ"
    )
    assert sentence in [*lines(report)]
    assert f"{sentence}." in rendered(report)


def test_where_both_sides_are_decided_nothing_posted_differs(tmp_path: Path) -> None:
    assert f"Members who were merged into others: 3 within these days; {APART}" in [
        *lines(compared(tmp_path, None, None, "draft"))
    ]


def test_where_nobody_was_merged_by_then_nothing_is_said(tmp_path: Path) -> None:
    report = compared(tmp_path, "2017-01-05", "2017-01-05")
    assert "merges" not in report.data()
    assert not any("merged" in each for each in [*lines(report), rendered(report)])


def test_a_merge_is_counted_by_the_survivors_entry_alone() -> None:
    """Mechanism: `journal.merged_at`; the duplicate has an entry of the same, and an undoing is no merge."""
    mine = merge(1, 2)
    theirs = {**mine, "event": mine["event"].replace(b"duplicate", b"survivor")}
    assert survivor_of(theirs) is not None
    assert [merged_at(each) for each in (mine, theirs, merge(2, 3, "unmerge"))] == [mine["at"], None, None]
