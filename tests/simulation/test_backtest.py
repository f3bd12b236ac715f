"""A backtest of the rules of the time posts what the ledger posted, to the point: in worlds with faults and races."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rules.definition import Rule
from tests.simulation import replaying
from tests.simulation.checks import lived, seeds
from tests.simulation.shopping import Published, history
from tests.simulation.world import World


def one_partition(topic: str, key: bytes, partitions: int) -> int:
    """All events of a topic in one order: then campaigns uses what members share in the ledger's order."""
    return 0


def everything(seed: int) -> list[Published]:
    """A history in which anything may come back."""
    return history(seed, also="any").records


def same(world: World) -> None:
    """Entry by entry; and all that the services keep of members is in the end what the replay keeps."""
    entries = replaying.stored(world)
    engine, found = replaying.replayed(world, entries)
    for each, posted in zip(entries, found, strict=True):
        back = () if each.taken is None else each.taken.awards
        assert posted == [replaying.POSTED(award) for award in (*each.awards, *back)], each
    for id_, person in engine.people.items():
        mine = replaying.kept(person.ledger, person.campaigns, person.ladders)
        assert mine == replaying.live(world, id_)


@seeds
async def test_every_entry_is_posted_again(seed: int) -> None:
    """Limits, budgets, stacking, history, tags, tiers, balances, challenges, cards and referrals, in two versions."""
    same(await lived(seed, replaying.everything(), told=everything(seed), partitioner=one_partition))


async def test_the_worlds_exercise_everything() -> None:
    """A rule that never gives, is never held back or never cut would prove nothing."""
    given, held, back = set[tuple[str, int]](), set[tuple[str, str]](), set[str]()
    for seed in range(12):
        world = await lived(seed, replaying.everything(), told=everything(seed), partitioner=one_partition)
        for each in replaying.stored(world):
            given |= {(award.rule, award.version) for award in each.awards}
            held |= {(passed.rule, passed.verdict) for passed in each.passed}
            less = each.awards if each.taken is None else each.taken.awards
            back |= {award.rule for award in less if award.points < 0}
    rules = {(each.id, each.version) for each in replaying.everything().versions if isinstance(each, Rule)}
    assert rules == {each for each in given if each[0] not in ("refer-a-friend", "bring-some")}
    assert back >= {each[0] for each in given} - {"welcome", "card", "refer-a-friend"}
    assert {("pot", "budget"), ("first-ten", "limit"), ("rich", "limit"), ("best-a", "stacking")} <= held


@seeds
async def test_what_campaigns_shares_comes_to_the_same_sum_whatever_the_order(seed: int) -> None:
    """With several partitions campaigns meets members in an order that nobody wrote down: who gets the last of a pot
    that all share may differ, the sum does not; where nothing comes back: what a return puts back into a pot is there
    for whoever comes next, and who that is may differ too."""
    world = await lived(seed, replaying.everything(), faults=0)
    entries = replaying.stored(world)
    posted = [award for each in replaying.replayed(world, entries)[1] for award in each]
    kitty = sum(award.points for each in entries for award in each.awards if award.rule == "kitty-bonus")
    assert sum(award[3] for award in posted if award[0] == "kitty-bonus") == kitty


@pytest.mark.parametrize("lacking", ["grants", "changes", "returns"])
async def test_it_breaks_when_news_is_not_heard_where_it_was(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: what is announced. Grants and changes of tier reach the ledger late; a replay that hears of them at
    once posts other points. One that does not know of which purchases something comes back takes nothing back."""
    real = replaying.announced
    nothing: dict[str, Any] = {lacking: () if lacking == "changes" else frozenset()}
    monkeypatch.setattr(replaying, "announced", lambda world: real(world)._replace(**nothing))
    for seed in range(100):
        world = await lived(seed, replaying.everything(), told=everything(seed), partitioner=one_partition)
        try:
            same(world)
        except AssertionError:
            return
    raise RuntimeError(f"100 worlds came to the same without {lacking}")
