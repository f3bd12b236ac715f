"""The floor: the same messages and writes as the product's, by plain loops with no rules, checks or recovery.

Four processes as the product has them; each loop is: poll, decode with the fastest JSON reader, one transaction a
batch, publish, commit offsets. Nothing is read from the database: members are kept in memory. What is won here and
there (grants, tier changes, messages) is counted out instead of decided, as often as the demo's first three months
have it; `run` prints how many documents and bytes both sides wrote. What the product takes beyond this is the price
of its rules and promises.
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

from shared.runtime.publisher import BATCH_BYTES
from shared.runtime.sending import Outgoing, send_all
from tests.bench import shapes

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
# One in so many events has it: two limits used, a challenge won, a tier reached.
LIMITED, CHALLENGE, TIER = 11, 28, 122
Documents = dict[str, list[dict[str, Any]]]


class Floor:
    """One loop's connections and state; members' documents are kept in memory, so that nothing is read."""

    def __init__(self, kafka: str, mongo: str, role: str) -> None:
        self.role, self.kafka = role, kafka
        self.client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo)
        self.base: AsyncDatabase[dict[str, Any]] = self.client[f"floor_{role}"]
        self.producer = AIOKafkaProducer(
            bootstrap_servers=kafka, enable_idempotence=True, acks="all", max_batch_size=BATCH_BYTES
        )
        self.members: dict[str, dict[str, Any]] = {}
        self.number = count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="floor-"))

    async def run(self) -> None:
        """Loops for ever."""
        await self.producer.start()
        await self.base["journal"].create_index("member")
        for name in ("members", "outbox", "sent", "delivered", "identities", "inbox"):
            await self.base[name].insert_one({"_id": "first"})
        consumer = AIOKafkaConsumer(
            *(f"floor-{topic}" for topic in READS[self.role]),
            bootstrap_servers=self.kafka,
            group_id=f"floor-{self.role}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_min_bytes=524_288,
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

    def message(self, topic: str, member: str, body: bytes, kind: str) -> Outgoing:
        """One announcement."""
        return f"floor-{topic}", member.encode(), body, [("kind", kind.encode())]

    async def intake(self, records: list[ConsumerRecord]) -> None:
        """Partner's topic to activities; a signup is noted, with its names, and kept until it is sent."""
        passed: list[Outgoing] = []
        stored: list[Outgoing] = []
        inserts: Documents = {"identities": [], "inbox": []}
        for record in records:
            try:
                event = orjson.loads(record.value)
                member, kind = event["data"]["member"]["reference"], event["type"].split(".")[1]
            except (orjson.JSONDecodeError, KeyError, TypeError):
                continue
            id_ = f"m-{int(member):020d}"
            body = shapes.activity(record.topic, record.offset, id_, event["time"], record.value)
            out = passed
            if kind == "signup":
                out = stored
                inserts["identities"] += shapes.identities(event, id_)
                inserts["inbox"].append(shapes.noted(event, id_))
            out.append(self.message("activities", id_, body, kind))
        if stored:
            await self.write(set(), inserts, stored)
        await send_all(self.producer, passed)

    async def ledger(self, records: list[ConsumerRecord]) -> None:
        """Activities and grants to journal, members with their limits, outbox and accruals."""
        journal, out = [], []
        touched = set()
        for record in records:
            body = orjson.loads(record.value)
            data = body["data"]
            lines = data.get("event", {}).get("data", {}).get("lines", [])
            points = sum(int(float(line["amount"])) for line in lines)
            member, number = data["member"], next(self.number)
            touched.add(member)
            document = self.members.setdefault(member, shapes.account(member))
            document["seq"] += 1
            document["balances"]["stars"] += points
            document["lifetime"]["stars"] += points
            document["lots"][0]["points"] += points
            award = {"rule": "base", "version": 1, "wallet": "stars", "points": points, "lines": [1] * len(lines)}
            awards = [award, award] if number % 7 == 0 else [award]
            journal.append(shapes.entry(number, body, member, document["seq"], awards, record.value))
            if number % LIMITED in (0, 5):
                used = document["uses"]["fresh:member:times:day"]
                used[f"2017-0{1 + len(used) // 28}-{1 + len(used) % 28:02d}"] = 1
            kind = dict(record.headers)["kind"].decode()
            cause = "grant" if kind == "grant" else "activity"
            accrual = shapes.accrual(document, body["time"], awards, cause, record.value)
            out.append(self.message("accruals", member, accrual, kind))
        await self.write(touched, {"journal": journal}, out)

    async def tiers(self, records: list[ConsumerRecord]) -> None:
        """Accruals to members and changes of tier."""
        touched, out = set(), []
        for record in records:
            data = orjson.loads(record.value)["data"]
            member = data["member"]
            touched.add(member)
            document = self.members.setdefault(member, shapes.standing(member))
            document["high"] += 1
            document["ladders"]["star-ladder"]["years"]["2017"] += sum(each["points"] for each in data["earned"])
            if (number := next(self.number)) % TIER == 0:
                out.append(self.message("tiers", member, shapes.won(number, member, "tier", shapes.SINCE), "tier"))
        await self.write(touched, {}, out)

    async def campaigns(self, records: list[ConsumerRecord]) -> None:
        """Accruals to members, grants and offers."""
        touched, out = set(), []
        for record in records:
            member = orjson.loads(record.value)["data"]["member"]
            touched.add(member)
            document = self.members.setdefault(member, shapes.progress(member))
            document["high"] += 1
            document["progress"][f"2017-W{document['high'] % 12:02d}"] = [736000, 736001]
            if (number := next(self.number)) % CHALLENGE == 0:
                for topic, kind in (("grants", "grant"), ("offers", "offer")):
                    out.append(self.message(topic, member, shapes.won(number, member, kind, shapes.SINCE), kind))
        await self.write(touched, {}, out)

    async def notify(self, records: list[ConsumerRecord]) -> None:
        """Signups, tiers and offers to notifications; purchases are passed by on their header."""
        touched, sent, out = set(), [], []
        for record in records:
            kind = dict(record.headers)["kind"]
            if kind in (b"purchase", b"grant"):
                continue
            member = orjson.loads(record.value)["data"]["member"]
            if kind in (b"signup", b"tier"):
                touched.add(member)
                self.members.setdefault(member, shapes.addressee(member))
            id_ = f"welcome:{member}:{next(self.number)}"
            sent.append(shapes.sent(id_, member, shapes.SINCE))
            out.append(self.message("notifications", member, shapes.notification(id_, member, shapes.SINCE), "welcome"))
        if sent:
            await self.write(touched, {"sent": sent}, out)

    async def delivery(self, records: list[ConsumerRecord]) -> None:
        """Notifications to files; an e-mail is kept until its file is there."""
        bodies = [orjson.loads(record.value) for record in records]
        emails = [("", body["id"].encode(), shapes.email(body), [("kind", b"email")]) for body in bodies]
        delivered = [{"_id": body["id"], "channel": "email", "template": "welcome"} for body in bodies]
        await self.write(set(), {"delivered": delivered}, emails)

    async def publish(self, out: list[Outgoing]) -> None:
        """To Kafka; e-mails, as the product does it, to a file under another name first."""
        if self.role != "delivery":
            await send_all(self.producer, out)
        else:
            await asyncio.to_thread(self._files, out)

    def _files(self, out: list[Outgoing]) -> None:
        for _, name, body, _ in out:
            path = self.folder / name.decode().replace(":", "-")
            path.with_suffix(".part").write_bytes(body)
            path.with_suffix(".part").rename(path)

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
            await self.publish(out)
            await self.base["outbox"].delete_one({"_id": held["_id"]})


async def main(kafka: str, mongo: str, service: str) -> None:
    """All loops of one service."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    await asyncio.gather(*(Floor(kafka, mongo, role).run() for role in ROLES[service]))


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
