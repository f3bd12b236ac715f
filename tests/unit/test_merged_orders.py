"""Merges, and their undoing, as campaigns may hear of them: each member's are in order, and those of several race.

A chain of duplicates is told by as many members as it has links, so in as many partitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import orjson
import pytest

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import MEMBERS as COUNTED
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.mergedreferralkit import REFER, Circle, D, S, T, X, Y
from tests.unit.rulekit import rule

OFTEN = rule("often", "on: purchase\nprogress: {count: times, goal: 3}\nthen: {fixed: 50}", kind="challenge")
WON = rule("won", "on: purchase\nprogress: {count: times, goal: 2}\nthen: {fixed: 7}", kind="challenge")
PUNCH = "on: purchase\nthen: {punch: {card: coffee, of: 9, points: 5}}\nlimits: [{times: 8, per: member, period: ever}]"
CARD = rule("card", PUNCH, kind="bonus")
Link = tuple[str, str | None]
"""Who is merged into whom; None: taken back."""

CHAIN: list[Link] = [(T, D), (D, S)]
LONG: list[Link] = [*CHAIN, (S, Y)]
APART: list[Link] = [*CHAIN, (D, None), (T, None)]
LIVES: dict[str, list[Link]] = {
    "a chain": CHAIN,
    "a long chain": LONG,
    "apart again": APART,
    "a long chain apart again": [*LONG, (S, None), (D, None), (T, None)],
    "the second link again": [*APART, (D, S)],
    "to another": [*APART, (D, Y), (T, S)],
    "the first link again": [*APART, (T, D), (D, Y)],
    "into the advocate": [(T, D), (D, X)],
    "the advocate in between": [(T, X), (X, S), (D, S)],
    "out of the advocate": [(T, D), (D, X), (D, None), (T, None), (T, X)],
    "two who had won": [(T, D), (Y, D), (T, None), (D, S)],
    "two who had won, apart": [(T, D), (Y, D), (D, S), (D, None), (T, None), (Y, None)],
    "the second link alone": [*CHAIN, (D, None), (D, Y)],
}


async def circle() -> Circle:
    """T was brought and has bought twice, which is a challenge won, and so has Y; D and S have bought once. No reward
    is due: T had bought before."""
    found = await Circle(REFER, OFTEN, WON, CARD).begun()
    for who in (T, T, D, S, Y, Y):
        await found.bought(who, 1)
    await found.refers(T)
    await found.refers(S)
    found.waits = True
    return found


def orders(each: Sequence[Sequence[bytes]]) -> Iterator[list[bytes]]:
    """All in which several partitions may be read."""
    if not any(each):
        yield []
    for at, first in enumerate(each):
        if first:
            rest = [*each[:at], first[1:], *each[at + 1 :]]
            yield from ([first[0], *then] for then in orders(rest))


async def heard(found: Circle, values: Sequence[bytes]) -> dict[str, Any]:
    """Campaigns' documents once these were heard in this order."""
    store = MemoryStore()
    store.documents = deepcopy(found.campaigns.documents)
    loop = BatchLoop(CampaignsHandler(), store, found._publish, lambda: found.book)
    for number, value in enumerate(values):
        await loop.run([Record("accruals", 0, 1000 + number, value)])
    kept = store.collection(COUNTED)
    return {who: said(kept[who]) for who in (S, D, T, X, Y) if who in kept}


def said(kept: Any) -> Any:
    """Without what says nothing: a place that is empty, or a count of none."""
    if not isinstance(kept, dict):
        return kept
    return {key: found for key, each in kept.items() if (found := said(each)) not in (0, None, [], {})}


@pytest.mark.parametrize("life", LIVES)
async def test_every_order_ends_alike(life: str) -> None:
    """As the order in which they happened: whole documents, so all that a later event or return may ask. Mechanisms:
    `further` of `lend` and of `take_back`, without which what is the first one's comes to the last alone, and is theirs
    for ever; `merging_referrals.carry`, the same of referrals; `_stop_short`, of what had been won for them."""
    found = await circle()
    for who, into in LIVES[life]:
        await (found.parts(who) if into is None else found.merges(who, into))
    told = [each.value for each in found.sent[found._heard :] if each.topic == "accruals"]
    told = [each for each in told if "survivor" in (orjson.loads(each)["data"].get("entry") or {})]
    assert len(told) == len(LIVES[life])
    expected = await heard(found, told)
    whose = [[each for each in told if orjson.loads(each)["data"]["member"] == who] for who in (T, D, S, X, Y)]
    for order in orders(whose):
        names = [orjson.loads(each)["data"]["member"] for each in order]
        assert await heard(found, order) == expected, names


async def test_what_a_chain_brought_is_nobody_else_s_once_it_is_undone() -> None:
    """X brought T alone; the second link is heard of first. Apart again T is the one who is rewarded."""
    found = await Circle().begun()
    await found.refers(T)
    found.waits = True
    await found.merges(T, D)
    await found.merges(D, S)
    told = [each for each in found.sent[found._heard :] if each.topic == "accruals"]
    told.sort(key=lambda each: orjson.loads(each.value)["data"]["member"] == T)
    await found._campaigns.run([Record("accruals", 0, 1000 + at, each.value) for at, each in enumerate(told)])
    found._heard, found.waits = len(found.sent), False
    await found.parts(D)
    await found.parts(T)
    await found.bought(S, 5)
    await found.bought(T, 5)
    assert found.held(X, S, T) == [200, 5, 105]
