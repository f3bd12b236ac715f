"""Dead letters over all services: found, counted, and replayed to the topic they were read from."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient

from shared.ops.databases import DEAD_LETTERS, SERVICES, database, opened
from shared.ops.letter import REPLAYED, DeadLetter, Filter, Replay, from_document, one_of
from shared.runtime.publisher import MOST_BYTES
from shared.runtime.store import Document
from shared.settings import Settings

_AT_ONCE: Final = 500


async def find(settings: Settings, wanted: Filter, limit: int = 0) -> list[DeadLetter]:
    """Letters, newest first; the newest `limit`, or all of them for 0."""
    async with opened(settings) as client:
        found: list[DeadLetter] = []
        for service in wanted.services():
            cursor = database(client, service, settings)[DEAD_LETTERS].find(wanted.query())
            newest = cursor.sort([("received", -1), ("_id", 1)]).limit(limit)
            found += [from_document(service, document) async for document in newest]
    found.sort(key=lambda each: (-each.received.timestamp(), each.id))
    return found[:limit] if limit else found


async def counts(settings: Settings, wanted: Filter) -> Counter[tuple[str, str, str]]:
    """How many letters by service, reason and status."""
    async with opened(settings) as client:
        found: Counter[tuple[str, str, str]] = Counter()
        group = {"$group": {"_id": {"reason": "$reason", "status": "$status"}, "n": {"$sum": 1}}}
        for service in wanted.services():
            collection = database(client, service, settings)[DEAD_LETTERS]
            async for each in await collection.aggregate([{"$match": wanted.query()}, group]):
                found[service, each["_id"]["reason"], each["_id"]["status"]] = each["n"]
    return found


async def pick(settings: Settings, ids: Sequence[str], services: Sequence[str] = SERVICES) -> list[DeadLetter]:
    """The letters of these services with these ids. Raises NotThereError at the first that is not there, or not one."""
    async with opened(settings) as client:
        return [one_of(await _at(client, settings, id_, services), id_) for id_ in dict.fromkeys(ids)]


async def replay(settings: Settings, letters: Sequence[DeadLetter], value: bytes | None = None) -> list[Replay]:
    """Publishes the letters' records again, in the order they were read, and marks each with its new position.

    value: corrected bytes in place of the original ones. First published, then marked: a crash between leaves a
    letter open whose record was replayed, and a second replay of the same event has no second effect.
    """
    letters = sorted(letters, key=lambda each: (each.topic, each.partition, each.offset))
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url(), enable_idempotence=True, acks="all", max_request_size=MOST_BYTES
    )
    done: list[Replay] = []
    try:
        await producer.start()
        async with opened(settings) as client:
            for start in range(0, len(letters), _AT_ONCE):
                some = letters[start : start + _AT_ONCE]
                sent = [await _send(producer, letter, value) for letter in some]
                answers = await asyncio.gather(*sent, return_exceptions=True)
                for letter, answer in zip(some, answers, strict=True):
                    if not isinstance(answer, BaseException):
                        place = answer.topic, answer.partition, answer.offset
                        done.append(Replay(datetime.now(UTC), *place, fixed=value is not None))
                        await _mark(client, settings, letter, done[-1])
                for failed in (each for each in answers if isinstance(each, BaseException)):
                    raise failed
    finally:
        await producer.stop()
    return done


async def _send(producer: AIOKafkaProducer, letter: DeadLetter, value: bytes | None) -> Any:
    """To the partition it was read from, whatever partitioner its sender used: the member's order is kept there."""
    data = letter.value if value is None else value
    partition = letter.partition if letter.partition in await producer.partitions_for(letter.topic) else None
    return await producer.send(letter.topic, data, key=letter.key, partition=partition)


async def _mark(client: AsyncMongoClient[Document], settings: Settings, letter: DeadLetter, done: Replay) -> None:
    note = {"at": done.at, "topic": done.topic, "partition": done.partition, "offset": done.offset, "fixed": done.fixed}
    await database(client, letter.service, settings)[DEAD_LETTERS].update_one(
        {"_id": letter.id}, {"$set": {"status": REPLAYED}, "$push": {"replays": note}}
    )


async def _at(
    client: AsyncMongoClient[Document], settings: Settings, id_: str, services: Sequence[str]
) -> list[DeadLetter]:
    """Letters with this id, or about (or read at) this position."""
    topic, partition, offset = (*id_.rsplit(":", 2), "", "")[:3]
    wanted: list[Document] = [{"_id": id_.replace("/", "|", 1)}, {"_id": id_}]
    if partition.isdecimal() and offset.isdecimal():
        place = {"topic": topic, "partition": int(partition), "offset": int(offset)}
        wanted += [{"origin": place}, {"record": place}]
    return [
        from_document(service, document)
        for service in services
        for document in await database(client, service, settings)[DEAD_LETTERS].find({"$or": wanted}).to_list()
    ]
