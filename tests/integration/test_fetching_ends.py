"""A Kafka client whose own fetching has ended, by a bug of its own: it says nothing, and reads nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from shared.settings import Settings
from tests.integration.hooked import ENDS_DEFINITIONS, ENDS_RECORDS, Gate
from tests.integration.pipeline import expected_of_slice, running, slice_of_demo, until
from tests.integration.rules import BASE, SIGNED, commands, file
from tests.model import journey

FEBRUARY = datetime(2017, 2, 1, tzinfo=journey.NEW_YORK)
OUTAGE_S = 8.0


async def test_a_worker_whose_client_reads_nothing_any_more_is_replaced(
    settings: Settings, gates: Callable[[str], Gate]
) -> None:
    """Breaks without `Reach`'s question since when something waits unread: the worker would be alive, ready and idle
    until somebody looks at `/health/live`. The replaced one goes on where it was, to the star."""
    messages = slice_of_demo(FEBRUARY)
    async with running(settings.model_copy(update={"outage_s": OUTAGE_S})) as pipeline:
        await pipeline.feed(messages[:100])
        await pipeline.rest()
        gates(ENDS_RECORDS).arm()
        await pipeline.feed(messages[100:], ahead=10_000)
        await pipeline.rest()
        assert await pipeline.told() == expected_of_slice(FEBRUARY)
        [ended] = [each for each in pipeline.supervisor.workers if each.restarts]
        assert "nothing was read for 4 s, though the broker answers and has something" in ended.log.read_text()


async def test_a_follower_whose_client_reads_nothing_any_more_reads_anew(
    settings: Settings, gates: Callable[[str], Gate], tmp_path: Path
) -> None:
    """Breaks where `Follower` does not ask `fetching_ended`: what is published would reach all workers but this one,
    which decides by the old rules for as long as it lives."""
    async with running(settings, services=("campaigns", "tiers")) as pipeline:

        async def revisions() -> set[str]:
            return {(await pipeline.status(each)).get("rulebook", "") for each in pipeline.supervisor.workers}

        before, gate = await revisions(), gates(ENDS_DEFINITIONS)
        gate.arm()
        await until(gate.holds, "a follower's client to fail", 10)
        published = await commands(settings)("publish", file(tmp_path, BASE, points=3), "--effective", "now", *SIGNED)
        assert published.exit_code == 0, published.output

        async def all_follow() -> bool:
            now = await revisions()
            return len(now) == 1 and now.isdisjoint(before)

        await until(all_follow, "every worker to have the new rulebook", 15)
        logs = [each.log.read_text() for each in pipeline.supervisor.workers]
        assert any("definitions: reading again" in each for each in logs)
        assert [each.restarts for each in pipeline.supervisor.workers] == [0, 0]
