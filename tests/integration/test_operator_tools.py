"""The operator's commands over real servers: what they tell is what was posted, what they replay takes effect; what
`reconcile` and the metrics say of servers, folders and lag."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from typer.testing import CliRunner

from shared.ops import deadletters
from shared.ops.letter import Filter
from shared.ops.why import story
from shared.settings import Settings
from shared.stack.process import free_port
from tests.conftest import environment
from tests.integration.conftest import app
from tests.integration.flow import Flow, purchase
from tests.integration.pipeline import running


async def test_letters_are_listed_counted_and_shown(flow: Flow, command: Any) -> None:
    counts = await deadletters.counts(flow.settings, Filter())
    assert dict(counts) == {("earn", "not_json", "open"): 1, ("earn", "content_changed", "open"): 1}
    listed = await command("deadletters", "list", "--reason", "not_json")
    assert f"earn-intake/{flow.partner}:0:3" in listed.output
    assert "content_changed" not in listed.output
    data = orjson.loads((await command("deadletters", "show", f"{flow.partner}:0:3", "--json")).stdout)
    assert (data["value"], data["key"], data["status"]) == ('{"specversion":"1.0","id":"basket-3"', "900", "open")
    wrong = await command("deadletters", "list", "--reason", "bad")
    assert wrong.exit_code == 1
    assert "there are: empty, not_json" in wrong.stderr


async def test_a_replay_sends_the_same_bytes_to_the_same_place_once(flow: Flow, command: Any) -> None:
    place = f"{flow.partner}:0:3"
    said_no = await asyncio.to_thread(CliRunner().invoke, app, ["deadletters", "replay", place], input="n\n")
    assert said_no.exit_code == 1
    assert await _on(flow, flow.partner) == []
    done = await command("deadletters", "replay", "--reason", "not_json", "--service", "earn", "--yes")
    assert done.exit_code == 0, done.output
    assert "1 of 1 would be refused again" in done.output
    assert await _on(flow, flow.partner) == [(b"900", b'{"specversion":"1.0","id":"basket-3"')]
    [letter] = await deadletters.pick(flow.settings, [place])
    assert (letter.status, [each.place for each in letter.replays]) == ("replayed", [f"{flow.partner}:0:0"])
    refused = await command("deadletters", "replay", place, "--yes")
    assert refused.exit_code == 1
    assert "--again" in refused.stderr
    assert (await command("deadletters", "replay", place, "--again", "--yes")).exit_code == 0
    assert len(await _on(flow, flow.partner)) == 2


async def test_a_corrected_replay_takes_effect(flow: Flow, command: Any, tmp_path: Path) -> None:
    place, fixed = f"{flow.partner}:0:3", tmp_path / "fixed.json"
    fixed.write_bytes(b"{}")
    assert (
        "would be refused again: missing_field"
        in (await command("deadletters", "replay", place, "--file", str(fixed))).stderr
    )
    fixed.write_bytes(purchase("basket-3", "2017-01-04T19:00:00-05:00", ("gum", "GROCERY", "7.00")))
    done = await command("deadletters", "replay", place, "--file", str(fixed), "--yes")
    assert done.exit_code == 0, done.output
    [(_, value)] = await _on(flow, flow.partner)
    flow.send(value)
    await flow.rest()
    assert (await story(flow.settings, "grocer:900")).balances == {"stars": 267 + 14}


async def test_reconcile_without_mongodb_says_so_in_a_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka is there and asked first; its clients must be closed all the same."""
    mongo = f"127.0.0.1:{free_port()}"
    for name, value in {**environment(settings), "DOUBLESTAR_MONGO": f"mongodb://{mongo}/?replicaSet=rs0"}.items():
        monkeypatch.setenv(name, value)
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile"])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr == (
        f"no MongoDB answers at {mongo}: start it with `doublestar up`, or set DOUBLESTAR_MONGO to one that runs\n"
    )


async def test_lag_is_exported_before_the_first_batch(settings: Settings) -> None:
    """Breaks when the gauge knows its Kafka client from batches only."""
    async with running(settings, services=("campaigns", "tiers")) as pipeline:
        status, body = await pipeline.get(pipeline.worker("tiers-0"), "/metrics")
        topic = f"{settings.prefix}accruals"
        lags = [line for line in body.splitlines() if line.startswith("doublestar_lag_records{")]
        assert (status, sorted(lags)) == (
            200,
            [f'doublestar_lag_records{{consumer="tiers",partition="{n}",topic="{topic}"}} 0.0' for n in range(4)],
        )
        told = await pipeline.status(pipeline.worker("tiers-0"))
        assert told["consumers"]["tiers"]["batches"] == 0


async def _on(flow: Flow, topic: str) -> list[tuple[bytes | None, bytes]]:
    """Everything that Kafka has of a topic: key and value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=flow.settings.kafka_url(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or {0, 1})]
        consumer.assign(places)
        left, found = sum((await consumer.end_offsets(places)).values()), list[tuple[bytes | None, bytes]]()
        while len(found) < left:
            batches = await consumer.getmany(timeout_ms=1000)
            found += [(each.key, each.value) for batch in batches.values() for each in batch]
        return found
    finally:
        await consumer.stop()
