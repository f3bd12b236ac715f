"""The API's life as a process: connect and prove it, publish what a predecessor left, answer, stop gracefully."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from services.earn.api import app
from services.earn.api.courier import Courier
from services.earn.api.limiting import Limiter
from services.earn.api.room import Room
from services.earn.api.sent import SENT
from services.earn.api.wire import Wire
from services.earn.app import COLLECTIONS
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from shared.access import audit, keyring
from shared.clock import Moved
from shared.logs import configure, frames, log
from shared.rules.engines.choosing import engine
from shared.rules.engines.names import EngineMissingError
from shared.runtime import service
from shared.runtime.absence import Absence
from shared.runtime.batch import BatchLoop, Patience
from shared.runtime.ending import GIVEN_UP_S, LAST_S, closed, end_at_last
from shared.runtime.follower import Follower
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.publisher import Publisher
from shared.runtime.starting import prepared
from shared.runtime.store import GaveUpError
from shared.runtime.tail import Tail
from shared.runtime.workers import TakenError, Tenure
from shared.settings import Settings

NAME: Final = "api"
_BASE: Final = "earn"
_GRACE_S: Final = 15  # for requests in flight, and then for what they decided to leave for Kafka
# Readers are served while Kafka is away, and who writes is told to ask again: it waits for as long as that takes, and
# `/health/live` tells an orchestrator when it is long.
# A till waits: what conflicts with a consumer's batch is tried again as soon as that may be over.
PATIENCE: Final = Patience(outage_s=math.inf, conflict_wait_s=0.004, whole_tries=4)
_BEHIND: Final = 16  # batches that are committed and on their way to Kafka: nobody waits for those
_FORGET_AFTER_S: Final = 0.1  # nor for their outbox to be deleted


class _Server(uvicorn.Server):
    """Ends when it is asked to, or when the counter has failed; signals are ours."""

    failed: str | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn's own raise the signal once more when it has stopped: we still have clients to close."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self.end)
        yield

    def end(self) -> None:
        """No new connections; what is in flight is answered."""
        end_at_last(LAST_S)
        self.should_exit = True

    def fail(self, error: Exception) -> None:
        """The process ends, so that the orchestrator restarts it: its outbox is published by whoever comes next."""
        if self.failed is None:
            self.failed = f"GaveUpError: {error}" if isinstance(error, GaveUpError) else type(error).__name__
            log.critical("the API gave up; the process ends", error=self.failed, frames=frames(error))
            self.end()


async def serve(settings: Settings) -> int:
    """Runs until a signal or a failure; returns the process's exit code."""
    absence = Absence(settings.kafka_url())
    configure(settings.log, absence, service=NAME, worker=settings.worker)
    watching = asyncio.create_task(absence.watch(), name="absence")
    try:
        return await _served(settings)
    except (TakenError, EngineMissingError):
        raise  # for people, as they are
    except GaveUpError as error:
        log.critical("the service ends", error=f"GaveUpError: {error}")
        return 1
    except Exception as error:
        log.critical("the service ends", error=type(error).__name__, frames=frames(error))
        return 1
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _served(settings: Settings) -> int:
    chosen = engine(settings.engine, log.warning)
    called = f"doublestar-{settings.prefix}{NAME}-{settings.worker}"
    client = connect(settings.mongo_url(), called)
    store = MongoStore(client, service.database_name(_BASE, settings))
    publisher = Publisher(settings.kafka_url(), settings.prefix, replicas=settings.replicas)
    follower = Follower(settings.kafka_url(), settings.prefix, engine=chosen)
    tenure, courier = Tenure(store, NAME, settings.worker, shares=True), Courier(settings)
    tail = Tail(_BEHIND)
    try:
        own = {**keyring.COLLECTIONS, **audit.COLLECTIONS, SENT: []}
        await prepared(store, settings, tenure, called, {**service.COLLECTIONS, **COLLECTIONS, **own})
        await follower.start()
        queue, loop = _queue(settings, store, publisher, follower, tail)
        base = store.database
        room = Room(
            settings, base, queue, follower, courier, keyring.Keyring(base), audit.AuditLog(base),
            Limiter(settings.rate), Moved(settings.home),
        )  # fmt: skip
        return await _answering(settings, room, tenure, loop)
    finally:
        end_at_last(GIVEN_UP_S)
        for close in (
            tail.close,
            tenure.leave,
            courier.close,
            follower.stop,
            publisher.close,
            client.close,
        ):
            await closed(close)


def _queue(
    settings: Settings, store: MongoStore, publisher: Publisher, follower: Follower, tail: Tail
) -> tuple[Queue, BatchLoop[Any, Any]]:
    handler = CounterHandler(Moved(settings.home), settings.prefix)
    loop: BatchLoop[Any, Any] = BatchLoop(
        handler, store, publisher.publish, lambda: follower.book, prefix=settings.prefix,
        patience=PATIENCE, tail=tail, forget_after_s=_FORGET_AFTER_S,
    )  # fmt: skip
    return Queue(handler, loop, settings.worker), loop


async def _opened(settings: Settings, room: Room, server: _Server) -> None:
    """Health is told from the start on, so that an orchestrator does not end what waits for a programme."""
    try:
        await room.follower.ready(settings.outage_s)
        await room.queue.start()
    except Exception as error:
        server.fail(error)
        return
    service.calm_collector()
    log.info("serving", port=settings.port, revision=room.book.revision)
    room.open.set()


async def _answering(settings: Settings, room: Room, tenure: Tenure, loop: BatchLoop[Any, Any]) -> int:
    server = _Server(
        uvicorn.Config(
            app.build(room),
            settings.host,
            settings.port,
            http=Wire,
            lifespan="off",
            log_config=None,
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            date_header=True,
            timeout_graceful_shutdown=_GRACE_S,
            proxy_headers=False,
        )
    )
    loop.on_failure(server.fail)
    tenure.keep(server.fail)
    opening = asyncio.create_task(_opened(settings, room, server), name="opening")
    try:
        await server.serve()
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    try:
        async with asyncio.timeout(_GRACE_S):
            await room.queue.stop()
    except (GaveUpError, TimeoutError) as error:
        server.fail(error)  # it is in the outbox, which whoever comes next under this number publishes
    log.info("stopped", failed=server.failed)
    return 1 if server.failed else 0
