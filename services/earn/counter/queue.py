"""Commands that come one by one, decided many at a time: while one batch is committed, the next gathers.

A batch costs the servers nearly the same with one command as with several: where the last one had several, the next
waits a moment for as many. Who comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any, Final

from services.earn.counter.commands import Answer, Command
from services.earn.counter.handler import CounterHandler
from shared.logs import frames, log
from shared.runtime.batch import BatchLoop
from shared.runtime.outbox import TERMINAL
from shared.runtime.records import Record
from shared.runtime.store import GaveUpError

_MOST: Final = 100  # in one transaction
_COMPANY_S: Final = 0.002


class NoAnswerError(Exception):
    """The command could not be decided; nothing is half-done. The service's log says why."""


class Queue:
    """The way to the desk."""

    def __init__(self, handler: CounterHandler, loop: BatchLoop[Any, Any], worker: int = 0) -> None:
        self._handler = handler
        self._loop = loop
        self.place = f"counter-{worker}"
        self._waiting: deque[tuple[Command, asyncio.Future[Answer]]] = deque()
        self._come = asyncio.Event()
        self._number = 0
        self._ending = False
        self.batches = 0
        self._busy_since: float | None = None
        self._crowded = False  # the last batch had several
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Publishes what a predecessor left in the outbox, or a command at a terminal that was killed, then takes
        commands. Of an earlier release a worker had a second place."""
        await self._loop.drain({f"{self.place}:0", f"{self.place}-1:0", f"{TERMINAL}:0"})
        self._task = asyncio.create_task(self._run(), name="counter")

    async def stop(self) -> None:
        """Finishes what is in the works and what waits, and publishes it; commands must not come any more."""
        self._ending = True
        self._come.set()
        task, self._task = self._task, None
        if task is not None:
            await task
        await self._loop.idle()

    def stalled(self, after_s: float) -> bool:
        """Whether a batch has been in the works, or on its way to Kafka, for so long: a server is away."""
        waits = (self._busy_since, self._loop.busy_since)
        return any(since is not None and monotonic() - since > after_s for since in waits)

    async def ask(self, command: Command) -> Answer:
        """Returns when the command is committed, or denied. Raises NoAnswerError, or GaveUpError in an outage."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        self._come.set()
        return await future

    async def _run(self) -> None:
        while self._waiting or not self._ending:
            await self._come.wait()
            if self._crowded and not self._ending:
                await asyncio.sleep(_COMPANY_S)
            batch = [self._waiting.popleft() for _ in range(min(_MOST, len(self._waiting)))]
            if not self._waiting and not self._ending:
                self._come.clear()
            if batch:
                self._busy_since = monotonic()
                await self._settle(batch)
                self._busy_since, self._crowded = None, len(batch) > 1
                self.batches += 1

    async def _settle(self, batch: list[tuple[Command, asyncio.Future[Answer]]]) -> None:
        handler, records, futures = self._handler, [], []
        handler.commands.clear()
        handler.answers.clear()
        for command, future in batch:
            self._number += 1
            handler.commands[self._number] = command
            records.append(Record(self.place, 0, self._number, command.key.encode()))
            futures.append(future)
        try:
            await self._loop.run(records)
        except Exception as error:
            if not isinstance(error, GaveUpError):
                log.error("counter failed", error=type(error).__name__, frames=frames(error))
            for future in futures:
                _fail(future, error if isinstance(error, GaveUpError) else NoAnswerError("see the service's log"))
            return
        for record, future in zip(records, futures, strict=True):
            answer = handler.answers.get(record.offset)
            if answer is None:  # a poison: set aside as a dead letter, nothing of it done
                _fail(future, NoAnswerError("see the service's log"))
            elif not future.done():
                future.set_result(answer)


def _fail(future: asyncio.Future[Answer], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
