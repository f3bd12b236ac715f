"""The services' own handlers on a real database, fed by hand: what processes would do, one step after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson
from pymongo import AsyncMongoClient

from services.campaigns import app as campaigns
from services.campaigns.publishing import publish_programme
from services.earn import app as earn
from services.tiers import app as tiers
from shared.events.topics import partner_topic
from shared.programmes import read_programme
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoStore
from shared.runtime.records import Message, Record
from shared.runtime.service import Service, database_name
from shared.runtime.store import DEAD_LETTERS, DUPLICATES, OUTBOX
from shared.runtime.topics import ensure, ensure_internal
from shared.settings import Settings


class Flow:
    """earn, tiers and campaigns in this process; topics are lists, their order is that of one partition."""

    def __init__(self, settings: Settings, client: AsyncMongoClient[Any]) -> None:
        self.settings = settings
        self._client = client
        self._topics: dict[str, list[Record]] = defaultdict(list)
        self._loops: list[tuple[str, BatchLoop[Any, Any], list[str], dict[str, int]]] = []
        self.partner = settings.prefix + partner_topic("grocer")

    async def start(self) -> Flow:
        """Creates topics and collections, publishes the programme."""
        settings = self.settings
        await ensure_internal(settings)
        await ensure(settings.kafka_url(), {self.partner: 2})
        book = Rulebook(read_programme(settings.programs / settings.program))
        for service in (earn.build(settings), tiers.build(settings), campaigns.build(settings)):
            await self._add(service, book)
        return self

    async def _add(self, service: Service, book: Rulebook) -> None:
        store = MongoStore(self._client, database_name(service.name, self.settings))
        await store.prepare({OUTBOX: ["places"], DEAD_LETTERS: ["reason"], DUPLICATES: [], **service.collections})
        if service.name == "campaigns":
            await publish_programme(store, self.settings)
        for each in service.subscriptions:
            loop: BatchLoop[Any, Any] = BatchLoop(
                each.handler, store, self._publish, lambda: book, prefix=self.settings.prefix
            )
            topics = [self.partner] if each.partners else [self.settings.prefix + topic for topic in each.topics]
            self._loops.append((service.name, loop, topics, dict.fromkeys(topics, 0)))

    async def _publish(self, messages: Sequence[Message]) -> None:
        for each in messages:
            self._append(each.topic, each.key.encode(), each.value)

    def _append(self, topic: str, key: bytes | None, value: bytes) -> None:
        held = self._topics[topic]
        held.append(Record(topic, 0, len(held), value, key, timestamp_ms=1_798_761_600_000))

    def send(self, *values: bytes) -> None:
        """Records on the partner's topic."""
        for each in values:
            self._append(self.partner, b"900", each)

    async def rest(self, *, without: str = "") -> None:
        """Runs every consumer until nothing is left to read; but those of one service, which has fallen behind."""
        busy = True
        while busy:
            busy = False
            for service, loop, topics, read in self._loops:
                for topic in topics if service != without else ():
                    new = self._topics[topic][read[topic] :]
                    if new:
                        busy = True
                        read[topic] += len(new)
                        await loop.run(new)


def event(kind: str, id_: str, time: str, **data: Any) -> bytes:
    """A partner's event about household 900."""
    body = {"member": {"reference": "900", "email": "ann@example.com"}, **data}
    head = {"specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1", "time": time}
    return orjson.dumps({**head, "data": body})


def purchase(id_: str, time: str, *lines: tuple[str, str, str]) -> bytes:
    """A basket of (product, department, amount) lines."""
    said = [{"product": p, "department": d, "quantity": 1, "amount": a} for p, d, a in lines]
    return event("purchase", id_, time, currency="USD", lines=said)
