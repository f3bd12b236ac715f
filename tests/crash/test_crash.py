"""Promises 1 and 7: whatever is killed, the figures are those of an undisturbed run, and nobody has to help."""

from __future__ import annotations

import random
from time import monotonic

import pytest

from shared.ops.supervisor import SERVICES
from shared.settings import Settings
from shared.stack import Stack
from tests.crash.harness import LONGEST_WAIT_S, PATIENCE_S, Havoc, Plan
from tests.integration.pipeline import expected_of_slice, running, slice_of_demo


async def test_whatever_is_killed_the_figures_are_those_of_an_undisturbed_run(
    own_stack: Stack, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    """Star for star, member by member, as the model has them.

    Breaks without the outbox and its drain on assignment (announcements of a killed worker are lost), without the
    journal as inbox or `applied.admit` (records are read again after a kill and would count twice), when offsets are
    committed before what they stand for (`Consumer._commit` follows in the tail), and without the retries in an outage
    (`BatchLoop._patiently`, `_Waits`), which let services outlive their servers. It takes too long without
    `MongoStore.end_left_open` and without static membership, and an outbox is never empty again where `release` does
    not wait for the journal.
    """
    rng, started = random.Random(plan.seed), monotonic()
    settings = Settings(
        kafka=own_stack.kafka_url, mongo=own_stack.mongo_url, home=own_stack.home, namespace="crash", batch=50
    )

    def say(text: str) -> None:
        with capsys.disabled():
            print(text)  # noqa: T201

    victims = plan.victims(own_stack.kafka_kind, rng)
    async with running(settings, longest_wait_s=LONGEST_WAIT_S) as pipeline:
        havoc = Havoc(pipeline, own_stack, rng, say)
        await havoc.wreak(slice_of_demo(every=plan.every), victims)
        last = monotonic()
        await pipeline.rest(PATIENCE_S)
        say(
            f"seed {plan.seed}, {own_stack.kafka_kind}: kills {dict(havoc.kills)}; at rest {monotonic() - last:.1f} s "
            f"after the last record, {monotonic() - started:.0f} s in all"
        )
        assert await pipeline.told() == expected_of_slice(every=plan.every)
        books = await pipeline.reconcile()
        assert books.ok, [check for check in books.checks if not check.ok]
        assert all(havoc.kills[service] >= plan.services for service in SERVICES)
        unasked = {each.name: each.restarts - havoc.kills[each.service] for each in pipeline.supervisor.workers}
        say(f"ended by themselves: {({name: n for name, n in unasked.items() if n}) or 'none'}")
