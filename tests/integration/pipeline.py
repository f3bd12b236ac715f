"""The four services as real processes on real servers: started, fed, watched, counted member by member, stopped."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.clock import Moved
from shared.demo import dataset, grocer
from shared.demo.figures import figures
from shared.demo.play import ready
from shared.ops.lag import Watch
from shared.ops.reconcile import Report, reconcile
from shared.ops.supervisor import SERVICES, Supervisor, Worker
from shared.runtime.mongo import connect
from shared.runtime.sending import send_all
from shared.runtime.service import database_name
from shared.runtime.store import OUTBOX, Document
from shared.runtime.topics import ensure
from shared.runtime.workers import WORKERS
from shared.settings import Settings
from tests.conftest import environment
from tests.model import journey

Condition = Callable[[], bool | Awaitable[bool]]
Answer = tuple[int, str]

# Households that reach Gold within the year, some of them with the bonus for families; and every 90th as they come.
GOLDEN = (317, 857, 1060, 1065, 1294, 1802, 2036, 2042, 2435)


@cache
def some_households(every: int = 90) -> frozenset[int]:
    """Whose year these tests play: by default about 2,600 baskets, in which every rule and every tier comes up."""
    return frozenset((*GOLDEN, *dataset.households()[::every]))


@cache
def slice_of_demo(until: datetime | None = None, every: int = 90) -> list[grocer.Message]:
    """These households' year, as the grocer publishes it; or its beginning."""
    return list(grocer.messages(households=some_households(every), until=until))


@cache
def expected_of_slice(until: datetime | None = None, every: int = 90) -> dict[str, Any]:
    """What the model says of it."""
    return expected(journey.expect(households=some_households(every), until=until))


async def until(condition: Condition, what: str, timeout_s: float = 20.0) -> None:
    """Waits for a condition. Raises TimeoutError saying what was waited for."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    while True:
        answer = condition()
        if await answer if inspect.isawaitable(answer) else answer:
            return
        if loop.time() > end:
            raise TimeoutError(f"waited {timeout_s:.0f} s in vain for {what}")
        await asyncio.sleep(0.02)


@dataclass
class Pipeline:
    """Services that run, and connections to look at what they do."""

    settings: Settings
    supervisor: Supervisor
    watch: Watch
    client: AsyncMongoClient[Document]
    producer: AIOKafkaProducer

    def database(self, service: str) -> AsyncDatabase[Document]:
        """A service's database."""
        return self.client[database_name(service, self.settings)]

    async def open_topic(self, partner: str) -> str:
        """Makes a partner's topic; returns its name."""
        topic = f"{self.settings.prefix}partner.{partner}"
        await ensure(self.settings.kafka_url(), {topic: self.settings.partitions})
        return topic

    async def send(self, values: Iterable[tuple[str, bytes]], partner: str = "grocer") -> None:
        """Publishes (key, value) records as a partner, in order."""
        topic = f"{self.settings.prefix}partner.{partner}"
        await send_all(self.producer, ((topic, key.encode(), value, []) for key, value in values))

    async def feed(self, messages: Iterable[grocer.Message], ahead: int = 150) -> int:
        """Publishes the demo's records so slowly that intake is never further behind than this; returns how many."""
        await self.open_topic("grocer")
        left, sent = iter(messages), 0
        while part := list(islice(left, max(1, ahead // 3))):
            await self.send((each.key.decode(), each.value) for each in part)
            sent += len(part)
            await until(lambda: self._intake_keeps_up(ahead), "intake to keep up", 60)
        return sent

    async def _intake_keeps_up(self, ahead: int) -> bool:
        return (await self.watch.lags())[0]["earn-intake"] <= ahead

    async def rest(self, timeout_s: float = 60.0) -> None:
        """Everything published is settled by every service."""
        if not await self.watch.rest(timeout_s, 0.1):
            lags, counted, held = (await self.watch.lags())[0], await self.watch.outboxes(), await self.held()
            said = await self._said({name.partition("-")[0] for name, lag in lags.items() if lag})
            raise TimeoutError(f"not at rest after {timeout_s:.0f} s: {lags}; outboxes {counted}, really {held}{said}")

    async def _said(self, services: set[str]) -> str:
        """What the workers of services that are behind report of themselves, and the end of their logs."""
        return await self._told_by([each for each in self.supervisor.workers if each.service in services])

    async def _told_by(self, workers: Iterable[Worker]) -> str:
        return "".join([f"\n{each.name}: {await self.status(each)}\n{each.said()}" for each in workers])

    async def reconcile(self) -> Report:
        """The books, checked."""
        return await reconcile(self.settings)

    async def held(self) -> int:
        """Outbox documents of all services."""
        return sum([await self.database(each)[OUTBOX].count_documents({}) for each in SERVICES])

    async def told(self) -> dict[str, Any]:
        """What it all came to, in total and household by household, in the words of `expected`."""
        people = self.database("earn").identities.find({"_id": {"$regex": "^ref:/partners/grocer:"}})
        of = {each["member"]: each["_id"].rpartition(":")[2] async for each in people}
        balances = {of[m["_id"]]: m["balances"]["stars"] async for m in self.database("earn").members.find({})}
        by_rule: dict[str, dict[str, int]] = {household: {} for household in of.values()}
        sums: list[dict[str, Any]] = [
            {"$unwind": "$awards"},
            {"$group": {"_id": {"m": "$member", "r": "$awards.rule"}, "n": {"$sum": "$awards.points"}}},
        ]
        async for each in await self.database("earn").journal.aggregate(sums):
            if each["n"]:
                by_rule[of[each["_id"]["m"]]][each["_id"]["r"]] = each["n"]
        qualifying: dict[str, dict[int, int]] = {household: {} for household in of.values()}
        reached: dict[str, dict[str, str]] = {}
        async for member in self.database("tiers").members.find({"ladders.star-ladder": {"$exists": True}}):
            ladder, household = member["ladders"]["star-ladder"], of[member["_id"]]
            qualifying[household] = {int(year): points for year, points in ladder["years"].items()}
            if ladder["reached"]:
                reached[household] = {tier: _day(at) for tier, at in ladder["reached"].items()}
        return {
            **await figures(self.settings),
            "balances": balances,
            "by_rule": by_rule,
            "qualifying": qualifying,
            "reached": reached,
        }

    async def dump(self) -> dict[str, list[Document]]:
        """Every document of every service, but who its workers are."""
        return {
            f"{service}.{name}": await self.database(service)[name].find({}).sort("_id", 1).to_list()
            for service in SERVICES
            for name in sorted(await self.database(service).list_collection_names())
            if name != WORKERS
        }

    def worker(self, name: str) -> Worker:
        """`earn-0`"""
        return next(each for each in self.supervisor.workers if each.name == name)

    async def get(self, worker: Worker, path: str) -> Answer:
        """Status and body of a worker's HTTP answer; status 0 where nobody answers."""
        return await asyncio.to_thread(_get, f"http://{self.settings.host}:{worker.port}{path}")

    async def status(self, worker: Worker) -> dict[str, Any]:
        """A worker's `/health/status`; empty where nobody answers."""
        status, body = await self.get(worker, "/health/status")
        return dict(json.loads(body)) if status == 200 else {}

    async def ready(self, workers: Sequence[Worker] | None = None, timeout_s: float = 150.0) -> None:
        """These (or all) workers take part."""
        workers = self.supervisor.workers if workers is None else workers
        try:
            await ready(self.settings, workers, timeout_s)
        except TimeoutError as error:
            late = [each for each in workers if (await self.get(each, "/health/ready"))[0] != 200]
            raise TimeoutError(f"{error}{await self._told_by(late)}") from None


@asynccontextmanager
async def running(
    settings: Settings,
    workers: int | Mapping[str, int] = 1,
    services: Sequence[str] = SERVICES,
    longest_wait_s: float = 10.0,
) -> AsyncIterator[Pipeline]:
    """Services as processes of their own, ready; asked to stop at the end."""
    more = {
        name.upper(): str(getattr(settings, name)) for name in ("batch", "outage_s", "partitions", "programs", "rate")
    }
    supervisor = Supervisor(
        settings.home,
        services,
        workers=workers,
        environment={**environment(settings), **{f"DOUBLESTAR_{name}": value for name, value in more.items()}},
        longest_wait_s=longest_wait_s,
    )
    client = connect(settings.mongo_url())
    watch = Watch(settings, client)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url(), enable_idempotence=True, max_batch_size=1_000_000
    )
    try:
        if settings.program == "journey":
            Moved(settings.home).move(grocer.AFTERWARDS)
        await watch.start()
        await producer.start()
        await supervisor.start()
        pipeline = Pipeline(settings, supervisor, watch, client, producer)
        await pipeline.ready()
        yield pipeline
    finally:
        await supervisor.stop()
        await producer.stop()
        await watch.stop()
        await client.close()


def expected(model: journey.Expected) -> dict[str, Any]:
    """What the model says, in the words of `Pipeline.told`."""
    return {
        "stars": dict(sorted(model.stars.items())),
        "stars_total": model.stars_total,
        "members": model.members,
        "tiers": model.tiers,
        "gifts": model.gifts,
        "challenges": model.challenges,
        "notifications": dict(sorted(model.notifications.items())),
        "duplicates": model.duplicates,
        "dead_letters": dict(sorted(model.dead_letters.items())),
        "balances": model.balances,
        "by_rule": model.by_rule,
        "qualifying": model.qualifying,
        "reached": {who: {tier: str(day) for tier, day in days.items()} for who, days in model.tier_dates.items()},
    }


def _day(at: str) -> str:
    return str(datetime.fromisoformat(at).astimezone(journey.NEW_YORK).date())


def _get(url: str) -> Answer:
    try:
        with urlopen(url, timeout=2) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""
