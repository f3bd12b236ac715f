"""The counter from a terminal, without the API's process: one pack is booked, as any command is, and it ends."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any, Final

import orjson

from services.earn.app import COLLECTIONS
from services.earn.counter.commands import BuyPack, Caller, Denied
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import NoAnswerError, Queue
from shared.clock import Moved
from shared.ops.databases import EARN, database, opened, read_rulebook
from shared.publishing.registry import RefusedError
from shared.runtime import service
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.settings import Settings

SOURCE: Final = "/earn/packs"
# Of the outbox: no process's, so that none publishes for another.
_PLACE: Final = "counter-terminal"


async def book_pack(
    settings: Settings, *, partner: str, wallet: str, points: int, money: Decimal, currency: str, reference: str,
    person: str,
) -> tuple[dict[str, object], bool]:  # fmt: skip
    """What was booked, and whether it had been before: an invoice (reference) of a partner counts once.

    Raises RefusedError where the counter denies it, NotThereError where no programme is published.
    """
    said = orjson.dumps([partner, wallet, points, f"{money.normalize():f}", currency])
    command = BuyPack(
        key=f"{SOURCE}|{partner}:{reference}", hash=hashlib.blake2b(said, digest_size=16).hexdigest(),
        caller=Caller("terminal", person=person), partner=partner, wallet=wallet, points=points, money=money,
        currency=currency, reference=reference,
    )  # fmt: skip
    publisher = Publisher(settings.kafka_url(), settings.prefix, replicas=settings.replicas)
    try:
        async with opened(settings) as client:
            book = await read_rulebook(client, settings)
            store = MongoStore(client, database(client, EARN, settings).name)
            await store.prepare({**service.COLLECTIONS, **COLLECTIONS})
            handler = CounterHandler(Moved(settings.home), settings.prefix)
            loop: BatchLoop[Any, Any] = BatchLoop(handler, store, publisher.publish, lambda: book)
            queue = Queue(handler, loop)
            queue.place = _PLACE
            return await _asked(queue, command)
    finally:
        await publisher.close()


async def _asked(queue: Queue, command: BuyPack) -> tuple[dict[str, object], bool]:
    await queue.start()
    try:
        answer = await queue.ask(command)
    except NoAnswerError:
        raise RefusedError("it could not be decided, and nothing was booked: see `doublestar deadletters`") from None
    finally:
        await queue.stop()
    if not isinstance(answer, Denied):
        return answer.body, answer.again
    if answer.code == "key_used_before":
        raise RefusedError(f"{command.reference} of {command.partner} was booked before, with other figures")
    raise RefusedError(answer.detail)
