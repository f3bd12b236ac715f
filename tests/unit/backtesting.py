"""Small stored activities for tests of backtests: what a programme posted for some events, as entries and as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from shared.backtest.comparing import Comparison
from shared.backtest.engine import Engine
from shared.backtest.entries import Announced, Entry
from shared.backtest.exported import Export
from shared.backtest.result import Report
from shared.backtest.writing import Writer
from shared.events.light import Occurrence
from shared.rules.matching import Passed
from shared.rules.rulebook import Rulebook

Story = Sequence[tuple[str, Occurrence]]


def posted(story: Story, book: Rulebook) -> list[Entry]:
    """What was posted for (member, event), in this order, each grant right after what won it."""
    return brought(story, book, None)


def brought(story: Story, book: Rulebook, advocate: str | None) -> list[Entry]:
    """The same, of friends who were all brought by one."""
    engine = Engine(book, Announced())
    entries: list[Entry] = []
    for member, event in story:
        entry = Entry(member, event.time, event, advocate=advocate if event.kind == "referral" else None)
        first, *granted = engine.take(entry)
        passed = [Passed(each.rule, 1, "limit", 0, each.by) for each in first.held]  # as the journal notes them
        entries.append(replace(entry, awards=first.awards, passed=passed))
        entries += [Entry(g.member, g.time, None, g.grant, awards=g.awards) for g in granted if g.grant is not None]
    return entries


def written(path: Path, entries: Iterable[Entry], book: Rulebook) -> Path:
    """The entries as an exported file."""
    entries = list(entries)
    with Writer(path, book.versions) as writer:
        for each in entries:
            writer.add(each)
        grants = frozenset(each.grant for each in entries if each.grant is not None)
        backs = frozenset(each.back for each in entries if each.back is not None)
        writer.finish(Announced(grants, tuple(change for each in entries for change in each.heard), backs))
    return path


def compared(
    folder: Path,
    story: Story,
    live: Rulebook,
    draft: str,
    days: tuple[str | None, str | None] = (None, None),
    against: str | None = None,
    usual: str = "0.01",
) -> Report:
    """The report on a draft (YAML) for a story that was posted under the live rules."""
    file = written(folder / "activity.zip", posted(story, live), live)
    return compared_with(folder, file, draft, days, against, usual)


def compared_with(
    folder: Path,
    file: Path,
    draft: str,
    days: tuple[str | None, str | None] = (None, None),
    against: str | None = None,
    usual: str = "0.01",
) -> Report:
    """The same for a file that is there."""
    (folder / "draft.yaml").write_text(draft, encoding="utf-8")
    if against is not None:
        (folder / "against.yaml").write_text(against, encoding="utf-8")
    first, last = (None if day is None else date.fromisoformat(day) for day in days)
    other = None if against is None else folder / "against.yaml"
    return Comparison(Export(file), [folder / "draft.yaml"], other, (first, last), {"": Decimal(usual)}).run()
