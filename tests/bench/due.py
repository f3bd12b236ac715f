"""Due work by itself: a million lots that expire, swept by one worker on a real mongod; rate and memory.

    python -m tests.bench.due [--lots 1000000] [--each 10] [--page 250]

Every member has `--each` lots that expire at different instants, all of them past. One earn process's clockwork does
them: each lot an entry of its own with two postings and an accrual, committed with the member's document; announcements
go to the outbox and are dropped where Kafka would take them. Prints lots a second, and the process's memory before and
at its highest: it must not grow with what is due.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import psutil

from services.earn.clockwork import DueHandler
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared import stack
from shared.ledger import due, lots
from shared.ledger.terms import Terms
from shared.rules import membership
from shared.rules.learning import utc
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from shared.runtime.batch import BatchLoop
from shared.runtime.clockwork import Clockwork
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.records import Message
from shared.runtime.store import DEAD_LETTERS, OUTBOX, Document
from shared.runtime.tail import Tail

PROGRAMME = """
- id: p
  kind: programme
  effective: 2017-01-01T00:00:00Z
  title: P
  time_zone: Asia/Ho_Chi_Minh
  currency: VND
  wallets: [{id: stars, expires: {after: 12 months}}]
"""
NOW = datetime(2026, 3, 1, tzinfo=UTC)
_AT_ONCE = 5_000


def member(number: int, each: int, book: Rulebook) -> Document:
    """Somebody with lots that expired on different days before now, and one that lives on."""
    document = membership.newcomer(f"m-{number:020x}")
    for day in range(each):
        lots.add(document, "stars", 10, Terms(None, utc(NOW - timedelta(days=day, seconds=number % 86_400))))
    lots.add(document, "stars", 1, Terms(None, utc(NOW + timedelta(days=1))))
    rules = book.at(NOW)
    due.note(document, rules.programme.purses, rules.zone)
    return document


async def fill(store: MongoStore, members: int, each: int, book: Rulebook) -> None:
    """The members, in parts."""
    for first in range(0, members, _AT_ONCE):
        part = [member(number, each, book) for number in range(first, min(members, first + _AT_ONCE))]
        await store.database[MEMBERS].insert_many(part, ordered=False)


async def sweep(store: MongoStore, book: Rulebook, page: int) -> tuple[float, int, int]:
    """Seconds, and the process's memory in bytes before and at its highest."""
    tail, sent = Tail(), 0

    async def publish(messages: Sequence[Message]) -> None:
        nonlocal sent
        sent += len(messages)

    def fail(error: Exception) -> None:
        raise error

    loop = BatchLoop(DueHandler(lambda: NOW), store, publish, lambda: book, tail=tail)
    clockwork = Clockwork(loop, store, MEMBERS, lambda: NOW, fail, page=page)
    before = peak = psutil.Process().memory_info().rss
    started = perf_counter()
    while await clockwork.round():
        peak = max(peak, psutil.Process().memory_info().rss)
    await loop.idle()
    seconds = perf_counter() - started
    await tail.close()
    expected = await store.database[JOURNAL].count_documents({"kind": "expiry"})
    assert sent == expected, f"{sent} announced, {expected} posted"
    return seconds, before, peak


async def main(arguments: argparse.Namespace) -> None:
    """Fills a database of its own, sweeps it, prints the figures."""
    book = Rulebook(read_all([("bench.yaml", PROGRAMME)]))
    with tempfile.TemporaryDirectory() as home:
        servers = None if arguments.mongo else stack.start(Path(home), kafka="noida")
        url = arguments.mongo if servers is None else servers.mongo_url
        client = connect(url)
        store = MongoStore(client, "bench_due")
        try:
            await client.drop_database("bench_due")
            await store.prepare(
                {MEMBERS: ["due_at?"], JOURNAL: ["member"], OUTBOX: ["places"], DEAD_LETTERS: ["place"]}
            )
            members = arguments.lots // arguments.each
            await fill(store, members, arguments.each, book)
            seconds, before, peak = await sweep(store, book, arguments.page)
            swept = await store.database[JOURNAL].estimated_document_count()
            sys.stdout.write(
                f"{swept:,} lots of {members:,} members in {seconds:.1f} s: {swept / seconds:,.0f} lots/s\n"
            )
            highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            sys.stdout.write(
                f"memory: {before >> 20} MiB before, {peak >> 20} MiB at its highest ({highest} MiB with filling)\n"
            )
        finally:
            await client.drop_database("bench_due")
            await client.close()
            if servers is not None:
                stack.stop(Path(home), wipe=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lots", type=int, default=1_000_000)
    parser.add_argument("--each", type=int, default=10, help="lots of one member")
    parser.add_argument("--page", type=int, default=250, help="members in one transaction")
    parser.add_argument("--mongo", default=None, help="URL of a replica set; else one is started for it")
    asyncio.run(main(parser.parse_args()))
