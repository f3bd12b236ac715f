"""A budget in money for vouchers and points together, spent by workers at once, in memory and on a real mongod."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from shared.rules.matching import decide, facts_of
from shared.rules.usage import MemberUsage
from shared.runtime.quotas import QUOTAS
from shared.runtime.records import Decision
from shared.runtime.sharing import HOUSEHOLDS, Wanted, read_shared
from shared.runtime.store import ConflictError, Store
from tests.contract.conftest import StoreFor
from tests.unit.rulekit import basket, book, line, rule

LANES, RECORDS = 6, 4
GIVEN = "given"  # what was given, as documents of its own: independent of the quotas
COLLECTIONS = {QUOTAS: [], HOUSEHOLDS: [], GIVEN: ["run"]}
RULES = book(
    rule("c", "budget: {money: {amount: '700.50', currency: USD}, cost_per_point: 0.1}", "campaign"),
    rule("off", "campaign: c\nthen: {voucher: {title: V, value: {amount: '5.00', currency: USD}}}", "bonus"),
    rule("stars", "campaign: c\nthen: {fixed: 7}", "bonus"),
)


async def batch(store: Store, lane: int, number: int) -> bool:
    """Decides and commits some records; whether anything was given."""
    bought = basket(line("1.00"))
    ruleset = RULES.at(bought.time)
    async with store.unit() as unit:
        asked = [facts_of(bought, {}, ruleset) for _ in range(RECORDS)]
        candidates = [list(ruleset.matcher.plausible("bonus", each)) for each in asked]
        wanted = [Wanted(lane, (), some, facts) for some, facts in zip(candidates, asked, strict=True)]
        shared = await read_shared(unit, wanted, LANES)
        decision, found = Decision(), False
        for at, (some, facts) in enumerate(zip(candidates, asked, strict=True)):
            decided = decide(some, facts, ruleset, MemberUsage({}, shared.lane(lane)), plausible=True)
            points = sum(award.points for award in decided.awards)
            vouchers = sum(len(each.rule.things) for each in decided.outcomes)
            found = found or bool(points or vouchers)
            kept = {"_id": f"{lane}:{number}:{at}", "run": "all", "points": points, "vouchers": vouchers}
            decision.insert(GIVEN, kept)
        shared.write(decision)
        await asyncio.sleep(0)  # the store in memory never waits: let the others in between
        await unit.commit(decision.inserts, decision.replaces)
        return found


async def worker(store: Store, lane: int) -> None:
    """Batches until nothing is given any more; where another was quicker, decides again."""
    number, more = 0, True
    while more:
        try:
            more = await batch(store, lane, number)
            number += 1
        except ConflictError:
            await asyncio.sleep(0)


async def test_workers_spend_the_money_to_the_last_point_and_no_further(store_for: StoreFor) -> None:
    """700.50 is vouchers at 5.00 and points at 0.10, whoever was first; the last 0.50 or less pays for points.

    Fails where the value of vouchers is not taken from the leases that points are taken from.
    """
    await asyncio.gather(*[worker(await store_for(f"lane-{lane}"), lane) for lane in range(LANES)])
    async with (await store_for("reader")).unit() as unit:
        given = await unit.find(GIVEN, "run", ["all"])
    points, vouchers = sum(each["points"] for each in given), sum(each["vouchers"] for each in given)
    assert vouchers > 50 and points > 300
    assert 5 * vouchers + Decimal("0.1") * points == Decimal("700.50")
