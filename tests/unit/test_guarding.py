"""Whoever waits for work hears at once that a server under it died. The server is any process that writes a log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from shared.stack.guarding import guarded
from shared.stack.process import StackError, spawn
from shared.stack.state import Server, save

PROGRAM = "import time; print('the last words', flush=True); time.sleep(600)"


def server(home: Path) -> int:
    """Starts one and records it; its process id."""
    log = home / "logs" / "mongo.log"
    log.parent.mkdir(parents=True)
    pid, started = spawn([sys.executable, "-c", PROGRAM], log, home)
    save(home, {"mongo": Server("mongo", "mongod", "0", "mongodb://127.0.0.1:1", pid, started, 1, str(log))})
    return pid


async def spoken(home: Path) -> None:
    """Returns when the process has written to its log."""
    async with asyncio.timeout(30):
        while "the last words" not in (home / "logs" / "mongo.log").read_text():  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.01)


async def test_a_server_that_dies_ends_the_work_with_the_end_of_its_log(tmp_path: Path) -> None:
    """Mechanism: `guarded` looks at the servers while the work goes on."""
    pid, cancelled = server(tmp_path), asyncio.Event()

    async def work() -> None:
        await spoken(tmp_path)
        os.kill(pid, signal.SIGKILL)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(StackError, match=r"mongod \(process \d+\) died; its log .*\n.*the last words"):
        await asyncio.wait_for(guarded(tmp_path, work(), every_s=0.01), 30)
    assert cancelled.is_set()


async def test_work_that_fails_because_of_it_tells_of_the_server_and_not_of_what_followed(tmp_path: Path) -> None:
    """Mechanism: `_going`; a killed process is still there for a moment."""
    pid = server(tmp_path)

    async def work() -> None:
        await spoken(tmp_path)
        os.kill(pid, signal.SIGKILL)
        raise TimeoutError("the services are not ready")

    with pytest.raises(StackError, match="died"):
        await guarded(tmp_path, work(), every_s=30, dying_s=30)


async def test_while_the_servers_live_work_ends_as_it_ends(tmp_path: Path) -> None:
    pid = server(tmp_path)

    async def work(fails: bool) -> int:
        if fails:
            raise TimeoutError("too slow")
        return 7

    assert await guarded(tmp_path, work(fails=False)) == 7
    with pytest.raises(TimeoutError, match="too slow"):
        await guarded(tmp_path, work(fails=True), dying_s=0.01)
    os.kill(pid, signal.SIGKILL)
