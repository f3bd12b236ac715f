"""The command line, `doublestar`: one application, each group of commands in a room of its own."""

from __future__ import annotations

import typer

from shared.cli import books, letters, play, publish, services, stack

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
publish.register(app)
app.add_typer(letters.app, name="deadletters")

if __name__ == "__main__":
    app()
