"""Punch cards of members who are one, and two again; by hand: a card takes ten holes, and pays thirty."""

from __future__ import annotations

import pytest

from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import rule
from tests.unit.test_people import CAT

CARD = rule("card", "on: purchase\nthen: {punch: {card: c, of: 10, points: 30}}", "bonus")
WHO = (ANN, BOB, CAT)


async def punched(ann: int, bob: int, cat: int = 0) -> Campaigning:
    """So many of each."""
    mall = Campaigning(CARD)
    for who in WHO:
        await mall.joins(who, f"h-{who[-1]}")
    for who, times in zip(WHO, (ann, bob, cat), strict=True):
        await buy(mall, who, times)
    return mall


async def buy(mall: Campaigning, who: str, times: int) -> list[str]:
    return [await mall.buys_lines(who, 1000) for _ in range(times)]  # less than a point


def holes(mall: Campaigning) -> list[int]:
    """On each one's card."""
    return [mall.counted(who).get("cards", {}).get("c", {}).get("punches", 0) for who in WHO]


async def test_what_is_over_once_a_card_is_full_is_on_the_next() -> None:
    """Eight and eight, and one more: seven on the second card, which the third of three more fills. Mechanism: `over`
    in `wins._punch`; with an empty card it would take ten more."""
    mall = await punched(8, 8)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 1)
    assert (holes(mall)[0], mall.stars(ANN)) == (7, 30)
    await buy(mall, ANN, 2)
    assert mall.stars(ANN) == 30
    await buy(mall, ANN, 1)
    assert (holes(mall)[0], mall.stars(ANN)) == (0, 60)


async def test_what_filled_a_card_is_spent_and_the_next_card_is_the_survivors() -> None:
    """Four of Bob's filled Ann's card; the three on her next one are hers. Mechanism: `filled` in `merging_cards.draw`;
    without it Bob would take them along."""
    mall = await punched(5, 4)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 4)
    assert (holes(mall)[0], mall.stars(ANN)) == (3, 30)
    await mall.parts(BOB)
    assert holes(mall)[:2] == [3, 0]


async def test_what_was_over_comes_back_to_whoever_brought_it() -> None:
    """Eight and eight and one: Ann's nine and one of Bob's filled the card; seven are his. One more of hers is hers."""
    mall = await punched(8, 8)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 2)
    await mall.parts(BOB)
    assert holes(mall)[:2] == [1, 7]


async def test_what_is_spent_of_a_chains_holes_is_spent_for_all_of_it() -> None:
    """Cat's four by Bob to Ann, who fills the card. Bob's two of later are his when Cat leaves. Mechanism:
    `merging_cards.spend`; without it Cat would take them along."""
    mall = await punched(5, 0, 4)
    await mall.merges(CAT, BOB)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 1)
    await mall.parts(BOB)
    await buy(mall, BOB, 2)
    await mall.parts(CAT)
    assert holes(mall) == [0, 2, 0]


async def test_goods_of_what_is_spent_take_no_hole_of_what_is_not() -> None:
    """Bob's four filled Ann's card; two new ones are his, though one of the four comes back. Mechanism: `filled` of
    `_keeps`, as a card before; without it he would have one."""
    mall = await punched(5, 0)
    first, *_ = await buy(mall, BOB, 4)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 1)
    await mall.parts(BOB)
    new, _ = await buy(mall, BOB, 2)
    await mall.gives_back(BOB, first)
    assert holes(mall)[:2] == [0, 2]
    await mall.gives_back(BOB, new)
    assert holes(mall)[:2] == [0, 1]


@pytest.mark.parametrize("apart", [True, False])
async def test_what_comes_back_is_taken_of_what_was_over(apart: bool) -> None:
    """Eight and eight, and one: seven are over, all of them Bob's. Seven of his come back, while they are one or after
    that; the eighth paid for Ann's card, and takes nothing. Mechanism: `of_before` in `unpunch`; without it seven holes
    of returned goods would be on Ann's next card, or be Bob's again."""
    mall = await punched(8, 0)
    his = await buy(mall, BOB, 8)
    await mall.merges(BOB, ANN)
    await buy(mall, ANN, 2)
    if apart:
        await mall.parts(BOB)
    for number, each in enumerate(his, 1):
        await mall.gives_back(BOB, each)
        left = max(0, 7 - number)
        assert holes(mall)[:2] == ([1, left] if apart else [1 + left, 8 - min(number, 7)])
    if not apart:
        await mall.parts(BOB)
        assert holes(mall)[:2] == [1, 0]
