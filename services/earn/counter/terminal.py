"""The counter from a terminal, without the API's process: one command is decided, as any is, and it ends."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import orjson

from services.earn.app import COLLECTIONS
from services.earn.counter.approval_commands import Approve, Refuse
from services.earn.counter.commands import Answer, BuyPack, Caller, Command, Denied
from services.earn.counter.handler import CounterHandler
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.queue import NoAnswerError, Queue
from shared.access import audit
from shared.clock import Moved
from shared.ops.databases import EARN, database, opened, read_rulebook
from shared.ops.on_record import on_record
from shared.publishing.registry import RefusedError
from shared.rules.rulebook import Rulebook
from shared.runtime import service
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoStore
from shared.runtime.outbox import TERMINAL
from shared.runtime.publisher import Publisher
from shared.runtime.store import OUTBOX
from shared.settings import Settings

SOURCE: Final = "/earn/packs"


async def book_pack(
    settings: Settings, *, partner: str, wallet: str, points: int, money: Decimal, currency: str, reference: str,
    person: str,
) -> tuple[dict[str, object], bool]:  # fmt: skip
    """What was booked, and whether it had been before: an invoice (reference) of a partner counts once.

    Raises RefusedError where the counter denies it, NotThereError where no programme is published.
    """
    raw = orjson.dumps([partner, wallet, points, f"{money.normalize():f}", currency])
    command = BuyPack(
        key=f"{SOURCE}|{partner}:{reference}", hash=hashlib.blake2b(raw, digest_size=16).hexdigest(),
        caller=Caller("terminal", person=person), partner=partner, wallet=wallet, points=points, money=money,
        currency=currency, reference=reference,
    )  # fmt: skip
    try:
        said = {"partner": partner, "wallet": wallet, "points": points, "reference": reference}
        answer = await ask(settings, command, "packs book", said)
    except NoAnswerError:
        raise RefusedError("it could not be decided, and nothing was booked: see `doublestar deadletters`") from None
    if not isinstance(answer, Denied):
        return answer.body, answer.again
    if answer.code == "key_used_before":
        raise RefusedError(f"{reference} of {partner} was booked before, with other figures")
    raise RefusedError(answer.detail)


async def member(
    settings: Settings, what: str, who: str, reason: str, person: str, *, into: str | None = None,
    approved_by: str | None = None, once: str | None = None,
) -> dict[str, object]:  # fmt: skip
    """Merges a member into another, takes that back, closes an account, or erases the ledger's part of a person (what:
    `merge`, `unmerge`, `close`, `erase`); the counter's answer, which may be that it waits for a second person. once:
    what the request is known by, where it may be asked again. Raises RefusedError where it is denied."""
    said = orjson.dumps([what, who, into])
    caller = Caller("terminal", person=person)
    key = f"/earn/terminal|{once or uuid.uuid4().hex}"
    head: dict[str, Any] = {
        "key": key, "hash": hashlib.blake2b(said, digest_size=16).hexdigest(), "caller": caller, "member": who,
        "reason": reason,
    }  # fmt: skip
    command: Command
    match what:
        case "merge":
            command = Merge(**head, into=str(into))
        case "unmerge":
            command = Unmerge(**head)
        case "close":
            command = Close(**head)
        case _:
            command = Erase(**head, approved_by=approved_by)
    if what == "erase":  # the whole erasure is on record, see `shared.ops.erasing`
        return await _done(settings, command, None, {})
    named = {"member": who, "reason": reason, **({} if into is None else {"into": into})}
    return await _done(settings, command, f"members {what}", named)


async def judge(settings: Settings, approval: str, person: str, refused: str | None) -> dict[str, object]:
    """Approves what waits for a second person; or refuses it, for a reason. Raises RefusedError where it is denied."""
    head: dict[str, Any] = {
        "key": f"/earn/terminal|{uuid.uuid4().hex}", "hash": approval, "caller": Caller("terminal", person=person),
        "approval": approval,
    }  # fmt: skip
    if refused is None:
        return await _done(settings, Approve(**head), "approvals approve", {"approval": approval})
    said = {"approval": approval, "reason": refused}
    return await _done(settings, Refuse(**head, reason=refused), "approvals refuse", said)


async def _done(settings: Settings, command: Command, action: str | None, said: dict[str, Any]) -> dict[str, object]:
    try:
        answer = await ask(settings, command, action, said)
    except NoAnswerError:
        raise RefusedError("it could not be decided, and nothing was done: see `doublestar deadletters`") from None
    if isinstance(answer, Denied):
        raise RefusedError(answer.detail)
    return answer.body


async def announced(settings: Settings) -> None:
    """Publishes what a command at a terminal left that was killed: else nobody hears of what it has done, until the
    next one, or a process of the API, starts."""
    place, publisher = f"{TERMINAL}:0", _publisher(settings)
    try:
        async with opened(settings) as client:
            earn = database(client, EARN, settings)
            if await earn[OUTBOX].find_one({"places": place}, {"_id": 1}) is not None:
                handler, store = CounterHandler(Moved(settings.home), settings.prefix), MongoStore(client, earn.name)
                loop: BatchLoop[Any, Any] = BatchLoop(handler, store, publisher.publish, lambda: Rulebook([]))
                await loop.drain({place})
    finally:
        await publisher.close()


def _publisher(settings: Settings) -> Publisher:
    return Publisher(settings.kafka_url(), settings.prefix, replicas=settings.replicas)


async def ask(settings: Settings, command: Command, action: str | None, said: dict[str, Any]) -> Answer:
    """One command, decided, and announced where it is done. action, said: for the audit log; None where whoever asks
    has noted it."""
    publisher = _publisher(settings)
    try:
        async with opened(settings) as client:
            book = await read_rulebook(client, settings)
            store = MongoStore(client, database(client, EARN, settings).name)
            await store.prepare({**service.COLLECTIONS, **COLLECTIONS, **audit.COLLECTIONS})
            handler = CounterHandler(Moved(settings.home), settings.prefix)
            loop: BatchLoop[Any, Any] = BatchLoop(handler, store, publisher.publish, lambda: book)
            queue = Queue(handler, loop)
            queue.place = TERMINAL
            await queue.start()
            try:
                if action is None:
                    return await queue.ask(command)
                async with on_record(store.database, action, said, command.caller.person) as line:
                    answer = await queue.ask(replace(command, request=line.request))
                    line.outcome = answer.code if isinstance(answer, Denied) else "done"
                return answer
            finally:
                await queue.stop()
    finally:
        await publisher.close()
