"""A purchase and its returns through real processes, Kafka and mongod: points, tier, challenge, bonus, debt, books."""

from __future__ import annotations

from typing import Any

import orjson

from shared.access.roles import Role
from shared.settings import Settings
from tests.integration.apikit import Api, api
from tests.integration.pipeline import until

MORE = """
- id: ladder
  kind: ladder
  effective: 2017-01-01T00:00:00+07:00
  title: Ladder
  qualifying: [base]
  tiers: [{id: silver, title: Silver, reached_from: 50}]
- id: much
  kind: challenge
  effective: 2017-01-01T00:00:00+07:00
  title: A million in a month
  progress: {count: amount, period: month, goal: 1000000}
  then: {wallet: stars, fixed: 7}
- id: large
  kind: bonus
  effective: 2017-01-01T00:00:00+07:00
  title: Large baskets
  when: basket.total >= 800000
  then: {wallet: stars, fixed: 5}
"""
KEPT = '    - {id: extras, value: {amount: "1000", currency: VND}, redemption: {}, on_return: zero}\n'
EXTRAS = """
- id: treats
  kind: earn
  effective: 2017-01-01T00:00:00+07:00
  title: Treats
  then: {wallet: extras, per_amount: {per: 10000}}
- id: ladder
  kind: ladder
  effective: 2017-01-01T00:00:00+07:00
  title: Ladder
  qualifying: [treats]
  tiers: [{id: silver, title: Silver, reached_from: 50}]
"""
WHO = {"reference": "7"}


def event(kind: str, id_: str, data: dict[str, Any]) -> tuple[str, bytes]:
    """What the bakery publishes."""
    head = {"specversion": "1.0", "id": id_, "source": "/partners/bakery", "type": f"loyalty.{kind}.v1"}
    return "7", orjson.dumps({**head, "time": "2026-03-02T12:00:00+07:00", "data": {"member": WHO, **data}})


def bought(id_: str, *amounts: int) -> tuple[str, bytes]:
    """A basket of lines that cost so much."""
    lines = [{"product": "p", "quantity": 1, "amount": str(each)} for each in amounts]
    return event("purchase", id_, {"currency": "VND", "lines": lines})


async def stands(shop: Api, stars: int, tier: str | None, progress: int) -> None:
    """Waits until the member has so many stars, that tier, and so much of the challenge."""

    async def so() -> bool:
        member = await shop.database["members"].find_one({"known": {"$exists": True}, "seq": {"$gt": 0}})
        if member is None:
            return False
        held = await shop.pipeline.database("tiers").members.find_one({"_id": member["_id"]}) or {"ladders": {}}
        counted = await shop.pipeline.database("campaigns").members.find_one({"_id": member["_id"]}) or {}
        found = (
            member["balances"].get("stars", 0),
            held["ladders"].get("ladder", {}).get("tier"),
            counted.get("progress", {}).get("much", {}).get("2026-03", 0),
        )
        return found == (stars, tier, progress)

    await until(so, f"{stars} stars, {tier}, {progress}", 60)


async def test_what_a_till_has_goes_back_when_it_gives_it_back_and_status_with_the_goods(settings: Settings) -> None:
    """A wallet that takes what is there (`zero`): 60 of 90 are held when their purchase comes back. Nothing of it is
    status any more at once; what the till lets go of is nobody's, and the books agree."""
    async with api(settings, ("api", "earn", "campaigns", "tiers", "notify"), more=EXTRAS, wallets=KEPT) as shop:
        till, pipeline = await shop.asker(Role.till, "bakery"), shop.pipeline
        await pipeline.open_topic("bakery")
        await pipeline.send([event("signup", "s", {}), bought("large", 900_000)], "bakery")
        await stands(shop, 90, "silver", 0)
        member = (await shop.database["members"].find_one({"seq": {"$gt": 0}}) or {})["_id"]
        asked = {"member": member, "wallet": "extras", "points": 60}
        hold = (await till.post("/holds", asked)).json()["hold"]
        await pipeline.send([event("return", "r-1", {"purchase": "large"})], "bakery")
        await stands(shop, 0, None, 0)
        assert (await shop.database["members"].find_one({"_id": member}) or {})["balances"]["extras"] == 60
        spent = (await till.post(f"/holds/{hold}/capture", {"points": 20})).json()
        assert (spent["released"], spent["spendable"]) == (40, 0)
        undone = await till.post(f"/redemptions/{spent['redemption']}/undo", {})
        assert (undone.json()["points"], undone.json()["spendable"]) == (20, 0)
        await pipeline.rest()
        books = await pipeline.reconcile()
        assert books.ok, [check for check in books.checks if not check.ok]


async def test_a_purchase_comes_back_in_parts_and_whole_and_what_was_spent_is_owed(settings: Settings) -> None:
    """90 stars of base, 5 of the bonus, 20 more and the challenge's 7: each goes back with its part."""
    async with api(settings, ("api", "earn", "campaigns", "tiers", "notify"), more=MORE) as shop:
        till, pipeline = await shop.asker(Role.till, "bakery"), shop.pipeline
        await pipeline.open_topic("bakery")
        await pipeline.send(
            [event("signup", "s", {}), bought("large", 500_000, 400_000), bought("small", 200_000)], "bakery"
        )
        await stands(shop, 90 + 5 + 20 + 7, "silver", 1_100_000)
        await pipeline.send(
            [event("return", "r-1", {"purchase": "large", "lines": [{"line": 1, "quantity": 1}]})], "bakery"
        )
        await stands(shop, 50 + 20, "silver", 700_000)  # no bonus, no challenge; 70 of base are silver still
        member = (await shop.database["members"].find_one({"seq": {"$gt": 0}}) or {})["_id"]
        hold = await till.held(member, 60)
        assert (await till.post(f"/holds/{hold}/capture", {})).status_code == 200
        said = {"member": WHO, "purchase": "large", "time": "2026-03-09T12:00:00+07:00"}
        answer = await till.post("/returns", said, once="receipt-1")
        again = await till.post("/returns", said, once="receipt-1")
        assert (answer.status_code, again.status_code, again.json()) == (202, 202, answer.json())
        await stands(shop, 10 - 50, None, 200_000)
        await pipeline.send([bought("later", 300_000)], "bakery")
        await stands(shop, -10, "silver", 500_000)
        await pipeline.send([bought("last", 150_000), event("return", "r-2", {"purchase": "large"})], "bakery")
        await stands(shop, 5, "silver", 650_000)
        assert await till.spendable(member) == 5
        letter = await shop.database["dead_letters"].find_one({})
        assert letter is not None and letter["reason"] == "exceeds_purchase"
        await pipeline.rest()
        books = await pipeline.reconcile()
        assert books.ok, [check for check in books.checks if not check.ok]
