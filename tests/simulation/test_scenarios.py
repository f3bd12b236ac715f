"""Every programme's own scenario: events and expectations that its author wrote by hand, run through all services."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from email import message_from_bytes, policy
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tests.simulation import books, snapshot
from tests.simulation.ticking import tick
from tests.simulation.world import World

FOLDERS = sorted(each.parent for each in books.PROGRAMS.glob("*/definitions"))
NOT_WRITTEN: dict[str, Any] = {"years": {}, "tier": None, "gifts": []}


def published(event: dict[str, Any]) -> tuple[str, bytes, bytes]:
    """A scenario's event as its partner would publish it."""
    topic, key = f"partner.{event['partner']}", str(event["who"]).encode()
    if "raw" in event:
        return topic, key, str(event["raw"]).encode()
    body = {
        "specversion": "1.0",
        "id": event["id"],
        "source": event.get("source", f"/partners/{event['partner']}"),
        "type": f"loyalty.{event['type']}.v1",
        "time": event["time"],
        "data": event["data"],
    }
    return topic, key, orjson.dumps(body)


def subjects(world: World) -> dict[str, list[str]]:
    """Subjects of the delivered e-mails, by their address, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for value in world.mailbox.values():
        letter = message_from_bytes(value, policy=policy.default)
        found.setdefault(str(letter["To"]).rpartition("<")[2].rstrip(">"), []).append(str(letter["Subject"]))
    return {address: sorted(each) for address, each in found.items()}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("faults", [0, 15, 30])
async def test_scenario(folder: Path, faults: int) -> None:
    """Balances, stars by rule, tiers, gifts, messages and the subjects of e-mails are as written, faults or not."""
    scenario = yaml.safe_load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    world = World(books.programme(folder.name), seed=faults, faults=faults)
    for told, events in groupby(scenario["events"], lambda each: each != "rest" and "clock" not in each):
        if told:  # all that has been published is settled before what stands after a `rest`
            await world.play([published(event) for event in events])
        else:
            for moment in (each["clock"] for each in events if each != "rest"):
                await tick(world, datetime.fromisoformat(moment))
    summary, mails = snapshot.summary(world), subjects(world)
    wallets = snapshot.balances(world)
    assert Counter(summary["outcomes"].values()) == scenario["expect"]["records"]
    expected = scenario["expect"]["members"]
    named = {key: next(names for names in summary["members"] if key in names.split(" & ")) for key in expected}
    assert set(named.values()) == set(summary["members"])
    for key, wanted in expected.items():
        found = summary["members"][named[key]]
        address = next(
            (name.removeprefix("email:") for name in named[key].split(" & ") if name.startswith("email:")), ""
        )
        found = {**found, "subjects": mails.get(address, []), "balances": wallets[named[key]]}
        wanted = {**NOT_WRITTEN, **wanted}
        assert {name: found[name] for name in wanted} == wanted, key


def test_every_programme_has_a_scenario() -> None:
    """A programme without one says nowhere what it means."""
    assert [folder.name for folder in FOLDERS if not (folder / "scenario.yaml").is_file()] == []
