"""A broker that is away costs two lines, however often its clients complain; nothing else that they say is lost."""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from errno import EHOSTUNREACH, EMFILE
from socket import gaierror
from typing import Any

import aiokafka.client
import aiokafka.consumer.group_coordinator
import pytest
import structlog
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    NodeNotReadyError,
    NotLeaderForPartitionError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)

from shared.logs import configure
from shared.runtime.absence import CONSEQUENCES, Absence
from tests.integration.pipeline import until
from tests.unit.test_logs import Lines

client = logging.getLogger("aiokafka")
fetcher = logging.getLogger("aiokafka.consumer.fetcher")
REFUSED = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 9092)")
SEVERAL = OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect call failed")


class Broker:
    """Answers or not."""

    def __init__(self) -> None:
        self.there = False
        self.asked = 0

    async def answers(self) -> bool:
        self.asked += 1
        return self.there


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def absence(broker: Broker) -> Absence:
    return Absence("127.0.0.1:9092", quiet_s=0.1, answers=broker.answers)


@pytest.fixture
def logged(absence: Absence, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logging as a service sets it up, written here; everything as it was afterwards."""
    lines, root, before = Lines(), logging.getLogger(), structlog.get_config()
    level = root.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", lines)
    configure("json", absence, service="earn")
    yield lines
    root.setLevel(level)
    structlog.configure(**before)
    structlog.contextvars.unbind_contextvars("service")


@asynccontextmanager
async def watched(absence: Absence) -> AsyncIterator[None]:
    """Beside a service's work."""
    task = asyncio.create_task(absence.watch())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def complain() -> None:
    """What the client writes within a tenth of a second, when nobody answers."""
    client.error("Unable connect to node with id %s: %s", 1, REFUSED)
    client.error("Unable to update metadata from %s", [1])
    fetcher.error("Failed fetch messages from %s: %s", 1, NodeNotReadyError("Attempt to send a request to node 1"))
    client.warning("Got error produce response on topic-partition %s: %s", "tiers:0", NotLeaderForPartitionError)


def events(lines: Lines) -> list[str]:
    return [each["event"] for each in lines.all()]


async def test_away_and_back_are_a_line_each(absence: Absence, broker: Broker, logged: Lines) -> None:
    """And again the next time. Breaks without the filter on the handler."""
    async with watched(absence):
        for outage in (1, 2):
            broker.there = False
            for _ in range(100):
                complain()
            broker.there = True
            await until(lambda outage=outage: len(logged.all()) == 2 * outage, "the broker to be back")  # type: ignore[misc]
    away, back, *again = logged.all()
    assert events(logged) == ["kafka away", "kafka back"] * 2
    assert (away["level"], away["at"], away["error"], away["logger"], away["service"]) == (
        "warning", "127.0.0.1:9092", "ConnectionRefusedError", "aiokafka", "earn",
    )  # fmt: skip
    assert (back["level"], back["lines"]) == ("info", 400)
    assert 0 <= back["seconds"] < 5
    assert again[1]["lines"] == 400


async def test_it_is_not_back_before_it_answers(absence: Absence, broker: Broker, logged: Lines) -> None:
    """Breaks when silence is enough: where packets are lost, a client waits for 40 s before it complains again."""
    async with watched(absence):
        complain()
        await until(lambda: broker.asked >= 3, "the broker to be asked")
        assert events(logged) == ["kafka away"]
        broker.there = True
        await until(lambda: len(logged.all()) == 2, "the broker to be back")


async def test_it_is_not_back_while_a_client_complains(absence: Absence, broker: Broker, logged: Lines) -> None:
    """Breaks when an answer is enough: where one broker of three is away, the others answer."""
    broker.there = True
    async with watched(absence):
        end = asyncio.get_running_loop().time() + 0.5

        def complaining() -> bool:
            complain()
            return asyncio.get_running_loop().time() > end

        await until(complaining, "half a second of complaints, every 0.02 s")
        assert (events(logged), broker.asked) == (["kafka away"], 0)


def test_what_is_wrong_otherwise_passes_meanwhile(logged: Lines) -> None:
    """Breaks when all that the client says is dropped while a broker is away."""
    complain()
    client.error("Topic %s is not authorized for this client", "tiers")
    client.error("OffsetCommit failed for group %s - %s", "tiers", TopicAuthorizationFailedError.__name__)
    client.error("Attempt to join group failed due to fatal error: %s", GroupAuthorizationFailedError("tiers"))
    client.error("Unable connect to node with id %s: %s", 1, ssl.SSLCertVerificationError("certificate has expired"))
    client.error("Unable connect to node with id %s: %s", 1, OSError(EMFILE, "Too many open files"))
    fetcher.warning("Heartbeat failed for group %s because it is rebalancing", "tiers")
    logging.getLogger("pymongo").error("Unable connect: %s", REFUSED)
    try:
        raise KeyError("a bug of the client")
    except KeyError:
        fetcher.exception("Unexpected error in fetcher routine")
    assert [each.partition(":")[0] for each in events(logged)[1:]] == [
        "Topic tiers is not authorized for this client",
        "OffsetCommit failed for group tiers - TopicAuthorizationFailedError",
        "Attempt to join group failed due to fatal error",
        "Unable connect to node with id 1",
        "Unable connect to node with id 1",
        "Heartbeat failed for group tiers because it is rebalancing",
        "Unable connect",
        "Unexpected error in fetcher routine",
    ]


def test_what_follows_from_an_absence_passes_where_there_is_none(logged: Lines) -> None:
    """A coordinator may move and a leader change while all brokers are there."""
    client.warning("Marking the coordinator dead (node %s)for group %s.", 1, "tiers")
    client.warning("Got error produce response on topic-partition %s: %s", "tiers:0", NotLeaderForPartitionError)
    assert len(logged.all()) == 2


@pytest.mark.parametrize(
    "error",
    [
        REFUSED, SEVERAL, ConnectionResetError(104, "reset"), TimeoutError(), gaierror(-2, "Name or service not known"),
        OSError(EHOSTUNREACH, "No route to host"), KafkaConnectionError("closed"), NodeNotReadyError("not yet"),
        RequestTimedOutError(),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_an_error_that_says_that_nobody_answered(error: Exception, logged: Lines) -> None:
    client.error("Unable connect to node with id %s: %s", 1, error)
    assert (logged.one()["event"], logged.one()["error"]) == ("kafka away", type(error).__name__)


@pytest.mark.parametrize("text", sorted(CONSEQUENCES))
def test_the_client_still_says_it_so(text: str) -> None:
    """Another release of the client may find other words: they would then be written, hundreds a second."""
    said: set[Any] = set()
    for module in (aiokafka.client, aiokafka.consumer.group_coordinator):
        said |= {
            each.value for each in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(each, ast.Constant)
        }
    assert text in said
