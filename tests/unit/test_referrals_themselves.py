"""An advocate who is one with the friend whom they brought: nobody is rewarded for bringing themselves. By hand."""

from __future__ import annotations

import pytest

from tests.unit.mergedreferralkit import Circle, D, S, T, X, Y

WAYS = {
    "the friend into the advocate": [(S, X)],
    "the advocate into the friend": [(X, S)],
    "both into another": [(X, D), (S, D)],
    "by a chain": [(S, D), (D, X)],
    "by another chain": [(X, D), (D, S)],
}


async def one_person(way: str) -> tuple[Circle, str]:
    """X has brought S, who has bought nothing; then they are one. Who has all that is theirs."""
    found = await Circle().begun()
    await found.refers(S)
    for who, into in WAYS[way]:
        await found.merges(who, into)
    return found, WAYS[way][-1][1]


@pytest.mark.parametrize("buyer", [S, X])
@pytest.mark.parametrize("way", WAYS)
async def test_whoever_is_the_same_person_brings_nobody(way: str, buyer: str) -> None:
    """Bought by either's card. Mechanism: `of_themselves` in `_due`; without it they would have 310 of 10."""
    found, last = await one_person(way)
    await found.bought(buyer, 10)
    assert found.held(last) == [10]


@pytest.mark.parametrize("way", WAYS)
async def test_once_they_are_two_the_friends_first_purchase_decides(way: str) -> None:
    """What was bought meanwhile is the survivor's: of the friend, where that is who they are."""
    found, last = await one_person(way)
    first = await found.bought(last, 10)
    for who, _ in reversed(WAYS[way]):
        await found.parts(who)
    await found.bought(S, 5)
    assert found.held(X, S) == ([200, 115] if last == S else [200 + 10 * (last == X), 105])
    if last == S:
        await found.back(S, first)
        assert found.held(X, S) == [0, 5]


@pytest.mark.parametrize(("who", "into"), [(S, X), (X, S)])
async def test_a_reward_of_before_stays_until_its_goods_come_back_and_is_not_given_again(who: str, into: str) -> None:
    """Mechanism: `gave` in `_due`, without which their next purchase would take it back."""
    found = await Circle().begun()
    await found.refers(S)
    first = await found.bought(S, 10)
    assert found.held(X, S) == [200, 110]
    await found.merges(who, into)
    await found.bought(into, 1)
    assert found.held(into) == [311]
    await found.back(into, first)
    assert found.held(into) == [1]
    await found.bought(into, 2)
    assert found.held(into) == [3]
    await found.parts(who)
    await found.bought(S, 4)
    # Of X as survivor the 1 and the 2 are theirs; of S the 2 is their first purchase, which is rewarded now.
    assert found.held(S, X) == ([104, 203] if into == X else [107, 200])


@pytest.mark.parametrize("chain", [True, False])
async def test_whoever_else_brought_them_wins(chain: bool) -> None:
    """S came by X, who is S by now; D, who is S, too, came by Y. Mechanisms: `_passed` in `join`; of a chain `others`,
    without which S would bring X the referral by X alone."""
    found = await Circle().begun()
    await found.refers(S, X)
    await found.refers(D, Y)
    links = [(D, S), (S, X)] if chain else [(S, X), (D, X)]
    for who, into in links:
        await found.merges(who, into)
    await found.bought(X, 10)
    assert found.held(X, Y) == [110, 200]


async def test_whom_a_reward_passed_over_does_not_have_it_later() -> None:
    """Y is one with D, whom they brought; by T's referral D and X are rewarded. Apart again, what was given stands.
    Mechanism: `beside`; without it D's next purchase would take it from X."""
    found = await Circle().begun()
    await found.refers(D, Y)
    await found.refers(T, X)
    await found.merges(Y, D)
    await found.merges(T, D)
    await found.bought(D, 6)
    assert found.held(D, X) == [106, 200]
    await found.parts(Y)
    await found.bought(D, 1)
    assert found.held(D, X, Y) == [107, 200, 0]


@pytest.mark.parametrize("late", [False, True])
async def test_whoever_brought_them_second_wins_where_the_first_is_one_with_them(late: bool) -> None:
    """S by X, and by Y; X is S by now. Also where X's is heard of once Y's was rewarded. Mechanism: `others` of
    `_keep_referral`; with the earliest alone nobody would have anything, or what Y had would be taken back."""
    found = await Circle().begun()
    if not late:
        await found.refers(S, X)
    await found.refers(S, Y)
    await found.merges(X, S)
    if late:
        await found.bought(S, 10)
        await found.refers(S, X, days_ago=1)
    else:
        await found.bought(S, 10)
    await found.bought(S, 1)
    assert found.held(S, Y) == [111, 200]


async def test_whom_a_reward_passed_over_does_not_have_it_when_it_is_dated_anew() -> None:
    """An earlier purchase is heard of after the unmerge. Mechanism: `beside` of the pair before is kept."""
    found = await Circle().begun()
    await found.refers(D, Y, days_ago=3)
    await found.refers(T, X, days_ago=2)
    await found.merges(Y, D)
    await found.merges(T, D)
    await found.bought(D, 6)
    await found.parts(Y)
    await found.bought(D, 5, days_ago=1)
    await found.bought(D, 1)
    assert found.held(D, X, Y) == [112, 200, 0]
