"""What a return left of a member's goods while they were merged, and is spent points of theirs: who is asked for it
when the two are apart again, and a till gives points back. By hand; wallets' policy is `zero`."""

from __future__ import annotations

import pytest

from services.earn.ledger import MEMBERS
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import CAT, code, merged, of, stars, unmerged
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_late import balanced, buys, mall, undone


async def spends(at: Mall, who: str, points: int) -> str:
    """At once; the redemption."""
    return str((await captured(at, who, await held(at, who, points)))["redemption"])


@pytest.fixture
async def apart() -> tuple[Mall, str, str]:
    """Bob bought 40 and spent 30, Ann bought 20 and spent them. Merged into her all of his goods come back: 10 go, 30
    are left to them. They are taken apart. And both redemptions, Bob's first."""
    found = mall("zero")
    bought = await buys(found, 40, BOB)
    bobs = await spends(found, BOB, 30)
    await buys(found, 20)
    anns = await spends(found, ANN, 20)
    assert code(await merged(found, BOB, ANN)) == "done"
    await returned(found, BOB, bought)
    assert entries(found, "return")[0]["spared"] == {"stars": 30}
    assert code(await unmerged(found, BOB)) == "done"
    assert (stars(found, ANN), stars(found, BOB)) == (0, 0)
    return found, bobs, anns


@pytest.mark.parametrize("first", [0, 1], ids=["Bob's first", "Ann's first"])
async def test_whoever_bought_is_asked_for_what_they_had_spent(apart: tuple[Mall, str, str], first: int) -> None:
    """Both are undone: Ann has her 20, for her goods are bought; Bob none, for his came back. Mechanism:
    `spared.part`; without it Ann's 20 would go for his goods, and he keep 30."""
    found, *redemptions = apart
    for which in (first, 1 - first):
        await undone(found, (BOB, ANN)[which], redemptions[which])
    assert (stars(found, ANN), stars(found, BOB)) == (20, 0)
    [late] = entries(found, "late_return")
    assert late["postings"][0] == {
        "account": f"member:{BOB}", "amount": -30, "wallet": "stars", "rule": "base", "version": 1,
    }  # fmt: skip
    assert all("spared" not in each for each in of(found, MEMBERS).values())
    assert balanced(found)


async def test_while_they_are_one_it_is_taken_of_what_comes_back() -> None:
    """And after an unmerge no more of anybody."""
    found = mall("zero")
    bought = await buys(found, 40, BOB)
    redemption = await spends(found, BOB, 30)
    await buys(found, 1)
    await spends(found, ANN, 1)
    await merged(found, BOB, ANN)
    await returned(found, BOB, bought)
    await undone(found, BOB, redemption)
    assert stars(found, ANN) == 0
    await unmerged(found, BOB)
    assert (stars(found, ANN), stars(found, BOB)) == (0, 0)
    assert balanced(found)


async def test_what_the_survivor_spent_of_theirs_is_asked_of_the_survivor() -> None:
    """Bob bought 40, spent 30 and brought 10, which Ann spends with 5 of her own; what she had spent before is hers.
    Apart, her late redemption gives back 15: 10 of them are of Bob's goods. Mechanism: `after` and what stays in
    `spared.part`; without it Ann would keep ten, or pay with what she had spent before the merge."""
    found = mall("zero")
    bought = await buys(found, 40, BOB)
    bobs = await spends(found, BOB, 30)
    await buys(found, 25)
    early = await spends(found, ANN, 20)
    await merged(found, BOB, ANN)
    late = await spends(found, ANN, 15)
    await returned(found, BOB, bought)
    assert entries(found, "return")[0]["spared"] == {"stars": 40}
    await unmerged(found, BOB)
    for who, redemption, left in ((ANN, early, 20), (ANN, late, 25), (BOB, bobs, 0)):
        await undone(found, who, redemption)
        assert stars(found, who) == left
    assert [-each["postings"][0]["amount"] for each in entries(found, "late_return")] == [10, 30]
    assert balanced(found)


@pytest.mark.parametrize("ann_first", [True, False])
async def test_along_a_chain_it_comes_to_whoever_bought(ann_first: bool) -> None:
    """Bob into Ann into Cat; Bob's goods come back from Cat's account. Taken apart link by link, Bob is asked; Cat, who
    spent before, is not."""
    found = mall("zero")
    bought = await buys(found, 40, BOB)
    bobs = await spends(found, BOB, 40)
    await buys(found, 7)
    anns = await spends(found, ANN, 7)
    await buys(found, 9, CAT)
    cats = await spends(found, CAT, 9)
    await merged(found, BOB, ANN)
    await merged(found, ANN, CAT)
    await returned(found, BOB, bought)
    await unmerged(found, ANN)
    await undone(found, CAT, cats)
    if ann_first:
        await undone(found, ANN, anns)
        await unmerged(found, BOB)
    else:
        await unmerged(found, BOB)
        await undone(found, ANN, anns)
    await undone(found, BOB, bobs)
    assert stars(found, CAT) == 9
    # While they are one, what comes back goes for what a return left, whoever of them had spent it (people.md).
    assert (stars(found, ANN), stars(found, BOB)) == ((0, 7) if ann_first else (7, 0))
    assert balanced(found)


async def test_the_survivors_own_goods_stay_the_survivors() -> None:
    """They are taken apart, and Bob's redemption is undone: it is his, whatever Ann's return had left."""
    found = mall("zero")
    await buys(found, 40, BOB)
    bobs = await spends(found, BOB, 40)
    bought = await buys(found, 20)
    anns = await spends(found, ANN, 20)
    await merged(found, BOB, ANN)
    await returned(found, ANN, bought)
    await unmerged(found, BOB)
    await undone(found, BOB, bobs)
    await undone(found, ANN, anns)
    assert (stars(found, ANN), stars(found, BOB)) == (0, 40)
    assert balanced(found)
