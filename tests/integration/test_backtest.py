"""A backtest over the journal of real servers: of the rules in force it equals the ledger, entry by entry."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.backtest.engine import Engine
from shared.backtest.exported import Export
from shared.demo.grocer import Message
from shared.ops.exporting import export
from shared.rules.rulebook import Rulebook
from shared.settings import Settings
from tests.conftest import environment
from tests.integration.pipeline import Pipeline, expected_of_slice, running, slice_of_demo
from tests.simulation import replaying

UNTIL = datetime.fromisoformat("2017-09-20T00:00:00-04:00")  # with the end of the bonus for families


async def test_a_backtest_of_the_rules_in_force_equals_the_ledger(settings: Settings, tmp_path: Path) -> None:
    """A slice of the demo through all services, by two workers of earn and campaigns; then much of it comes back; then
    it is exported and replayed."""
    async with running(settings, workers={"earn": 2, "campaigns": 2}) as pipeline:
        await pipeline.feed(slice_of_demo(UNTIL))
        await pipeline.rest()
        told = await pipeline.told()
        assert told == expected_of_slice(UNTIL)
        await pipeline.feed(back())
        await pipeline.rest()
        told = await pipeline.told()
        counts: list[tuple[int, int]] = []
        about = await export(settings, tmp_path / "year.zip", lambda done, total: counts.append((done, total)))
        assert about.entries == await pipeline.database("earn").journal.count_documents({})
        assert counts[-1] == (about.entries, about.entries)
        await _entry_by_entry(tmp_path / "year.zip")
        found = await _command(settings, tmp_path)
        assert found["total"]["draft"] == found["total"]["other"]
        assert found["total"]["draft"]["points"] == told["stars_total"]
        given = {each["rule"]: each["sums"]["draft"]["points"] for each in found["rules"]}
        assert {rule: points for rule, points in given.items() if points} == told["stars"]
        assert found["total"]["draft"]["taken"] > 1_000
        assert [each["draft"] for each in found["winners"]] == sorted(told["balances"].values(), reverse=True)[:10]
        await _nothing_changed(pipeline, about.entries)


def back() -> Iterator[Message]:
    """Of every eleventh basket a line comes back, every ninth as a whole, and a few are cancelled."""
    baskets = [each for each in slice_of_demo(UNTIL) if each.kind == "purchase"]
    for number, each in enumerate(baskets):
        body = json.loads(each.value)
        about = {"member": body["data"]["member"], "purchase": body["id"]}
        if number % 11 == 0 and body["data"]["lines"][0]["quantity"]:
            yield _about(each, body, "return", {**about, "lines": [{"line": 0, "quantity": 1}]}, "l")
        if number % 9 == 0:
            yield _about(each, body, "return", about, "b")
        elif number % 100 == 1:
            yield _about(each, body, "milestone", {**about, "milestone": "cancelled"}, "c")


def _about(of: Message, body: dict[str, Any], kind: str, data: dict[str, Any], mark: str) -> Message:
    said = {**body, "id": f"{mark}-{body['id']}", "type": f"loyalty.{kind}.v1", "data": data}
    return Message(of.kind, of.key, json.dumps(said).encode())


async def _entry_by_entry(path: Path) -> None:
    source = Export(path)
    engine = Engine(Rulebook(source.definitions), source.announced)
    kinds: Counter[str] = Counter()
    for each in source.entries():
        replayed = [replaying.POSTED(award) for posted in engine.take(each) for award in posted.awards]
        back = () if each.taken is None else each.taken.awards
        assert replayed == [replaying.POSTED(award) for award in (*each.awards, *back)], each
        kinds["grant" if each.event is None else each.event.kind] += 1
    assert min(kinds[kind] for kind in ("grant", "signup", "purchase", "return")) > 10
    assert kinds["milestone"]


async def _command(settings: Settings, folder: Path) -> dict[str, Any]:
    """`doublestar rules backtest`, over the journal itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli.main", "rules", "backtest", str(settings.programs / "journey"),
        "--format", "json", "-o", str(folder / "found.json"), env=environment(settings),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return dict(json.loads((folder / "found.json").read_text()))


async def _nothing_changed(pipeline: Pipeline, entries: int) -> None:
    """A backtest has no effect."""
    assert await pipeline.database("earn").journal.count_documents({}) == entries
    assert (await pipeline.reconcile()).ok
