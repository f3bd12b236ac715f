"""The API when a server is away, when it is stopped in mid-work, when it was killed: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import httpx
import orjson
import psutil
import pytest
import pytest_asyncio
from aiokafka import TopicPartition

from services.earn.posting import JOURNAL
from shared import stack
from shared.access.roles import Role
from shared.runtime.outbox import documents
from shared.runtime.reading import read, reader
from shared.runtime.records import Message
from shared.runtime.store import OUTBOX
from shared.runtime.topics import ensure_internal
from shared.settings import Settings
from shared.stack.process import free_port
from tests.conftest import environment
from tests.integration.apikit import BILL, Api, api, programmes, published
from tests.integration.pipeline import until
from tests.integration.test_api_events import STRUCTURED, event


@pytest.fixture
def here(tmp_path: Path) -> Iterator[stack.Stack]:
    """Servers of the test's own, which it may hold up."""
    try:
        yield stack.start(tmp_path, kafka="noida")
    finally:
        stack.stop(tmp_path, wipe=True)


@pytest_asyncio.fixture
async def lonely(here: stack.Stack) -> AsyncIterator[Api]:
    """An API on those servers."""
    async with api(Settings(kafka=here.kafka_url, mongo=here.mongo_url, namespace="out", home=here.home)) as found:
        yield found


@contextmanager
def away(here: stack.Stack, server: str) -> Iterator[None]:
    """The server is there and answers nobody: harder to notice than one that is gone."""
    process = psutil.Process(stack.read_state(here.home)[server]["pid"])
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def is_told_to_wait(answer: httpx.Response) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return int(answer.headers["retry-after"]) >= 1


async def test_without_mongodb_everybody_is_told_to_ask_again_and_then_served_once(
    lonely: Api, here: stack.Stack
) -> None:
    """Breaks without the bounds on time: requests would hang for a minute."""
    till, member = await lonely.asker(Role.till, "bakery"), await lonely.member(100)
    path, spend = f"/members/{member}/balance", {"member": member, "wallet": "stars", "points": 10, "bill": BILL}
    assert (await till.get(path)).status_code == 200
    with away(here, "mongo"):
        began = monotonic()
        answers = await asyncio.gather(till.get(path), *(till.post("/holds", spend, once="one") for _ in range(3)))
        assert monotonic() - began < 20
        assert all(is_told_to_wait(each) for each in answers)
        assert (await lonely.http.get("/health/ready")).status_code == 503

    async def held() -> bool:
        return (await till.post("/holds", spend, once="one")).status_code == 201

    await until(held, "MongoDB to be there again", 60)
    assert await till.spendable(member) == 90
    assert await lonely.database[JOURNAL].count_documents({"member": member}) == 1
    assert (await lonely.http.get("/health/ready")).status_code == 200


async def test_without_kafka_events_wait_and_balances_are_read(lonely: Api, here: stack.Stack) -> None:
    """Breaks when 202 is said before Kafka has the event."""
    partner, member = await lonely.asker(Role.partner, "bakery"), await lonely.member(100)
    content, headers = orjson.dumps(event("b-1", "bakery")), {**partner.key, **STRUCTURED}
    assert (await lonely.http.post("/v1/events", content=content, headers=headers)).status_code == 202
    with away(here, "kafka"):
        answer, balance = await asyncio.gather(
            lonely.http.post("/v1/events", content=content, headers=headers), partner.get(f"/members/{member}/balance")
        )
        assert is_told_to_wait(answer)
        assert balance.status_code == 200

    async def taken() -> bool:
        return (await lonely.http.post("/v1/events", content=content, headers=headers)).status_code == 202

    await until(taken, "Kafka to be there again", 60)


async def test_stopped_in_mid_work_it_finishes_what_it_has_begun(settings: Settings) -> None:
    """Breaks when `Queue.stop` cancels the batch in the works, or leaves its announcements in the outbox."""
    async with api(settings) as shop:
        till, member = await shop.asker(Role.till, "bakery"), await shop.member(1_000)
        spend = {"member": member, "wallet": "stars", "points": 2, "bill": BILL}
        asked = [asyncio.create_task(till.post("/holds", spend, once=f"h-{n}")) for n in range(60)]

        async def begun() -> bool:
            return await shop.database[JOURNAL].count_documents({"member": member}) > 0

        await until(begun, "the first to be held")
        worker = shop.pipeline.worker("api-0")
        assert worker.process is not None
        assert await shop.pipeline.supervisor.remove(worker) == 0
        answers = await asyncio.gather(*asked, return_exceptions=True)
        done = [each for each in answers if isinstance(each, httpx.Response)]
        assert {each.status_code for each in done} == {201}
        assert all(isinstance(each, httpx.Response | httpx.TransportError) for each in answers)
        assert len(done) == await shop.database[JOURNAL].count_documents({"member": member})
        assert await shop.database[OUTBOX].count_documents({}) == 0


async def test_what_a_killed_one_left_is_published_by_its_successor(settings: Settings) -> None:
    """Breaks without the drain in `Queue.start`, or when a restarted process takes another number."""
    topic = settings.prefix + "accruals"
    async with api(settings) as shop:
        worker = shop.pipeline.worker("api-0")
        left = documents("earn-counter", ["counter-0:0"], [Message(topic, "m-1", b"last words", "hold")])
        others = documents("earn-counter", ["counter-1:0"], [Message(topic, "m-1", b"another's", "hold")])
        await shop.database[OUTBOX].insert_many([*left, *others])
        assert worker.process is not None
        old = worker.process.pid
        worker.process.send_signal(signal.SIGKILL)

        async def back() -> bool:
            new = worker.process is not None and worker.process.pid != old and await shop.pipeline.status(worker)
            return bool(new) and (await shop.pipeline.get(worker, "/health/ready"))[0] == 200

        await until(back, "it to be started again", 60)
        held = [each["places"] async for each in shop.database[OUTBOX].find({})]
        assert held == [["counter-1:0"]], "another number's is that one's to publish"
        consumer = reader(settings.kafka_url())
        await consumer.start()
        places = [TopicPartition(topic, number) for number in range(settings.partitions)]
        ends = await consumer.end_offsets(places)
        await consumer.stop()
        found = [
            r.value async for some in read(settings.kafka_url(), {p: (0, end) for p, end in ends.items()}) for r in some
        ]
        assert found == [b"last words"]


async def test_without_a_programme_it_waits_where_everybody_can_see_it(settings: Settings) -> None:
    """Alive, not ready, and no request is answered but by that; published, it opens. Mechanism: `serving._opened`;
    without it no port would be open, and an orchestrator would end the process again and again."""
    folder = programmes(settings.home / "programs")
    settings = settings.model_copy(update={"program": "shop", "programs": folder})
    await ensure_internal(settings)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli.main", "run", "api", "--port", str(port),
        env={**os.environ, **environment(settings)}, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as http:

            async def alive() -> bool:
                with contextlib.suppress(httpx.ConnectError):
                    return (await http.get("/health/live")).status_code == 200
                return False

            async def ready() -> bool:
                return (await http.get("/health/ready")).status_code == 200

            await until(alive, "its port", 60)
            waits = await http.get("/health/ready")
            assert (waits.status_code, waits.json()) == (503, {"waiting": "for a programme"})
            early = await http.get("/v1/audit")
            assert (early.status_code, early.json()["code"], "Retry-After" in early.headers) == (503, "not_open", True)
            await published(settings)
            await until(ready, "the programme", 30)
            assert (await http.get("/v1/audit")).json()["code"] == "key_missing"
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0
