"""The command line, `doublestar`: one application, each group of commands in a room of its own."""

from __future__ import annotations

import logging
import os
import sys

import typer
from pydantic import ValidationError

from shared.cli import (
    approvals,
    books,
    clock,
    keys,
    letters,
    members,
    packs,
    play,
    publish,
    rules,
    rules_check,
    services,
    settling,
    stack,
)
from shared.cli.console import err
from shared.rules.engines.engine import EngineMissingError
from shared.settings import Settings, faults, unknown

app = typer.Typer(
    name="doublestar",
    help="The loyalty engine of a coalition: many brands, one programme, every point explained.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
stack.register(app)
services.register(app)
play.register(app)
books.register(app)
settling.register(app)
publish.register(app)
keys.register(app)
app.add_typer(packs.app, name="packs")
app.add_typer(letters.app, name="deadletters")
app.add_typer(approvals.app, name="approvals")
app.add_typer(members.app, name="members")
app.add_typer(clock.app, name="clock")
rules_check.register(rules.app)
app.add_typer(rules.app, name="rules")


@app.callback()
def settings_first() -> None:
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
