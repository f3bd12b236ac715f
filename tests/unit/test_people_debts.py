"""Debts of two who are merged, and what a till gives back while they are: all of it is put right when they are taken
apart. By hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest

from services.earn.accounts import BREAKAGE
from services.earn.counter.commands import Adjust, Done, Undo
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots, merging
from shared.ledger.terms import FREE, Terms
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall
from tests.unit.test_people import CAT, CLERK, TILL, merged, newcomer, of, spent, stars, unmerged
from tests.unit.test_people_returns import returned

STAR = 10_000  # dong
SPARING = PROGRAMME.replace("      redemption: {}\n", "      redemption: {}\n      on_return: zero\n")
MARCH_2, APRIL_1, MAY_1 = (f"2027-{day}T17:00:00.000000+00:00" for day in ("03-02", "04-01", "05-01"))  # ends of days


@pytest.fixture
def mall() -> Mall:
    """Nobody has anything yet. It is the second of March 2026; stars are good for a year."""
    return Mall(MemoryStore())


async def owing(mall: Mall, who: str, points: int) -> None:
    """Somebody spends what a purchase earned, and takes the goods back."""
    bought = await mall.buys(who, "grocer", points * STAR)
    await spent(mall, who, points)
    await returned(mall, who, bought)


async def undone(mall: Mall, who: str, redemption: str) -> None:
    assert isinstance(await mall.ask(Undo(**mall.key(), caller=TILL, member=who, redemption=redemption)), Done)


async def apart(mall: Mall, who: str) -> dict[str, int]:
    """They are taken apart: what the answer says has come. The entries say it too, and books balance."""
    before = {id_: dict(each["balances"]) for id_, each in of(mall, MEMBERS).items()}
    answer = await unmerged(mall, who)
    assert isinstance(answer, Done), answer
    moved: dict[str, int] = answer.body["points"]  # type: ignore[assignment]
    entries = {each["member"]: each for each in of(mall, JOURNAL).values() if each["kind"] == "unmerge"}
    other = str(answer.body["from"])
    posted = Counter({each["account"]: each["amount"] for each in entries[who]["postings"]})
    assert posted == {f"member:{who}": points for points in moved.values()} | {
        f"member:{other}": -points for points in moved.values()
    }
    assert orjson.loads(entries[who]["event"])["moved"] == moved
    assert orjson.loads(entries[other]["event"])["moved"] == {wallet: -points for wallet, points in moved.items()}
    assert before[who] == {"stars": 0}
    for member in of(mall, MEMBERS).values():
        assert {key: each for key, each in lots.accounted(member).items() if each} == {
            key: each for key, each in member["balances"].items() if each
        }
    return moved


def there(mall: Mall, who: str) -> dict[str, int]:
    """A member's stars by when they end."""
    return {each["expires"]: each["points"] for each in of(mall, MEMBERS)[who]["lots"]}


async def test_a_debt_that_the_survivors_points_repaid_is_owed_again(mall: Mall) -> None:
    """Of Ann's 45 stars of two months 40 repay what Bob owes: they come back into the lots that they were in.
    Mechanism: `took`, without which Ann would have 5."""
    await owing(mall, BOB, 40)
    await mall.buys(ANN, "grocer", 20 * STAR)
    mall.passes(days=30)
    await mall.buys(ANN, "grocer", 25 * STAR)
    await merged(mall, BOB, ANN)
    assert there(mall, ANN) == {APRIL_1: 5}
    assert await apart(mall, BOB) == {"stars": -40}
    assert (stars(mall, BOB), of(mall, MEMBERS)[BOB]["deficit"]) == (-40, {"stars": 40})
    assert there(mall, ANN) == {MARCH_2: 20, APRIL_1: 25}


@pytest.mark.parametrize(
    ("earned", "lots_after"),
    [
        (0, {MARCH_2: 25}),  # the 15 that Ann owed for Bob are lifted
        (10, {MARCH_2: 25, MAY_1: 10}),  # of which she has repaid 10
        (20, {MARCH_2: 25, APRIL_1: 5, MAY_1: 15}),
    ],
)
async def test_of_a_debt_that_became_the_survivors_they_have_what_they_repaid(
    mall: Mall, earned: int, lots_after: dict[str, int]
) -> None:
    """As stars that are given on the day when the two are taken apart. Mechanism: `give_back` adds what `took` has less
    than `owed`; without it Ann would owe for Bob for ever."""
    await owing(mall, BOB, 40)
    await mall.buys(ANN, "grocer", 25 * STAR)
    await merged(mall, BOB, ANN)
    assert stars(mall, ANN) == -15
    mall.passes(days=30)
    if earned:
        await mall.buys(ANN, "grocer", earned * STAR)
    mall.passes(days=30)
    await apart(mall, BOB)
    assert (stars(mall, BOB), there(mall, ANN)) == (-40, lots_after)
    assert lots.deficit(of(mall, MEMBERS)[ANN], "stars") == 0


async def test_what_repaid_the_survivors_debt_comes_back_and_is_owed_again(mall: Mall) -> None:
    """By what Ann has earned since first. Mechanism: `paid`; without it Bob would have none, and Ann owe nothing."""
    await mall.buys(BOB, "grocer", 50 * STAR)
    await owing(mall, ANN, 40)
    await merged(mall, BOB, ANN)
    assert there(mall, ANN) == {MARCH_2: 10}
    mall.passes(days=30)
    await mall.buys(ANN, "grocer", 10 * STAR)
    assert await apart(mall, BOB) == {"stars": 50}
    assert there(mall, BOB) == {MARCH_2: 50}
    assert (there(mall, ANN), stars(mall, ANN)) == ({}, -30)


async def test_what_repaid_a_debt_and_is_of_goods_that_came_back_does_not(mall: Mall) -> None:
    """Mechanism: `merging.returned` lessens what was paid; without it Bob would have stars of goods that he took back,
    and Ann owe them twice."""
    bought = await mall.buys(BOB, "grocer", 40 * STAR)
    await owing(mall, ANN, 40)
    await merged(mall, BOB, ANN)
    await returned(mall, BOB, bought)
    assert await apart(mall, BOB) == {}
    assert (stars(mall, BOB), stars(mall, ANN)) == (0, -40)


async def test_of_what_repaid_a_debt_the_returned_goods_own_stars_were_not_paid(mall: Mall) -> None:
    """Bob's ten of March and ten of April repaid; April's goods come back. Mechanism: `merging._unpaid` looks for the
    purchase's own lot first; without it March's, which end first, would be gone."""
    await mall.buys(BOB, "grocer", 10 * STAR)
    await owing(mall, ANN, 20)
    mall.passes(days=30)
    bought = await mall.buys(BOB, "grocer", 10 * STAR)
    await merged(mall, BOB, ANN)
    await returned(mall, BOB, bought)
    await apart(mall, BOB)
    assert (there(mall, BOB), stars(mall, ANN)) == ({MARCH_2: 10}, -20)


async def test_stars_for_what_the_survivor_repaid_may_become_inactive(mall: Mall) -> None:
    """Stars end by inactivity since April only, and Ann has been given some since, of which none was left. Mechanism:
    `due.begin`; without it what she has now would be good for ever."""
    await owing(mall, BOB, 40)
    await mall.buys(ANN, "grocer", 25 * STAR)
    await merged(mall, BOB, ANN)
    mall.book = Mall(MemoryStore(), programme=PROGRAMME.replace("after: 12 months", "inactive: 12 months")).book
    mall.passes(days=30)
    await mall.ask(Adjust(**mall.key(), caller=CLERK, member=ANN, wallet="stars", points=15, reason="of ours"))
    mall.passes(days=30)
    await apart(mall, BOB)
    assert there(mall, ANN) == {MARCH_2: 25, "idle:12 months": 15}
    assert of(mall, MEMBERS)[ANN]["due_at"] == MARCH_2
    assert of(mall, MEMBERS)[ANN]["active"] == {"stars": "2026-05-01T05:00:00.000000+00:00"}


@pytest.mark.parametrize("owed", [0, 20, 40])
async def test_what_the_duplicate_had_spent_is_theirs_when_a_till_gives_it_back(mall: Mall, owed: int) -> None:
    """Also where it repays what Ann owes. Mechanism: `till._brought`; without it Bob would not
    have the 30."""
    await mall.buys(BOB, "grocer", 40 * STAR)
    redemption = await spent(mall, BOB, 30)
    await (owing(mall, ANN, owed) if owed else mall.buys(ANN, "grocer", 7 * STAR))
    anns = -owed or 7
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, redemption)
    assert stars(mall, ANN) == 40 + anns
    await apart(mall, BOB)
    assert (stars(mall, BOB), stars(mall, ANN)) == (40, anns)


async def test_what_comes_back_from_a_till_repays_what_its_owner_owes(mall: Mall) -> None:
    """Bob has spent 40, takes the goods back, and then what he spent is undone: he owes nothing, though the stars came
    to Ann."""
    bought = await mall.buys(BOB, "grocer", 40 * STAR)
    redemption = await spent(mall, BOB, 40)
    await returned(mall, BOB, bought)
    await mall.buys(ANN, "grocer", 45 * STAR)
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, redemption)
    assert stars(mall, ANN) == 45
    await apart(mall, BOB)
    assert (stars(mall, BOB), stars(mall, ANN)) == (0, 45)


async def test_a_chain_of_two_merges_is_taken_apart_link_by_link(mall: Mall) -> None:
    """Bob owes 20. Cat has 10 stars, and 30 spent: hers repay half. Ann's repay the rest; then Cat's 30 come back, to
    Ann, of which 10 would have repaid the rest of Bob's. Mechanism: each merge on the way keeps what came
    (`till._brought`), by what would be owed there; without it Cat would have less than 40."""
    await mall.buys(CAT, "grocer", 40 * STAR)
    redemption = await spent(mall, CAT, 30)
    await owing(mall, BOB, 20)
    await mall.buys(ANN, "grocer", 45 * STAR)
    await merged(mall, CAT, BOB)
    assert stars(mall, BOB) == -10
    await merged(mall, BOB, ANN)
    assert stars(mall, ANN) == 35
    await undone(mall, CAT, redemption)
    assert stars(mall, ANN) == 65
    await apart(mall, BOB)
    assert (stars(mall, BOB), stars(mall, ANN)) == (20, 45)
    await apart(mall, CAT)
    assert (stars(mall, CAT), stars(mall, BOB), stars(mall, ANN)) == (40, -20, 45)


async def test_a_return_is_the_loss_of_all_who_brought_its_stars(mall: Mall) -> None:
    """Cat's 40 came by Bob to Ann, whose debt they repaid: neither brought them once the goods are back. Mechanism:
    what one merge's `paid` loses the next one's `lots` lose; without it Cat would take Bob's own 10."""
    bought = await mall.buys(CAT, "grocer", 40 * STAR)
    await mall.buys(BOB, "grocer", 10 * STAR)
    await owing(mall, ANN, 50)
    await merged(mall, CAT, BOB)
    await merged(mall, BOB, ANN)
    await returned(mall, CAT, bought)
    await apart(mall, BOB)
    mall.passes(days=30)
    await apart(mall, CAT)
    assert (stars(mall, CAT), there(mall, BOB), stars(mall, ANN)) == (0, {MARCH_2: 10}, -50)


async def test_what_has_ended_meanwhile_expires_when_it_comes_back(mall: Mall) -> None:
    """Mechanism: lots keep their terms. Ann's five were swept up; her forty come back, and end with the same breath."""
    await owing(mall, BOB, 40)
    await mall.buys(ANN, "grocer", 45 * STAR)
    await merged(mall, BOB, ANN)
    mall.passes(days=400)
    await mall.swept(ANN, BOB)
    await apart(mall, BOB)
    assert (stars(mall, BOB), stars(mall, ANN), there(mall, ANN)) == (-40, 0, {})
    ended = [each for e in of(mall, JOURNAL).values() for each in e["postings"] if each["account"] == BREAKAGE]
    assert sum(each["amount"] for each in ended) == 45


async def test_what_repaid_a_debt_and_has_ended_expires_and_the_debt_is_owed(mall: Mall) -> None:
    await mall.buys(BOB, "grocer", 40 * STAR)
    await owing(mall, ANN, 40)
    await merged(mall, BOB, ANN)
    mall.passes(days=400)
    await apart(mall, BOB)
    assert (stars(mall, BOB), there(mall, BOB), stars(mall, ANN)) == (0, {}, -40)


async def test_what_the_survivor_spent_stays_theirs_when_it_comes_back_later(mall: Mall) -> None:
    """Ann spends all, Bob's 5 among them, and that is undone when they are two again."""
    await mall.buys(BOB, "grocer", 5 * STAR)
    await mall.buys(ANN, "grocer", 30 * STAR)
    await merged(mall, BOB, ANN)
    redemption = await spent(mall, ANN, 35)
    assert await apart(mall, BOB) == {}
    await undone(mall, ANN, redemption)
    assert (stars(mall, BOB), stars(mall, ANN)) == (0, 35)


async def test_what_a_return_waits_for_goes_back_and_was_not_brought() -> None:
    """Where returns leave what is spent: Bob's goods came back, then what he had spent does, which they take.
    Mechanism: `_given_back` takes that from what was brought; without it Bob would have Ann's."""
    mall = Mall(MemoryStore(), programme=SPARING)
    bought = await mall.buys(BOB, "grocer", 40 * STAR)
    redemption = await spent(mall, BOB, 40)
    await returned(mall, BOB, bought)
    await mall.buys(ANN, "grocer", 45 * STAR)
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, redemption)
    assert stars(mall, ANN) == 45
    await apart(mall, BOB)
    assert (stars(mall, BOB), stars(mall, ANN)) == (0, 45)


def test_a_merge_of_an_earlier_version_is_taken_back_as_it_was() -> None:
    """It kept lots alone, of all that came: three are there, five had repaid a debt."""
    giver, taker = newcomer(points=8, expires="2027"), newcomer(owed=5)
    merging.pour(giver, taker, "2026")
    lent: dict[str, Any] = {"lots": [["stars", None, "2027", 8]]}
    assert merging.give_back(taker, giver, lent, "2026", lambda _: FREE) == {"stars": 3}
    assert (giver["balances"], taker["balances"]) == ({"stars": 3}, {"stars": 0})


@pytest.mark.parametrize(("now", "activates"), [("2026-04", "2026-05"), ("2026-06", None)])
def test_what_was_pending_when_it_repaid_a_debt_is_active_by_its_instant(now: str, activates: str | None) -> None:
    """Either's. Mechanism: `_by_now`; without it an activation would be dated before the points were there."""
    for brings, has in ((6, 0), (0, 6)):
        giver, taker = newcomer(owed=has), newcomer(owed=brings)
        rich = giver if brings else taker
        lots.add(rich, "stars", 6, Terms("2026-05", "2027"))
        _, lent = merging.pour(giver, taker, "2026")
        assert giver["balances"] == taker["balances"] == {"stars": 0}
        merging.give_back(taker, giver, lent, now, lambda _: FREE)
        assert rich["lots"] == [{"wallet": "stars", "activates": activates, "expires": "2027", "points": 6}]
        assert (taker if brings else giver)["deficit"] == {"stars": 6}
