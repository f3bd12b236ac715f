"""What follows a commit (publish, forget the outbox, commit offsets), done in order while the next batch is decided."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from shared.runtime.store import GaveUpError

Step = Callable[[], Awaitable[None]]


class Tail:
    """Runs steps one after the other in the background, at most `depth` batches behind.

    Order is kept, so a member's announcements leave in the order of their commits. A step that fails stops all that
    follow: their records stay uncommitted and their outbox documents stay where they are.
    """

    def __init__(self, depth: int = 2) -> None:
        self._steps: asyncio.Queue[Step] = asyncio.Queue(depth)
        self._task: asyncio.Task[None] | None = None
        self._failed: Exception | None = None
        # Told at once: on a quiet topic the next `add`, which would raise, may be hours away.
        self.on_failure: Callable[[Exception], None] = lambda _: None
        self.busy_since: float | None = None

    async def add(self, step: Step) -> None:
        """Queues a step; waits while the tail is too far behind. Raises GaveUpError when an earlier step failed."""
        self._raise()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="tail")
        await self._steps.put(step)
        self._raise()

    async def idle(self) -> None:
        """Returns when every step is done. Raises GaveUpError when one failed."""
        await self._steps.join()
        self._raise()

    async def close(self) -> None:
        """Ends the task; steps that still wait are not done, so whoever wants them done awaits `idle` first."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _raise(self) -> None:
        if self._failed is not None:
            # Who gave up is logged, and a driver's text may quote a document: of such an error only the type.
            ours = isinstance(self._failed, GaveUpError)
            raise GaveUpError(str(self._failed) if ours else type(self._failed).__name__) from self._failed

    async def _run(self) -> None:
        while True:
            step = await self._steps.get()
            self.busy_since = monotonic()
            try:
                if self._failed is None:
                    await step()
            except Exception as error:
                self._failed = error
                self.on_failure(error)
            finally:
                self.busy_since = None
                self._steps.task_done()
