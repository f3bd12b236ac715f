"""Punch cards of members who are one, and two again; by hand: a card takes ten holes, and pays thirty."""

from __future__ import annotations

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


async def buy(mall: Campaigning, who: str, times: int) -> None:
    for _ in range(times):
        await mall.buys_lines(who, 1000)  # less than a point


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
