"""The command line as an operator runs it, in the tests of real services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner

from shared.cli import main
from shared.settings import Settings
from tests.conftest import environment

Commands = Callable[..., Awaitable[str]]


def commands(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Runs it in a thread, as it runs an event loop of its own, with these settings; what it printed. code: the exit
    code that it must end with."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    async def run(*words: str, code: int = 0) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, main.app, words)
        assert done.exit_code == code, done.output + done.stderr
        return str(done.output)

    return run
