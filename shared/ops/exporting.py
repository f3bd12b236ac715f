"""Exports stored activity from the ledger's journal to a file, for backtests; see `shared.backtest.format`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shared.backtest import journal
from shared.backtest.entries import Announced, Back, Change
from shared.backtest.format import About
from shared.backtest.writing import Writer
from shared.ops.databases import EARN, JOURNAL, MEMBERS, NotThereError, database, opened, read_rulebook
from shared.settings import Settings

Progress = Callable[[int, int], None]
"""Told how many entries were written, of how many."""


async def export(settings: Settings, path: Path, progress: Progress = lambda done, total: None) -> About:
    """Writes the file. Raises NotThereError where nothing is published or posted yet, GapError where entries are lost.

    Entries come in the order in which the database got them: that of the ledger's commits. Where a database was moved
    in another order, each member's own entries are still put in theirs.
    """
    async with opened(settings) as client:
        book = await read_rulebook(client, settings)
        earn = database(client, EARN, settings)
        total = await earn[JOURNAL].estimated_document_count()
        if not total:
            raise NotThereError(f"the journal is empty (database {earn.name}): nothing was posted yet")
        grants: set[str] = set()
        changes: list[Change] = []
        returns: set[Back] = set()
        merges: list[datetime] = []
        order, done = journal.InOrder(), 0
        with Writer(path, book.versions) as writer:
            cursor = earn[JOURNAL].find({}, list(journal.FIELDS), batch_size=2_000).sort([("$natural", 1)])
            async for document in cursor:
                for each in order.feed(document) if document["seq"] is not None else ():
                    if (merged := journal.merged_at(each)) is not None:
                        merges.append(merged)
                    if not journal.is_replayed(each):
                        continue
                    entry = journal.entry(each)
                    writer.add(entry)
                    changes += entry.heard
                    if entry.grant is not None:
                        grants.add(entry.grant)
                    if (back := entry.back) is not None:
                        returns.add(back)
                done += 1
                if done % 1_000 == 0:
                    progress(done, max(done, total))
            order.finish()
            async for member in earn[MEMBERS].find({"heard": {"$exists": True}}, ["heard"]):
                changes += journal.changes_of(member, member["_id"])
            progress(done, done)
            return writer.finish(Announced(frozenset(grants), tuple(changes), frozenset(returns), tuple(merges)))
