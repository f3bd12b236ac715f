"""The demo: a real retailer's year through Kafka, four services and MongoDB; timed, drawn, and reconciled."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any, Protocol

from shared.demo.figures import figures
from shared.demo.grocer import Message
from shared.demo.stream import stream
from shared.ops.lag import Watch
from shared.ops.reconcile import Report, reconcile
from shared.ops.supervisor import Worker
from shared.runtime.mongo import connect
from shared.runtime.service import database_name
from shared.settings import Settings


class Display(Protocol):
    """Where progress is shown."""

    def published(self, sent: Counter[str]) -> None:
        """So many records of each kind are with the broker."""
        ...

    def progress(self, counts: dict[str, int], lags: dict[str, int]) -> None:
        """So many documents are in each collection of interest; so many records wait for each group."""
        ...


@dataclass(frozen=True)
class Played:
    """What a run came to; `seconds` from the first record published to everything at rest."""

    seconds: float
    sent: Counter[str]
    figures: dict[str, Any]
    books: Report


# What the bars count: (bar, service, collection).
COUNTED = (
    ("journal", "earn", "journal"),
    ("dead letters", "earn", "dead_letters"),
    ("duplicates", "earn", "duplicates"),
    ("tiers", "tiers", "members"),
    ("campaigns", "campaigns", "members"),
    ("messages", "notify", "sent"),
    ("delivered", "notify", "delivered"),
)


async def play(
    settings: Settings,
    messages: Iterable[Message],
    display: Display,
    *,
    ahead: int = 40_000,
    rest_timeout_s: float = 300.0,
    look_every_s: float = 1.0,
) -> Played:
    """Streams the messages, waits until all has come to rest, then counts and reconciles.

    ahead: how many records may wait for the slowest consumer before the stream pauses, so that a broker that keeps
    everything in memory is not overrun.
    """
    client = connect(settings.mongo_url())
    watch = await Watch(settings, client).start()
    slowest = 0

    async def look() -> None:
        nonlocal slowest
        with contextlib.suppress(Exception):  # a look that fails is no reason to stop the show
            counts = {
                bar: await client[database_name(service, settings)][collection].estimated_document_count()
                for bar, service, collection in COUNTED
            }
            lags, _ = await watch.lags(at_most_s_old=10.0)
            slowest = max(lags.values())
            display.progress(counts, lags)

    async def looks() -> None:
        while True:
            await look()
            await asyncio.sleep(look_every_s)

    looking = asyncio.create_task(looks())
    started = monotonic()
    try:
        sent = await stream(settings, messages, progress=display.published, gate=lambda _: slowest < ahead)
        if not await watch.rest(rest_timeout_s):
            raise TimeoutError(f"not at rest after {rest_timeout_s:.0f} s; lags: {(await watch.lags())[0]}")
        seconds = watch.calm_since - started
        await look()  # what is shown last is what it came to
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await watch.stop()
        await client.close()
    return Played(seconds, sent, await figures(settings), await reconcile(settings))


async def ready(settings: Settings, workers: Iterable[Worker], timeout_s: float = 60.0) -> None:
    """Waits until every worker answers that it is ready, on whichever port it is by then. Raises TimeoutError naming
    those that do not."""
    left = list(workers)
    until = perf_counter() + timeout_s
    while left:
        left = [each for each in left if not await asyncio.to_thread(_answers, settings.host, each.port)]
        if left and perf_counter() > until:
            late = ", ".join(f"{each.name} (port {each.port})" for each in left)
            raise TimeoutError(f"not ready: {late}; see the logs in {settings.home}/logs")
        if left:
            await asyncio.sleep(0.1)


def _answers(host: str, port: int) -> bool:
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        with urlopen(f"http://{host}:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
