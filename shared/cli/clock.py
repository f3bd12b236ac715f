"""`doublestar clock`: what time it is for this checkout's services, and moving it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from shared.addresses import shown
from shared.cli.console import fail, say
from shared.clock import Moved, wall
from shared.rules.spans import later, parts
from shared.settings import Settings, settings

app = typer.Typer(
    help="The clock of this checkout: points activate and expire, and holds and statuses end, by it.",
    no_args_is_help=True,
)
Allowed = Annotated[
    bool, typer.Option("--servers-too", help="although DOUBLESTAR_MONGO names servers that others may use")
]


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="clock")


@app.command()
def show() -> None:
    """What time it is here."""
    _tell(Moved(settings().home))


@app.command("set")
def set_(
    to: Annotated[str, typer.Argument(metavar="TIME", help="an instant with an offset: 2026-07-01T09:00:00+07:00")],
    servers_too: Allowed = False,
) -> None:
    """Set the clock; from then on it runs. Backwards too: what was done by then stays done."""
    clock = _movable(servers_too)
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        fail(f"{to!r} is no instant; write one with an offset, such as 2026-07-01T09:00:00+07:00", code=2)
    if moment.tzinfo is None:
        fail(f"{to!r} has no offset; write Z for UTC, or one such as +07:00", code=2)
    clock.move(moment)
    _tell(clock)


@app.command()
def advance(
    by: Annotated[str, typer.Argument(metavar="SPAN", help="'12 months', '15 minutes', '1 day' ...")],
    servers_too: Allowed = False,
) -> None:
    """Move the clock on by a span."""
    clock = _movable(servers_too)
    try:
        parts(by)
    except ValueError as error:
        fail(str(error), code=2)
    clock.move(later(clock(), by, ZoneInfo("UTC")))
    _tell(clock)


@app.command()
def reset(servers_too: Allowed = False) -> None:
    """Back to the machine's clock."""
    clock = _movable(servers_too)
    clock.reset()
    _tell(clock)


def _movable(servers_too: bool) -> Moved:
    here: Settings = settings()
    if here.mongo is not None and not servers_too:
        fail(
            f"DOUBLESTAR_MONGO names servers ({shown(here.mongo)}): what expires by a moved clock is gone for all who "
            "use them. Unset it to move the local stack's clock, or say --servers-too for a sandbox"
        )
    return Moved(here.home)


def _tell(clock: Moved) -> None:
    now, ahead = clock(), clock.ahead
    if not ahead:
        return say(f"{now.isoformat(timespec='seconds')}: the machine's clock")
    by = timedelta(seconds=abs(round(ahead.total_seconds())))
    word = "ahead of" if ahead > timedelta() else "behind"
    return say(
        f"{now.isoformat(timespec='seconds')}: {by} {word} the machine's ({wall().isoformat(timespec='seconds')})"
    )
