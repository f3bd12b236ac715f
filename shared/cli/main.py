"""The command line, `doublestar`: one application, each group of commands in a room of its own."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from shared.cli import rooms
from shared.cli.console import err, say
from shared.rules.engines.names import EngineMissingError
from shared.settings import Settings, faults, unknown

app = typer.Typer(
    name="doublestar",
    cls=rooms.group(
        {
            "up": "stack", "down": "stack", "status": "stack", "run": "services", "demo": "play", "why": "books",
            "reconcile": "books", "statement": "settling", "liability": "settling", "publish": "publish",
            "audit": "keys", "keys": "keys", "packs": "packs", "deadletters": "letters", "approvals": "approvals",
            "members": "members", "clock": "clock", "rules": "rules",
        }
    ),
    help="The loyalty engine of a coalition: many brands, one programme, every point explained.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)  # fmt: skip


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # it takes a while, and hardly anybody asks

        say(f"doublestar {version('doublestar')}")
        raise typer.Exit


@app.callback()
def settings_first(
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Which release this is.")
    ] = False,
) -> None:
    """Before any command does anything, also one that asks no server: a setting that cannot be is no setting, and who
    misspelt it must not believe it held. Help is given all the same."""
    if "--help" not in sys.argv:
        Settings()


def main() -> None:
    """The command line; a setting or engine that cannot be is told as one line, not as a traceback."""
    for library in ("aiokafka", "pymongo"):
        # What a driver logs of a server that is away, a command says itself, once. Services set up handlers of their
        # own, to which these lines go on.
        logging.getLogger(library).addHandler(logging.NullHandler())
    for line in unknown(os.environ):
        err.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True, style="yellow")
    try:
        app()
    except EngineMissingError as error:
        err.print(str(error), markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
        sys.exit(2)
    except ValidationError as error:
        if error.title != "Settings":
            raise
        for line in faults(error):
            err.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
        sys.exit(2)


if __name__ == "__main__":
    main()
