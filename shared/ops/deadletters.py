"""Dead letters over all services: found, counted, and replayed to the topic they were read from."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.clock import Moved, wall
from shared.ops.databases import DEAD_LETTERS, SERVICES, database, opened
from shared.ops.letter import (
    REPLAYED,
    REPLAYING,
    DeadLetter,
    Filter,
    Replay,
    from_document,
    may_claim,
    one_of,
    unclaimed,
)
from shared.runtime.publisher import MOST_BYTES
from shared.runtime.records import Message
from shared.runtime.store import Document
from shared.settings import Settings

_AT_ONCE: Final = 500
_LONGEST_S: Final = 10.0  # far below `BROKEN_OFF`, and what the API waits for an answer
_FAREWELL_S: Final = 1.0  # of a producer whose broker may not answer: what it still has may be sent or not


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


class ReplayedBeforeError(Exception):
    """These were replayed before, or are just being replayed, or are not as they were read; none of them was now."""

    def __init__(self, letters: Sequence[DeadLetter]) -> None:
        super().__init__(", ".join(each.shown for each in letters))
        self.letters = letters


async def replay(
    settings: Settings,
    letters: Sequence[DeadLetter],
    value: bytes | None = None,
    *,
    again: bool = False,
    leave_out: bool = False,
    request: str = "",
) -> list[Replay]:
    """Publishes the letters' records again, in the order they were read, and marks each with its new position.

    value: corrected bytes in place of the original ones; again: also those that were replayed before; leave_out: what
    others were quicker to replay is left out; else it raises ReplayedBeforeError; request: the id of the request that
    asks for it, which goes with the records. First claimed, then published, then marked, so that of several at once one
    publishes. What is not known to be published (a crash, a broker that does not
    answer) stays claimed until it counts as broken off, and is replayed then: the same event has no second effect.
    """
    letters = sorted(letters, key=lambda each: (each.topic, each.partition, each.offset))
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url(), enable_idempotence=True, acks="all", max_request_size=MOST_BYTES
    )
    done, now = list[Replay](), Moved(settings.home)
    try:
        async with asyncio.timeout(_LONGEST_S) as limit:
            await producer.start()  # before anything is claimed: where no broker answers the letters stay as they are
        until = limit.when()
        async with opened(settings) as client:
            for start in range(0, len(letters), _AT_ONCE):
                claim = _Claim(client, settings, uuid4().hex)
                async with asyncio.timeout_at(until):
                    some = await claim.take(letters[start : start + _AT_ONCE], again=again, leave_out=leave_out)
                    sent = [await _send(producer, letter, value, request) for letter in some]
                    answers = await asyncio.gather(*sent, return_exceptions=True)
                for letter, answer in zip(some, answers, strict=True):
                    if not isinstance(answer, BaseException):
                        place = answer.topic, answer.partition, answer.offset
                        done.append(Replay(now(), *place, fixed=value is not None))
                        await claim.end(letter, done[-1])
                for failed in (each for each in answers if isinstance(each, BaseException)):
                    raise failed
                until = asyncio.get_running_loop().time() + _LONGEST_S
    finally:
        await _stop(producer)
    return done


@dataclass(frozen=True, slots=True)
class _Claim:
    """Letters that one replay has set aside for itself."""

    client: AsyncMongoClient[Document]
    settings: Settings
    by: str

    async def take(self, letters: Sequence[DeadLetter], *, again: bool, leave_out: bool) -> list[DeadLetter]:
        """Those that are its own from now on: all, or none where one is lost and is not to be left out."""

        async def once(session: AsyncClientSession) -> list[DeadLetter]:
            lost = [each for each in letters if not await self._one(session, each, again=again)]
            if lost and not leave_out:
                raise ReplayedBeforeError(lost)
            return [each for each in letters if each not in lost]

        async with self.client.start_session() as session:
            # By a majority: a claim that is rolled back when its server dies would let another publish, too.
            return await session.with_transaction(once, ReadConcern("snapshot"), WriteConcern("majority"))

    async def _one(self, session: AsyncClientSession, letter: DeadLetter, *, again: bool) -> bool:
        if not may_claim(letter, wall(), again=again):
            return False
        change = {"$set": {"status": REPLAYING, "claim": {"by": self.by, "at": wall()}}}
        done = await self._letters(letter).update_one(unclaimed(letter), change, session=session)
        return done.matched_count == 1

    async def end(self, letter: DeadLetter, done: Replay) -> None:
        """Marks it, unless it is no longer its own: refused anew meanwhile (it is open again), or erased."""
        note = {
            "at": done.at, "topic": done.topic, "partition": done.partition, "offset": done.offset, "fixed": done.fixed,
        }  # fmt: skip
        await self._letters(letter).update_one(
            {"_id": letter.id, "status": REPLAYING, "claim.by": self.by},
            {"$set": {"status": REPLAYED}, "$unset": {"claim": ""}, "$push": {"replays": note}},
        )

    def _letters(self, letter: DeadLetter) -> AsyncCollection[Document]:
        return database(self.client, letter.service, self.settings)[DEAD_LETTERS]


async def _stop(producer: AIOKafkaProducer) -> None:
    """What it could not send in time is given up: it would try that for as long as its broker hangs, and whoever asked
    would wait as long; or, left alone, it would publish long after the claim is broken off."""
    sending = producer._sender.sender_task
    try:
        async with asyncio.timeout(_FAREWELL_S):
            await producer.stop()
    except (KafkaError, OSError):
        if sending is not None:
            sending.cancel()  # nothing more is sent; it waits for what is on its way
        with contextlib.suppress(KafkaError, OSError):
            async with asyncio.timeout(_FAREWELL_S):
                await producer.client.close()
        if sending is not None:
            sending.cancel()  # without a connection that waits for news of the brokers, which nobody asks for any more
        producer._message_accumulator.fail_all(KafkaTimeoutError())


async def _send(producer: AIOKafkaProducer, letter: DeadLetter, value: bytes | None, request: str) -> Any:
    """To the partition it was read from, whatever partitioner its sender used: the member's order is kept there."""
    data = letter.value if value is None else value
    partition = letter.partition if letter.partition in await producer.partitions_for(letter.topic) else None
    headers = Message(letter.topic, "", data, request=request).headers
    return await producer.send(letter.topic, data, key=letter.key, partition=partition, headers=headers)


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
