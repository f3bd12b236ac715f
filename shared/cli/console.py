"""How the command line speaks: plain lines, errors in red on stderr, one exit code."""

from __future__ import annotations

from typing import NoReturn

import typer
from rich.console import Console

out = Console()
err = Console(stderr=True)


def say(text: str) -> None:
    """A line for people."""
    out.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def warn(text: str) -> None:
    """What may be a mistake, on stderr; the command goes on."""
    err.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True, style="yellow")


def fail(text: str, code: int = 1) -> NoReturn:
    """An error that says what to do; ends the command: with exit code 1 for a no, 2 where a server gave no answer."""
    err.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
    raise typer.Exit(code)
