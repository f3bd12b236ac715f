"""`doublestar up`, `down` and `status`: the servers of this checkout, for people at a terminal."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from shared import stack
from shared.ops.running import end, running, services
from shared.settings import settings
from shared.stack.choice import Wanted
from shared.stack.state import without_password

_out = Console()
_err = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(
    kafka: Annotated[
        Wanted, typer.Option(help="Apache Kafka (needs Java 17 and Maven), the noida-db stand-in, or what fits")
    ] = "auto",
) -> None:
    """Start MongoDB and Kafka on this machine; those that run already are kept."""
    here = settings()
    try:
        started = stack.start(here.home, kafka=kafka, kafka_url=here.kafka, mongo_url=here.mongo, say=_say)
    except stack.StackError as error:
        _fail(error)
    _say(f"data and logs in {started.home}; {_what_down_stops(started.home)}")


def _what_down_stops(home: Path) -> str:
    """Of the servers that were just started, or found."""
    titles = {"mongo": "MongoDB", "kafka": "Kafka"}
    ours = [titles[server.name] for server in stack.status(home) if server.kind != "external"]
    if not ours:
        return "others run both servers, `doublestar down` leaves them alone"
    return f"`doublestar down` stops {'both' if len(ours) == len(titles) else ours[0]}"


def down(wipe: Annotated[bool, typer.Option("--wipe", help="remove their data too")] = False) -> None:
    """Stop all that this checkout runs: services and what restarts them, MongoDB, Kafka. Data stays, unless --wipe."""
    for name in end(settings().home):
        _say(f"{name} stopped")
    try:
        stopped = stack.stop(settings().home, wipe=wipe, say=_say)
    except stack.StackError as error:
        _fail(error)
    if not stopped:
        _say("no server was running")


def status() -> None:
    """What runs here; fails when something that should run does not."""
    here = settings()
    home = here.home
    try:
        servers = stack.status(home, {"mongo": here.mongo, "kafka": here.kafka})
        _out.print(server_table(home, servers))
        here_run = services(home)
        waits = {each.what: why for each in here_run if (why := waiting(each.port)) is not None}
        if here_run:
            _out.print(service_table(home, waits))
    except stack.StackError as error:
        _fail(error)
    dead = [server for server in servers if not server.alive]
    for server in dead:
        _say(
            f"\n{server.name} does not run. The end of {server.log}:\n{server.trouble}"
            if server.log
            else server.trouble
        )
    alone = [each.what for each in running(home) if each.unsupervised]
    if alone:
        _say(f"{', '.join(alone)}: without supervisor, nobody starts them again; `doublestar down` ends them")
    for what, why in waits.items():
        _say(f"{what} waits {why}")
    silent = [each for each in services(home) if asked(each.port) is None]
    if dead or silent:
        raise typer.Exit(1)


def server_table(home: Path, servers: Sequence[stack.ServerStatus]) -> Table:
    """The servers of a home, and those that the environment names, as a table."""
    url = Column("url", overflow="fold")
    table = Table("server", "kind", "version", "state", "pid", url, title=f"servers of {escape(str(home))}")
    for server in servers:
        down = "does not answer" if server.kind == "external" else "down"
        state = "[green]runs[/]" if server.alive else f"[red]{down}[/]"
        pid = str(server.pid) if server.pid else "-"
        table.add_row(server.name, server.kind, server.version, state, pid, escape(without_password(server.url)))
    if not servers:
        table.caption = "nothing runs; `doublestar up` starts them"
    return table


def service_table(home: Path, waits: Container[str]) -> Table:
    """The services of this home, whoever started them, as each tells of itself. waits: those that are not ready."""
    table = Table("service", "state", "partitions", "lag", "batches", "pid", "port", title="services")
    for each in services(home):
        told = asked(each.port)
        consumers = told["consumers"].values() if told else []
        runs = "[yellow]waits[/]" if each.what in waits else "[green]runs[/]"
        table.add_row(
            each.what,
            runs if told else "[red]does not answer[/]",
            str(sum(len(one["assigned"]) for one in consumers)),
            str(sum(one["lag"] for one in consumers)),
            str(sum(one["batches"] for one in consumers)),
            str(each.pid),
            str(each.port),
        )
    return table


def asked(port: int) -> dict[str, Any] | None:
    """What a service on this machine says of itself; None when it does not answer."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/status", timeout=2) as answer:
            told: dict[str, Any] = json.load(answer)
    except (URLError, OSError, ValueError):
        return None
    return told


def waiting(port: int) -> str | None:
    """What a service that answers waits for before it can do its work; None when it is ready, or does not answer."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5):  # it asks MongoDB first, for 2 s
            return None
    except HTTPError as error:
        try:
            told = json.load(error)["waiting"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return told if isinstance(told, str) else f"for Kafka to answer {', '.join(told)}"
    except (URLError, OSError):
        return None


def _say(text: str) -> None:
    _out.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _fail(error: stack.StackError) -> NoReturn:
    _err.print(str(error), markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
    raise typer.Exit(1)
