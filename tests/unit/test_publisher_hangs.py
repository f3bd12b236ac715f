"""A producer that neither sends nor fails is given up, and another one sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.runtime import publisher
from shared.runtime.publisher import Publisher
from shared.runtime.records import Message
from shared.runtime.store import OutageError


class Batch:
    def append(self, **_: Any) -> object:
        return object()

    def close(self) -> None:
        """Nothing is added any more."""


class Producer:
    """The first one of all never hears from its broker again; the others do at once."""

    made: list[Producer]

    def __init__(self, **_: Any) -> None:
        self.made.append(self)
        self.stopped = False

    async def start(self) -> None:
        """Connects."""

    async def stop(self) -> None:
        self.stopped = True

    async def partitions_for(self, _: str) -> set[int]:
        return {0}

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, _: Batch, __: str, partition: int) -> asyncio.Future[int]:
        sent: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self is not self.made[0]:
            sent.set_result(partition)
        return sent


async def test_what_is_not_acknowledged_in_time_is_sent_again_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks without the time-out in `_send`: an idempotent producer tries for ever, and the service's outbox stays
    full however long its broker has been back."""
    monkeypatch.setattr(publisher, "AIOKafkaProducer", Producer)
    monkeypatch.setattr(Producer, "made", [], raising=False)
    one = Publisher("broker:9092", longest_s=0.05)
    async with asyncio.timeout(5):
        with pytest.raises(OutageError, match="Timeout"):
            await one.publish([Message("activities", "m", b"1", "purchase")])
        await one.publish([Message("activities", "m", b"1", "purchase")])
    assert [each.stopped for each in Producer.made] == [True, False]
