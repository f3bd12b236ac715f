"""Who brings back all that they ever bought is where they would be had they never bought: in worlds with faults.

Their baskets win bonuses, challenges, tiers and rewards for referrals; so do others'. What they were told stays told.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.rules import undoing
from tests.model import plain
from tests.simulation import snapshot
from tests.simulation.checks import TRIES, conserved, lived, seeds
from tests.simulation.shopping import history
from tests.simulation.world import World

COUNTS = ("stars", "balance", "years", "tier", "until")


def where(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What counts of each member."""
    return {names: {name: each[name] for name in COUNTS} for names, each in summary["members"].items()}


def never_bought(world: World) -> None:
    """All members are where the model puts them in a history without those baskets."""
    records = snapshot.published(world)
    said = [body(value) for _, value in records]
    gone = {each["data"]["purchase"] for each in said if str(each.get("id")).startswith("back-")}
    assert gone
    rest = [record for record, each in zip(records, said, strict=True) if each.get("id") not in gone]
    assert where(snapshot.summary(world)) == where(plain.expect(rest))
    conserved(world)


def body(value: bytes) -> dict[str, Any]:
    """What a partner said; nothing where it is no JSON."""
    try:
        said: dict[str, Any] = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return said


@seeds
async def test_who_brings_all_back_has_never_bought(seed: int) -> None:
    never_bought(await lived(seed, told=history(seed, also="undone").records))


@pytest.mark.parametrize("lacking", ["_bonuses", "_challenges"])
async def test_it_breaks_when_campaigns_take_nothing_back(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: bonuses and challenges are asked again when goods come back."""
    monkeypatch.setattr(undoing, lacking, lambda *_: iter(()))
    for seed in range(TRIES):
        world = await lived(seed, told=history(seed, also="undone").records)
        try:
            never_bought(world)
        except AssertionError:
            return
    raise RuntimeError(f"{TRIES} worlds came to the same without {lacking}")
