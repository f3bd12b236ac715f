"""A worker whose client cannot take part ends, instead of staying as one that answers and reads nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.runtime.lifespan import Application
from shared.runtime.reach import Reach


class Refusing(KafkaBroker):
    """A broker whose answers its client cannot use."""

    async def start(self) -> None:
        raise KafkaError("an answer that nobody understands")


async def _lived(app: Application) -> list[str]:
    """What the application tells a web server by its end."""
    sent: list[str] = []
    asked = iter([{"type": "lifespan.startup"}])

    async def receive() -> Any:
        if (first := next(asked, None)) is not None:
            return first
        await asyncio.Event().wait()  # nobody asks it to end
        return None

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    async with asyncio.timeout(10):
        await app.lifespan({"type": "lifespan"}, receive, send)
    return sent


async def test_a_start_that_fails_once_the_web_server_runs_ends_the_process() -> None:
    """Breaks without `Application.lifespan`: uvicorn notes the failure, and the worker stays for ever, alive and not
    ready."""
    told: list[Exception] = []
    with pytest.raises(KafkaError):
        await _lived(Application(Refusing(logger=None), give_up=told.append, logger=None))
    assert [type(each) for each in told] == [KafkaError]


async def test_whose_client_has_left_its_group_gives_up() -> None:
    """Breaks without `in_group`: with nothing new in the partitions that it had, nobody would notice."""
    told: list[Exception] = []

    async def answers() -> None:
        return None

    def ended() -> None:
        raise KafkaError("Unexpected error during coordination")

    reach = Reach("nothing", answers, 100.0, told.append, in_group=ended)
    assert not await reach.look()
    assert [str(each) for each in told] == ["the Kafka client has left its group after KafkaError"]
