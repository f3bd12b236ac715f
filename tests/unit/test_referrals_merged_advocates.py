"""Referrals by advocates who are merged, and two again: what was given to whom goes back from them. By hand."""

from __future__ import annotations

import pytest

from shared.ops.rebuilding import before
from tests.unit.mergedreferralkit import REFER, Circle, D, S, X, Y

ONCE = "limits: [{period: ever}]\n" + REFER


async def test_what_an_advocate_s_survivor_has_is_taken_from_them() -> None:
    """Mechanism: `owning.to_owners` of grants; without it the advocate, who is on their own again, would owe it."""
    found = await Circle().begun()
    await found.refers(D)
    await found.merges(X, S)
    bought = await found.bought(D, 20)
    assert found.held(X, S, D) == [0, 200, 120]
    await found.parts(X)
    await found.back(D, bought)
    assert found.held(X, S, D) == [0, 0, 0]
    await found.bought(D, 5)
    assert found.held(X, S, D) == [200, 0, 105]


async def test_what_an_advocate_was_given_before_a_merge_is_their_loss_when_it_goes_back_meanwhile() -> None:
    """What the survivor is given after that is theirs. Mechanism: `owning` says whose the grant was (`bought_by`);
    without it the unmerge would give the advocate what the survivor has. `brought_nobody`, of the friends that both
    have brought: in the ledger, and in what is rebuilt of it to explain."""
    found = await Circle().begun()
    await found.refers(D)
    bought = await found.bought(D, 20)
    await found.merges(X, S)
    assert (found.held(S, D), found.brought(S)) == ([200, 120], 1)
    await found.back(D, bought)
    assert (found.held(S, D), found.brought(S)) == ([0, 0], 0)
    await found.bought(D, 5)
    assert (found.held(S, D), found.brought(S)) == ([200, 105], 1)
    await found.parts(X)
    assert (found.held(X, S, D), found.brought(S), found.brought(X)) == ([0, 200, 105], 1, 0)
    for who, friends in ((S, 1), (X, 0)):
        sources = await found.sources(who)
        rebuilt = before(len(sources.journal) + 1, who, sources).earn.document
        assert rebuilt.get("referrals", 0) == friends, who


async def test_a_limit_counts_a_reward_where_it_was_given() -> None:
    """The advocate was merged then. Mechanism: `used_by`; without it the survivor would have used their one time for
    ever, and the advocate less than none."""
    found = await Circle(ONCE).begun()
    await found.refers(D)
    await found.merges(X, S)
    bought = await found.bought(D, 20)
    assert (found.used(S), found.used(X)) == (1, 0)
    await found.parts(X)
    await found.back(D, bought)
    assert (found.used(S), found.used(X)) == (0, 0)


async def test_what_an_advocate_had_used_before_a_merge_is_theirs_when_it_goes_back_meanwhile() -> None:
    """Mechanism: `charged` of the advocate's way; without it the unmerge would take from the survivor what they do not
    have: they would have used -1."""
    found = await Circle(ONCE).begun()
    await found.refers(D)
    bought = await found.bought(D, 20)
    await found.merges(X, S)
    assert (found.used(S), found.used(X)) == (1, 1)
    await found.back(D, bought)
    await found.parts(X)
    assert (found.used(S), found.used(X)) == (0, 0)


@pytest.mark.parametrize("merged_first", [False, True])
async def test_a_reward_that_an_earlier_purchase_takes_back_keeps_nothing_apart(merged_first: bool) -> None:
    """Each was brought by another advocate, five days ago the duplicate. The survivor is rewarded for 20 points'
    worth; that they had bought three days ago, before they were brought, is heard of before the merge, or after it.
    Both together were brought before they bought. Mechanism: `rejoin` in `rewards`; without it nobody is rewarded where
    the merge comes first."""
    found = await Circle().begun()
    await found.refers(D, advocate=Y, days_ago=5)
    await found.refers(S, advocate=X, days_ago=2)
    await found.bought(S, 20)
    assert found.held(X, Y, S) == [200, 0, 120]
    if merged_first:
        await found.merges(D, S)
    await found.bought(S, 3, days_ago=3)
    if not merged_first:
        await found.merges(D, S)
    await found.bought(S, 1)
    assert found.held(X, Y, S) == [0, 200, 124]


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("closed_first", [False, True])
async def test_a_closed_account_owes_nothing_of_a_reward_that_goes_back(merged: bool, closed_first: bool) -> None:
    """It was never given where the account was closed before, and is breakage where it was closed since; also where the
    account is the one whom the advocate was merged into when they were rewarded. Mechanism: `Ledger._closed`; without
    it the account would owe 200, and the programme would have 200 back that it never gave."""
    found = await Circle().begun()
    who = S if merged else X
    await found.refers(D)
    if merged:
        await found.merges(X, S)
    if closed_first:
        await found.closes(who)
    bought = await found.bought(D, 20)
    if not closed_first:
        assert found.held(who) == [200]
        await found.closes(who)
    await found.back(D, bought)
    assert found.held(who, D) == [0, 0]
    postings = [each for entry in found.books("journal").values() for each in entry["postings"]]
    issued = sum(each["amount"] for each in postings if each["account"] == "programme:issued")
    breakage = sum(each["amount"] for each in postings if each["account"] == "programme:breakage")
    assert (issued, breakage) == ((0, 0) if closed_first else (-200, 200))
