"""Several queues beside each other, by member: while one waits for its commit, another decides.

A till's wait is then its own transaction, not also the rest of the one before. One member's commands stay in one lane,
in their order; one about two members may conflict with the other's lane, and is decided again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from zlib import crc32

from services.earn.counter.commands import Answer, Command
from services.earn.counter.queue import Queue


class Lanes:
    """The way to the desk, which is asked as one."""

    def __init__(self, queues: Sequence[Queue]) -> None:
        self._queues = queues

    async def start(self) -> None:
        """See `Queue.start`."""
        await asyncio.gather(*(each.start() for each in self._queues))

    async def stop(self) -> None:
        """See `Queue.stop`."""
        await asyncio.gather(*(each.stop() for each in self._queues))

    def stalled(self, after_s: float) -> bool:
        """Whether one of them is; see `Queue.stalled`."""
        return any(each.stalled(after_s) for each in self._queues)

    @property
    def batches(self) -> int:
        """Settled by all of them."""
        return sum(each.batches for each in self._queues)

    async def ask(self, command: Command) -> Answer:
        """See `Queue.ask`."""
        about = command.members[0] if command.members else command.key
        return await self._queues[crc32(about.encode()) % len(self._queues)].ask(command)
