"""Promises 1 and 7 at the counter: redemptions and returns, while services, the API, mongod and the broker die."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from time import monotonic

import pytest

from shared.access.roles import Role
from shared.ops.supervisor import API, SERVICES
from shared.settings import Settings
from shared.stack import Stack
from tests.crash.counter import CUSTOMERS, Shopping, Till
from tests.crash.harness import LONGEST_WAIT_S, PATIENCE_S, Havoc, Plan
from tests.integration.apikit import Api, api
from tests.integration.pipeline import until

TILLS = 4
A_ROUND = 60  # purchases between two kills


async def test_whatever_is_killed_every_answer_was_true_and_every_star_is_there(
    own_stack: Stack, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    """Balances are what was bought, less what came back, less what tills were told that it was spent: to the star.

    Breaks without the Idempotency-Key as the journal's id (a till that asks again would spend twice), when an answer
    is given before its transaction is committed (it would be untrue after a kill), and when a return's 202 is given
    before the broker has it.
    """
    rng, started = random.Random(plan.seed), monotonic()
    settings = Settings(
        kafka=own_stack.kafka_url, mongo=own_stack.mongo_url, home=own_stack.home, namespace="counter", batch=50,
        rate="1000000/second",
    )  # fmt: skip

    def say(text: str) -> None:
        with capsys.disabled():
            print(text)  # noqa: T201

    services = (*SERVICES, API)
    async with api(settings, services, longest_wait_s=LONGEST_WAIT_S) as shop:
        shopping, closing = Shopping(rng), asyncio.Event()
        asker = await shop.asker(Role.till, "bakery", "till")
        tills = [Till(asker, shopping, number) for number in range(TILLS)]
        await shop.pipeline.open_topic("bakery")
        await shop.pipeline.send(shopping.signups(), "bakery")
        havoc = Havoc(shop.pipeline, own_stack, rng, say)
        async with asyncio.TaskGroup() as open_tills:
            for till in tills:
                open_tills.create_task(till.work(closing))
            for victim in plan.victims(own_stack.kafka_kind, rng, ("earn", API), SERVICES):
                before = await havoc.journal()
                await shop.pipeline.send(shopping.purchases(A_ROUND), "bakery")
                shopping.sold()
                await havoc.some_progress(before + rng.randint(1, A_ROUND))
                await havoc.kill(victim)
            try:  # they are to be served, however long those that were killed have been away
                await until(lambda: served(tills)["capture 200"] > 5 * TILLS, "the tills to be served", PATIENCE_S)
            finally:
                closing.set()
        await shop.pipeline.rest(PATIENCE_S)
        answers = served(tills)
        repeated = sum(till.repeated for till in tills)
        say(
            f"seed {plan.seed}, {own_stack.kafka_kind}: kills {dict(havoc.kills)}; {repeated} requests repeated; "
            f"{dict(sorted(answers.items()))}; {monotonic() - started:.0f} s in all"
        )
        assert await balances(shop) == {each.name: each.stars for each in shopping.customers}
        assert await entries(shop, "redemption") == answers["capture 200"]
        assert await entries(shop, "undo") == answers["undo 200"]
        assert answers["return 202"] > TILLS
        books = await shop.pipeline.reconcile()
        assert books.ok, [check for check in books.checks if not check.ok]


def served(tills: list[Till]) -> Counter[str]:
    """What all tills were answered."""
    return sum((till.answers for till in tills), Counter[str]())


async def balances(shop: Api) -> dict[str, int]:
    """Stars by customer."""
    names = {
        each["member"]: each["_id"].rpartition(":")[2]
        async for each in shop.database.identities.find({"_id": {"$regex": "^ref:/partners/bakery:"}})
    }
    found = {names[each["_id"]]: each["balances"].get("stars", 0) async for each in shop.database.members.find({})}
    assert len(found) == CUSTOMERS
    return found


async def entries(shop: Api, kind: str) -> int:
    """How many entries of a kind there are."""
    return await shop.database.journal.count_documents({"kind": kind})
