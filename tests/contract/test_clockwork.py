"""Due work on the store in memory and on a real mongod: any number of workers, one wins; with tills and purchases."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.earn.clockwork import DueHandler
from services.earn.counter.commands import Done
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import due, lots
from shared.ledger.terms import Terms
from shared.rules import membership
from shared.rules.learning import utc
from shared.runtime.batch import BatchLoop
from shared.runtime.clockwork import PLACE, Clockwork
from shared.runtime.records import Message
from shared.runtime.store import DEAD_LETTERS, OUTBOX, Document, Store
from tests.contract.conftest import StoreFor
from tests.unit.counterkit import NOON, Counter

COLLECTIONS = {JOURNAL: [], MEMBERS: ["due_at?"], OUTBOX: ["places"], DEAD_LETTERS: ["place"]}
MIDNIGHT = NOON.replace(hour=0) + timedelta(days=7)


class Process:
    """One earn: looks for what is due at a store of its own connection."""

    def __init__(self, kit: Counter, store: Store, number: int, clock: Any, page: int = 7) -> None:
        self.published: list[Message] = []
        self.failures: list[Exception] = []
        self.heard = asyncio.Event()
        self.handler = DueHandler(clock)
        loop = BatchLoop(self.handler, store, self.publish, lambda: kit.book)
        self.clockwork = Clockwork(loop, store, MEMBERS, clock, self.failures.append, worker=number, page=page)

    async def publish(self, messages: Sequence[Message]) -> None:
        self.published += messages
        self.heard.set()

    async def all(self) -> None:
        """Rounds until nothing is due."""
        while await self.clockwork.round():
            pass


def member(kit: Counter, number: int, points: int = 10) -> Document:
    """Somebody with points that expire at midnight, and others that never do."""
    document = membership.newcomer(f"m-{number:020x}")
    rules = kit.book.at(NOON)
    lots.add(document, "stars", points, Terms(None, utc(MIDNIGHT)))
    lots.add(document, "stars", 1)
    due.note(document, rules.programme.purses, rules.zone)
    return document


async def put(store: Store, collection: str, *documents: Document) -> None:
    async with store.unit() as unit:
        await unit.commit({collection: list(documents)}, {})


async def read(store: Store, count: int) -> tuple[dict[str, Document], list[Document]]:
    """Members, and entries of expiry."""
    async with store.unit() as unit:
        found = await unit.get(MEMBERS, [f"m-{number:020x}" for number in range(count)])
        return found, await unit.find(JOURNAL, "kind", {"expiry"})


async def test_any_number_of_workers_and_one_wins(store_for: StoreFor) -> None:
    """Forty members due at one instant, three workers at once: each lot expires once, is told once, nobody fails.

    Mechanism: the member's document is read and replaced in one transaction; who comes second decides again.
    """
    kit = Counter()
    store = await store_for("reader")
    await put(store, MEMBERS, *(member(kit, number) for number in range(40)))
    processes = [Process(kit, await store_for(f"p{n}"), n, lambda: MIDNIGHT) for n in range(3)]
    await asyncio.gather(*(each.all() for each in processes))
    members, expiries = await read(store, 40)
    assert [each["balances"] for each in members.values()] == [{"stars": 1}] * 40
    assert len(expiries) == 40
    assert all("due_at" not in each for each in members.values())
    told = [orjson.loads(each.value)["data"] for process in processes for each in process.published]
    assert Tally((each["member"], each["seq"]) for each in told) == Tally((id_, 1) for id_ in members)
    assert {each["entry"]["points"] for each in told} == {-10}
    assert await store.held("earn-due", [f"{PLACE}:0"]) == []


async def test_nothing_is_due_before_its_instant(store_for: StoreFor) -> None:
    kit = Counter()
    store = await store_for("reader")
    await put(store, MEMBERS, member(kit, 0))
    early = Process(kit, store, 0, lambda: MIDNIGHT - timedelta(microseconds=1))
    assert await early.clockwork.round() == 0
    assert await Process(kit, store, 0, lambda: MIDNIGHT).clockwork.round() == 1


async def test_a_worker_that_died_before_it_published_is_published_for(store_for: StoreFor) -> None:
    """Mechanism: all workers file their announcements under one place, and drain it when they start."""
    kit = Counter()
    store = await store_for("reader")
    await put(store, MEMBERS, member(kit, 0))
    dying = Process(kit, store, 1, lambda: MIDNIGHT)

    async def die(messages: Sequence[Message]) -> None:
        raise RuntimeError("killed here")

    dying.clockwork._loop._publish = die
    with pytest.raises(Exception, match="publishing failed"):
        await dying.clockwork.round()
    other = Process(kit, store, 0, lambda: MIDNIGHT)
    await other.clockwork.start()
    await asyncio.wait_for(other.heard.wait(), 30)
    await other.clockwork.stop()
    assert [orjson.loads(each.value)["data"]["entry"]["kind"] for each in other.published] == ["expiry"]
    assert await store.held("earn-due", [f"{PLACE}:0"]) == []


async def test_one_that_cannot_be_decided_keeps_nobody_waiting(store_for: StoreFor) -> None:
    """It leaves one dead letter, is left aside, and the others of its page are settled."""
    kit = Counter()
    store = await store_for("reader")
    broken = member(kit, 3) | {"lots": [{"wallet": "stars", "activates": None, "expires": utc(MIDNIGHT)}]}
    await put(store, MEMBERS, *(member(kit, number) for number in (0, 1, 2)), broken)
    process = Process(kit, store, 0, lambda: MIDNIGHT)
    assert await process.clockwork.round() == 4
    assert await process.clockwork.round() == 0  # found again: left aside
    assert await process.clockwork.round() == 0
    members, expiries = await read(store, 4)
    assert len(expiries) == 3
    assert members[broken["_id"]] == broken
    assert process.clockwork.doing.aside == 1
    async with store.unit() as unit:
        letters = await unit.find(DEAD_LETTERS, "reason", {"undecidable"})
    assert [each["member"] for each in letters] == [broken["_id"]]


async def test_a_till_and_the_clock_at_one_instant(store_for: StoreFor) -> None:
    """Five tills ask for a member's last point while a worker sweeps: the expired ones are nobody's, one till wins."""
    kit = Counter()
    store = await store_for("reader")
    document = member(kit, 0)
    lots.add(document, "stars", 1)
    document["_id"] = kit.hold(2).member
    await put(store, MEMBERS, document)
    process = Process(kit, await store_for("worker"), 0, lambda: MIDNIGHT)
    queues = []
    for number in range(5):
        handler = CounterHandler(lambda: MIDNIGHT)
        queues.append(
            Queue(handler, BatchLoop(handler, await store_for(f"t{number}"), process.publish, lambda: kit.book), number)
        )
        await queues[-1].start()
    _, *answers = await asyncio.gather(process.all(), *(each.ask(kit.hold(2)) for each in queues))
    for each in queues:
        await each.stop()
    assert sum(isinstance(each, Done) for each in answers) == 1
    async with store.unit() as unit:
        (found,) = (await unit.get(MEMBERS, [document["_id"]])).values()
        expiries = await unit.find(JOURNAL, "kind", {"expiry"})
    assert found["balances"] == {"stars": 2} == lots.accounted(found)
    assert len(expiries) == 1
