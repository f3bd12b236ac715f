"""How a process ends: its clients are closed within a bound, and nothing that hangs keeps it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Final

from shared.logs import log

_CLOSE_S: Final = 5.0
# How long a process may take to end: one that was asked to, to finish its batch; one that has given up, less.
LAST_S: Final = 60.0
GIVEN_UP_S: Final = 20.0


async def closed(close: Callable[[], Awaitable[None]]) -> None:
    """Closes, within a bound: a client of a broker that is gone may wait for it for ever."""
    try:
        async with asyncio.timeout(_CLOSE_S):
            await close()
    except TimeoutError:
        log.warning("not closed in time", what=close.__qualname__, seconds=_CLOSE_S)


def end_at_last(after_s: float) -> None:
    """A client that waits for a broker which is gone must not keep the process, nor its number."""

    def end() -> None:
        log.critical("the process ends without closing its clients: they did not in time", seconds=after_s)
        os._exit(1)

    last = threading.Timer(after_s, end)
    last.daemon = True
    last.start()
