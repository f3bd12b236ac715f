"""What goes back with a return besides points: uses of limits, budgets, packs, history, tiers; and policies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import NOON, Shop
from tests.unit.rulekit import PROGRAMME, book, line, rule

BASE = rule("base", "then: {per_amount: {per: 10}}")


def wallet(on_return: str, more: str = "") -> str:
    """The programme, with a policy."""
    terms = f"{{id: stars, on_return: {on_return}{more}}}"
    return PROGRAMME.replace("[stars, miles, cash]", f"[{terms}, miles, cash]")


async def spent(found: Shop, points: int) -> None:
    """Points leave the member's lots, as a till would take them."""
    member: dict[str, Any] = found.store.documents["members", ANN]
    member["balances"]["stars"] -= points
    member["lots"][0]["points"] -= points
    member["lots"] = [each for each in member["lots"] if each["points"]]


@pytest.mark.parametrize(
    ("policy", "balance", "taken", "then"), [("deficit", -6, -10, 4), ("zero", 0, -4, 10), ("pending", 0, -4, 10)]
)
async def test_when_points_are_spent_the_wallet_decides(policy: str, balance: int, taken: int, then: int) -> None:
    """Ten earned, six spent, all returned; later credits repay what is owed, and nothing else. The four that are there
    go back by every policy: the loop over `own` in `claw`. What stays is in the entry (`Back.spared`)."""
    found = Shop(book(BASE, programme=wallet(policy)))
    bought = await found.buys(line("100"))
    await spent(found, 6)
    back = await found.returns(bought)
    assert found.balance() == balance
    assert found.points(back) == ({"base": taken} if taken else {})
    assert found.entry(back).get("spared") == (None if policy == "deficit" else {"stars": 6})
    assert found.member()["lifetime"] == {"stars": 0}
    await found.buys(line("100"))
    assert found.balance() == then


async def test_what_a_policy_did_not_take_the_next_return_does_not_take_either() -> None:
    found = Shop(book(BASE, programme=wallet("zero")))
    bought = await found.buys(line("50"), line("50"))
    await spent(found, 10)
    await found.returns(bought, (0, 1))
    await found.buys(line("100"))
    assert found.points(await found.returns(bought, (1, 1))) == {"base": -5}


DAYS = ", expires: {after: 1 month}"  # so that purchases of different days have lots of their own


@pytest.mark.parametrize(("policy", "first", "second"), [("pending", 0, -5), ("zero", -5, 0), ("deficit", -5, -5)])
async def test_other_purchases_points_are_taken_for_what_is_spent_by_some_policies_only(
    policy: str, first: int, second: int
) -> None:
    """The first purchase's five are spent; the second's five wait. `pending` leaves them be: the test of `own` in
    `claw`. Either way no more goes back than the two earned."""
    found = Shop(book(BASE, programme=wallet(policy, DAYS + ", activates: {on: delivered}")))
    one = await found.buys(line("50"))
    await found.reports(one, "delivered")
    await spent(found, 5)
    two = await found.buys(line("50"), at=NOON + timedelta(days=1))
    back = [await found.returns(each, at=NOON + timedelta(days=2)) for each in (one, two)]
    assert [found.points(each).get("base", 0) for each in back] == [first, second]
    assert found.balance() == {"pending": 0, "zero": 0, "deficit": -5}[policy]
    told = [found.entry(each).get("spared", {}).get("stars", 0) for each in back]
    assert told == ([0, 0] if policy == "deficit" else [5 + first, 5 + second])


@pytest.mark.parametrize("policy", ["pending", "zero", "deficit"])
async def test_what_is_active_and_unspent_goes_back_before_what_waits_of_another(policy: str) -> None:
    """As each purchase's own, in either order. Mechanism: `returning.lots_of` knows the lot after its activation."""
    orders: list[list[int]] = [[0, 1], [1, 0]]
    for order in orders:
        found = Shop(book(BASE, programme=wallet(policy, DAYS + ", activates: {on: delivered}")))
        bought = [await found.buys(line("50"), at=NOON + timedelta(days=day)) for day in range(2)]
        await found.reports(bought[0], "delivered")
        for number in order:
            back = await found.returns(bought[number], at=NOON + timedelta(days=2))
            assert found.points(back) == {"base": -5}
            assert "spared" not in found.entry(back)
            if number == order[0]:
                [lot] = found.member()["lots"]
                assert (lot["activates"] is None) == (order[1] == 0)
        assert found.balance() == 0


@pytest.mark.parametrize("activates", ["{on: delivered}", "{after: 14 days}"])
async def test_a_lot_that_waits_is_not_looked_for_among_active_ones(activates: str) -> None:
    """Both wallets' points end on one day, so that active ones share a lot. What waited was taken by a correction:
    another's active points are not the purchase's. Mechanism: `waits` in `returning.lots_of`."""
    found = Shop(book(BASE, programme=wallet("pending", ", expires: {on: [12-31]}, activates: " + activates)))
    bought = await found.buys(line("50"))
    [lot] = found.store.documents["members", ANN]["lots"]
    lot["activates"] = None  # another purchase's, by now
    lot["points"] = 5
    back = await found.returns(bought)
    assert (found.points(back), found.entry(back)["spared"], found.balance()) == ({}, {"stars": 5}, 5)


async def test_points_of_equal_terms_are_one_lot_and_what_it_has_goes_back() -> None:
    """Nobody can tell which of two purchases' points were spent: what is there goes back, whichever comes first."""
    found = Shop(book(BASE, programme=wallet("pending", DAYS)))
    one, two = await found.buys(line("50")), await found.buys(line("50"))
    await spent(found, 5)
    assert found.points(await found.returns(one)) == {"base": -5}
    back = await found.returns(two)
    assert (found.points(back), found.entry(back)["spared"], found.balance()) == ({}, {"stars": 5}, 0)


async def test_points_come_out_of_the_lot_that_they_went_into() -> None:
    """Two purchases wait for fourteen days; the second is returned, and the first one's day does not move."""
    found = Shop(book(BASE, programme=wallet("pending", ", activates: {after: 14 days}")))
    await found.buys(line("30"))
    bought = await found.buys(line("50"), at=NOON + timedelta(days=1))
    await found.returns(bought, at=NOON + timedelta(days=2))
    [lot] = found.member()["lots"]
    assert lot["points"] == 3
    assert lot["activates"].startswith("2017-03-15T16:01")  # summer time has begun


async def test_the_accrual_counts_when_the_purchase_did() -> None:
    found = Shop(book(BASE))
    bought = await found.buys(line("60"), line("40"))
    await found.returns(bought, (1, 1), at=NOON + timedelta(days=400))
    said = orjson.loads(found.sent[-1].value)["data"]
    assert said["earned"] == [{"rule": "base", "version": 1, "wallet": "stars", "points": -4}]
    assert said["counts_at"] == "2017-03-01T12:01:00-05:00"
    assert said["balances"] == {"stars": 6}


# Limits, budgets, packs

LIMITED = """
then: {per_amount: {per: 10}}
limits:
  - {period: day, times: 2}
  - {per: household, period: month, points: 30}
  - {per: programme, period: ever, times: 3}
budget: {money: {amount: "100", currency: USD}, cost_per_point: 0.5}
"""


async def test_uses_are_those_of_a_ledger_that_never_saw_what_came_back() -> None:
    """Of the member, their household and all members; of a budget in money. Mechanism: `Refunds._uses`."""
    one, other = Shop(book(rule("held", LIMITED))), Shop(book(rule("held", LIMITED)))
    for each in (one, other):
        await each.joins(household="h")
    bought = await one.buys(line("100"), line("60"))
    await one.returns(bought, (0, 1))
    await other.buys(line("60"))
    assert one.used() == other.used() != {}
    assert one.member()["uses"] == other.member()["uses"] != {}
    await one.returns(bought)
    assert (one.used(), one.member()["uses"]) == ({}, {})


async def test_a_use_that_comes_back_may_be_used_again_on_that_day() -> None:
    found = Shop(book(rule("once", "then: {fixed: 10}\nlimits: [{period: day}]")))
    first = await found.buys(line("5"))
    assert found.points(await found.buys(line("5"))) == {}
    await found.returns(first, at=NOON + timedelta(days=3))
    assert found.points(await found.buys(line("5"))) == {"once": 10}
    assert found.points(await found.buys(line("5"))) == {}


PREPAID = """
- {id: grocer, kind: partner, effective: 2017-01-01T00:00:00Z, title: G, cost: {stars: {amount: "1", currency: USD}},
   prepaid: {alert_at: 1, at_zero: overdraw}}
"""


async def test_a_pack_gets_back_what_it_paid_and_what_was_beyond_it_goes_back_first() -> None:
    """Of ten points the pack paid six. Four that come back are the issuer's, the rest the pack's."""
    found = Shop(book(BASE, PREPAID))
    found.store.documents["quotas", "quota|pack.grocer.stars|pack|ever"] = {
        "_id": "quota|pack.grocer.stars|pack|ever", "version": 1, "total": 6, "leased": 0, "spent": 0, "lanes": [],
        "writes": 0,
    }  # fmt: skip
    bought = await found.buys(line("50"), line("50"))
    paid = {"partner:grocer:issued": -4, "partner:grocer:prepaid": -6}
    assert found.sums()["stars"] == {f"member:{ANN}": 10, **paid}
    await found.returns(bought, (0, 1))
    assert found.sums()["stars"] == {f"member:{ANN}": 5, "partner:grocer:issued": 0, "partner:grocer:prepaid": -5}
    await found.returns(bought)
    assert set(found.sums()["stars"].values()) == {0}
    await found.buys(line("60"))
    assert found.sums()["stars"]["partner:grocer:prepaid"] == -6


# History, and the member as they were

ASKING = rule("asking", """
when: history.sum(basket.total, this_month) >= 9 || history.distinct(event.store, ever) >= 3 || has(history.last(ever))
then: {fixed: 1}
""")  # fmt: skip


async def test_history_counts_what_is_left_as_if_no_more_had_been_bought() -> None:
    """Sums and different values; a counter that is published later is the same. Mechanisms: `unnote`, `recount`."""
    found, plain = Shop(book(ASKING)), Shop(book(BASE))
    never = Shop(book(ASKING))
    for each in (found, plain):
        await each.buys(line("20"), store="a")
        whole = await each.buys(line("5"), store="b", at=NOON + timedelta(days=1))
        part = await each.buys(line("30"), line("10"), store="a", at=NOON + timedelta(days=1))
        await each.returns(whole, at=NOON + timedelta(days=70))
        await each.returns(part, (0, 1), at=NOON + timedelta(days=70))
    await never.buys(line("20"), store="a")
    await never.buys(line("10"), store="a", at=NOON + timedelta(days=1))
    assert found.member()["history"] == never.member()["history"]
    plain.book = book(BASE, ASKING)
    for each in (plain, found):
        await each.buys(line("1"), store="c", at=NOON + timedelta(days=80))
    assert plain.member()["history"] == found.member()["history"]


async def test_the_rules_are_asked_with_the_member_as_they_were() -> None:
    """Silver then, nothing now; the third visit of the month then, counted without what came back of it."""
    silver = rule("silver", 'when: member.tier == "silver"\nthen: {multiply: {rules: [base], by: 2}}')
    third = rule("third", "when: history.count(this_month) >= 3 && basket.total >= 20\nthen: {fixed: 7}")
    ladder = rule("l", "qualifying: [base]\ntiers: [{id: silver, title: S, reached_from: 5}]", kind="ladder")
    found = Shop(book(BASE, silver, third, ladder))
    for _ in range(2):
        await found.buys(line("10"))
    member = found.store.documents["members", ANN]
    member["tiers"] = {"l": "silver"}
    bought = await found.buys(line("30"), line("20"), line("10"))
    assert found.points(bought) == {"base": 6, "silver": 6, "third": 7}
    found.store.documents["members", ANN]["tiers"] = {}
    assert found.points(await found.returns(bought, (0, 1))) == {"base": -3, "silver": -3}
    assert found.points(await found.returns(bought, (1, 1))) == {"base": -2, "silver": -2, "third": -7}


async def test_what_is_published_since_changes_nothing() -> None:
    """By the version that gave, though another is in force at the purchase's time now."""
    least = "when: basket.total >= {}\nthen: {{fixed: 9}}"
    found = Shop(book(rule("r", least.format(50))))
    bought = await found.buys(line("30"), line("30"))
    newer = rule("r", least.format(10) + "\nversion: 2")
    found.book = Rulebook([*found.book.versions, *read_all([("new.yaml", newer)], found.book.versions)])
    back = await found.returns(bought, (0, 1))
    assert [(a["version"], a["points"]) for a in found.entry(back)["awards"]] == [(1, -9)]


async def test_what_points_paid_comes_back_in_proportion() -> None:
    """100, of which points paid 50, earned 5. Of the half that is left points paid half: 2 and a half, in lines 2."""
    found = Shop(book(BASE, rule("least", "when: basket.total >= 20\nthen: {fixed: 9}")))
    paid = {"wallet": "stars", "points": 5, "amount": "50"}
    bought = await found.buys(line("40"), line("60"), paid_with_points=paid)
    assert found.points(bought) == {"base": 5, "least": 9}
    assert found.points(await found.returns(bought, (1, 1))) == {"base": -3}
    assert found.points(await found.returns(bought, amount="1")) == {"least": -9}  # 19.50 was paid in money of 39


async def test_a_cancelled_purchase_is_returned_as_far_as_it_was_not() -> None:
    found = Shop(book(BASE))
    bought = await found.buys(line("60"), line("40"))
    await found.returns(bought, (0, 1))
    cancelled = await found.reports(bought, "cancelled")
    assert found.points(cancelled) == {"base": -4}
    await found.returns(bought, (1, 1))
    assert [reason for reason, _ in found.letters()] == ["exceeds_purchase"]
    assert found.points(await found.reports(bought, "cancelled")) == {}
    assert found.balance() == 0


async def test_another_members_points_are_left_alone() -> None:
    found = Shop(book(BASE))
    bought = await found.buys(line("60"))
    await found.buys(line("60"), who=BOB)
    await found.returns(bought)
    assert (found.balance(), found.balance(who=BOB)) == (0, 6)
