"""Outbox documents whose announcements are out are deleted: at once, or some moments' worth of them together.

Deleting waits for a majority, as a commit does. Where batches are small and many (a till's commands, one by one), each
deletion by itself would cost the servers nearly as much as its batch. What is still there after a crash is published
once more by whoever comes next, and known downstream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

Release = Callable[[Sequence[str]], Awaitable[None]]


class Forgetting:
    """Ids of documents to delete. release: deletes, patiently; wait_s: for how long they may gather, 0: not at all."""

    def __init__(self, release: Release, wait_s: float = 0.0) -> None:
        self._release, self._wait_s = release, wait_s
        self._ids: list[str] = []
        self._one = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.on_failure: Callable[[Exception], None] = lambda _: None

    async def add(self, ids: Sequence[str]) -> None:
        """These may go. Raises what `release` does where nothing gathers; else that is told to `on_failure`."""
        self._ids += ids
        if not self._wait_s:
            await self.all()
        elif self._ids and self._task is None:
            self._task = asyncio.create_task(self._soon(), name="forgetting")

    async def all(self) -> None:
        """Returns when all that were added are gone, also those that are being deleted."""
        async with self._one:
            ids, self._ids = self._ids, []
            if ids:
                await self._release(ids)

    async def _soon(self) -> None:
        await asyncio.sleep(self._wait_s)
        self._task = None  # what is added from now on gathers anew
        try:
            await self.all()
        except Exception as error:
            self.on_failure(error)
