"""The floor: the same messages and writes as the product's, by plain loops with no rules, checks or recovery.

Four processes as the product has them; each loop is: poll, decode with the fastest JSON reader, one transaction a
batch, publish, commit offsets. What is won here and there (grants, tier changes, messages) is counted out instead of
decided, as often as the demo's first three months have it. What the product takes beyond this is the price of its
promises.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.runtime.sending import Outgoing, send_all

BATCH = 500
READS: dict[str, tuple[str, ...]] = {
    "intake": ("partner.grocer",),
    "ledger": ("activities", "grants"),
    "tiers": ("accruals",),
    "campaigns": ("accruals",),
    "notify": ("accruals", "tiers", "offers"),
    "delivery": ("notifications",),
}
ROLES = {
    "earn": ("intake", "ledger"),
    "tiers": ("tiers",),
    "campaigns": ("campaigns",),
    "notify": ("notify", "delivery"),
}
# One in so many events has it: limits used, challenges won, tiers reached, signups.
LIMITED, CHALLENGE, TIER = 6, 26, 118
Documents = dict[str, list[dict[str, Any]]]


def message(topic: str, member: str, body: dict[str, Any], kind: str) -> Outgoing:
    """One announcement."""
    return f"floor-{topic}", member.encode(), orjson.dumps(body), [("kind", kind.encode())]


class Floor:
    """One loop's connections and state; members' documents are kept in memory, so that nothing is read."""

    def __init__(self, kafka: str, mongo: str, role: str) -> None:
        self.role, self.kafka = role, kafka
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo)
        self.base: AsyncDatabase[dict[str, Any]] = self.client[f"floor_{role}"]
        self.producer = AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, acks="all", max_batch_size=1_000_000
        )
        self.members: dict[str, dict[str, Any]] = {}
        self.number = count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="floor-"))

    async def run(self) -> None:
        """Loops for ever."""
        await self.producer.start()
        await self.base["journal"].create_index("member")
        for name in ("members", "outbox", "usage", "sent", "delivered"):
            await self.base[name].insert_one({"_id": "first"})
        consumer = AIOKafkaConsumer(
            *(f"floor-{topic}" for topic in READS[self.role]),
            bootstrap_servers=self.kafka,
            group_id=f"floor-{self.role}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_min_bytes=65_536,
            fetch_max_wait_ms=100,
            max_partition_fetch_bytes=4_194_304,
        )
        await consumer.start()
        while not consumer.assignment():
            await consumer.getmany(timeout_ms=100, max_records=1)
        sys.stdout.write(f"{self.role} ready\n")
        sys.stdout.flush()
        step = getattr(self, self.role)
        while True:
            batches = await consumer.getmany(timeout_ms=100, max_records=BATCH)
            records = [record for each in batches.values() for record in each]
            if records:
                await step(records)
                await consumer.commit()

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
            out.append(message("activities", member, body, event["type"].split(".")[1]))
        await send_all(self.producer, out)

    async def ledger(self, records: list[ConsumerRecord]) -> None:
        """Activities and grants to journal, members, limits, outbox and accruals."""
        journal, usage, out = [], [], []
        touched = set()
        for record in records:
            activity = orjson.loads(record.value)
            lines = activity.get("event", {}).get("data", {}).get("lines", [])
            points = sum(int(float(line["amount"])) for line in lines)
            member, number = activity["member"], next(self.number)
            touched.add(member)
            document = self.members.setdefault(member, {"_id": member, "seq": 0, "balances": {"stars": 0}, "known": {}})
            document["seq"] += 1
            document["balances"]["stars"] += points
            named = {"wallet": "stars", "rule": "base", "version": 1}
            award = {"rule": "base", "version": 1, "wallet": "stars", "points": points, "lines": [1] * len(lines)}
            journal.append(
                {
                    "_id": f"/partners/grocer|{number}|{activity['id']}",
                    "hash": "0" * 32,
                    "origin": "partner.grocer:0:100000",
                    "member": member,
                    "seq": document["seq"],
                    "kind": "purchase",
                    "at": activity["time"],
                    "facts": {"event.currency": "USD", "basket.eligible": "10.00", "calendar.weekday": "monday"},
                    "awards": [award],
                    "postings": [
                        {"account": f"member:{member}", "amount": points, **named},
                        {"account": "partner:grocer:issued", "amount": -points, **named},
                    ],
                    "event": record.value,
                }
            )
            if number % LIMITED == 0:
                usage.append({"_id": f"{member}|fresh|{number}", "n": 1})
            accrual = {
                "member": member,
                "seq": document["seq"],
                "earned": [award],
                "activity": orjson.Fragment(record.value),
            }
            kind = dict(record.headers).get("kind", b"grant").decode()
            out.append(message("accruals", member, accrual, kind))
        await self.write(touched, {"journal": journal, "usage": usage}, out)

    async def tiers(self, records: list[ConsumerRecord]) -> None:
        """Accruals to members and changes of tier."""
        await self.count(records, TIER, ("tiers",))

    async def campaigns(self, records: list[ConsumerRecord]) -> None:
        """Accruals to members, grants and offers."""
        await self.count(records, CHALLENGE, ("grants", "offers"))

    async def count(self, records: list[ConsumerRecord], every: int, topics: tuple[str, ...]) -> None:
        """Accruals to members' documents, and now and then something to announce."""
        touched, out = set(), []
        for record in records:
            accrual = orjson.loads(record.value)
            member = accrual["member"]
            touched.add(member)
            document = self.members.setdefault(member, {"_id": member, "high": 0, "ahead": [], "n": 0, "weeks": {}})
            document["high"] += 1
            document["n"] += sum(each["points"] for each in accrual["earned"])
            document["weeks"][f"2017-W{document['high'] % 13:02d}"] = [736000, 736001]
            if next(self.number) % every == 0:
                body = {
                    "id": f"{self.role}-{next(self.number)}",
                    "member": member,
                    "time": "2017-01-01T00:00:00Z",
                    "points": 50,
                }
                out += [message(topic, member, body, "offer") for topic in topics]
        await self.write(touched, {}, out)

    async def notify(self, records: list[ConsumerRecord]) -> None:
        """Signups, tiers and offers to notifications; purchases are passed by on their header."""
        sent, out = [], []
        for record in records:
            if dict(record.headers).get("kind") in (b"purchase", b"grant"):
                continue
            member = orjson.loads(record.value)["member"]
            body = {"id": f"n-{next(self.number)}", "member": member, "text": "x" * 400}
            sent.append(
                {"_id": body["id"], "member": member, "template": "welcome", "language": "en", "channel": "email"}
            )
            out.append(message("notifications", member, body, "welcome"))
        if sent:
            await self.write(set(), {"sent": sent}, out)

    async def delivery(self, records: list[ConsumerRecord]) -> None:
        """Notifications to files."""
        bodies = [orjson.loads(record.value) for record in records]
        await self.write(set(), {"delivered": [{"_id": body["id"], "channel": "email"} for body in bodies]}, [])
        for body in bodies:
            (self.folder / body["id"]).write_text(body["text"])

    async def write(self, touched: set[str], inserts: Documents, out: list[Outgoing]) -> None:
        """One transaction with its outbox document, then the messages."""
        async with self.client.start_session() as session:
            await session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
            if touched:
                changed = [ReplaceOne({"_id": each}, self.members[each], upsert=True) for each in touched]
                await self.base["members"].bulk_write(changed, session=session)
            for name, documents in inserts.items():
                if documents:
                    await self.base[name].insert_many(documents, session=session)
            held = {"messages": [[topic, key, "kind", value] for topic, key, value, _ in out]}
            if out:
                await self.base["outbox"].insert_one(held, session=session)
            await session.commit_transaction()
        if out:
            await send_all(self.producer, out)
            await self.base["outbox"].delete_one({"_id": held["_id"]})


async def main(kafka: str, mongo: str, service: str) -> None:
    """All loops of one service."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    await asyncio.gather(*(Floor(kafka, mongo, role).run() for role in ROLES[service]))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
