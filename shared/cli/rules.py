"""`doublestar rules`: definitions checked, compared, published, replayed; each command from a room of its own."""

from __future__ import annotations

import typer

from shared.cli import rooms

app = typer.Typer(
    cls=rooms.group(
        {
            "check": "rules_check", "diff": "rules_compared", "publish": "rules_publishing",
            "rollback": "rules_publishing", "approve": "rules_publishing", "proposals": "rules_compared",
            "history": "rules_compared", "backtest": "rules_backtest", "export": "rules_backtest",
        }
    ),
    help="Rules as they are written and published: check, compare, publish for a date, roll back, approve.",
    no_args_is_help=True,
)  # fmt: skip


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="rules")
