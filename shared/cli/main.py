"""The command line, `doublestar`: one application, each group of commands in a room of its own."""

from __future__ import annotations

import typer

from shared.cli import services, stack

app = typer.Typer(name="doublestar", no_args_is_help=True)
stack.register(app)
services.register(app)

if __name__ == "__main__":
    app()
