"""What a service does before it consumes: wait for its servers, take its number, make what it needs there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka.errors import KafkaError
from pymongo.errors import OperationFailure, PyMongoError

from shared.logs import log
from shared.runtime.mongo import MongoStore
from shared.runtime.store import ConflictError, GaveUpError, OutageError
from shared.runtime.topics import ensure_internal
from shared.runtime.workers import Tenure
from shared.settings import Settings

Before = Callable[[MongoStore, Settings], Awaitable[None]]


async def prepared(
    store: MongoStore, settings: Settings, tenure: Tenure, application: str,
    collections: Mapping[str, Sequence[str]], before: Before | None = None,
) -> None:  # fmt: skip
    """Returns when all is there. Servers may start after us: they are tried for as long as the outage setting says.

    Raises GaveUpError with the address that did not answer, TakenError where the worker's number is another's.
    """
    until = asyncio.get_running_loop().time() + settings.outage_s
    while True:
        try:
            await store.client.admin.command("ping")
            # First the number: what a living process of our name has in the works must not be ended under it.
            await tenure.take()
            await _end_left_open(store, application)
            await store.prepare(collections)
            await ensure_internal(settings)
            if before is not None:
                await before(store, settings)
            return
        except (PyMongoError, KafkaError, OSError, TimeoutError, OutageError, ConflictError) as error:
            if asyncio.get_running_loop().time() > until:
                raise GaveUpError(_away(error, settings)) from error
            log.warning("waiting for the servers", error=repr(error)[:200])
            await asyncio.sleep(min(1.0, settings.outage_s / 4))


def _away(error: Exception, settings: Settings) -> str:
    """Which server did not answer, and where; never a password."""
    if isinstance(error, PyMongoError | OutageError | ConflictError):
        name, address = "MongoDB", re.sub(r"^.*?://([^/]*@)?|/.*$", "", settings.mongo_url())
    else:
        name, address = "Kafka", settings.kafka_url()
    return f"no {name} that can be used at {address} for {settings.outage_s:.0f} s ({type(error).__name__})"


async def _end_left_open(store: MongoStore, application: str) -> None:
    try:
        ended = await store.end_left_open(application)
    except OperationFailure as error:  # a database that does not let us look: its own time limit ends them
        log.warning("cannot look for transactions left open", code=error.code)
        return
    if ended:
        log.info("transactions of a killed process ended", transactions=ended)
