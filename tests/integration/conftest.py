"""A member's first week through the services' own handlers, and the operator's commands about it."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import typer
from aiokafka import AIOKafkaConsumer
from typer.testing import CliRunner, Result

from shared.cli import books, letters
from shared.events.topics import ACCRUALS
from shared.runtime.mongo import connect
from shared.settings import Settings
from tests.conftest import Servers, environment
from tests.integration import hooked
from tests.integration.apikit import Api, api
from tests.integration.flow import Flow, event, purchase
from tests.integration.hooked import Gate
from tests.integration.terminal import Commands, commands

PRODUCE = (("kiwi", "PRODUCE", "10.50"), ("leek", "PRODUCE", "20.00"), ("plum", "PRODUCE", "9.60"))
app = typer.Typer()
books.register(app)
app.add_typer(letters.app, name="deadletters")


@pytest.fixture
def gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Gate]:
    """Services that are started now can be held, and their Kafka clients made to fail."""
    folder = tmp_path / "gates"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", hooked.executable(folder))
    return lambda point: Gate(folder, point)


@pytest_asyncio.fixture
async def flow(settings: Settings) -> AsyncIterator[Flow]:
    """A member's first week; a broken record, a purchase by nobody known, and an id with other content."""
    client = connect(settings.mongo_url())
    flow = await Flow(settings, client).start()
    flow.send(
        event("signup", "signup-900", "2017-01-01T00:00:00-05:00", attributes={"kids_count": "2"}),
        purchase("basket-1", "2017-01-04T12:00:00-05:00", *PRODUCE),
        purchase("basket-2", "2017-01-04T18:00:00-05:00", *PRODUCE),
        b'{"specversion":"1.0","id":"basket-3"',
        purchase("basket-4", "2017-01-05T12:00:00-05:00", ("gum", "GROCERY", "11.00")),
        purchase("basket-5", "2017-01-06T12:00:00-05:00", ("gum", "GROCERY", "11.99"), ("gas", "FUEL", "30.00")),
        purchase("basket-1", "2017-01-04T12:00:00-05:00", ("kiwi", "PRODUCE", "99.00")),
        purchase("basket-9", "2017-01-06T12:00:00-05:00", *PRODUCE)
        .replace(b'"900"', b'"901"')
        .replace(b"ann@", b"bob@"),
    )
    await flow.rest()
    yield flow
    await client.close()


@pytest_asyncio.fixture(scope="session")
async def shop(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The HTTP API as two processes, with members that the tests make."""
    home, namespace = tmp_path_factory.mktemp("api"), f"t{uuid.uuid4().hex[:11]}"
    given: dict[str, Any] = {"kafka": servers.kafka, "mongo": servers.mongo, "namespace": namespace, "home": home}
    async with api(Settings(**given, rate="1000000/second"), workers=2) as found:
        yield found


@pytest_asyncio.fixture
async def heard(shop: Api) -> AsyncIterator[None]:
    """Somebody reads accruals in the place of campaigns, which does not run beside the API."""
    settings = shop.settings
    reader = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_url(), group_id=f"{settings.prefix}campaigns", auto_offset_reset="earliest",
        enable_auto_commit=False,
    )  # fmt: skip
    await reader.start()
    reader.assign((await shop.pipeline.watch.topics())[settings.prefix + ACCRUALS])

    async def read() -> None:
        while True:
            await reader.getmany(timeout_ms=50)
            await reader.commit()

    reading = asyncio.create_task(read())
    yield
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await reader.stop()


@pytest.fixture
def doublestar(shop: Api, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Runs it beside the API; what it printed."""
    return commands(shop.settings, monkeypatch)


@pytest.fixture
def command(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `doublestar` in a thread, as it runs an event loop of its own."""
    for name, value in environment(flow.settings).items():
        monkeypatch.setenv(name, value)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, arguments))

    return run
