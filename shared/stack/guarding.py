"""Work that needs a home's servers, watched: when one of them dies, it is told at once, with the end of its log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from .process import StackError
from .report import status

T = TypeVar("T")


async def guarded(home: Path, work: Coroutine[Any, Any, T], every_s: float = 1.0, dying_s: float = 2.0) -> T:
    """The work's result. Raises StackError as soon as a server that was started here is gone: without that whoever
    waits for it would see nothing move until some limit is over, and never hear why. The work is cancelled then.

    dying_s: how long work that failed is held back to see whether a server is going: its connections end before the
    process does, so that what failed because of it may be heard of first.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=every_s)
            if not task.done():
                _raise_for_the_dead(home)
        if task.exception() is not None:
            await _going(home, dying_s)
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _going(home: Path, dying_s: float) -> None:
    """Looks for a dead server until it is found, or the time is over."""
    until = time.monotonic() + dying_s
    _raise_for_the_dead(home)
    while time.monotonic() < until:
        await asyncio.sleep(0.05)
        _raise_for_the_dead(home)


def _raise_for_the_dead(home: Path) -> None:
    """A server that is gone, in words. One that others run is not looked at: it may only be slow."""
    for each in status(home):
        if each.log and not each.alive:
            raise StackError(f"{each.kind} (process {each.pid}) died; its log {each.log} ends so:\n{each.trouble}")
