"""The whole pipeline over real processes, Kafka and mongod: the model's figures, however many workers come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from shared.clock import Moved
from shared.ops.lag import READS
from shared.ops.supervisor import SERVICES, Worker
from shared.runtime.mongo import MongoStore, connect
from shared.settings import Settings
from tests.conftest import Servers
from tests.integration.pipeline import Pipeline, expected_of_slice, running, slice_of_demo, until
from tests.model import journey


async def settled(pipeline: Pipeline, end: datetime | None = None) -> None:
    """Everything is at rest, the books balance, and the figures are the model's, member by member."""
    await pipeline.rest()
    assert await pipeline.told() == expected_of_slice(end)
    books = await pipeline.reconcile()
    assert books.ok, [check for check in books.checks if not check.ok]
    assert [each.name for each in pipeline.supervisor.workers if each.restarts] == [], "somebody gave up on the way"


async def test_one_worker_of_each_service_comes_to_the_models_figures_though_stopped_in_mid_stream(
    settings: Settings,
) -> None:
    """Promises 1 to 4. Asked to stop, all end with 0 and leave no outbox document; started again, they go on where
    they were. Breaks without `Consumer.stop` as a shutdown hook (it lets the tail publish and commit), and without
    `_outlive_signals` (the exit code would be that of a killed process).

    Then all is read again from the beginning, and not one document changes (promise 6). Breaks without the journal as
    inbox (`Ledger._again`), without `applied.admit` in tiers, campaigns or notify, and when a dead letter that is
    there already is written again (`BatchLoop._add_letters`).
    """
    small = settings.model_copy(update={"batch": 100})
    async with running(small) as pipeline:
        await pipeline.feed(slice_of_demo(), ahead=10_000)
        await until(lambda: journal_has(pipeline, 300), "work to be under way")
        await pipeline.supervisor.stop()
        ends = {each.name: each.process.returncode for each in pipeline.supervisor.workers if each.process}
        assert ends == {"campaigns-0": 0, "earn-0": 0, "tiers-0": 0, "notify-0": 0}
        assert await pipeline.held() == 0
        assert not await journal_has(pipeline, 2_000), "they were to stop in mid-stream"
    async with running(settings) as pipeline:
        await settled(pipeline)
        before = await pipeline.dump()
    await rewind(settings)
    async with running(settings) as pipeline:
        await settled(pipeline)
        after = await pipeline.dump()
        await a_year_passes(pipeline)
    assert {name: len(found) for name, found in after.items()} == {name: len(found) for name, found in before.items()}
    assert after == before


async def a_year_passes(pipeline: Pipeline) -> None:
    """Whoever held a status of 2017 has lost it, earn knows, and each has one letter that says so.

    Breaks without tiers' clockwork (`services.tiers.app`).
    """
    held = sum(bool(tiers) for tiers in expected_of_slice()["reached"].values())
    assert held > 5
    Moved(pipeline.settings.home).move(datetime(2019, 1, 1, 0, 0, 1, tzinfo=journey.NEW_YORK))

    async def told() -> bool:
        return await pipeline.database("notify").sent.count_documents({"template": "tier-lost"}) == held

    await until(told, "letters to all whose status ended", 60)
    await pipeline.rest()
    assert await pipeline.database("tiers").members.count_documents({"ladders.star-ladder.tier": {"$ne": None}}) == 0
    assert await pipeline.database("earn").members.count_documents({"tiers.star-ladder": {"$exists": True}}) == 0
    books = await pipeline.reconcile()
    assert books.ok, [check for check in books.checks if not check.ok]


async def rewind(settings: Settings) -> None:
    """Sets all committed offsets to 0, as the static member that each group has: the groups are not empty yet."""

    async def one(group: str, topics: tuple[str, ...]) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_url(),
            group_id=settings.prefix + group,
            group_instance_id=f"{group}-0",
            enable_auto_commit=False,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        names = [settings.prefix + topic for topic in topics]
        consumer.subscribe([f"{names[0]}grocer"] if group == "earn-intake" else names)
        await consumer.start()
        try:
            count = len(topics) * settings.partitions
            await until(lambda: len(consumer.assignment()) == count, f"{group} to be assigned")
            start = {TopicPartition(*place): 0 for place in consumer.assignment()}
            await consumer.commit(start)
            assert {await consumer.committed(place) for place in start} == {0}
        finally:
            await consumer.stop()

    await asyncio.gather(*(one(group, topics) for group, topics in READS.items()))


async def test_workers_that_join_and_leave_in_mid_stream_change_no_figure(settings: Settings, servers: Servers) -> None:
    """One worker of each service; a second joins; both do work and come to the model's figures; the first leaves.

    Breaks without `ConflictError` and the retry in `BatchLoop._settle` (two workers may hold records of one member
    while partitions move), without the drain of what the outbox holds on assignment, and when offsets of more than
    the batch are committed (`Consumer._commit`).
    """
    autumn = datetime(2017, 9, 1, tzinfo=journey.NEW_YORK)
    before, messages = slice_of_demo(autumn), slice_of_demo()
    assert messages[: len(before)] == before
    async with running(settings.model_copy(update={"batch": 50})) as pipeline:
        feeding = asyncio.create_task(pipeline.feed(before[:1200]))
        await until(lambda: journal_has(pipeline, 300), "work to be under way")
        added = [await pipeline.supervisor.add(service) for service in SERVICES]
        await until(lambda: have_partitions(pipeline, added), "the second workers to have their share", 60)
        await feeding
        await pipeline.feed(before[1200:])
        await settled(pipeline, autumn)
        for worker in pipeline.supervisor.workers:
            batches = {name: each["batches"] for name, each in (await pipeline.status(worker))["consumers"].items()}
            assert any(batches.values()), f"{worker.name} did nothing: {batches}"
        feeding = asyncio.create_task(pipeline.feed(messages[len(before) :]))
        await until(lambda: journal_has(pipeline, len(before) + 50), "the rest to flow")
        assert not feeding.done(), "the first workers were to leave in mid-stream"
        first = [each for each in pipeline.supervisor.workers if each.number == 0]
        assert await asyncio.gather(*(pipeline.supervisor.remove(each) for each in first)) == [0, 0, 0, 0]
        if servers.kafka_kind == "noida":  # it keeps a static member's partitions for it, however long it is away
            await pipeline.ready([await pipeline.supervisor.add(service) for service in SERVICES])
        await feeding
        await settled(pipeline)


async def test_two_workers_of_each_service_from_the_beginning_come_to_the_models_figures(settings: Settings) -> None:
    """All eight start at once, on empty databases, and each does its share of every consumer's work.

    Breaks where two workers have one `group_instance_id`, and where announcements are not placed by their key
    (`send_all`): a member's year is then decided by two workers, in another order than it happened.
    """
    autumn = datetime(2017, 9, 1, tzinfo=journey.NEW_YORK)
    async with running(settings.model_copy(update={"batch": 50}), workers=2) as pipeline:
        workers = pipeline.supervisor.workers
        assert [each.name for each in workers] == [f"{service}-{number}" for service in SERVICES for number in (0, 1)]
        await pipeline.open_topic("grocer")
        await until(lambda: have_partitions(pipeline, workers), "all to have their share", 60)
        await pipeline.feed(slice_of_demo(autumn))
        await settled(pipeline, autumn)
        for worker in workers:
            for name, told in (await pipeline.status(worker))["consumers"].items():
                assert told["batches"], f"{name} of {worker.name} did nothing"


async def have_partitions(pipeline: Pipeline, workers: Sequence[Worker]) -> bool:
    """Every consumer of these workers has partitions of its own."""
    consumers = [(await pipeline.status(each)).get("consumers", {}) for each in workers]
    return all(each and all(one["assigned"] for one in each.values()) for each in consumers)


async def journal_has(pipeline: Pipeline, documents: int) -> bool:
    """The journal has at least so many entries."""
    return await pipeline.database("earn").journal.estimated_document_count() >= documents


async def test_what_a_killed_worker_left_locked_is_free_when_it_comes_back(settings: Settings) -> None:
    """Breaks without `MongoStore.end_left_open`: the write would conflict for a minute."""
    killed, back = connect(settings.mongo_url(), "worker-0"), connect(settings.mongo_url(), "worker-0")
    name = f"{settings.prefix}locked"
    try:
        await back[name].cards.insert_one({"_id": "a", "n": 0})
        session = killed.start_session()
        await session.start_transaction()
        await killed[name].cards.update_one({"_id": "a"}, {"$set": {"n": 1}}, session=session)
        store = MongoStore(back, name)
        assert await store.end_left_open("worker-1") == 0, "another worker's is none of our business"
        assert await store.end_left_open("worker-0") == 1
        async with store.unit() as unit:
            assert await unit.get("cards", ["a"]) == {"a": {"_id": "a", "n": 0}}
            await unit.commit({}, {"cards": [{"_id": "a", "n": 2}]})
        assert await back[name].cards.find_one() == {"_id": "a", "n": 2}
    finally:
        await killed.close()
        await back.close()
