"""`doublestar run`: one service in this process, or all of them as processes of their own."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated, Any

import typer

from shared.cli.console import fail, say
from shared.ops.running import noted, running
from shared.ops.supervisor import API, MISCONFIGURED, PORT_TAKEN, SERVICES, Supervisor
from shared.rules.engines.names import EngineMissingError
from shared.rules.rulebook import ProgrammeError
from shared.settings import NoServersError, Settings
from shared.stack.process import free_port, unusable


class Which(StrEnum):
    """What can be run."""

    earn = "earn"
    tiers = "tiers"
    campaigns = "campaigns"
    notify = "notify"
    api = "api"
    all = "all"


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command()(run)


def run(
    service: Annotated[Which, typer.Argument(help="one service in this process, or all as processes")],
    workers: Annotated[int, typer.Option(min=1, max=32, help="with all: processes of each service")] = 1,
    worker: Annotated[int | None, typer.Option(min=0, help="number of this worker among its service's")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="port of health and metrics; with all: the API's")
    ] = None,
) -> None:
    """Run a service until it is stopped (Ctrl-C or SIGTERM finishes the batch in the works)."""
    given = {"worker": worker, "port": port}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    try:
        settings.kafka_url(), settings.mongo_url()
    except NoServersError as error:
        fail(str(error))
    if service is Which.all and (others := running(settings.home)):
        fail(f"{', '.join(each.what for each in others)} run here already: stop them (or `doublestar down`) first")
    if service is Which.all and settings.port and (trouble := unusable(settings.host, settings.port)) is not None:
        fail(f"port {settings.port} of {settings.host}: {trouble}; choose another by --port", MISCONFIGURED)
    sys.exit(asyncio.run(_all(settings, workers)) if service is Which.all else _one(service.value, settings))


def _one(service: str, settings: Settings) -> int:
    """The service's exit code: 0 after a graceful stop, 1 when it gave up, 2 when it cannot run as it is set up, 3 when
    its port is taken."""
    from shared.runtime.workers import TakenError

    if settings.port == 0:
        settings = settings.model_copy(update={"port": free_port()})
    elif (trouble := unusable(settings.host, settings.port)) is not None:
        print(f"port {settings.port} of {settings.host}: {trouble}; choose another by --port", file=sys.stderr)  # noqa: T201
        return PORT_TAKEN
    number = settings.worker
    here = noted(settings.home, f"{service}-{number}", service=service, worker=number, port=settings.port)
    try:
        with here, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(_served(service, settings))
    except KeyboardInterrupt:
        return 0
    except (ProgrammeError, TakenError, EngineMissingError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return MISCONFIGURED


def _served(service: str, settings: Settings) -> Coroutine[Any, Any, int]:
    from shared.runtime.service import serve

    if service == API:
        found: Coroutine[Any, Any, int] = importlib.import_module("services.earn.api.serving").serve(settings)
        return found
    return serve(importlib.import_module(f"services.{service}.app").build(settings), settings)


async def _all(settings: Settings, workers: int) -> int:
    """Runs until it is stopped, or until a service cannot run as it is set up: without it the others only wait."""
    done = asyncio.Event()
    supervisor = Supervisor(settings.home, (*SERVICES, API), workers=workers, say=say, on_misconfigured=done.set)
    tills = next(each for each in supervisor.workers if each.service == API)
    tills.port, tills.given_port = settings.port or tills.port, bool(settings.port)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    with noted(settings.home, "run all"):  # before its services, so that `down` never ends them and not it
        return await _supervised(supervisor, settings, done)


async def _supervised(supervisor: Supervisor, settings: Settings, done: asyncio.Event) -> int:
    await supervisor.start()
    for each in supervisor.workers:
        say(f"{each.name}: http://{settings.host}:{each.port}/health/status, log {each.log}")
    for each in supervisor.workers:
        if each.service == API:
            say(f"the HTTP API: http://{settings.host}:{each.port}/v1, described in docs/api.md and by /openapi.json")
    say("running; Ctrl-C stops all of them")
    await done.wait()
    if supervisor.misconfigured:
        await supervisor.hear_out()
    say("stopping: each finishes its batch")
    await supervisor.stop()
    return MISCONFIGURED if supervisor.misconfigured else 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop where it installs: the same loop, faster."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop
