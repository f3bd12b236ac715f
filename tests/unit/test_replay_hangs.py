"""A broker that takes connections and says nothing: a replay gives up in time, and claims nothing before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from shared.ops import deadletters
from shared.ops.letter import from_document
from shared.settings import Settings
from tests.unit.test_deadletters import DOCUMENT

LETTER = from_document("earn", DOCUMENT)
PATIENCE_S = 10.0  # of the test: what hangs takes 40 s, or for ever


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was claimed, in place of a database."""
    found: list[str] = []

    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[None]:
        yield None

    async def take(_: Any, letters: list[Any], **__: Any) -> list[Any]:
        found.extend(each.id for each in letters)
        return letters

    monkeypatch.setattr(deadletters, "opened", opened)
    monkeypatch.setattr(deadletters._Claim, "take", take)
    monkeypatch.setattr(deadletters, "_LONGEST_S", 0.1)
    monkeypatch.setattr(deadletters, "_FAREWELL_S", 0.1)
    return found


async def test_where_no_broker_lets_it_in_nothing_is_claimed(claims: list[str], tmp_path: Path) -> None:
    """Mechanism: connecting is within the time, and before the claim; without it the answer comes after 40 s, or the
    letter cannot be replayed for a minute though nothing was sent."""
    open_ones: list[asyncio.StreamWriter] = []

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Settings(home=tmp_path, kafka=f"127.0.0.1:{port}")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(TimeoutError):
            await deadletters.replay(settings, [LETTER])
    assert open_ones, "it was asked"
    assert claims == []
    for each in open_ones:
        each.close()
    server.close()


class Hanging:
    """A producer whose broker lets it in, and then says nothing more: nothing is sent, and stopping waits for that."""

    made: list[Hanging]

    def __init__(self, **_: Any) -> None:
        self.made.append(self)
        self.closed = False
        self.client = SimpleNamespace(close=self._close)
        self.failed: list[Exception] = []
        self._message_accumulator = SimpleNamespace(fail_all=self.failed.append)

    async def _close(self) -> None:
        self.closed = True

    async def start(self) -> None:
        task = asyncio.get_running_loop().create_task(asyncio.Event().wait())
        self._sender = SimpleNamespace(sender_task=task)

    async def stop(self) -> None:
        await asyncio.wait([self._sender.sender_task])

    async def partitions_for(self, _: str) -> set[int]:
        return {2}

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()


async def test_what_is_not_taken_in_time_is_given_up(
    claims: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mechanism: `_stop`; without it a producer is waited for that tries for as long as its broker hangs, or it goes on
    trying in the API's process, and publishes when another has replayed the letter."""
    monkeypatch.setattr(deadletters, "AIOKafkaProducer", Hanging)
    monkeypatch.setattr(Hanging, "made", [], raising=False)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(TimeoutError):
            await deadletters.replay(Settings(home=tmp_path, kafka="127.0.0.1:9"), [LETTER])
    [producer] = Hanging.made
    assert claims == [LETTER.id]
    await asyncio.wait([producer._sender.sender_task], timeout=PATIENCE_S)
    assert producer._sender.sender_task.cancelled()
    assert producer.closed
    assert [type(each).__name__ for each in producer.failed] == ["KafkaTimeoutError"]
