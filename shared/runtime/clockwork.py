"""Looks for documents whose `due_at` has come, and has them settled in batches: a page of them, one transaction.

Any number of workers may look: who commits first wins, the others decide again and find nothing left to do. Each looks
at another page, so that they seldom meet. However much is due, one page is held at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final
from zlib import crc32

from shared.clock import Clock
from shared.logs import frames, log
from shared.rules.learning import utc
from shared.runtime.batch import BatchLoop
from shared.runtime.metrics import due_lag
from shared.runtime.records import Record
from shared.runtime.store import GaveUpError, OutageError, Store

PLACE: Final = "due"  # of all workers: whoever starts publishes what one that is gone left in the outbox
_ASIDE_S: Final = 60.0
_DRAIN_S: Final = 60.0
_MOST_ASIDE: Final = 1_000


@dataclass(slots=True)
class Doing:
    """What it does, for health. lag_s: how long the first document that waits has been due."""

    settled: int = 0
    lag_s: float = 0.0
    aside: int = 0
    busy_since: float | None = None
    failed: str | None = None


class Clockwork:
    """One process's look at one collection. `fail` is told when it cannot go on: then the process must end."""

    def __init__(
        self, loop: BatchLoop[Any, Any], store: Store, collection: str, clock: Clock, fail: Callable[[Exception], None],
        *, worker: int = 0, page: int = 250, every_s: float = 1.0, outage_s: float = 60.0,
    ) -> None:  # fmt: skip
        self.name = loop.handler.consumer
        self.doing = Doing()
        self._loop, self._store, self._collection, self._clock, self._fail = loop, store, collection, clock, fail
        self._worker, self._page, self._every_s, self._outage_s = worker, page, every_s, outage_s
        self._aside: dict[str, float] = {}
        self._last: set[tuple[str, str]] = set()
        self._drained = 0.0
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to look. A coroutine: what FastStream starts that is none runs in a thread without a loop."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        """Finishes the page in the works; safe to call twice."""
        self._stop.set()
        task, self._task = self._task, None
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def stuck(self, after_s: float) -> bool:
        """Failed, or at one page for too long."""
        since = self.doing.busy_since
        return self.doing.failed is not None or (since is not None and monotonic() - since > after_s)

    async def round(self) -> int:
        """Settles one page of what is due now; returns how many documents were looked at, 0 when nothing is due.

        Raises OutageError or GaveUpError. What could not be settled is left aside for a minute, not tried for ever.
        """
        now = self._clock()
        found = await self._look(now)
        again = self._last & set(found)
        self._leave({id_ for id_, _ in again})
        found = [each for each in found if each not in again]
        self._last = set(found)
        if found:
            await self._loop.run([_record(id_) for id_, _ in found])
            self.doing.settled += len(found)
        return len(found)

    async def _look(self, now: datetime) -> list[tuple[str, str]]:
        self._aside = {id_: until for id_, until in self._aside.items() if until > monotonic()}
        by, aside = utc(now), list(self._aside)
        first = await self._store.due(self._collection, by, 0, self._page, aside)
        since = datetime.fromisoformat(first[0][1]) if first else now
        self.doing.lag_s, self.doing.aside = max(0.0, (now - since).total_seconds()), len(aside)
        due_lag(self.name, self.doing.lag_s)
        if self._worker and len(first) == self._page:
            mine = await self._store.due(self._collection, by, self._worker * self._page, self._page, aside)
            return mine or first
        return first

    def _leave(self, ids: set[str]) -> None:
        """Found again right after they were to be settled: a bug of ours, or no programme in force; others go on."""
        for id_ in sorted(ids)[: max(0, _MOST_ASIDE - len(self._aside))]:
            self._aside[id_] = monotonic() + _ASIDE_S
        if ids:
            log.error("due and not settled; left aside for a minute", consumer=self.name, documents=len(ids))

    async def _run(self) -> None:
        away = None
        while not self._stop.is_set():
            self.doing.busy_since = monotonic()
            try:
                await self._drain()
                found, away = await self.round(), None
            except OutageError as outage:
                found, away = 0, away or monotonic()
                if monotonic() - away > self._outage_s:
                    return self._give_up(GaveUpError(f"no answer for {self._outage_s:.0f} s: {outage}"))
            except Exception as error:
                return self._give_up(error)
            finally:
                self.doing.busy_since = None
            if not found:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), self._every_s)
        try:
            await self._loop.idle()
        except GaveUpError as error:
            self._give_up(error)
        return None

    async def _drain(self) -> None:
        """What a worker that is gone has committed and not published is published; twice is harmless."""
        if not self._drained or monotonic() - self._drained > _DRAIN_S:
            await self._loop.drain({f"{PLACE}:0"})
            self._drained = monotonic()

    def _give_up(self, error: Exception) -> None:
        self.doing.failed = type(error).__name__
        log.critical("due work gave up; the process ends", consumer=self.name, frames=frames(error))
        self._fail(error)


def _record(id_: str) -> Record:
    """A document's turn, as the batch loop reads it; its offset is its own, so that it leaves one dead letter."""
    return Record(PLACE, 0, crc32(id_.encode()), id_.encode(), id_.encode())
