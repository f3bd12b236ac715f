"""What services write while their Kafka is killed and comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from shared import stack
from shared.ops.supervisor import Worker
from shared.settings import Settings
from tests.integration.pipeline import running, until
from tests.integration.test_stack import needs_apache


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[stack.Stack]:
    """Kafka and mongod in a home of their own: one of them is killed."""
    try:
        yield stack.start(tmp_path, kafka="apache")
    finally:
        stack.stop(tmp_path, wipe=True)


def written(worker: Worker, after: int) -> list[dict[str, Any]]:
    """The lines of a worker's log from this byte on; a line that is being written is not one yet."""
    return [json.loads(line) for line in worker.log.read_bytes()[after:].splitlines(True) if line.endswith(b"\n")]


@needs_apache
async def test_a_kafka_that_is_killed_and_comes_back_is_two_lines_of_each_service(own_stack: stack.Stack) -> None:
    """Breaks without `Absence` on the handler, and without its `watch` in `serve`."""
    settings = Settings(kafka=own_stack.kafka_url, mongo=own_stack.mongo_url, home=own_stack.home, namespace="away")
    async with running(settings, services=("campaigns", "tiers")) as pipeline:
        await pipeline.rest()
        marks = [(each, each.log.stat().st_size) for each in pipeline.supervisor.workers]
        broker = psutil.Process(stack.read_state(own_stack.home)["kafka"]["pid"])
        broker.kill()
        await until(lambda: all(written(*each) for each in marks), "all to notice")
        stack.restart(own_stack.home, "kafka")
        await until(lambda: all(len(written(*each)) > 1 for each in marks), "all to have it back", 60)
        await pipeline.rest()
        for worker, mark in marks:
            away, back = written(worker, mark)
            assert (away["event"], away["level"], away["at"]) == ("kafka away", "warning", settings.kafka)
            assert (back["event"], back["level"], back["at"]) == ("kafka back", "info", settings.kafka)
            assert back["lines"] > 20, "the client was to complain often"
            assert {each["service"] for each in (away, back)} == {worker.service}
