"""Promises 1 to 7 of the design, over many seeds; and for each, that it breaks when its mechanism is taken out.

A test's parameter is its seed: `pytest -k 'promise_1 and 17'` replays it. `DOUBLESTAR_SEEDS=500` runs more.
Expected figures come from `tests.model.plain`, an independent model, never from the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from shared.runtime.batch import Patience
from shared.runtime.store import GaveUpError
from tests.model import plain
from tests.simulation import books, broken, snapshot
from tests.simulation.checks import (
    at_rest,
    breaks,
    by_event_time,
    conserved,
    in_order,
    lived,
    nothing_gone,
    one_effect,
    seeds,
)
from tests.simulation.faults import CRASHES, FAULTS
from tests.simulation.shopping import history
from tests.simulation.special import joiner, strangers, with_poison
from tests.simulation.world import UnsettledError, World

Mechanism = Callable[[pytest.MonkeyPatch], None]


# 1. Exactly one effect


@seeds
async def test_promise_1_exactly_one_effect(seed: int) -> None:
    """Mechanisms: the journal as inbox, the outbox in the same transaction, the seqs that downstream has applied,
    the names that a waiting event writes, the news that is held for its signup."""
    world = await lived(seed)
    one_effect(world)
    assert not world.exits


@pytest.mark.parametrize(
    "mechanism", [broken.journal_blinded, broken.all_admitted, broken.nothing_kept, broken.news_not_held]
)
async def test_promise_1_breaks_without(mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the journal's lookup, the applied seqs, the outbox, or the holding of early news."""
    mechanism(monkeypatch)
    await breaks(one_effect)


async def test_promise_1_breaks_without_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, a waiting purchase and its signup at the same moment: a write skew, unless both write the name."""
    broken.no_placeholders(monkeypatch)
    await breaks(one_effect, told=strangers(), only=("rival_other",))


@seeds
async def test_promise_1_when_purchase_and_signup_race(seed: int) -> None:
    """The same race with the mechanism in place."""
    one_effect(await lived(seed, told=strangers(), only=("rival_other",)))


async def test_a_seed_replays() -> None:
    """The same seed gives the same world, record by record: else a failure could not be looked into."""
    first, second = await lived(3), await lived(3)
    assert first.log.records == second.log.records
    assert snapshot.everything(first) == snapshot.everything(second)


async def test_faults_of_every_kind_strike() -> None:
    """The worlds here are no quiet ones: each kind of fault strikes, again and again."""
    struck: Counter[str] = Counter()
    for seed in range(6):
        struck += (await lived(seed)).struck
    assert {fault for fault in FAULTS if struck[fault] >= 3} == set(FAULTS)


# 2. Conservation


@seeds
async def test_promise_2_conservation(seed: int) -> None:
    """Mechanisms: two postings an award; a commit that conflicts when what it read has changed."""
    conserved(await lived(seed, only=(*FAULTS, "rival_other", "rival_other")))


async def test_promise_2_breaks_without_the_second_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Single entry: points come from nowhere."""
    broken.single_entry(monkeypatch)
    await breaks(conserved)


async def test_promise_2_breaks_without_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last writer wins: one worker's posting is in the journal, and gone from the balance."""
    broken.last_writer_wins(monkeypatch)
    await breaks(conserved, only=("rival_other",), faults=100)


# 3. Nothing disappears


@seeds
async def test_promise_3_nothing_disappears(seed: int) -> None:
    """Mechanisms: offsets are committed after their records are settled; each record is decoded alone."""
    nothing_gone(await lived(seed, only=(*FAULTS, *CRASHES)))


async def test_promise_3_breaks_when_offsets_are_committed_first() -> None:
    """A crash then loses what was read."""
    await breaks(nothing_gone, offsets_first=True, only=CRASHES)


async def test_promise_3_breaks_when_batches_are_decoded_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad record then takes the good ones with it."""
    broken.decoded_together(monkeypatch)
    await breaks(nothing_gone)


# 4. Rules are chosen by event time


@seeds
async def test_promise_4_rules_by_event_time(seed: int) -> None:
    """Mechanism: a rulebook of all versions, asked for those in force at the event's time; replays give the same."""
    world = await lived(seed, books.tripled())
    by_event_time(world)
    replayed = World(books.tripled(), seed + 1)
    replayed.log = world.log.copy(lambda topic: topic.startswith("partner."))
    await replayed.settle()
    by_event_time(replayed)
    assert snapshot.summary(replayed) == snapshot.summary(world)


async def test_promise_4_breaks_when_rules_are_chosen_by_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late purchases of December then get January's rate."""
    broken.rules_by_arrival(monkeypatch)
    await breaks(by_event_time, books.tripled())


# 5. Order


@seeds
async def test_promise_5_order_within_a_topic(seed: int) -> None:
    """Mechanisms: keys choose partitions; the outbox keeps a member's messages together."""
    in_order(await lived(seed, only=(*FAULTS, *CRASHES)))
    in_order(await lived(seed, told=joiner(), only=CRASHES))


async def test_promise_5_breaks_without_keys() -> None:
    """A member's activities on several partitions are read in any order."""
    await breaks(in_order, partitioner=broken.scattered)


async def test_promise_5_breaks_when_the_outbox_keeps_only_what_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash, the outbox's signup overtakes the purchase before it, whose record is read again later."""
    broken.kept_alone(monkeypatch)
    await breaks(in_order, told=joiner(), only=CRASHES)


async def interleaved(seed: int) -> list[Any]:
    """The ends of one history, all published first, then read in three interleavings of topics and partitions."""
    ends = []
    for number in range(3):
        world = World(books.journey(), seed * 1_000 + number)
        world.pace = 0.0
        await world.play(history(seed).records)
        ends.append(snapshot.summary(world))
    return ends


@seeds
async def test_promise_5_any_interleaving_ends_alike(seed: int) -> None:
    """Mechanism: whatever depends on another topic waits for it (purchases for signups, news for names)."""
    first, second, third = await interleaved(seed)
    assert first == second == third


async def test_promise_5_breaks_when_early_news_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers and tiers race the signup that says whom they are about."""
    broken.news_not_held(monkeypatch)
    for seed in range(100):
        first, second, third = await interleaved(seed)
        if first != second or second != third:
            return
    pytest.fail("100 histories ended alike without the mechanism")


# 6. Replay


async def replayed(seed: int) -> tuple[World, World]:
    """A world, and one with empty stores that hears all the first one's topics again, from their beginnings.

    Everybody signs up once: of two signups of one member at two partners, the one that is heard first names the
    member, and the first world's own topics would hold the other name.
    """
    first = await lived(seed, told=history(seed, one_partner=True).records)
    second = World(books.journey(), seed + 1, faults=20)
    second.log = first.log.copy(lambda topic: not topic.startswith("rejections."))
    await second.settle()
    return first, second


@seeds
async def test_promise_6_replay_into_the_live_stores_changes_nothing(seed: int) -> None:
    """Mechanisms: journal, intake's inbox and waiting room, applied seqs, messages sent: nothing is done again."""
    world = await lived(seed)
    before = snapshot.everything(world)
    world.rewind_all()
    await world.settle()
    assert snapshot.everything(world) == before


@seeds
async def test_promise_6_replay_into_empty_stores(seed: int) -> None:
    """Mechanism: ids follow from events (members from their signup, grants from what was won), not from the moment."""
    first, second = await replayed(seed)
    assert snapshot.summary(second) == snapshot.summary(first)


@seeds
async def test_promise_6_replay_of_the_partners_topics(seed: int) -> None:
    """Only what partners sent, into empty stores, beside empty topics of our own."""
    first = await lived(seed)
    second = World(books.journey(), seed + 1, faults=20)
    second.log = first.log.copy(lambda topic: topic.startswith("partner."))
    await second.settle()
    assert snapshot.summary(second) == snapshot.summary(first)


async def test_promise_6_breaks_without_the_applied_seqs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qualifying points then count again."""
    broken.all_admitted(monkeypatch)
    world = await lived(1, faults=0)
    before = snapshot.everything(world)
    world.rewind_all()
    await world.settle()
    assert snapshot.everything(world) != before


async def test_promise_6_breaks_when_members_are_named_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The members of an empty store are then others than those of the topics."""
    broken.members_by_chance(monkeypatch)
    first, second = await replayed(1)
    assert snapshot.summary(second) != snapshot.summary(first)


# 7. Recovery


@seeds
async def test_promise_7_recovery(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanisms: the outbox is drained at the start; a poison event is found by halving; back-off, then an exit,
    after which the next worker begins where the offsets are."""
    broken.poisoned(monkeypatch, b"p0ison")
    impatient = seed % 2 == 1  # the first outage of a batch ends the process
    patience = Patience(0.0 if impatient else 5.0, first_wait_s=0.0, longest_wait_s=0.0)
    world = await lived(seed, faults=80, told=with_poison(seed, "p0ison"), patience=patience)
    at_rest(world)
    assert all(isinstance(error, GaveUpError) for error in world.exits)
    assert bool(world.exits) == impatient
    records = snapshot.published(world)
    (poison,) = [position for position, value in records if b"p0ison" in value]
    summary, expected = snapshot.summary(world), plain.expect([each for each in records if each[0] != poison])
    assert summary["members"] == expected["members"]
    # Where its buyer signs up at the other partner only, it waits for ever, and nobody has to decide it.
    assert summary["outcomes"].pop(poison) in ("undecidable", "waiting")
    assert summary["outcomes"] == expected["outcomes"]


async def test_promise_7_breaks_when_outboxes_are_not_drained(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a crashed worker had committed is then never published."""
    broken.never_drained(monkeypatch)
    with pytest.raises(UnsettledError, match="outbox"):
        await lived(0, only=("after_commit",))


async def test_promise_7_breaks_when_batches_are_not_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """One poison event then stops its partition for ever."""
    broken.not_halved(monkeypatch)
    broken.poisoned(monkeypatch, b"p0ison")
    world = World(books.journey(), 0)
    # Batches as full as a real broker's: the scheduler's small ones would now and then hold the poison alone.
    world.pace, world.greedy = 0.0, True
    with pytest.raises(UnsettledError, match="earn-ledger"):
        await world.play(with_poison(0, "p0ison"))
