"""Many who want the same points at once, on the store in memory and on a real mongod: never twice, never below zero."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from services.earn.consumers import LedgerHandler
from services.earn.counter.approval_commands import Approve
from services.earn.counter.approving import APPROVALS
from services.earn.counter.commands import Answer, Caller, Denied, Done, Goodwill
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots
from shared.runtime.batch import BatchLoop
from shared.runtime.records import Message, Record
from shared.runtime.store import OUTBOX, Document, Store
from tests.contract.conftest import StoreFor
from tests.unit.counterkit import ANN, BOB, NOON, PROGRAMME, Counter
from tests.unit.partnerkit import activity

CLIENTS = 50
COLLECTIONS = {JOURNAL: ["redemption"], MEMBERS: ["due_at", "household?"], OUTBOX: ["places"], APPROVALS: []}


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


class Till:
    """One process with a counter, at a store of its own connection."""

    def __init__(self, kit: Counter, store: Store, number: int, clock: Clock) -> None:
        self.published: list[Message] = []
        handler = CounterHandler(clock)
        loop = BatchLoop(handler, store, self._publish, lambda: kit.book)
        self.queue = Queue(handler, loop, number)

    async def _publish(self, messages: Sequence[Message]) -> None:
        self.published += messages


async def tills(kit: Counter, store_for: StoreFor, count: int, clock: Clock) -> list[Till]:
    """Processes that begin with the kit's members in one database."""
    stores = [await store_for(f"till-{number}") for number in range(count)]
    async with stores[0].unit() as unit:
        await unit.commit({MEMBERS: list(kit.members.values())}, {})
    found = [Till(kit, store, number, clock) for number, store in enumerate(stores)]
    for till in found:
        await till.queue.start()
    return found


async def read(store_for: StoreFor) -> tuple[Document, list[Document]]:
    """Ann's document, and the entries that moved points."""
    store = await store_for("reader")
    async with store.unit() as unit:
        member = (await unit.get(MEMBERS, [ANN]))[ANN]
        entries = await unit.find(JOURNAL, "kind", {"redemption", "expiry", "purchase"})
    return member, entries


def codes(answers: list[Answer]) -> Tally[str]:
    """What became of each: done, or why not."""
    return Tally("done" if isinstance(each, Done) else each.code for each in answers if isinstance(each, Done | Denied))


async def test_fifty_clients_spend_one_balance(store_for: StoreFor) -> None:
    """Each wants 3 of 100 stars, at one of three processes: 33 get them, 17 are told why not; 1 star is left.

    Mechanism: a commit that conflicts when a member's document has changed since it was read.
    """
    kit, clock = Counter(), Clock()
    kit.give(100)
    at = await tills(kit, store_for, 3, clock)

    async def spend(number: int) -> Answer:
        till = at[number % 3].queue
        held = await till.ask(kit.hold(3))
        return held if isinstance(held, Denied) else await till.ask(kit.capture(str(held.body["hold"])))

    answers = await asyncio.gather(*(spend(number) for number in range(CLIENTS)))
    for till in at:
        await till.queue.stop()
    assert codes(answers) == {"done": 33, "too_few_points": 17}
    member, entries = await read(store_for)
    assert member["balances"] == {"stars": 1} == lots.accounted(member)
    assert len([each for each in entries if each["kind"] == "redemption"]) == 33
    announced = [orjson.loads(each.value)["data"]["seq"] for till in at for each in till.published]
    assert sorted(announced) == list(range(1, 34))  # each once, without a gap


async def test_two_tills_capture_one_hold(store_for: StoreFor) -> None:
    kit, clock = Counter(), Clock()
    kit.give(10)
    at = await tills(kit, store_for, 2, clock)
    held = await at[0].queue.ask(kit.hold(10))
    assert isinstance(held, Done)
    captures = [kit.capture(str(held.body["hold"])) for _ in at]
    answers = await asyncio.gather(*(till.queue.ask(each) for till, each in zip(at, captures, strict=True)))
    for till in at:
        await till.queue.stop()
    assert codes(list(answers)) == {"done": 1, "unknown_hold": 1}
    member, _ = await read(store_for)
    assert member["balances"] == {"stars": 0}


async def test_one_key_at_two_tills_at_once_is_one_hold(store_for: StoreFor) -> None:
    """Mechanism: the key is the entry's `_id`."""
    kit, clock = Counter(), Clock()
    kit.give(10)
    at = await tills(kit, store_for, 2, clock)
    command = kit.hold(4)
    first, second = await asyncio.gather(*(till.queue.ask(command) for till in at))
    for till in at:
        await till.queue.stop()
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert first.body == second.body
    assert {first.again, second.again} == {False, True}
    member, _ = await read(store_for)
    assert lots.held(member, "stars") == 4


async def test_expiry_races_with_redemption(store_for: StoreFor) -> None:
    """At the instant of expiry one till holds while another process sweeps: the points are gone, once."""
    kit, clock = Counter(), Clock()
    kit.give(10, expires="2026-03-09T00:00:00+07:00")
    at = await tills(kit, store_for, 3, clock)
    clock.now = NOON.replace(hour=0) + timedelta(days=7)
    answers = await asyncio.gather(*(till.queue.ask(kit.hold(10)) for till in at))
    for till in at:
        await till.queue.stop()
    assert codes(list(answers)) == {"too_few_points": 3}
    member, entries = await read(store_for)
    assert member["balances"] == {"stars": 0} == lots.accounted(member) | {"stars": 0}
    assert [each["kind"] for each in entries] == ["expiry"]


async def test_a_till_races_with_a_batch_of_purchases(store_for: StoreFor) -> None:
    """Grants come in batches while a till spends: every grant is posted, every spending once, no seq twice."""
    kit, clock = Counter(), Clock()
    kit.give(20)
    (till,) = await tills(kit, store_for, 1, clock)
    sent: list[Message] = []

    async def publish(messages: Sequence[Message]) -> None:
        sent.extend(messages)

    ledger = BatchLoop(LedgerHandler(), await store_for("ledger"), publish, lambda: kit.book)

    async def grant() -> None:
        for first in range(0, 100, 10):
            await ledger.run([Record("grants", 0, n, grant_of(n)) for n in range(first, first + 10)])

    async def spend() -> list[Answer]:
        answers: list[Answer] = []
        for _ in range(20):
            held = await till.queue.ask(kit.hold(2))
            answers.append(
                held if isinstance(held, Denied) else await till.queue.ask(kit.capture(str(held.body["hold"])))
            )
        return answers

    _, answers = await asyncio.gather(grant(), spend())
    await till.queue.stop()
    member, _ = await read(store_for)
    spent = 2 * codes(answers)["done"]
    assert member["balances"] == {"stars": 20 + 100 - spent} == lots.accounted(member)
    seqs = [orjson.loads(each.value)["data"]["seq"] for each in (*sent, *till.published)]
    assert sorted(seqs) == list(range(1, 101 + codes(answers)["done"]))


async def together(store_for: StoreFor, count: int) -> tuple[Counter, Clock, list[Till]]:
    """Ann has 30 stars and Bob 20, of one household, at so many processes."""
    pooled = PROGRAMME.replace("    - id: stars\n", "    - id: stars\n      pooled: household\n")
    kit, clock = Counter(pooled.replace("at_most_percent: 50, ", "")), Clock()
    for who, points in ((ANN, 30), (BOB, 20)):
        kit.give(points, member=who)
        kit.members[who] |= {"household": "oak", "known": {"profile.household": ["2026", "e", "oak"]}}
    return kit, clock, await tills(kit, store_for, count, clock)


async def everybody(store_for: StoreFor) -> tuple[dict[str, Document], list[Document]]:
    """All members, and the entries by which points were spent."""
    store = await store_for("reader")
    async with store.unit() as unit:
        return await unit.get(MEMBERS, [ANN, BOB]), await unit.find(JOURNAL, "kind", {"redemption"})


async def test_two_of_a_household_spend_its_points_at_tills_at_once(store_for: StoreFor) -> None:
    """Each of 40 wants 3 of the 50 stars: 16 get them. Mechanism: whoever's points are drawn is written, so that two
    tills that draw on the same ones conflict."""
    kit, _, at = await together(store_for, 3)

    async def spend(number: int) -> Answer:
        till, who = at[number % 3].queue, (ANN, BOB)[number % 2]
        held = await till.ask(replace(kit.hold(3), member=who))
        if isinstance(held, Denied):
            return held
        return await till.ask(replace(kit.capture(str(held.body["hold"])), member=who))

    answers = await asyncio.gather(*(spend(number) for number in range(40)))
    for till in at:
        await till.queue.stop()
    assert codes(list(answers)) == {"done": 16, "too_few_points": 24}
    members, entries = await everybody(store_for)
    assert sum(each["balances"]["stars"] for each in members.values()) == 2
    for each in members.values():
        assert lots.accounted(each).get("stars", 0) == each["balances"]["stars"] >= 0
        assert not each.get("holds")
    assert sum(each["amount"] for entry in entries for each in entry["postings"] if each["amount"] > 0) == 48
    published = [orjson.loads(each.value)["data"] for till in at for each in till.published]
    announced = [(each["member"], each["seq"]) for each in published]
    for who, member in members.items():
        assert sorted(seq for whose, seq in announced if whose == who) == list(range(1, member["seq"] + 1))


async def test_a_member_leaves_the_household_while_it_spends(store_for: StoreFor) -> None:
    """Whatever comes first: what Ann's tills have of Bob's was held before he left; afterwards only Ann's is spent."""
    kit, _, at = await together(store_for, 2)
    ledger = BatchLoop(LedgerHandler(), await store_for("ledger"), at[0]._publish, lambda: kit.book)
    moving = activity(BOB, "bakery", "s-1", {"profile": {"household": "elm"}}, at=NOON, kind="signup")

    async def spend(till: Till) -> int:
        got = 0
        for _ in range(10):
            answer = await till.queue.ask(kit.hold(3))
            if isinstance(answer, Done):
                done = await till.queue.ask(kit.capture(str(answer.body["hold"])))
                assert isinstance(done, Done), done
                got += 3
        return got

    leaving = ledger.run([Record("activities", 0, 1, moving)])
    first, second, _ = await asyncio.gather(spend(at[0]), spend(at[1]), leaving)
    for till in at:
        await till.queue.stop()
    members, _ = await everybody(store_for)
    assert members[BOB]["household"] == "elm"
    assert members[ANN]["balances"]["stars"] + members[BOB]["balances"]["stars"] == 50 - first - second
    for each in members.values():
        assert lots.accounted(each).get("stars", 0) == each["balances"]["stars"] >= 0
    assert members[ANN]["balances"]["stars"] < 3, "Ann's own are all spent"


async def test_two_who_approve_at_two_processes_do_it_once(store_for: StoreFor) -> None:
    """Mechanism: what waits is written with the effect, in one transaction."""
    needs = PROGRAMME.replace("  wallets:\n", "  second_person: {goodwill: 0}\n  wallets:\n")
    kit, clock = Counter(needs), Clock()
    kit.give(1)
    at = await tills(kit, store_for, 3, clock)
    head = {**kit.key(), "caller": Caller("office", person="staff-7")}
    asked = await at[0].queue.ask(Goodwill(**head, member=ANN, wallet="stars", points=5, reason="a long wait"))
    assert isinstance(asked, Done)
    heads = [{**kit.key(), "caller": Caller("office", person=f"staff-{number}")} for number in (1, 2, 3)]
    approvals = [Approve(**each, approval=str(asked.body["approval"])) for each in heads]
    answers = await asyncio.gather(*(till.queue.ask(each) for till, each in zip(at, approvals, strict=True)))
    for till in at:
        await till.queue.stop()
    assert codes(list(answers)) == {"done": 1, "judged_already": 2}
    member, _ = await read(store_for)
    assert member["balances"] == {"stars": 6}


def grant_of(number: int) -> bytes:
    """One star, granted by campaigns."""
    data = {"member": ANN, "rule": "gift", "version": 1, "wallet": "stars", "points": 1, "reason": "bonus",
            "cause": {"source": "/partners/bakery", "id": f"b-{number}"}, "issuer": "programme"}  # fmt: skip
    return orjson.dumps({"specversion": "1.0", "type": "loyalty.grant.v1", "source": "/campaigns", "id": f"g-{number}",
                         "time": NOON.isoformat(), "data": data})  # fmt: skip
