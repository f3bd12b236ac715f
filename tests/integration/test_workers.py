"""Workers that are killed, doubled or come back: one number is one live process, and it takes its own back at once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient

from shared.runtime.mongo import MongoStore, connect
from shared.runtime.starting import prepared
from shared.runtime.workers import WORKERS, TakenError, Tenure
from shared.settings import Settings
from tests.conftest import Servers, environment
from tests.integration.pipeline import running, until
from tests.integration.test_pipeline_partners import signup

BEAT_S = 0.2
LAPSE_S = 4 * BEAT_S


@pytest_asyncio.fixture
async def store(settings: Settings) -> AsyncIterator[MongoStore]:
    """A service's database."""
    client: AsyncMongoClient[Any] = connect(settings.mongo_url(), "worker-0")
    try:
        yield MongoStore(client, f"{settings.prefix}workers")
    finally:
        await client.close()


def nobody(error: Exception) -> None:
    raise AssertionError(f"nobody was to take it: {error}")


async def test_the_number_of_a_living_worker_is_refused(store: MongoStore) -> None:
    """Breaks without the beats that `take` looks for."""
    first, second = (Tenure(store, "earn", 0, beat_s=BEAT_S) for _ in range(2))
    await first.take()
    first.keep(nobody)
    with pytest.raises(TakenError, match=rf"worker 0 of earn runs already \(process {os.getpid()} on .*--worker"):
        await second.take()
    await Tenure(store, "earn", 1).take()
    await first.leave()
    await second.take()


async def test_what_was_killed_on_this_machine_is_not_waited_for(store: MongoStore) -> None:
    """Breaks when every holder is watched: a restarted worker would stand idle for seconds."""
    first = Tenure(store, "earn", 0)
    await first.take()
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    await store.database[WORKERS].update_one({"_id": 0}, {"$set": {"pid": gone.pid}})
    started = monotonic()
    await Tenure(store, "earn", 0).take()
    assert monotonic() - started < 5, "it lapses after 12 s"


async def test_who_was_silent_for_too_long_loses_the_number_and_is_told(store: MongoStore) -> None:
    """Breaks when beats are written whoever holds the number: both would go on."""
    first, second = (Tenure(store, "earn", 0, beat_s=BEAT_S) for _ in range(2))
    await first.take()
    await store.database[WORKERS].update_one({"_id": 0}, {"$set": {"host": "elsewhere"}})
    started = monotonic()
    await second.take()  # the first has not begun to beat
    assert monotonic() - started >= LAPSE_S
    told: asyncio.Queue[Exception] = asyncio.Queue()
    first.keep(told.put_nowait)
    second.keep(nobody)
    error = await asyncio.wait_for(told.get(), 20)
    assert str(error) == "another process has taken over as worker 0 of earn"
    await first.leave()  # which is not to let the other's hold go
    assert await store.database[WORKERS].count_documents({}) == 1
    await second.leave()
    assert await store.database[WORKERS].count_documents({}) == 0


async def test_a_second_process_with_a_workers_number_ends_and_says_why(settings: Settings) -> None:
    """Breaks without `Tenure.take` at the start: the two would put each other out of their groups for ever."""
    async with running(settings, services=["campaigns"]) as pipeline:
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "shared.cli.main", "run", "campaigns", "--worker", "0",
            env={**os.environ, **environment(settings)}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await asyncio.wait_for(second.communicate(), 60)
        assert second.returncode == 2
        first = pipeline.worker("campaigns-0")
        assert first.process is not None
        assert (
            said.decode()
            .splitlines()[-1]
            .startswith(f"worker 0 of campaigns runs already (process {first.process.pid} on ")
        )
        assert (await pipeline.get(first, "/health/ready"))[0] == 200
        assert first.restarts == 0


async def test_a_killed_worker_takes_its_partitions_back_at_once(settings: Settings, servers: Servers) -> None:
    """Breaks without static membership (`group_instance_id`): the broker would wait 15 s for the one that was killed,
    which has been heard of 3 s before at most."""
    if servers.kafka_kind == "noida":
        pytest.skip("it frees a killed member's partitions by its own rules")
    async with running(settings, services=["campaigns", "tiers"], longest_wait_s=0.2) as pipeline:
        tiers = pipeline.worker("tiers-0")
        before = (await pipeline.status(tiers))["consumers"]["tiers"]["assigned"]
        assert len(before) == settings.partitions
        assert tiers.process is not None
        old = tiers.process.pid
        assert pipeline.supervisor.kill(tiers)

        async def serves() -> bool:
            return tiers.process is not None and tiers.process.pid != old and bool(await pipeline.status(tiers))

        async def has_them() -> bool:
            told = await pipeline.status(tiers)
            return bool(told) and told["consumers"]["tiers"]["assigned"] == before

        killed = monotonic()
        await until(serves, "the worker to be started again", 60)
        started = monotonic()
        await until(has_them, "its partitions", 60)
        assert monotonic() - started < max(3.0, 11.0 - (started - killed)), "the old member was waited for"


async def test_a_topic_that_was_made_while_its_only_reader_was_dead_is_read(settings: Settings) -> None:
    """Breaks without `Joining`: the broker gives the restarted worker what its number had, which is nothing."""
    async with running(settings, services=["campaigns", "earn"], longest_wait_s=0.2) as pipeline:
        earn = pipeline.worker("earn-0")
        assert earn.process is not None
        earn.process.send_signal(signal.SIGSTOP)  # or it would see the topic before it dies
        await pipeline.open_topic("bakery")
        assert pipeline.supervisor.kill(earn)
        await pipeline.send([signup("bakery", "s-1", phone="+84901234567")], "bakery")

        async def known() -> bool:
            return await pipeline.database("earn").members.count_documents({}) == 1

        await until(known, "the member", 40)


async def test_a_start_ends_what_a_killed_worker_left_open(settings: Settings, store: MongoStore) -> None:
    """Breaks without the call of `_end_left_open`: the worker's first write of the document would wait and conflict."""
    killed: AsyncMongoClient[Any] = connect(settings.mongo_url(), "worker-0")
    database = store.database
    try:
        await database.cards.insert_one({"_id": "a", "n": 0})
        session = killed.start_session()
        await session.start_transaction()
        await killed[database.name].cards.update_one({"_id": "a"}, {"$set": {"n": 1}}, session=session)
        await prepared(store, settings, Tenure(store, "earn", 0), "worker-0", {"cards": []})
        async with store.unit() as unit:
            await unit.commit({}, {"cards": [{"_id": "a", "n": 2}]})
        assert await database.cards.find_one() == {"_id": "a", "n": 2}
    finally:
        await killed.close()
