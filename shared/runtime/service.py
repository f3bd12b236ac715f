"""A service's life: connect and prove it, prepare, wait for a programme, consume, answer health, stop gracefully."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI

from shared.clock import Moved
from shared.logs import configure, frames, log
from shared.rules.engines.choosing import engine
from shared.rules.engines.names import EngineMissingError
from shared.rules.rulebook import ProgrammeError
from shared.runtime.absence import Absence
from shared.runtime.batch import BatchLoop, Patience, Publish
from shared.runtime.clockwork import Clockwork
from shared.runtime.consumer import Consumer
from shared.runtime.ending import GIVEN_UP_S, LAST_S, closed, end_at_last
from shared.runtime.follower import Follower
from shared.runtime.handler import Handler
from shared.runtime.health import routes
from shared.runtime.joining import bear_forgetting
from shared.runtime.lifespan import Application
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.originals import Originals
from shared.runtime.publisher import Publisher
from shared.runtime.starting import prepared
from shared.runtime.store import DEAD_LETTERS, DUPLICATES, OUTBOX, GaveUpError
from shared.runtime.tail import Tail
from shared.runtime.workers import WORKERS, TakenError, Tenure
from shared.settings import Settings

# The runtime's own collections, with the fields that are asked for.
COLLECTIONS: Mapping[str, Sequence[str]] = {
    OUTBOX: ["places"],
    DEAD_LETTERS: ["reason", "status", "place", "event?", "-received,-_id"],
    DUPLICATES: [],
    WORKERS: [],
}


@dataclass(frozen=True)
class Subscription:
    """A handler with what it reads; `publish` replaces Kafka for handlers whose effects go elsewhere (e-mail)."""

    handler: Handler[Any, Any]
    topics: Sequence[str] = ()
    partners: bool = False
    publish: Publish | None = None


@dataclass(frozen=True)
class Clocked:
    """A handler of documents whose `due_at` has come, and the collection that they are in; see `clockwork`."""

    handler: Handler[Any, Any]
    collection: str


@dataclass(frozen=True)
class Service:
    """What makes a service one: its name, consumers, and collections with the fields that are asked for (`field?`: only
    some documents have it)."""

    name: str
    collections: Mapping[str, Sequence[str]]
    subscriptions: Sequence[Subscription]
    before: Callable[[MongoStore, Settings], Awaitable[None]] | None = None
    about: str = ""
    extra_routes: Sequence[Any] = field(default_factory=tuple)
    clocked: Sequence[Clocked] = ()


def database_name(service: str, settings: Settings) -> str:
    """The database that a service owns; nobody else writes or (but for operators' checks) reads it."""
    return f"{settings.prefix}doublestar_{service}"


def _application(service: Service, settings: Settings) -> str:
    """What this worker, and no other, is called by its servers."""
    return f"doublestar-{settings.prefix}{service.name}-{settings.worker}"


async def serve(service: Service, settings: Settings) -> int:
    """Runs until a signal or a failure; returns the process's exit code."""
    absence = Absence(settings.kafka_url())
    configure(settings.log, absence, service=service.name, worker=settings.worker)
    watching = asyncio.create_task(absence.watch(), name="absence")
    try:
        return await _served(service, settings)
    except (ProgrammeError, TakenError, EngineMissingError):
        raise  # for people, as they are: they quote nothing but the programme's files, and where a process runs
    except GaveUpError as error:
        log.critical("the service ends", error=f"GaveUpError: {error}")  # our own words
        return 1
    except Exception as error:
        log.critical("the service ends", error=type(error).__name__, frames=frames(error))
        return 1
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _served(service: Service, settings: Settings) -> int:
    chosen = engine(settings.engine, log.warning)
    bear_forgetting()
    client = connect(settings.mongo_url(), _application(service, settings))
    store = MongoStore(client, database_name(service.name, settings))
    publisher = Publisher(settings.kafka_url(), settings.prefix, replicas=settings.replicas)
    follower = Follower(settings.kafka_url(), settings.prefix, engine=chosen)
    originals = Originals(settings.kafka_url())
    tails = [Tail() for _ in (*service.subscriptions, *service.clocked)]
    tenure = Tenure(store, service.name, settings.worker)
    try:
        called = _application(service, settings)
        await prepared(store, settings, tenure, called, {**COLLECTIONS, **service.collections}, service.before)
        await follower.start()
        await follower.ready(settings.outage_s)
        consumers = [
            _consumer(each, tail, store, publisher, follower, originals, settings)
            for each, tail in zip(service.subscriptions, tails, strict=False)
        ]
        tenure.keep(consumers[0].fail)
        works = [
            _clockwork(each, tail, store, publisher, follower, settings, consumers[0])
            for each, tail in zip(service.clocked, tails[len(consumers) :], strict=True)
        ]
        app = application(service, consumers, follower, settings, works)
        calm_collector()
        _outlive_signals(app, consumers)
        log.info("serving", port=settings.port, revision=follower.book.revision)
        # uvicorn would give its loggers handlers of their own, which write plain text: it gets none, so ours write.
        served: dict[str, Any] = {"host": settings.host, "port": str(settings.port), "log_config": None}
        await app.run(log_level=logging.WARNING, run_extra_options=served)
        failed = [each.name for each in consumers if each.progress.failed is not None]
        log.info("stopped", failed=failed)
        return 1 if failed else 0
    finally:
        end_at_last(GIVEN_UP_S)
        closing = [*(tail.close for tail in tails), tenure.leave]  # first the number: whoever takes it need not wait
        for close in (*closing, originals.close, follower.stop, publisher.close, client.close):
            await closed(close)


def _outlive_signals(app: Application, consumers: Sequence[Consumer]) -> None:
    """uvicorn, when it has stopped, raises the signal that stopped it once more: without a handler of ours the process
    would die of it there, before it closes its clients and tells by its exit code whether it gave up."""
    stopping = False

    def note() -> None:
        nonlocal stopping
        stopping = True
        end_at_last(GIVEN_UP_S if any(each.progress.failed for each in consumers) else LAST_S)

    def end(*_: object) -> None:
        if not stopping:
            raise SystemExit(0)  # asked before uvicorn listens to signals: nothing has been begun

    app.on_shutdown(note)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end)


def calm_collector() -> None:
    """A batch makes and drops tens of thousands of objects without a cycle among them; looking for cycles at Python's
    default pace doubles the time that decoding takes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def _consumer(
    each: Subscription,
    tail: Tail,
    store: MongoStore,
    publisher: Publisher,
    follower: Follower,
    originals: Originals,
    settings: Settings,
) -> Consumer:
    clock = Moved(settings.home)
    loop: BatchLoop[Any, Any] = BatchLoop(
        each.handler,
        store,
        each.publish or publisher.publish,
        lambda: follower.book,
        prefix=settings.prefix,
        patience=Patience(outage_s=settings.outage_s),
        tail=tail,
        originals=originals.fetch,
        moved=lambda: clock.ahead,
    )
    pattern = rf"^{settings.prefix}partner\..+" if each.partners else None
    return Consumer(loop, topics=[settings.prefix + topic for topic in each.topics], pattern=pattern)


def _clockwork(
    each: Clocked, tail: Tail, store: MongoStore, publisher: Publisher, follower: Follower, settings: Settings,
    beside: Consumer,
) -> Clockwork:  # fmt: skip
    loop: BatchLoop[Any, Any] = BatchLoop(
        each.handler,
        store,
        publisher.publish,
        lambda: follower.book,
        prefix=settings.prefix,
        patience=Patience(outage_s=settings.outage_s),
        tail=tail,
    )
    loop.on_failure(beside.fail)
    clock, number = Moved(settings.home), settings.worker
    return Clockwork(loop, store, each.collection, clock, beside.fail, worker=number, outage_s=settings.outage_s)


def application(
    service: Service,
    consumers: Sequence[Consumer],
    follower: Follower,
    settings: Settings,
    clockworks: Sequence[Clockwork] = (),
) -> Application:
    """The FastStream application with its subscribers and its HTTP routes."""
    broker = KafkaBroker(
        settings.kafka_url(),
        client_id=f"doublestar-{service.name}-{settings.worker}",
        # A partner's topic that is made while we run is seen within seconds, not within five minutes.
        metadata_max_age_ms=3_000,
        allow_auto_create_topics=False,
        graceful_timeout=15.0,
        logger=None,
    )
    for consumer in consumers:
        consumer.attach(broker, settings)

    def revision() -> str | None:
        return follower.shelf.book.revision if follower.shelf.book is not None else None

    def left_out() -> list[str]:
        return follower.shelf.left_out

    answers = routes(service.name, consumers, revision, settings.outage_s + 60, left_out, clockworks)
    return Application(
        broker,
        give_up=consumers[0].fail,
        asgi_routes=[*answers, *service.extra_routes],
        after_startup=[*(consumer.watch for consumer in consumers), *(each.start for each in clockworks)],
        on_shutdown=[*(each.stop for each in clockworks), *(consumer.stop for consumer in consumers)],
        specification=AsyncAPI(title=f"doublestar {service.name}", description=service.about),
        logger=None,
    )
