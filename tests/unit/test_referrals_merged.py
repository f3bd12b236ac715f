"""Referrals of friends who are merged, and two again: what both sides hold, by hand. All through the ledger."""

from __future__ import annotations

import pytest

from shared.ops.rebuilding import before
from tests.unit.mergedreferralkit import REFER, Circle, D, S, T, X


async def test_an_unmerge_leaves_the_survivors_own_referral_and_purchase_and_what_both_were_given() -> None:
    """Mechanism: `referred.own` says what the survivor has heard since the merge, too; with their state of the time of
    the merge written back, the purchase of 5 would be their first, and rewarded."""
    found = await Circle().begun()
    await found.refers(S)
    await found.merges(D, S)
    await found.bought(S, 20)
    assert found.held(X, S) == [200, 120]
    await found.parts(D)
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 125, 0]
    assert "referred" not in found.counted(S)


async def test_a_referral_that_is_heard_of_while_merged_is_the_survivors() -> None:
    found = await Circle().begun()
    await found.bought(D, 1)  # so that there is something to keep apart
    await found.merges(D, S)
    await found.refers(S)
    await found.parts(D)
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 105, 1]


async def test_who_bought_while_merged_is_no_new_customer() -> None:
    """The purchase is the survivor's first, though the duplicate had bought before, and is apart again."""
    found = await Circle().begun()
    await found.bought(D, 1)
    await found.merges(D, S)
    await found.bought(S, 5)
    await found.parts(D)
    await found.refers(S)
    await found.bought(S, 5)
    assert found.held(X, S) == [0, 10]


@pytest.mark.parametrize("merges", [True, False])
async def test_an_earlier_purchase_that_is_heard_of_after_an_unmerge_moves_the_reward(merges: bool) -> None:
    """As it does of one who was never merged: taken back, and given for the earlier one."""
    found = await Circle().begun()
    await found.refers(S, days_ago=2)
    if merges:
        await found.merges(D, S)
    await found.bought(S, 20)
    assert found.held(X, S) == [200, 120]
    if merges:
        await found.parts(D)
    await found.bought(S, 5, days_ago=1)
    assert found.held(X, S) == [200, 125]


async def test_what_was_rewarded_by_what_a_duplicate_brought_is_not_rewarded_again() -> None:
    """Nor is it taken from the survivor by what is heard of them later. Mechanisms: `elsewhere`, without which the
    duplicate would be rewarded once more; `kept`, without which the survivor's next purchase would take theirs back."""
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(D, S)
    await found.bought(D, 20)
    assert found.held(X, S, D) == [200, 120, 0]
    await found.parts(D)
    await found.bought(D, 5)
    await found.bought(S, 7)
    assert found.held(X, S, D) == [200, 127, 5]


@pytest.mark.parametrize("buyer", [S, D])
@pytest.mark.parametrize("returner", [S, D])
async def test_a_survivors_reward_goes_back_with_the_goods_after_an_unmerge(buyer: str, returner: str) -> None:
    """The referral is the survivor's; bought and given back by either's card, as far as the purchase bears that."""
    if (buyer, returner) == (S, D):
        return
    found = await Circle().begun()
    await found.refers(S)
    await found.merges(D, S)
    bought = await found.bought(buyer, 20)
    assert found.held(X, S) == [200, 120]
    await found.parts(D)
    await found.back(returner, bought)
    assert found.held(X, S, D) == [0, 0, 0]
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 105, 0]


@pytest.mark.parametrize("buyer", [S, D])
@pytest.mark.parametrize("returner", [S, D])
async def test_once_the_survivors_goods_are_back_the_duplicates_own_first_purchase_is_rewarded(
    buyer: str, returner: str
) -> None:
    """The referral is the duplicate's. Mechanism: `release`, without which they would never be rewarded; and
    `returned`, which finds the pair by its purchase."""
    if (buyer, returner) == (S, D):
        return
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(D, S)
    bought = await found.bought(buyer, 20)
    assert found.held(X, S) == [200, 120]
    await found.parts(D)
    await found.back(returner, bought)
    assert found.held(X, S, D) == [0, 0, 0]
    await found.bought(D, 5)
    assert found.held(X, S, D) == [200, 0, 105]
    await found.bought(D, 5)
    assert found.held(X, S, D) == [200, 0, 110]


async def test_who_was_rewarded_before_the_merge_is_left_alone_and_gives_it_back_themselves() -> None:
    """While they are one and after that; in between nobody of the two is rewarded anew, until it has gone back."""
    for parted in (True, False):
        found = await Circle().begun()
        await found.refers(D)
        bought = await found.bought(D, 20)
        await found.merges(D, S)
        await found.bought(S, 1)
        assert found.held(X, S) == [200, 121]
        if parted:
            await found.parts(D)
        await found.back(D, bought)
        if not parted:
            assert found.held(X, S) == [0, 1]
            await found.parts(D)
        assert found.held(X, S, D) == [0, 1, 0]
        await found.bought(D, 5)
        assert found.held(X, S, D) == [200, 1, 105]


async def test_along_a_chain_a_reward_stays_with_the_last_and_is_whoever_s_referral_it_was() -> None:
    """Duplicate into survivor, into another. Apart again, the duplicate's referral has been rewarded, and the survivor
    has their own. Mechanism: `take_back` hands `elsewhere` on."""
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(D, S)
    await found.merges(S, T)
    bought = await found.bought(D, 20)
    assert found.held(X, T) == [200, 120]
    await found.parts(S)
    await found.parts(D)
    assert "elsewhere" in found.counted(D) and "elsewhere" not in found.counted(S)
    await found.bought(D, 5)
    await found.refers(S)
    await found.bought(S, 6)
    assert found.held(X, S, D, T) == [400, 106, 5, 120]
    await found.back(D, bought)
    assert found.held(X, S, D, T) == [200, 106, 5, 0]


async def test_merged_again_one_friend_is_rewarded_once() -> None:
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(D, S)
    bought = await found.bought(D, 20)
    await found.parts(D)
    await found.merges(D, S)
    await found.bought(D, 5)
    assert found.held(X, S) == [200, 125]
    await found.back(D, bought)
    assert found.held(X, S) == [0, 5]
    await found.parts(D)
    await found.merges(D, T)
    await found.bought(D, 3)
    assert found.held(X, S, D, T) == [200, 5, 0, 103]


async def test_a_purchase_that_a_duplicate_brought_takes_the_survivors_reward_with_it() -> None:
    """They had bought; that they had been brought before is heard of while they are one. Apart again, their goods come
    back. Mechanism: `rewarded_with`; without it nobody would look at the survivor."""
    found = await Circle().begun()
    bought = await found.bought(D, 20)
    await found.merges(D, S)
    await found.refers(S, days_ago=3)
    assert found.held(X, S) == [200, 120]
    await found.parts(D)
    assert found.held(X, S, D) == [200, 100, 20]
    await found.back(D, bought)
    assert found.held(X, S, D) == [0, 0, 0]
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 105, 0]


async def test_a_merge_of_an_earlier_release_leaves_the_survivor_what_is_not_the_duplicates() -> None:
    """It kept what the survivor had. Mechanism: `_of_earlier`; with that written back the survivor would be rewarded
    twice, and a referral that was heard of meanwhile would be lost."""
    found = await Circle().begun()
    await found.refers(S)
    await found.merged_before(D, S)
    await found.bought(S, 20)
    await found.parts(D)
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 125, 0]
    found = await Circle().begun()
    await found.bought(D, 1)
    await found.merged_before(D, S)
    await found.refers(S)
    await found.parts(D)
    await found.bought(S, 5)
    assert found.held(X, S, D) == [200, 105, 1]


async def test_a_reward_of_an_earlier_releases_merge_is_given_once_and_goes_back() -> None:
    found = await Circle().begun()
    await found.refers(D)
    await found.merged_before(D, S)
    bought = await found.bought(D, 20)
    await found.parts(D)
    await found.bought(D, 5)
    assert found.held(X, S, D) == [200, 120, 5]
    await found.back(D, bought)
    assert found.held(X, S, D) == [0, 0, 5]


async def test_a_reward_that_is_not_the_survivors_any_more_blocks_nobody_whom_they_were_merged_into() -> None:
    """The purchase is the duplicate's, who is apart again; its reward the survivor's, who has been merged further.
    Mechanism: `settle` of the way from whoever had the reward; without it nobody of the two could be rewarded."""
    found = await Circle().begun()
    bought = await found.bought(D, 20)
    await found.merges(D, S)
    await found.refers(S, days_ago=3)
    await found.parts(D)
    await found.merges(S, T)
    await found.back(D, bought)
    assert found.held(X, T, D) == [0, 0, 0]
    await found.bought(T, 5)
    assert found.held(X, T, D) == [200, 105, 0]


async def test_an_unmerge_and_what_comes_after_it_are_decided_alike_in_one_batch() -> None:
    """Mechanism: the survivor's document is read with the merge's; without it the duplicate would be rewarded again."""
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(D, S)
    bought = await found.bought(D, 20)
    found.waits = True
    await found.parts(D)
    await found.bought(D, 5)
    await found.back(D, bought)
    await found.bought(D, 6)
    await found.hears_at_once()
    assert found.held(X, S, D) == [200, 0, 111]


@pytest.mark.parametrize("friend", [S, D])
async def test_what_asks_for_more_than_is_left_takes_its_reward_back_after_an_unmerge(friend: str) -> None:
    """Ten points' worth at least: of 15 and 5 the 15 come back. The purchase stays the survivor's first, so their next
    wins nothing; the duplicate's own first does, if it is they who had been brought."""
    found = await Circle(f"when: basket.total >= 100000\n{REFER}").begun()
    await found.refers(friend)
    await found.merges(D, S)
    bought = await found.buys_lines(S, 150_000, 50_000)
    assert found.held(X, S) == [200, 120]
    await found.parts(D)
    await found.gives_back(S, bought, 0)
    assert found.held(X, S, D) == [0, 5, 0]
    await found.bought(S, 20)
    assert found.held(X, S, D) == [0, 25, 0]
    await found.bought(D, 20)
    assert found.held(X, S, D) == ([0, 25, 20] if friend == S else [200, 25, 120])


@pytest.mark.parametrize("again", [False, True])
async def test_a_friends_reward_that_was_on_its_way_at_the_merge_is_lost_by_whoever_was_given_it(again: bool) -> None:
    """Campaigns decided it of the duplicate, and the ledger posted it to the survivor; it names the duplicate when it
    takes it back: while they are one, or once the duplicate is merged into another. Mechanism: `owning` says whose
    the grant was (`bought_by`); without it the duplicate would be left with 100 less than nothing, and whoever has them
    then with 100 too much. What is rebuilt to explain agrees: `rejoined.bought_by`."""
    found = await Circle().begun()
    found.waits = True
    await found.refers(D)
    bought = await found.bought(D, 20)
    await found.bought(D, 300)
    await found.merges(D, S)
    found.waits = False
    await found.hear()
    assert found.held(X, S) == [200, 420]
    if again:
        await found.parts(D)
        await found.bought(T, 500)
        await found.merges(D, T)
    await found.back(S if not again else D, bought)
    await found.parts(D)
    assert found.held(X, S, D, T) == [0, 0, 300, 500 if again else 0]
    sources = await found.sources(D)
    assert before(len(sources.journal) + 1, D, sources).earn.document["lifetime"].get("stars") == 300
