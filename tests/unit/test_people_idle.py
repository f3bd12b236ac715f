"""Points that had all been spent when inactivity ended what was in the wallet, or would have, around a merge: undone
later they have ended, whoever has them, and whatever the other did. By hand.

Stars end after twelve months without anything; it is the second of March 2026.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from services.earn.counter.commands import Adjust, Asked, Done, Hold, Transfer
from services.earn.counter.people_commands import Merge
from tests.unit import clockkit
from tests.unit.clockkit import Books
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.rulekit import book
from tests.unit.test_households import holds
from tests.unit.test_people import CAT, CLERK, TILL, code, merged, spent, stars
from tests.unit.test_people_debts import apart
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_ended import IDLE, account, ending
from tests.unit.test_returns_late import balanced, buys, undone
from tests.unit.test_till import done
from tests.unit.test_till_idle import PROGRAMME as TILL_PROGRAMME
from tests.unit.test_till_idle import at, captured, told

BREAKAGE = "programme:breakage"


@pytest.fixture
def mall() -> Mall:
    return ending("deficit", IDLE)


async def lives(mall: Mall, dead: Iterable[str], alive: Iterable[str] = ()) -> dict[str, str]:
    """Some buy forty and spend them, and 370 days go by; others buy ten after 200 of these. The redemptions."""
    found = {}
    for who in dead:
        await buys(mall, 40, who)
        found[who] = await spent(mall, who, 40)
    mall.passes(days=200)
    for who in alive:
        await buys(mall, 10, who)
    mall.passes(days=170)
    return found


def there(mall: Mall, *who: str) -> tuple[int, ...]:
    """What they have; books balance."""
    assert balanced(mall)
    return tuple(stars(mall, each) for each in who)


async def test_the_duplicates_have_ended_though_the_survivor_is_active(mall: Mall) -> None:
    """Bob's forty come to Ann by an undo, and expire with it; apart again he has none, and nobody holds any. Mechanism:
    `people.merge` notes what has ended; without it Ann has fifty, and Bob goes with forty."""
    spends = await lives(mall, [BOB], [ANN])
    await merged(mall, BOB, ANN)
    assert (await undone(mall, BOB, spends[BOB]))["spendable"] == 10
    assert (there(mall, ANN), account(mall, BREAKAGE)) == ((10,), 40)
    await apart(mall, BOB)
    assert there(mall, ANN, BOB) == (10, 0)
    assert code(await holds(mall, BOB, 40)) == "too_few_points"


async def test_the_survivors_have_ended_though_the_duplicate_is_active(mall: Mall) -> None:
    """Ann's forty are dead, Bob's ten are alive, also when the two are apart again: her end was before he came.
    Mechanism: `people.merge` notes the survivor's end; without it she has fifty. `ended._came`: without the one more
    her end would be his by `ended.part_idle`, and his ten would have expired."""
    spends = await lives(mall, [ANN], [BOB])
    await merged(mall, BOB, ANN)
    assert (await undone(mall, ANN, spends[ANN]))["spendable"] == 10
    assert there(mall, ANN) == (10,)
    await apart(mall, BOB)
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((0, 10), 40)


async def test_what_the_active_duplicate_had_spent_is_alive(mall: Mall) -> None:
    """Ann's have ended, Bob's six not, which he spent before the merge: they come back, to her or to him. Mechanism:
    `ended._came`; without the one more Ann's end, which was noted at the merge, would be theirs."""
    await lives(mall, [ANN], [BOB])
    spends = [await spent(mall, BOB, points) for points in (4, 2)]
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, spends[0])
    assert there(mall, ANN) == (8,)
    await apart(mall, BOB)
    await undone(mall, BOB, spends[1])
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((0, 10), 0)


async def test_what_a_till_holds_of_the_survivor_over_the_end_ends_for_them_alone(mall: Mall) -> None:
    """The last hour before Ann's end a till holds her forty, and Bob is merged in the next: his ten live on when they
    are apart. Mechanism: `ended._came`, as above; no entry tells of an end of points that are held."""
    await buys(mall, 40)
    mall.passes(days=200)
    await buys(mall, 10, BOB)
    mall.passes(days=165, hours=11, minutes=55)  # five to midnight of the last day
    asked = Asked(wallet="stars", points=40)
    held = await mall.ask(Hold(**mall.key(), caller=TILL, member=ANN, asked=asked, partner="grocer"))
    assert isinstance(held, Done), held
    mall.passes(minutes=10)
    await merged(mall, BOB, ANN)
    mall.passes(hours=1)  # the hold has timed out
    await mall.swept(ANN)
    assert (there(mall, ANN), account(mall, BREAKAGE)) == ((10,), 40)
    await apart(mall, BOB)
    assert there(mall, ANN, BOB) == (0, 10)


@pytest.mark.parametrize("when", ["at once", "active since", "apart"])
async def test_both_have_ended(mall: Mall, when: str) -> None:
    """Nothing of either comes back to life, though Ann buys for ten since, or they are apart before it is undone."""
    spends = await lives(mall, [ANN, BOB])
    await merged(mall, BOB, ANN)
    if when != "at once":
        await buys(mall, 10)
    if when == "apart":
        await apart(mall, BOB)
    for who in (ANN, BOB):
        await undone(mall, who, spends[who])
    left = 0 if when == "at once" else 10
    assert (there(mall, ANN), account(mall, BREAKAGE)) == ((left,), 80)


@pytest.mark.parametrize("active", [ANN, BOB, CAT])
async def test_along_a_chain_only_the_active_ones_live(mall: Mall, active: str) -> None:
    """Cat came to Bob, and by him to Ann; one of them is active. Of all that is undone then only what that one had
    spent is alive, and is theirs when all are apart. Mechanism: as above, at each merge."""
    spends = await lives(mall, [ANN, BOB, CAT], [active])
    spends[active] = await spent(mall, active, 10)
    await merged(mall, CAT, BOB)
    await merged(mall, BOB, ANN)
    for who in (ANN, BOB, CAT):
        await undone(mall, who, spends[who])
    assert (there(mall, ANN), account(mall, BREAKAGE)) == ((10,), 80)
    await apart(mall, BOB)
    await apart(mall, CAT)
    assert there(mall, ANN, BOB, CAT) == tuple(10 if who == active else 0 for who in (ANN, BOB, CAT))


async def test_before_the_end_the_later_activity_of_either_counts(mall: Mall) -> None:
    """Bob's forty would have ended in March; he is merged in February into Ann, who was active in September: they are
    alive until September. Then nothing is done for long, Ann buys, and what they had spent has ended for both."""
    for who in (BOB, ANN):
        await buys(mall, 40, who)
    spends = [(who, await spent(mall, who, 20)) for who in (BOB, BOB, ANN)]
    mall.passes(days=200)
    await buys(mall, 10)
    mall.passes(days=140)
    await merged(mall, BOB, ANN)
    mall.passes(days=100)
    await undone(mall, *spends[0])
    assert there(mall, ANN) == (50,)
    mall.passes(days=200)
    await buys(mall, 3)
    for each in spends[1:]:
        await undone(mall, *each)
    assert there(mall, ANN) == (3,)
    await apart(mall, BOB)
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((3, 0), 90)


async def test_apart_before_the_undo_they_have_ended_as_well(mall: Mall) -> None:
    """The unmerge makes Bob as active as Ann was. Mechanism: what `people.merge` notes stays in his document."""
    spends = await lives(mall, [BOB], [ANN])
    await merged(mall, BOB, ANN)
    await apart(mall, BOB)
    assert (await undone(mall, BOB, spends[BOB]))["spendable"] == 0
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((10, 0), 40)


async def test_what_the_other_ended_in_a_merge_before_is_known_in_the_next(mall: Mall) -> None:
    """Bob comes to Ann alive, and both end; he goes, and comes to her again, who is active since."""
    await mall.joins(ANN, "north")
    await buys(mall, 40, BOB)
    redemption = await spent(mall, BOB, 40)
    await merged(mall, BOB, ANN)
    mall.passes(days=370)
    await apart(mall, BOB)
    await buys(mall, 10)
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, redemption)
    assert (there(mall, ANN), account(mall, BREAKAGE)) == ((10,), 40)


@pytest.mark.parametrize("by", ["purchase", "gesture", "transfer"])
async def test_who_is_back_after_the_end_brings_what_is_new_alone(mall: Mall, by: str) -> None:
    """Bob is back by a purchase of seven, or has seven by somebody else; merged, these come along, and not the forty.
    What he spent of the seven is alive when it comes back."""
    spends = await lives(mall, [BOB], [ANN])
    key = {**mall.key(), "caller": CLERK}
    if by == "purchase":
        await buys(mall, 7, BOB)
    elif by == "gesture":
        done(await mall.ask(Adjust(**key, member=BOB, wallet="stars", points=7, reason="a delay")))
    else:
        done(await mall.ask(Transfer(**key, member=ANN, to=BOB, wallet="stars", points=7)))
    second = await spent(mall, BOB, 5)
    await merged(mall, BOB, ANN)
    before = there(mall, ANN)[0]
    assert before == (5 if by == "transfer" else 12)
    await undone(mall, BOB, spends[BOB])
    await undone(mall, BOB, second)
    assert there(mall, ANN) == (before + 5,)
    await apart(mall, BOB)
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((before - 2, 7), 40)


@pytest.mark.parametrize(("policy", "left", "after"), [("pending", 10, (10, 0)), ("zero", 0, (10, -10)),
                                                      ("deficit", -30, (10, -40))])  # fmt: skip
async def test_goods_of_dead_points_ask_for_no_more_than_without_a_merge(
    policy: str, left: int, after: tuple[int, int]
) -> None:
    """Bob's forty are spent and dead, their goods come back while he is Ann, who has ten: `pending` asks for points of
    that purchase alone, the other policies for any; apart again it is his to pay. Undone then, they expire as they
    come. Mechanism: `ended.idle_ended` finds the end that the merge noted; without it `pending` takes Ann's ten."""
    found = ending(policy, IDLE)
    bought = await buys(found, 40, BOB)
    redemption = await spent(found, BOB, 40)
    found.passes(days=200)
    await buys(found, 10)
    found.passes(days=170)
    await merged(found, BOB, ANN)
    await returned(found, BOB, bought)
    assert there(found, ANN) == (left,)
    await apart(found, BOB)
    assert there(found, ANN, BOB) == after
    await undone(found, BOB, redemption)
    assert (there(found, ANN, BOB), account(found, BREAKAGE)) == (after, 40)


@pytest.mark.parametrize("merged_then", [True, False])
async def test_goods_whose_points_came_back_dead_are_paid_by_breakage(mall: Mall, merged_then: bool) -> None:
    """What the undo brought to Ann has expired as Bob's; his goods ask neither of them, merged or apart. Mechanism: the
    end in his document, by which what expired is found (`ended.unspent`)."""
    bought = await buys(mall, 40, BOB)
    redemption = await spent(mall, BOB, 40)
    mall.passes(days=200)
    await buys(mall, 10)
    mall.passes(days=170)
    await merged(mall, BOB, ANN)
    await undone(mall, BOB, redemption)
    assert account(mall, BREAKAGE) == 40
    if not merged_then:
        await apart(mall, BOB)
    await returned(mall, BOB, bought)
    if merged_then:
        await apart(mall, BOB)
    assert (there(mall, ANN, BOB), account(mall, BREAKAGE)) == ((10, 0), 0)


def test_each_wallet_has_ended_by_its_own_span() -> None:
    """Ann has spent forty of a wallet of six months and of one of three; four months later Bob, who is active since, is
    merged into her: the first are alive, the others not. Mechanism: `people.merge` notes the ends of all wallets."""
    short = (
        '- {id: short, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, expires: {inactive: 3 months}}'
    )
    programme = f"{TILL_PROGRAMME}    {short}\n"
    books = Books(book(*(clockkit.rule(each) for each in ("idle", "gold", "short")), programme=programme))
    spends = {}
    for wallet in ("idle", "short"):
        books.buy(wallet, 40, at("2026-01-10T12:00:00"))
        spends[wallet] = captured(books, _held(books, wallet), at("2026-01-10T13:30:00"))
    books.buy("short", 7, at("2026-05-01T12:00:00"), clockkit.BOB)
    key = books.give("idle", 1)
    merging = Merge(key=key.key, hash="m", caller=key.caller, member=clockkit.BOB, into=clockkit.ANN, reason="the same")
    assert isinstance(books.ask(merging, at("2026-05-10T12:00:00")), Done)
    assert told(books, spends["idle"], at("2026-05-10T13:00:00")) == (40, 40)
    assert told(books, spends["short"], at("2026-05-10T13:00:00")) == (40, 7)


def _held(books: Books, wallet: str) -> str:
    return str(done(books.ask(books.hold(wallet, 40), at("2026-01-10T13:00:00")))["hold"])
