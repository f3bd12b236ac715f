"""`doublestar approvals`: what waits for a second person, and their word."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer

from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say
from shared.publishing.registry import RefusedError
from shared.settings import Settings

app = typer.Typer(help="What waits for a second person: list, approve, refuse.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="its id, a-…: see `list`")]
By = Annotated[str, typer.Option("--person", help="who says it: a staff number, not of whoever asked for it")]


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="approvals")


@app.command("list")
def listed(
    everything: Annotated[bool, typer.Option("--all", help="also what was approved, refused, or has expired")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the structure instead")] = False,
) -> None:
    """List what waits for a second person."""
    from shared.ops.approvals import approvals, said

    found = answered(approvals(Settings(), everything=everything))
    print_json(found) if as_json else print_all(said(found))


@app.command()
def approve(which: Which, person: By) -> None:
    """Do what was asked for. An erasure is begun: `doublestar members erase --approved` ends it."""
    from shared.ops.approvals import kind_of

    _judged(which, person, None)
    if answered(kind_of(Settings(), which)) == "erasure":
        say(f"{which} is approved, and the erasure begun: `doublestar members erase --approved` ends it")
    else:
        say(f"{which} is approved, and done")


@app.command()
def refuse(
    which: Which, person: By, reason: Annotated[str, typer.Option("--reason", help="why; it is kept for ever")]
) -> None:
    """Refuse it: it is not done, and stays on record."""
    _judged(which, person, reason)
    say(f"{which} is refused")


def _judged(which: str, person: str, refused: str | None) -> Any:
    terminal = importlib.import_module("services.earn.counter.terminal")
    try:
        return answered(terminal.judge(Settings(), which, person, refused))
    except RefusedError as error:
        fail(str(error))
