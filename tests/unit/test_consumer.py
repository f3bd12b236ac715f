"""A consumer around its loop: what it waits for, what it refuses to read, and how it names itself to its group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from faststream.kafka import KafkaBroker

from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.consumer import Consumer
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import Document, GaveUpError, Unit
from shared.runtime.tail import Tail
from shared.settings import Settings

LOOSE, STORED = b"loose", b"stored"


class Passing:
    """Passes each record on under its key: as what its record yields again, or as what is stored with an effect."""

    consumer = "passing"

    def decode(self, record: Record) -> Record:
        return record

    async def gather(self, unit: Unit, items: Sequence[Item[Record]], book: Rulebook) -> None:
        return None

    def decide(self, state: None, items: Sequence[Item[Record]], book: Rulebook) -> Decision:
        decision = Decision()
        for item in items:
            key = (item.event.key or b"").decode()
            decision.messages.append(Message("out", key, item.event.value, stored=item.event.value == STORED))
        return decision

    def about(self, event: Record) -> tuple[str | None, str | None, Origin | None]:
        return None, None, None


class Broker(MemoryStore):
    """A store that notes its commits, and a broker that takes messages when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.asked = asyncio.Event()
        self.seen: list[str] = []  # `commit`, and the keys of what was published

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        yield _Unit(self)

    async def publish(self, messages: Sequence[Message]) -> None:
        self.asked.set()
        await self.open.wait()
        self.seen += [message.key for message in messages]


class _Unit(MemoryUnit):
    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._broker = broker

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        self._broker.seen.append("commit")
        await super().commit(inserts, replaces)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest_asyncio.fixture
async def loop(broker: Broker) -> AsyncIterator[BatchLoop[Any, Any]]:
    """A loop whose tail publishes while the next batch is decided."""
    tail = Tail()
    yield BatchLoop(Passing(), broker, broker.publish, lambda: Rulebook([]), tail=tail)
    await tail.close()


def record(key: bytes, value: bytes, offset: int = 0) -> Record:
    return Record("t", 0, offset, value, key)


async def stands_still(task: asyncio.Task[Any]) -> bool:
    """Whether it waits for something, however often everybody else has had a turn."""
    for _ in range(50):
        await asyncio.sleep(0)
    return not task.done()


async def test_what_is_stored_waits_for_what_is_kept_nowhere(broker: Broker, loop: BatchLoop[Any, Any]) -> None:
    """Decision 9. After a crash the outbox is published before records are read again: a stored message that had been
    committed meanwhile would overtake the same member's earlier one. Breaks without `_loose`."""
    await loop.run([record(b"m-1", LOOSE)])
    await broker.asked.wait()
    second = asyncio.create_task(loop.run([record(b"m-1", STORED, 1)]))
    assert await stands_still(second)
    assert broker.seen == [], "nothing is committed while the first message is on its way"
    broker.open.set()
    await second
    await loop.idle()
    assert broker.seen == ["m-1", "commit", "m-1"]


async def test_what_is_stored_of_another_member_does_not_wait(broker: Broker, loop: BatchLoop[Any, Any]) -> None:
    """Else deciding and publishing would take turns, which is what the tail is there to avoid."""
    await loop.run([record(b"m-1", LOOSE)])
    await broker.asked.wait()
    await loop.run([record(b"m-2", STORED, 1)])
    assert broker.seen == ["commit"]
    broker.open.set()
    await loop.idle()
    assert broker.seen == ["commit", "m-1", "m-2"]


async def test_partitions_are_given_up_when_what_was_committed_is_published(
    broker: Broker, loop: BatchLoop[Any, Any]
) -> None:
    """Breaks without `loop.idle()` in `revoked`: whoever comes next would read what is still on its way out."""
    one = Consumer(loop, topics=["t"])
    await one.assigned({"t:0"})
    await loop.run([record(b"m-1", STORED)])
    await broker.asked.wait()
    giving_up = asyncio.create_task(one.revoked())
    assert await stands_still(giving_up)
    assert one.progress.assigned == {"t:0"}
    broker.open.set()
    await giving_up
    assert broker.seen == ["commit", "m-1"]
    assert one.progress.assigned == set()


async def test_nothing_is_read_past_what_could_not_be_settled(broker: Broker, loop: BatchLoop[Any, Any]) -> None:
    """Breaks without the look at `failed` in `_handle`: between giving up and the end of the process Kafka's client
    hands out the next batch, and its offsets would be committed over the one that was given up."""
    one = Consumer(loop, topics=["t"])
    one.progress.failed = "GaveUpError: gave up after 60 s"
    broker.open.set()
    raw = SimpleNamespace(
        topic="t", partition=0, offset=7, value=STORED, key=b"m-1", timestamp=1_500_000_000_000, headers=()
    )
    message: Any = SimpleNamespace(raw_message=(raw,), consumer=None)
    with pytest.raises(GaveUpError, match="gave up after 60 s"):
        await one._handle([STORED], message)
    assert broker.seen == []
    assert one.progress.batches == 0


async def test_a_worker_is_a_static_member_that_reads_what_is_committed(loop: BatchLoop[Any, Any]) -> None:
    """Breaks without `group_instance_id`: a worker that was killed and returns would wait 15 s for itself; and without
    `isolation_level`: what a partner took back would count."""
    one = Consumer(loop, topics=["t"])
    one.attach(KafkaBroker("127.0.0.1:1"), Settings(worker=3, namespace="n"))
    said = one._subscriber._connection_args
    assert (said["group_instance_id"], said["isolation_level"]) == ("passing-3", "read_committed")
    assert one._subscriber.group_id == "n-passing"
    assert said["enable_auto_commit"] is False
