"""Partitions that change hands while a worker is in the middle of a batch: held there by a gate until they have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from aiokafka.protocol.group import LeaveGroupRequest

from shared.ops.lag import READS
from shared.ops.supervisor import Worker
from shared.runtime.topics import admin
from shared.settings import Settings
from tests.conftest import Servers
from tests.integration.hooked import BEFORE_COMMIT, BEFORE_PUBLISH, Gate
from tests.integration.pipeline import Pipeline, expected_of_slice, running, slice_of_demo, until
from tests.integration.test_pipeline import have_partitions, settled
from tests.model import journey

MARCH, APRIL = (datetime(2017, month, 1, tzinfo=journey.NEW_YORK) for month in (3, 4))
LEDGER = "earn-ledger"
points = pytest.mark.parametrize("point", [BEFORE_COMMIT, BEFORE_PUBLISH])


async def held_in_mid_batch(pipeline: Pipeline, gate: Gate) -> Worker:
    """The first worker's ledger is within a batch; a second worker asks the group for its share, and the first knows.

    Everything until March is published, and all but what that worker holds has flowed through.
    """
    messages = slice_of_demo(MARCH)
    await pipeline.feed(messages[:300], ahead=10_000)
    await pipeline.rest()
    gate.arm()
    await pipeline.feed(messages[300:], ahead=10_000)
    await until(gate.holds, "a batch to be held", 60)
    second = await pipeline.supervisor.add("earn")
    told = f"Heartbeat failed for group {pipeline.settings.prefix}{LEDGER} because it is rebalancing"
    log = pipeline.worker("earn-0").log
    # Told once it would rejoin at once, were it not in the middle of a batch; that is how it is told again.
    await until(lambda: log.read_text().count(told) >= 2, "the first worker to let the group wait", 60)
    return second


async def remove(pipeline: Pipeline, worker: Worker) -> None:
    """Takes a worker out of the ledger's group, as the broker does when it has heard nothing of it for too long."""
    group = pipeline.settings.prefix + LEDGER
    async with admin(pipeline.settings.kafka_url()) as client:
        [described] = await client.describe_consumer_groups([group])
        [found] = described.to_object()["groups"]
        for each in found["members"]:
            if each["client_id"] == f"doublestar-{worker.name}":  # noida-db may have taken it out by itself
                leave = LeaveGroupRequest(group, each["member_id"])
                answer = await client._send_request_to_node(await client.find_coordinator(group), leave)
                assert answer.error_code == 0


async def assigned(pipeline: Pipeline, worker: Worker) -> list[str]:
    """The ledger's partitions that a worker has."""
    found: list[str] = (await pipeline.status(worker)).get("consumers", {}).get(LEDGER, {}).get("assigned", [])
    return found


async def read_twice(pipeline: Pipeline) -> int:
    """How many records the ledger has been given twice."""
    earn = [each for each in pipeline.supervisor.workers if each.service == "earn"]
    texts = [(await pipeline.get(each, "/metrics"))[1] for each in earn]
    pattern = rf'doublestar_effects_total{{consumer="{LEDGER}",kind="redelivery"}} (\S+)'
    return sum(round(float(number)) for text in texts for number in re.findall(pattern, text))


@points
async def test_a_rebalance_waits_for_the_batch_in_the_works(
    point: str, settings: Settings, servers: Servers, gates: Callable[[str], Gate]
) -> None:
    """Nobody is given what somebody else is still deciding. Breaks without `Consumer.revoked`, which waits for the
    batch (`_lock`) and for its announcements and offsets (`loop.idle`)."""
    if servers.kafka_kind == "noida":
        pytest.skip("it waits 15 s for a member, however long the member has asked it to")
    gate = gates(point)
    async with running(settings.model_copy(update={"batch": 50})) as pipeline:
        second = await held_in_mid_batch(pipeline, gate)
        assert await assigned(pipeline, second) == []
        gate.open()
        await until(lambda: have_partitions(pipeline, pipeline.supervisor.workers), "both to have their share", 60)
        await settled(pipeline, MARCH)
        assert await read_twice(pipeline) == 0


@points
async def test_a_rebalance_that_does_not_wait_for_the_batch_changes_no_figure(
    point: str, settings: Settings, gates: Callable[[str], Gate]
) -> None:
    """Promise 1. The worker is taken for dead; another one decides and publishes everything; then it goes on with its
    batch, which is no longer its own.

    Held before its commit, breaks where `MongoUnit.commit` writes outside of the transaction that read: nothing then
    notices what has happened meanwhile. Held before it publishes, breaks without `BatchLoop.drain` on assignment (the
    announcements are nowhere but in the outbox), and where tiers does not ask `applied.admit` (they come twice).
    """
    gate = gates(point)
    async with running(settings.model_copy(update={"batch": 50})) as pipeline:
        second, first = await held_in_mid_batch(pipeline, gate), pipeline.worker("earn-0")
        await remove(pipeline, first)
        await pipeline.rest()
        assert len(await assigned(pipeline, second)) == len(READS[LEDGER]) * settings.partitions, "all that there are"
        assert await pipeline.told() == expected_of_slice(MARCH)
        assert gate.holds(), "the batch was to be open until now"
        gate.open()
        await until(lambda: "commit refused after a rebalance" in first.log.read_text(), "the batch to end")
        await until(lambda: have_partitions(pipeline, pipeline.supervisor.workers), "both to have their share", 60)
        await pipeline.feed(slice_of_demo(APRIL)[len(slice_of_demo(MARCH)) :], ahead=10_000)
        await settled(pipeline, APRIL)
