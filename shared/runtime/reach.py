"""Whether a consumer's broker still answers, and its client still reads: asked again and again, because nobody else
would notice.

A Kafka client whose broker went away tries to connect for ever, fetches nothing and reports nothing: with nothing left
to read by its last fetch, the worker would look healthy for as long as it lives. A client whose own fetching task
has ended (aiokafka 0.14 watches it nowhere) answers "nothing new" for ever, although the broker has something. And one
whose part in its group has ended (an answer that it cannot use) is given nothing to read any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from aiokafka.errors import KafkaError

from shared.runtime.store import GaveUpError

_LONGEST_WAIT_S: Final = 3.0
_PATIENCE_S: Final = 5.0  # for one answer


class Reach:
    """Asks one broker for one consumer. `silent_since`: monotonic seconds; None while it answers.

    limit_s: how long the broker may be silent; half of it, how long what it has may stay unread while it answers.
    idle_since: since when (monotonic seconds) something waits that nobody reads; None where all is well.
    in_group: raises KafkaError once the client takes no part in its group any more, and never will again.
    """

    def __init__(
        self, name: str, ask: Callable[[], Awaitable[object]], limit_s: float, give_up: Callable[[Exception], None],
        idle_since: Callable[[], float | None] = lambda: None, in_group: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._name, self._ask, self._limit_s, self._give_up = name, ask, limit_s, give_up
        self._idle_since, self._in_group = idle_since, in_group
        self._task: asyncio.Task[None] | None = None
        self.silent_since: float | None = None

    def start(self) -> None:
        """Begins to ask."""
        self._task = asyncio.create_task(self._run(), name=f"reach {self._name}")

    async def stop(self) -> None:
        """Ends asking; safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(min(_LONGEST_WAIT_S, self._limit_s / 4))
            if not await self.look():
                return

    async def look(self) -> bool:
        """Asks once; False when the broker, or its client, has been silent for too long, and that was told."""
        asked = monotonic()
        try:
            self._in_group()
        except KafkaError as error:
            self._give_up(GaveUpError(f"the Kafka client has left its group after {type(error).__name__}"))
            return False
        try:
            async with asyncio.timeout(min(_PATIENCE_S, self._limit_s)):
                await self._ask()
        except (KafkaError, OSError):  # and the time-out, which is one; that it is away is told by `absence`, once
            if self.silent_since is None:
                self.silent_since = asked
            if monotonic() - self.silent_since < self._limit_s:
                return True
            self._give_up(GaveUpError(f"no answer of the broker for {self._limit_s:.0f} s"))
            return False
        self.silent_since = None
        idle, most = self._idle_since(), self._limit_s / 2
        if idle is None or monotonic() - idle < most:
            return True
        self._give_up(GaveUpError(f"nothing was read for {most:.0f} s, though the broker answers and has something"))
        return False
