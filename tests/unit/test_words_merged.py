"""What is known of members who were merged and are apart again, by hand: words, households, tags and first signups.

A and B are duplicates of C. Of a chain A is B's, and B is C's.
"""

from __future__ import annotations

from copy import deepcopy

import pytest

from services.earn.counter.commands import Asked, Caller, Denied, Hold
from services.earn.ledger import MEMBERS
from shared.rules.merging_words import LEARNT
from tests.unit.partnerkit import POOLED, PROGRAMME, member
from tests.unit.wordkit import BOTTLE, Sayings, instant, said_of

A, B, C = member(1), member(2), member(3)


async def three(programme: str = PROGRAMME) -> Sayings:
    """All have said who they are: C 30 days ago, A 20 and B 10; A also had signed up 50 days ago, and said nothing."""
    found = Sayings(programme)
    await found.says(C, 30, "oak", colour="red")
    await found.says(A, 50)
    await found.says(A, 20, "elm", colour="blue", size="small")
    await found.says(B, 10, "ash", colour="green")
    return found


async def test_whoever_is_undone_first_the_survivor_has_their_own_again() -> None:
    """Undone as they came. Mechanism: `merging_words.take_back` joins what is own; the word before B's was A's, and C
    ended with it, in A's household."""
    life = await three()
    await life.merges(A, C)
    await life.merges(B, C)
    assert (life.home(C), life.words(C)) == ("ash", {"colour": "green", "size": "small"})
    assert life.document(C)["joined"] == instant(life.days_ago(50))
    await life.parts(A)
    assert (life.home(C), life.words(C)) == ("ash", {"colour": "green"})
    assert life.document(C)["joined"] == instant(life.days_ago(30))
    await life.parts(B)
    assert (life.home(C), life.words(C)) == ("oak", {"colour": "red"})
    assert life.document(C)["joined"] == instant(life.days_ago(30))
    assert (life.home(A), life.words(A)) == ("elm", {"colour": "blue", "size": "small"})
    assert (life.home(B), life.words(B)) == ("ash", {"colour": "green"})
    assert not any(LEARNT in life.document(each) for each in (A, B, C)), "of whom nobody is merged nothing is apart"


async def test_nobody_spends_what_others_have_who_lived_with_a_former_duplicate() -> None:
    """A's household has three stars, C's has none. Mechanism: `house` of what is joined."""
    life = await three(programme=POOLED)
    await life.buys(A, "grocer", 30_000)
    for duplicate in (A, B):
        await life.merges(duplicate, C)
    for duplicate in (A, B):
        await life.parts(duplicate)
    held = await life.ask(
        Hold(
            **life.key(),
            caller=Caller("till", partner="grocer"),
            member=C,
            asked=Asked(wallet="stars", points=3),
            partner="grocer",
        )
    )
    assert isinstance(held, Denied)
    assert held.code == "too_few_points"


async def test_the_next_merge_of_the_survivor_takes_their_own_along() -> None:
    """C into D once A and B have gone: D has C's words."""
    life = await three()
    other = member(4)
    await life.says(other, 40, "fir", colour="black")
    for duplicate in (A, B):
        await life.merges(duplicate, C)
    for duplicate in (A, B):
        await life.parts(duplicate)
    await life.merges(C, other)
    assert (life.home(other), life.words(other)) == ("oak", {"colour": "red"})
    await life.parts(C)
    assert (life.home(other), life.words(other)) == ("fir", {"colour": "black"})


async def test_of_who_is_erased_nothing_comes_back() -> None:
    """Mechanism: `take_back` removes what was brought, and nobody else keeps it as what was known before. Without it
    B's undoing would write A's words into C's document."""
    life = await three()
    for duplicate in (A, B):
        await life.merges(duplicate, C)
    await life.parts(A)
    await life.erases(A)
    assert not any(word in str(life.books(MEMBERS)) for word in ("elm", "blue", "small"))
    await life.parts(B)
    assert (life.home(C), life.words(C)) == ("oak", {"colour": "red"})
    assert not any(word in str(life.books(MEMBERS)) for word in ("elm", "blue", "small"))


async def test_a_survivor_who_is_erased_keeps_nothing_apart() -> None:
    life = await three()
    await life.merges(A, C)
    await life.erases(C)
    assert not any(word in str([life.document(each) for each in (A, C)]) for word in ("oak", "red", "elm", "blue"))


async def test_what_is_heard_meanwhile_is_the_survivors() -> None:
    """C says 15 days ago, while A's word of 20 days ago does not count for B's of 10. Mechanism: `join` learns for what
    is `whose`; without it C would have the word of 30 days ago again. An earlier signup is C's first from then on."""
    life = await three()
    await life.merges(B, C)
    await life.says(C, 15, "yew", colour="pink")
    await life.says(C, 60, shape="round")
    assert (life.home(C), life.words(C)) == ("ash", {"colour": "green", "shape": "round"})
    await life.parts(B)
    assert (life.home(C), life.words(C)) == ("yew", {"colour": "pink", "shape": "round"})
    assert life.document(C)["joined"] == instant(life.days_ago(60))
    assert (life.home(B), life.words(B)) == ("ash", {"colour": "green"})


async def test_a_tag_that_the_survivor_has_won_stays() -> None:
    """B had it already. Mechanism: `grant` notes it for what is `whose`."""
    life = await three()
    await life.buys_lines(B, BOTTLE)
    await life.merges(B, C)
    await life.buys_lines(C, BOTTLE)
    assert life.tags(C) == ["wine"]
    await life.parts(B)
    assert (life.tags(C), life.tags(B)) == (["wine"], ["wine"])


async def test_a_tag_that_is_won_along_a_chain_stays_with_whoever_has_won_it() -> None:
    """A had it, and B wins it, too, when A is theirs already; C wins it when both are. Undone all have their own."""
    life = await three()
    await life.buys_lines(A, BOTTLE)
    await life.merges(A, B)
    await life.buys_lines(B, BOTTLE)
    await life.merges(B, C)
    await life.buys_lines(C, BOTTLE)
    for duplicate in (B, A):
        await life.parts(duplicate)
    assert [life.tags(each) for each in (A, B, C)] == [["wine"]] * 3


async def test_a_tag_that_came_along_a_chain_goes_along_it() -> None:
    """The same, when nobody but A has won it."""
    life = await three()
    await life.buys_lines(A, BOTTLE)
    await life.merges(A, B)
    await life.merges(B, C)
    assert life.tags(C) == ["wine"]
    await life.parts(B)
    assert (life.tags(C), life.tags(B)) == ([], ["wine"])
    await life.parts(A)
    assert (life.tags(C), life.tags(B), life.tags(A)) == ([], [], ["wine"])
    assert "tags" not in life.document(C)


@pytest.mark.parametrize("first", [A, B])
async def test_what_another_has_brought_too_is_there_as_long_as_they_are(first: str) -> None:
    """Both had the tag, and a word on colours. Mechanism: `_join` asks all who have brought something."""
    life = await three()
    for duplicate in (A, B):
        await life.buys_lines(duplicate, BOTTLE)
    for duplicate in (A, B):
        await life.merges(duplicate, C)
    await life.parts(first)
    expected = ("ash", {"colour": "green"}) if first == A else ("elm", {"colour": "blue", "size": "small"})
    assert ((life.home(C), life.words(C)), life.tags(C)) == (expected, ["wine"])
    await life.parts(B if first == A else A)
    assert ((life.home(C), life.words(C)), life.tags(C)) == (("oak", {"colour": "red"}), [])


async def test_what_tiers_say_is_the_survivors() -> None:
    """Mechanism: `_state` brings no word of tiers, and `_join` leaves them where they are."""
    life = await three()
    said = {who: [instant(life.days_ago(9)), f"steps:{who}:000000000001", "gold"] for who in (B, C)}
    life.document(B)["known"]["tier.steps"] = said[B]
    await life.merges(B, C)
    assert "tier.steps" not in life.document(C)["known"]
    life.document(C)["known"]["tier.steps"] = said[C]
    await life.merges(A, C)
    for duplicate in (B, A):
        await life.parts(duplicate)
    assert [life.document(each)["known"].get("tier.steps") for each in (B, C)] == [said[B], said[C]]


async def test_of_a_duplicate_of_whom_nothing_is_known_nothing_is_kept() -> None:
    """Mechanism: `lend`."""
    life = Sayings()
    await life.says(C, 30, "oak")
    await life.buys(A, "grocer", 10_000)
    alone = deepcopy(said_of(life.document(C)))
    await life.merges(A, C)
    assert LEARNT not in life.document(C)
    await life.parts(A)
    assert said_of(life.document(C)) == alone


def as_before(life: Sayings, duplicate: str, survivor: str) -> None:
    """A merge that was just made is as the release before has left it: the survivor's is one whole, and the duplicate's
    says what the survivor had learnt and known before."""
    own = life.document(survivor).pop(LEARNT)["own"]
    theirs = {name: said for name, said in life.document(survivor)["known"].items() if own["known"].get(name) != said}
    life.document(duplicate)["lent"] |= {
        "known": {name: [said[:2], own["known"].get(name)] for name, said in theirs.items()},
        "tags": [each for each in life.document(survivor).get("tags", ()) if each not in own["tags"]],
        "joined": own["joined"],
    }


async def test_a_merge_of_the_release_before_is_taken_back_as_it_was() -> None:
    """Mechanism: `_as_before`."""
    life = await three()
    await life.buys_lines(A, BOTTLE)
    await life.merges(A, C)
    as_before(life, A, C)
    assert (life.home(C), life.tags(C)) == ("elm", ["wine"])
    await life.says(C, 5, colour="pink")
    await life.parts(A)
    assert (life.home(C), life.words(C), life.tags(C)) == ("oak", {"colour": "pink"}, [])
    assert life.document(C)["joined"] == instant(life.days_ago(30))
    assert (life.home(A), life.tags(A)) == ("elm", ["wine"])


@pytest.mark.parametrize("order", [(A, B), (B, A)])
async def test_a_merge_of_the_release_before_is_taken_back_beside_one_of_this(order: tuple[str, str]) -> None:
    """Mechanism: `take_back` changes what is C's own, where that is kept apart since."""
    life = await three()
    await life.buys_lines(A, BOTTLE)
    await life.merges(A, C)
    as_before(life, A, C)
    await life.merges(B, C)
    assert (life.home(C), life.tags(C)) == ("ash", ["wine"])
    for duplicate in order:
        await life.parts(duplicate)
    assert (life.home(C), life.words(C), life.tags(C)) == ("oak", {"colour": "red"}, [])
    assert life.document(C)["joined"] == instant(life.days_ago(30))


async def test_an_explanation_knows_what_the_ledger_knew() -> None:
    """Mechanism: `rejoined.part` by the same functions; of the five faults at once, after each step."""
    life = await three()
    for duplicate in (A, B):
        await life.buys_lines(duplicate, BOTTLE)
        await life.merges(duplicate, C)
    await life.says(C, 15, "yew")
    for duplicate in (A, B):
        await life.parts(duplicate)
        for who in (C, duplicate):
            assert await life.explained(who) == said_of(life.document(who))
    assert life.home(C) == "yew"
