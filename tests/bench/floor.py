"""The floor: the same messages and writes as the product's, by plain loops with no rules, checks or recovery.

Four processes as the product has them (earn's two consumers in one); each loop is: poll, decode with the fastest JSON
reader, one transaction a batch, publish, commit. What the product takes beyond this is the price of its promises.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from pymongo import AsyncMongoClient, InsertOne, UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.runtime.sending import send_all

BATCH = 500
GROUPS = {
    "intake": "partner.grocer",
    "ledger": "activities",
    "tiers": "accruals",
    "campaigns": "accruals",
    "notify": "accruals",
}
ROLES = {"earn": ("intake", "ledger"), "tiers": ("tiers",), "campaigns": ("campaigns",), "notify": ("notify",)}


class Floor:
    """One loop's connections."""

    def __init__(self, kafka: str, mongo: str, role: str) -> None:
        self.role = role
        self.kafka = kafka
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo)
        self.base: AsyncDatabase[dict[str, Any]] = self.client[f"floor_{role}"]
        self.producer = AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, acks="all", max_batch_size=1_000_000
        )

    async def run(self) -> None:
        """Loops for ever."""
        await self.producer.start()
        await self.base["journal"].create_index("member")
        for name in ("members", "outbox"):
            await self.base[name].insert_one({"_id": "first"})
        consumer = AIOKafkaConsumer(
            f"floor-{GROUPS[self.role]}",
            bootstrap_servers=self.kafka,
            group_id=f"floor-{self.role}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_min_bytes=131_072,
            fetch_max_wait_ms=200,
            max_partition_fetch_bytes=4_194_304,
        )
        await consumer.start()
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100, max_records=1)
        sys.stdout.write(f"{self.role} ready\n")
        sys.stdout.flush()
        step = {"intake": self.intake, "ledger": self.ledger, "notify": self.nothing}.get(self.role, self.count)
        while True:
            batches = await consumer.getmany(timeout_ms=100, max_records=BATCH)
            records = [record for each in batches.values() for record in each]
            if records:
                await step(records)
                await consumer.commit()

    async def nothing(self, records: list[ConsumerRecord]) -> None:
        """notify passes purchases by."""

    async def intake(self, records: list[ConsumerRecord]) -> None:
        """Partner's topic to activities."""
        out = []
        for record in records:
            try:
                event = orjson.loads(record.value)
                member = event["data"]["member"]["reference"]
            except (orjson.JSONDecodeError, KeyError, TypeError):
                continue
            body = {"id": event["id"], "member": member, "time": event["time"], "event": orjson.Fragment(record.value)}
            out.append(("floor-activities", member.encode(), orjson.dumps(body), [("kind", b"purchase")]))
        await send_all(self.producer, out)

    async def ledger(self, records: list[ConsumerRecord]) -> None:
        """Activities to journal, members, outbox and accruals."""
        journal, members, out = [], Counter[str](), []
        for record in records:
            activity = orjson.loads(record.value)
            lines = activity["event"]["data"].get("lines", [])
            points = sum(int(float(line["amount"])) for line in lines)
            member = activity["member"]
            members[member] += points
            named = {"wallet": "stars", "rule": "base", "version": 1}
            award = {"rule": "base", "version": 1, "wallet": "stars", "points": points, "lines": [1] * len(lines)}
            journal.append(
                {
                    "_id": f"{activity['id']}|{record.partition}|{record.offset}",
                    "hash": "0" * 32,
                    "origin": "partner.grocer:0:0",
                    "member": member,
                    "seq": 1,
                    "kind": "purchase",
                    "at": activity["time"],
                    "facts": {"event.currency": "USD", "basket.eligible": "10.00"},
                    "awards": [award],
                    "postings": [
                        {"account": f"member:{member}", "amount": points, **named},
                        {"account": "partner:grocer:issued", "amount": -points, **named},
                    ],
                    "event": record.value,
                }
            )
            accrual = {"member": member, "seq": 1, "earned": [award], "activity": orjson.Fragment(record.value)}
            out.append(("floor-accruals", member.encode(), orjson.dumps(accrual), [("kind", b"purchase")]))
        outbox = {"messages": [[topic, key, "purchase", value] for topic, key, value, _ in out]}
        added = await self.write(members, journal, outbox)
        await send_all(self.producer, out)
        await self.base["outbox"].delete_one({"_id": added})

    async def count(self, records: list[ConsumerRecord]) -> None:
        """Accruals to members."""
        members: Counter[str] = Counter()
        for record in records:
            accrual = orjson.loads(record.value)
            members[accrual["member"]] += sum(each["points"] for each in accrual["earned"])
        await self.write(members, [], None)

    async def write(self, members: Counter[str], journal: list[dict[str, Any]], outbox: dict[str, Any] | None) -> Any:
        """One transaction."""
        added = None
        async with self.client.start_session() as session:
            await session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
            updates = [UpdateOne({"_id": member}, {"$inc": {"n": n}}, upsert=True) for member, n in members.items()]
            await self.base["members"].bulk_write(updates, session=session)
            if journal:
                await self.base["journal"].bulk_write(
                    [InsertOne(each) for each in journal], session=session, ordered=False
                )
            if outbox is not None:
                added = (await self.base["outbox"].insert_one(outbox, session=session)).inserted_id
            await session.commit_transaction()
        return added


async def main(kafka: str, mongo: str, service: str) -> None:
    """All loops of one service."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    await asyncio.gather(*(Floor(kafka, mongo, role).run() for role in ROLES[service]))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
