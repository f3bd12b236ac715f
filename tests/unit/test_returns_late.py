"""Points that a till has while their purchase comes back, and gives back later: they go back then. By hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Release, Undo
from services.earn.counter.people_commands import Close
from services.earn.ledger import MEMBERS
from shared.events.internal import Accrual
from shared.ledger import lots
from shared.ledger.returned import by_rule
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, POOLED, PROGRAMME, Mall
from tests.unit.test_households import captured, entries, held
from tests.unit.test_people import CLERK, TILL, code, merged, of, stars
from tests.unit.test_people_returns import returned
from tests.unit.test_till import done


def mall(policy: str, programme: str = PROGRAMME) -> Mall:
    """Stars are left or taken as the policy says; those of different days are lots of their own."""
    terms = f"      on_return: {policy}\n      redemption: {{}}\n"
    return Mall(MemoryStore(), programme=programme.replace("      redemption: {}\n", terms))


async def buys(at: Mall, points: int = 50, who: str = ANN) -> str:
    return await at.buys(who, "grocer", points * 10_000)


async def released(at: Mall, who: str, hold: str) -> dict[str, Any]:
    return done(await at.ask(Release(**at.key(), caller=TILL, member=who, hold=hold)))


async def undone(at: Mall, who: str, redemption: object) -> dict[str, Any]:
    return done(await at.ask(Undo(**at.key(), caller=TILL, member=who, redemption=str(redemption))))


def balanced(at: Mall) -> bool:
    """Documents are what postings say, and nothing is owed by anybody to anybody."""
    sums: dict[str, int] = {}
    for each in of(at, "journal").values():
        for posting in each["postings"]:
            sums[posting["account"]] = sums.get(posting["account"], 0) + posting["amount"]
    members = of(at, MEMBERS)
    told = {f"member:{id_}": each["balances"]["stars"] for id_, each in members.items() if "stars" in each["balances"]}
    held_to = all(lots.accounted(each).get("stars", 0) == each["balances"].get("stars", 0) for each in members.values())
    return held_to and sum(sums.values()) == 0 and all(sums[key] == told[key] for key in told)


async def test_points_that_are_held_go_back_when_the_till_gives_them_back(policy: str) -> None:
    """Fifty are held, their goods come back, the till lets go. The entry names rule, version and issuer, and counts
    when the purchase did. Mechanism: `spared.take_late`; without it fifty stars are a present."""
    found = mall(policy)
    bought = await buys(found)
    hold = await held(found, ANN, 50)
    await returned(found, ANN, bought)
    assert stars(found, ANN) == 50, "the till was promised them"
    assert (await released(found, ANN, hold))["spendable"] == 0
    assert stars(found, ANN) == 0
    [entry] = entries(found, "late_return")
    named = {"wallet": "stars", "rule": "base", "version": 1}
    assert entry["postings"] == [
        {"account": f"member:{ANN}", "amount": -50, **named},
        {"account": "partner:grocer:issued", "amount": 50, **named},
    ]
    [of_rule] = by_rule(entry)  # as the API's history says it
    assert (of_rule["rule"], of_rule["version"], of_rule["wallet"], of_rule["points"]) == ("base", 1, "stars", -50)
    assert (entry["late_for"], entry["counts_at"]) == (
        entries(found, "return")[0]["_id"],
        of(found, "journal")[bought]["at"],
    )
    assert "spared" not in of(found, MEMBERS)[ANN]
    assert balanced(found)
    journal = [each for each in of(found, "journal").values() if each["seq"]]
    told = [
        line for line in tell_story(build_story(of(found, MEMBERS)[ANN], journal, None, found.book)) if "late" in line
    ]
    assert told == ["2026-03-02  late_return (grocer r-3)  -50 stars: -50 late_return  = 0 stars"]


async def test_a_hold_that_times_out_gives_back_as_one_that_is_released(policy: str) -> None:
    """Mechanism: the sweeper asks `spared.take_late`, too."""
    found = mall(policy)
    bought = await buys(found)
    await held(found, ANN, 30)
    await returned(found, ANN, bought)
    assert stars(found, ANN) == 30, "twenty were there, and went at once"
    found.passes(hours=1)
    await found.swept(ANN)
    assert stars(found, ANN) == 0
    assert balanced(found)


async def test_what_is_not_captured_and_what_is_undone_goes_back(policy: str) -> None:
    """Of fifty that are held twenty are spent: thirty go back at once, twenty when that is undone."""
    found = mall(policy)
    bought = await buys(found)
    hold = await held(found, ANN, 50)
    await returned(found, ANN, bought)
    redemption = await captured(found, ANN, hold, 20)
    assert (redemption["released"], redemption["spendable"], stars(found, ANN)) == (30, 0, 0)
    assert (await undone(found, ANN, redemption["redemption"]))["spendable"] == 0
    assert stars(found, ANN) == 0
    assert [entry["postings"][0]["amount"] for entry in entries(found, "late_return")] == [-30, -20]
    assert balanced(found)


async def test_what_was_spent_before_the_return_goes_back_when_it_is_undone_after_it(policy: str) -> None:
    found = mall(policy)
    bought = await buys(found)
    redemption = await captured(found, ANN, await held(found, ANN, 50))
    await returned(found, ANN, bought)
    await undone(found, ANN, redemption["redemption"])
    assert stars(found, ANN) == 0
    assert balanced(found)


async def test_what_is_earned_and_set_aside_later_is_nobody_elses(policy: str) -> None:
    """The policy left fifty that were spent. Fifty are earned since, held and released, captured and undone: they stay.
    Mechanism: `since`; without it `zero` would be `deficit` for whoever changes their mind at a till."""
    found = mall(policy)
    bought = await buys(found)
    await captured(found, ANN, await held(found, ANN, 50))
    await returned(found, ANN, bought)
    await buys(found)
    await released(found, ANN, await held(found, ANN, 50))
    await undone(found, ANN, (await captured(found, ANN, await held(found, ANN, 50)))["redemption"])
    assert stars(found, ANN) == 50
    assert entries(found, "late_return") == []
    assert balanced(found)


@pytest.mark.parametrize(("policy", "left"), [("pending", 20), ("zero", 0)])
async def test_other_purchases_points_come_back_as_the_policy_says(policy: str, left: int) -> None:
    """Of two days' purchases the first is returned, and both days' points are held: twenty of another day are left by
    `pending`. Mechanism: `places`. `zero` takes them, as it would have at the return; never more than was asked for."""
    found = mall(policy)
    first = await buys(found)
    redemption = await captured(found, ANN, await held(found, ANN, 50))
    found.passes(days=1)
    await buys(found, 20)
    hold = await held(found, ANN, 20)
    await returned(found, ANN, first)
    await released(found, ANN, hold)
    assert stars(found, ANN) == left
    await undone(found, ANN, redemption["redemption"])
    assert stars(found, ANN) == 20, "together twenty of the two purchases' seventy are the member's"
    assert balanced(found)


async def test_points_that_have_expired_meanwhile_expire(policy: str) -> None:
    """What comes back too late to be spent is breakage, as it would be without the return."""
    found = mall(policy)
    bought = await buys(found)
    redemption = await captured(found, ANN, await held(found, ANN, 50))
    await returned(found, ANN, bought)
    found.passes(days=400)
    await undone(found, ANN, redemption["redemption"])
    assert stars(found, ANN) == 0
    assert [entry["postings"][1]["account"] for entry in entries(found, "expiry")] == ["programme:breakage"]
    assert balanced(found)


async def test_points_of_a_household_are_asked_back_from_whose_they_are(policy: str) -> None:
    """Ann pays with fifty of Bob's; his purchase comes back, hers stays."""
    found = mall(policy, POOLED)
    for who in (BOB, ANN):
        await found.joins(who, "oak")
    bought = await buys(found, who=BOB)
    found.passes(days=1)
    await buys(found, 10)
    hold = await held(found, ANN, 60)
    await returned(found, BOB, bought)
    assert (await released(found, ANN, hold))["spendable"] == 10
    assert (stars(found, ANN), stars(found, BOB)) == (10, 0)
    assert balanced(found)


async def test_of_a_member_who_was_merged_the_survivors_returns_ask(policy: str) -> None:
    """Bob spends fifty and is merged into Ann, his purchase comes back, and the redemption is undone. Mechanism:
    `since` of what was lent."""
    found = mall(policy)
    await buys(found, 7)
    found.passes(days=1)
    bought = await buys(found, who=BOB)
    redemption = await captured(found, BOB, await held(found, BOB, 50))
    found.passes(days=1)
    await merged(found, BOB, ANN)
    await returned(found, ANN, bought)
    kept = stars(found, ANN)
    await undone(found, ANN, redemption["redemption"])
    assert stars(found, ANN) == 7
    assert kept == (7 if policy == "pending" else 0)
    assert balanced(found)


async def test_what_an_earlier_release_merged_and_spent_comes_back_as_it_did(policy: str) -> None:
    """It kept no numbers: nothing is asked back, and nothing fails. Mechanism: `spared.NEVER`."""
    found = mall(policy)
    await buys(found, 7)
    found.passes(days=1)
    bought = await buys(found, who=BOB)
    redemption = await captured(found, BOB, await held(found, BOB, 50))
    await merged(found, BOB, ANN)
    documents = found.store.documents  # type: ignore[attr-defined]  # the store is the one in memory
    del documents["members", BOB]["lent"]["since"]
    await returned(found, ANN, bought)
    await undone(found, ANN, redemption["redemption"])
    assert entries(found, "late_return") == []
    assert balanced(found)


async def test_who_was_returned_from_before_the_merge_is_asked_by_their_own(policy: str) -> None:
    found = mall(policy)
    await buys(found, 7)
    bought = await buys(found, who=BOB)
    redemption = await captured(found, BOB, await held(found, BOB, 50))
    await returned(found, BOB, bought)
    await merged(found, BOB, ANN)
    await undone(found, ANN, redemption["redemption"])
    assert stars(found, ANN) == 7
    assert balanced(found)


async def test_a_closed_account_is_asked_for_nothing(policy: str) -> None:
    found = mall(policy)
    bought = await buys(found)
    redemption = await captured(found, ANN, await held(found, ANN, 50))
    await returned(found, ANN, bought)
    done(await found.ask(Close(**found.key(), caller=CLERK, member=ANN, reason="asked for")))
    assert "spared" not in of(found, MEMBERS)[ANN]
    undo = Undo(**found.key(), caller=TILL, member=ANN, redemption=str(redemption["redemption"]))
    assert code(await found.ask(undo)) == "closed"


async def test_spent_points_of_goods_that_came_back_count_for_no_tier(policy: str) -> None:
    """What the member keeps is said by rule (`uncounted`): it counts for the ledger's account, and for nothing else."""
    found = mall(policy)
    bought = await buys(found)
    await captured(found, ANN, await held(found, ANN, 30))
    await returned(found, ANN, bought)
    said = Accrual.model_validate_json(found.sent[-1].value).data
    assert [(each.rule, each.points) for each in said.earned] == [("base", -20)]
    assert said.uncounted == {"base": 30}
    assert said.counts_at == of(found, "journal")[bought]["at"]
    assert orjson.loads(found.sent[0].value)["data"].get("uncounted") is None


@pytest.fixture(params=["pending", "zero"])
def policy(request: pytest.FixtureRequest) -> str:
    """Those that leave something to the member."""
    return str(request.param)
