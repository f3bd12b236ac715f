"""Purchases that come back while two members are merged: challenges, limits and cards, once they are apart; by hand.

Ann is the survivor. Three purchases a month win fifty; a hundred thousand dong earn ten stars.
"""

from __future__ import annotations

import pytest

from shared.rules.challenges import reached
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import rule
from tests.unit.test_people import CAT

WHEN = "when: basket.total >= 100000\n"
THREE_OR_MORE = f"{WHEN}progress: {{count: times, period: month, goal: 3}}\n"
THREE = rule("three", f"{THREE_OR_MORE}then: {{fixed: 50}}", "challenge")
DAYS = rule("days", f"{WHEN}progress: {{count: days, period: month, goal: 3}}\nthen: {{fixed: 50}}", "challenge")


async def opened(*rules: str) -> Campaigning:
    """Three members, who have nothing."""
    mall = Campaigning(*rules)
    for who in (ANN, BOB, CAT):
        await mall.joins(who, f"h-{who[-1]}")
    return mall


async def buy(mall: Campaigning, who: str, times: int = 1) -> list[str]:
    """So many purchases of ten stars."""
    return [await mall.buys_lines(who, 100_000) for _ in range(times)]


async def bring_back(mall: Campaigning, who: str, *purchases: str) -> None:
    for each in purchases:
        await mall.gives_back(who, each)


def won(mall: Campaigning) -> list[int]:
    """Stars of the challenge, less what went back, in Ann's and in Bob's journal."""
    return [mall.given(who, "three") for who in (ANN, BOB)]


@pytest.mark.parametrize("times", [2, 3])
async def test_what_waited_for_its_reward_and_won_for_the_survivor_wins_nothing_once_more(times: int) -> None:
    """Fifty for each 200,000 of the winning basket: Bob's of 100,000 reach the goal, or not, and win nothing. Merged,
    Ann wins by them. Apart, they are spent. Mechanism: `merging_progress._part` asks what was won, not what was
    reached; without it Bob's three would win once more."""
    mall = await opened(rule("three", f"{THREE_OR_MORE}then: {{per_amount: {{per: 200000, give: 50}}}}", "challenge"))
    await buy(mall, BOB, times)
    await mall.merges(BOB, ANN)
    assert won(mall) == [0, 0]
    await mall.buys_lines(ANN, 200_000)
    assert won(mall) == [50, 0]
    await mall.parts(BOB)
    await mall.buys_lines(BOB, 200_000)
    assert won(mall) == [50, 0]


@pytest.mark.parametrize("names", [ANN, BOB])
async def test_what_comes_back_of_the_duplicates_is_not_the_survivors_loss(names: str) -> None:
    """Bob's two less one are one: with another he has two, and wins nothing. Ann gave nothing back, and wins with her
    third. Mechanism: `merging_progress.returned`; without it Bob would win, and Ann would not."""
    mall = await opened(THREE)
    first, _ = await buy(mall, BOB, 2)
    await mall.merges(BOB, ANN)
    await bring_back(mall, names, first)
    await mall.parts(BOB)
    await buy(mall, BOB)
    await buy(mall, ANN, 2)
    assert won(mall) == [0, 0]
    await buy(mall, ANN)
    assert won(mall) == [50, 0]
    await buy(mall, BOB)
    assert won(mall) == [50, 50]


@pytest.mark.parametrize(("whose", "wins"), [(BOB, [50, 0]), (ANN, [0, 50])])
async def test_each_has_lost_what_was_theirs(whose: str, wins: list[int]) -> None:
    """One each; one comes back. Apart again, each buys two more: whoever kept theirs wins."""
    mall = await opened(THREE)
    bought = {who: (await buy(mall, who))[0] for who in (BOB, ANN)}
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, bought[whose])
    await mall.parts(BOB)
    await buy(mall, ANN, 2)
    await buy(mall, BOB, 2)
    assert won(mall) == wins


async def test_along_a_chain_it_is_the_buyers_loss() -> None:
    """Cat into Bob into Ann, with two, one and none: Cat's first comes back. Mechanism: the loop over all on the way in
    `returned`; without it Bob, apart from Ann, would still have Cat's two."""
    mall = await opened(THREE)
    first, _ = await buy(mall, CAT, 2)
    await buy(mall, BOB)
    await mall.merges(CAT, BOB)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, first)
    await mall.parts(BOB)
    await buy(mall, ANN, 2)
    assert won(mall) == [0, 0]
    await mall.parts(CAT)
    assert [reached(mall.counted(who), "three", "2026-03") for who in (ANN, BOB, CAT)] == [2, 1, 1]


async def test_what_one_in_the_middle_had_won_goes_back_as_theirs() -> None:
    """Bob wins with Cat's two, and is merged into Ann; one of Cat's comes back. Bob has lost the fifty, Ann nothing;
    he may win once more. Mechanism: each on the way is asked for a reward of their own."""
    mall = await opened(THREE)
    first, _ = await buy(mall, CAT, 2)
    await mall.merges(CAT, BOB)
    await buy(mall, BOB)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, first)
    await mall.parts(BOB)
    assert (mall.stars(ANN), mall.stars(BOB)) == (0, 20)
    await buy(mall, BOB)
    assert mall.stars(BOB) == 80


async def test_what_a_merge_withheld_is_there_when_something_comes_back() -> None:
    """Two and one stop at two, and the next wins; of four bought one comes back, and three are enough. Then two are
    not. Mechanism: `withheld`; a merge that cut progress would leave two after the first."""
    mall = await opened(THREE)
    first, second = await buy(mall, BOB, 2)
    await buy(mall, ANN)
    await mall.merges(BOB, ANN)
    assert won(mall) == [0, 0]
    await buy(mall, ANN)
    assert won(mall) == [50, 0]
    await bring_back(mall, ANN, first)
    assert won(mall) == [50, 0]
    await bring_back(mall, ANN, second)
    assert won(mall) == [0, 0]
    await mall.parts(BOB)
    await buy(mall, ANN)
    assert won(mall) == [50, 0]


async def test_once_an_event_has_reached_the_goal_nothing_is_withheld() -> None:
    """Two and two, and one more while Cat has the budget: all five count, and wait. Cat's goes back, and the next wins.
    Mechanism: `count`; without it three would be told of five."""
    mall = await opened(f"{THREE}  budget: {{points: 50}}\n")
    cats = await buy(mall, CAT, 3)
    await buy(mall, BOB, 2)
    await buy(mall, ANN, 2)
    await mall.merges(BOB, ANN)
    assert reached(mall.counted(ANN), "three", "2026-03") == 2
    await buy(mall, ANN)
    assert (reached(mall.counted(ANN), "three", "2026-03"), won(mall)) == (5, [0, 0])
    await bring_back(mall, CAT, cats[0])
    await buy(mall, ANN)
    assert (reached(mall.counted(ANN), "three", "2026-03"), won(mall)) == (6, [50, 0])


async def test_what_was_withheld_goes_before_what_counts() -> None:
    """Two and two: one comes back, and three are there, one of them withheld still. Apart again nothing is."""
    mall = await opened(THREE)
    first, _ = await buy(mall, BOB, 2)
    await buy(mall, ANN, 2)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, first)
    assert mall.counted(ANN)["progress"]["three"] == {"2026-03": 3}
    assert reached(mall.counted(ANN), "three", "2026-03") == 2
    await mall.parts(BOB)
    assert [reached(mall.counted(who), "three", "2026-03") for who in (ANN, BOB)] == [2, 1]
    assert won(mall) == [0, 0]
    await buy(mall, ANN)
    assert won(mall) == [50, 0]


async def test_a_day_that_both_have_counts_until_both_brought_it_back() -> None:
    """And where days are withheld, any event of the period makes one count: there may be no other day. Mechanism:
    `again` in `_keep`; without it Ann's day would go with Bob's."""
    mall = await opened(DAYS)
    [mine], [his] = await buy(mall, ANN), await buy(mall, BOB)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, his)
    assert reached(mall.counted(ANN), "days", "2026-03") == 1
    await bring_back(mall, ANN, mine)
    assert reached(mall.counted(ANN), "days", "2026-03") == 0
    await mall.parts(BOB)
    for who in (ANN, BOB, ANN, BOB):
        await buy(mall, who)
        mall.passes(days=1)
    await mall.merges(BOB, ANN)
    assert reached(mall.counted(ANN), "days", "2026-03") == 2
    mall.passes(days=-1)
    await buy(mall, ANN)
    assert mall.given(ANN, "days") == 50


async def test_a_reward_that_the_duplicate_had_won_before_goes_back_as_theirs() -> None:
    """Bob's third comes back while he is Ann, who has nothing else: his fifty go. Apart again he may win once more, and
    Ann has lost nothing. Mechanisms: the reward is looked for on the way (`completed` of Bob's document); `bought_by`
    of its correction, without which Ann's stars would pay."""
    mall = await opened(THREE)
    *_, third = await buy(mall, BOB, 3)
    await mall.buys_lines(ANN, 90_000)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, third)
    assert mall.stars(ANN) == 29
    await mall.parts(BOB)
    assert (mall.stars(ANN), mall.stars(BOB)) == (9, 20)
    await buy(mall, BOB)
    assert mall.stars(BOB) == 80
    grants = [each for each in mall.books("journal").values() if each["kind"] == "grant"]
    assert [award["points"] for each in grants for award in each["awards"]] == [50, -50, 50]


async def test_of_two_who_had_won_whoever_brings_back_loses_theirs() -> None:
    """Three each, both won; Bob's come back: three are left, and one reward. Mechanism: `brought` in `returned`."""
    mall = await opened(THREE)
    his, mine = await buy(mall, BOB, 3), await buy(mall, ANN, 3)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, *his)
    assert mall.stars(ANN) == 80
    await mall.parts(BOB)
    assert (mall.stars(ANN), mall.stars(BOB)) == (80, 0)
    await bring_back(mall, ANN, *mine)
    assert mall.stars(ANN) == 0


async def test_the_one_reward_of_both_stays_while_they_have_the_goal_and_goes_with_the_last() -> None:
    """Bob had won; Ann buys three while they are one, and they win nothing more. His come back: three are left, and the
    reward stays. Then hers: nobody has bought anything, and his reward goes. Mechanism: `theirs` and `way_of`; without
    them it would stay for ever, as Bob's document is not on the way of Ann's purchases."""
    mall = await opened(THREE)
    his = await buy(mall, BOB, 3)
    await mall.merges(BOB, ANN)
    mine = await buy(mall, ANN, 3)
    await bring_back(mall, ANN, *his)
    assert mall.stars(ANN) == 80
    await bring_back(mall, ANN, *mine)
    assert mall.stars(ANN) == 0
    await mall.parts(BOB)
    assert (mall.stars(ANN), mall.stars(BOB)) == (0, 0)
    await buy(mall, BOB, 3)
    await buy(mall, ANN, 3)
    assert (mall.stars(ANN), mall.stars(BOB)) == (80, 80)


async def test_progress_is_spent_only_where_the_survivors_own_would_not_have_won() -> None:
    """Ann had won by herself: Bob's one is his again, and wins with two more. Mechanism: `left < goal` in `_part`."""
    mall = await opened(THREE)
    await buy(mall, ANN, 3)
    await buy(mall, BOB)
    await mall.merges(BOB, ANN)
    await mall.parts(BOB)
    await buy(mall, BOB, 2)
    assert won(mall) == [50, 50]


@pytest.mark.parametrize("whose", [BOB, ANN])
async def test_uses_of_a_limit_that_come_back_are_whosevers_they_were(whose: str) -> None:
    """Twice a week: each used it once, and one use comes back. Apart again Ann, who kept hers, may once more, or if it
    was hers twice; and so Bob. Mechanism: `charged`; without it Ann could use it three times when Bob's came back."""
    mall = await opened(rule("few", f"{WHEN}then: {{fixed: 7}}\nlimits: [{{period: week, times: 2}}]", "bonus"))
    bought = {who: (await buy(mall, who))[0] for who in (BOB, ANN)}
    await mall.merges(BOB, ANN)
    await bring_back(mall, BOB, bought[whose])
    await mall.parts(BOB)
    for who in (ANN, BOB):
        have = mall.stars(who)
        await buy(mall, who, 3)
        assert mall.stars(who) - have == 30 + 7 * (2 if who == whose else 1), who


async def test_a_punch_of_the_duplicates_goes_from_their_card() -> None:
    """Two of Bob's and one of Ann's on a card of four; one of his comes back. Apart again each has one. Once the
    card is full, none goes. Mechanism: `unpunch`; without it Bob would have two again, and Ann none."""
    mall = await opened(rule("card", f"{WHEN}then: {{punch: {{card: c, of: 4, points: 30}}}}", "bonus"))
    first, second = await buy(mall, BOB, 2)
    await buy(mall, ANN)
    await mall.merges(BOB, ANN)
    await bring_back(mall, ANN, first)
    await mall.parts(BOB)
    assert [mall.counted(who)["cards"]["c"]["punches"] for who in (ANN, BOB)] == [1, 1]
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 3)  # the second of these fills it
    await bring_back(mall, ANN, second)
    assert mall.counted(ANN)["cards"]["c"] == {"punches": 1, "filled": 1}
