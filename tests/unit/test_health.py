"""Health tells progress: a consumer that gave up, or is stuck, is not alive, however well it is connected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from types import SimpleNamespace
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.consumer import Consumer
from shared.runtime.health import routes
from shared.runtime.memory import MemoryStore
from shared.runtime.reach import Reach
from shared.runtime.tail import Tail

STUCK_AFTER_S = 60.0


class Nothing:
    """A handler that is never asked."""

    consumer = "nothing"


async def publish(_: Any) -> None:
    """Goes nowhere."""


def consumer(tail: Tail | None = None) -> Consumer:
    handler: Any = Nothing()
    return Consumer(BatchLoop(handler, MemoryStore(), publish, lambda: Rulebook([]), tail=tail), topics=["t"])


async def ask(path: str, one: Consumer, revision: str | None = "r1") -> tuple[int, dict[str, Any]]:
    """Status and body of a GET."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    route = dict(routes("earn", [one], lambda: revision, STUCK_AFTER_S))[path]
    await route({"type": "http", "path": path}, lambda: None, send)  # type: ignore[arg-type, return-value]
    return sent[0]["status"], orjson.loads(sent[1]["body"])


async def scrape(one: Consumer) -> str:
    """The body of `GET /metrics`."""
    transport = httpx.ASGITransport(dict(routes("earn", [one], lambda: "r1", STUCK_AFTER_S))["/metrics"])  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        return (await client.get("/metrics")).text


def gave_up(one: Consumer, tail: Tail) -> None:
    one.progress.failed = "GaveUpError: gave up after 60 s"


def hangs_in_a_batch(one: Consumer, tail: Tail) -> None:
    one.progress.busy_since = monotonic() - STUCK_AFTER_S - 1


def hangs_in_the_tail(one: Consumer, tail: Tail) -> None:
    tail.busy_since = monotonic() - STUCK_AFTER_S - 1


def reads_nothing_though_there_is_something(one: Consumer, tail: Tail) -> None:
    one.progress.joined, one.progress.lag["t:0"] = True, 5
    one.progress.settled_at = monotonic() - STUCK_AFTER_S - 1


@pytest.mark.parametrize(
    "trouble", [gave_up, hangs_in_a_batch, hangs_in_the_tail, reads_nothing_though_there_is_something]
)
async def test_who_gave_up_or_is_stuck_is_not_alive(trouble: Callable[[Consumer, Tail], None]) -> None:
    """Breaks without `Consumer.stuck`, or when it looks at less than the batch, the tail, and what is left to read."""
    tail = Tail()
    one = consumer(tail)
    assert await ask("/health/live", one) == (200, {"alive": True})
    trouble(one, tail)
    assert await ask("/health/live", one) == (503, {"stuck": ["nothing"]})


class Client:
    """A Kafka client with partition t:0: what its last fetch told, if it has fetched, and what the broker would say."""

    def __init__(self, position: int, fetched: int | None, end: int | None, stable: int | None = None) -> None:
        self._stable = stable
        state = SimpleNamespace(position=position, has_valid_position=fetched is not None)
        assignment = SimpleNamespace(state_value=lambda place: state)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        self._at, self._fetched, self._end = position, fetched, end

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition("t", 0)}

    def highwater(self, place: TopicPartition) -> int | None:
        return self._fetched

    def last_stable_offset(self, place: TopicPartition) -> int | None:
        return self._stable

    async def position(self, place: TopicPartition) -> int:
        return self._at

    async def end_offsets(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        if self._end is None:
            raise KafkaConnectionError("no broker")
        return dict.fromkeys(places, self._end)


@pytest.mark.parametrize(
    ("client", "lag"),
    [
        (Client(position=0, fetched=None, end=0), "0.0"),  # partitions, but no batch and no fetch yet
        (Client(position=3, fetched=None, end=8), "5.0"),
        (Client(position=3, fetched=4, end=9), "6.0"),  # in the middle of a batch: the last fetch is long ago
        (Client(position=3, fetched=7, end=None), "4.0"),  # the broker does not answer
    ],
)
async def test_metrics_ask_for_the_lag_when_they_are_scraped(client: Client, lag: str) -> None:
    """Breaks when the gauge is set after batches only, or by what fetches told."""
    one = consumer()
    await one.assigned({"t:0"})
    one._subscriber = SimpleNamespace(consumer=client)
    written = (await scrape(one)).splitlines()
    assert f'doublestar_lag_records{{consumer="nothing",partition="0",topic="t"}} {lag}' in written


async def test_a_record_that_comes_after_a_long_quiet_time_is_not_overdue() -> None:
    """Breaks when `stuck` counts from the last batch what has only just come."""
    one = consumer()
    await one.assigned({"t:0"})
    one.progress.settled_at = monotonic() - 10 * STUCK_AFTER_S
    one._subscriber = SimpleNamespace(consumer=Client(position=3, fetched=4, end=4))
    assert (await ask("/health/live", one))[0] == 200
    assert one.progress.lag == {"t:0": 1}


async def test_what_is_in_a_partners_open_transaction_is_not_left_to_read() -> None:
    """Breaks when lag goes by the last record of all: the worker would be ended for what nobody may read."""
    one = consumer()
    await one.assigned({"t:0"})
    one._subscriber = SimpleNamespace(consumer=Client(position=3, fetched=9, end=9, stable=3))
    one.behind.note()
    assert one.progress.lag == {"t:0": 0}


async def silent() -> None:
    """A broker that is gone."""
    raise KafkaConnectionError("no broker")


async def test_whose_broker_is_silent_is_not_ready_then_not_alive_and_gives_up() -> None:
    """Breaks without `Reach`: with nothing to read by the last fetch it would look healthy for ever."""
    one, told = consumer(), list[Exception]()
    await one.assigned({"t:0"})
    one.reach = Reach("nothing", silent, 3600.0, told.append)
    assert (await ask("/health/ready", one))[0] == 200
    assert await one.reach.look()
    assert await ask("/health/ready", one) == (503, {"waiting": ["nothing"]})
    assert (await ask("/health/status", one))[1]["consumers"]["nothing"]["joined"] is False
    assert (await ask("/health/live", one))[0] == 200, "an outage of a moment is no reason to end a process"
    one.reach.silent_since = monotonic() - STUCK_AFTER_S - 1
    assert (await ask("/health/live", one))[0] == 503
    assert told == []
    one.reach.silent_since = monotonic() - 3601
    assert not await one.reach.look()
    assert [str(each) for each in told] == ["no answer of the broker for 3600 s"]


@pytest.mark.parametrize("fetched", [7, None], ids=["some records wait", "it does not even know where to begin"])
async def test_whose_client_has_stopped_reading_gives_up(fetched: int | None) -> None:
    """Breaks without `Reach._idle_since`: it would wait for as long as somebody looks at no health; or, where a
    position is waited for, take a client that tells none for a broker that is silent."""
    one, told = consumer(), list[Exception]()
    await one.assigned({"t:0"})
    one._subscriber = SimpleNamespace(consumer=Client(position=3, fetched=fetched, end=9))
    one.reach = Reach("nothing", one.behind.ask, 100.0, told.append, one._idle_since)
    assert await one.reach.look(), "what has only just come is not overdue"
    one.progress.settled_at = monotonic() - 51
    one.progress.busy_since = monotonic() - 51
    assert await one.reach.look(), "who is in the middle of a batch reads later"
    one.progress.busy_since = None
    assert not await one.reach.look()
    assert [str(each) for each in told] == ["nothing was read for 50 s, though the broker answers and has something"]


async def test_a_broker_that_answers_again_is_forgiven() -> None:
    """Breaks when silences add up."""
    answers = iter((silent, consumer().revoked, silent))
    reach = Reach("nothing", lambda: next(answers)(), 3600.0, lambda error: None)
    await reach.look()
    assert reach.silent_since is not None
    await reach.look()
    assert reach.silent_since is None


async def test_partitions_that_were_taken_away_are_waited_for() -> None:
    """Breaks when `joined` is never reset."""
    one = consumer()
    await one.assigned({"t:0"})
    await one.revoked()
    assert await ask("/health/ready", one) == (503, {"waiting": ["nothing"]})


async def test_a_long_quiet_time_is_no_trouble() -> None:
    """Breaks when `stuck` counts from the last batch although there is nothing to read."""
    one = consumer()
    one.progress.settled_at = monotonic() - 10 * STUCK_AFTER_S
    assert (await ask("/health/live", one))[0] == 200


async def test_ready_is_who_knows_a_programme_and_has_joined_its_group() -> None:
    """Breaks when `ready` asks for less: without a programme nothing can be decided."""
    one = consumer()
    assert await ask("/health/ready", one, None) == (503, {"waiting": "for a programme"})
    assert await ask("/health/ready", one) == (503, {"waiting": ["nothing"]})
    one.progress.joined = True
    assert await ask("/health/ready", one) == (200, {"ready": True})
