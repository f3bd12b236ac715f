"""The promises as checks of a world that has come to rest, and the running of worlds over many seeds."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.ledger import lots
from shared.rules.rulebook import Rulebook
from tests.model import plain
from tests.simulation import books, snapshot
from tests.simulation.shopping import Published, history
from tests.simulation.world import World

Check = Callable[[World], None]
SEEDS = range(int(os.environ.get("DOUBLESTAR_SEEDS", "25")))
seeds = pytest.mark.parametrize("seed", SEEDS)
TRIES = 100  # how many seeds a test may try until a world without the mechanism breaks the promise
NEW_RATE = datetime.fromisoformat("2018-01-01T00:00:00-05:00")


async def lived(
    seed: int, book: Rulebook | None = None, *, told: Sequence[Published] | None = None, **options: Any
) -> World:
    """A world that has been through a history (the seed's own, or what it is told) with 40 faults, and is at rest."""
    world = World(book or books.journey(), seed, **{"faults": 40, **options})
    await world.play(history(seed).records if told is None else told)
    return world


async def breaks(
    check: Check, book: Rulebook | None = None, *, told: Sequence[Published] | None = None, **options: Any
) -> int:
    """The first seed whose world breaks the promise; fails when none does: then the promise has no test."""
    for seed in range(TRIES):
        world = await lived(seed, book, told=told, **options)
        try:
            check(world)
        except AssertionError:
            return seed
    raise RuntimeError(f"{check.__name__} held in {TRIES} worlds without its mechanism")


def one_effect(world: World) -> None:
    """1: all stars, tiers, gifts, messages and outcomes are those of the model."""
    assert snapshot.summary(world) == plain.expect(snapshot.published(world))


def conserved(world: World) -> None:
    """2: an entry's postings sum to zero by wallet; a balance is the sum of its postings, and of its lots."""
    earn = world.stores["earn"]
    accounts: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in earn.collection("journal").values():
        wallets: Counter[str] = Counter()
        for posting in entry["postings"]:
            wallets[posting["wallet"]] += posting["amount"]
            accounts[posting["account"]][posting["wallet"]] += posting["amount"]
        assert not any(wallets.values()), entry["_id"]
    for id_, member in earn.collection("members").items():
        counted = Counter(lots.accounted(member))
        assert +Counter(member["balances"]) == +counted == +accounts[f"member:{id_}"], id_


def nothing_gone(world: World) -> None:
    """3: each partner's record has the one outcome that the model gives it; letters hold the bytes that were read;
    every announcement of the ledger has been applied, and every message delivered."""
    records = snapshot.published(world)
    assert snapshot.outcomes(world) == plain.expect(records)["outcomes"]
    earn, originals = world.stores["earn"], dict(records)
    for letter in earn.collection("dead_letters").values():
        origin = letter["origin"]
        assert letter["value"] == originals[origin["topic"], origin["partition"], origin["offset"]]
    for service in ("tiers", "campaigns", "notify"):
        assert world.stores[service].collection("dead_letters") == {}, service
    notify = world.stores["notify"]
    assert notify.collection("delivered").keys() == notify.collection("sent").keys()
    seqs = {id_: member["seq"] for id_, member in earn.collection("members").items() if member["seq"]}
    for service in ("tiers", "campaigns"):
        assert {id_: each["high"] for id_, each in world.stores[service].collection("members").items()} == seqs


def by_event_time(world: World) -> None:
    """4: `base` gives one star a dollar before 2018 and three from then on, and says by which version."""
    for entry in world.stores["earn"].collection("journal").values():
        body = json.loads(entry["event"])["data"].get("event")
        if body is None or not body["type"].startswith("loyalty.purchase"):
            continue
        dollars = int(sum(Decimal(x["amount"]) for x in body["data"]["lines"] if x.get("department") != "FUEL"))
        new = datetime.fromisoformat(body["time"]) >= NEW_RATE
        given = {award["rule"]: (award["version"], award["points"]) for award in entry["awards"]}
        assert given.get("base") == (None if not dollars else (2, 3 * dollars) if new else (1, dollars)), entry["_id"]


def in_order(world: World) -> None:
    """5: the ledger posted a member's events in the order of their partner's topic."""
    assert snapshot.out_of_order(world) == []


def at_rest(world: World) -> None:
    """7: nothing lags, every outbox is empty."""
    assert not world.busy()
    assert world.unpublished() == 0
