"""Kills with signal 9, in an order and at moments that a seed decides, while a slice of the demo streams through."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

import psutil
from pymongo.errors import PyMongoError

from services.earn.counter.commands import HandOn
from shared import stack
from shared.demo.grocer import Message
from shared.ops.supervisor import SERVICES, Worker
from shared.stack import Stack
from tests.integration.pipeline import Pipeline, until

PATIENCE_S = 45.0  # less than the minute for which MongoDB would keep a killed worker's documents locked
LONGEST_WAIT_S = 0.4  # the supervisor's, instead of 10 s: these processes did nothing to deserve waiting


@dataclass(frozen=True)
class Plan:
    """How often who is killed, during the year of every how manieth household."""

    services: int
    mongo: int
    kafka: int
    every: int
    seed: int

    def victims(
        self, kafka_kind: str, rng: random.Random, often: Sequence[str] = SERVICES, once: Sequence[str] = ()
    ) -> list[str]:
        """In the order in which they die. Only Apache Kafka keeps what it has acknowledged when it is killed."""
        broker = self.kafka if kafka_kind == "apache" else 0
        order = [*list(often) * self.services, *once, *["mongo"] * self.mongo, *["kafka"] * broker]
        rng.shuffle(order)
        return order


SHORT = Plan(services=3, mongo=2, kafka=1, every=90, seed=20170104)
FULL = Plan(services=20, mongo=4, kafka=2, every=25, seed=20170104)


class Havoc:
    """Streams a slice in as many parts as there are kills, and kills somebody while each is on its way."""

    def __init__(self, pipeline: Pipeline, here: Stack, rng: random.Random, say: Callable[[str], None]) -> None:
        self._pipeline = pipeline
        self._here = here
        self._rng = rng
        self._say = say
        self._started = monotonic()
        self.kills: Counter[str] = Counter()

    async def wreak(self, messages: Sequence[Message], victims: Sequence[str]) -> None:
        """Returns when all are published and everybody has been killed."""
        await self._pipeline.open_topic("grocer")
        step = len(messages) // (len(victims) + 1)
        for number, victim in enumerate(victims):
            before = await self.journal()
            await self._send(messages[number * step : (number + 1) * step])
            await self.some_progress(before + self._rng.randint(1, step // 2))
            await self.kill(victim)
        await self._send(messages[len(victims) * step :])

    async def _send(self, messages: Sequence[Message]) -> None:
        await self._pipeline.send((each.key.decode(), each.value) for each in messages)

    async def journal(self) -> int:
        """How many entries the ledger has; asked again while mongod does not answer. What the API has handed on to a
        partner's topic is no progress of anybody who reads there."""
        found = 0

        async def asked() -> bool:
            nonlocal found
            try:
                found = await self._pipeline.database("earn").journal.count_documents({"kind": {"$ne": HandOn.kind}})
            except PyMongoError:
                return False
            return True

        await until(asked, "mongod to answer", PATIENCE_S)
        return found

    async def some_progress(self, entries: int) -> None:
        """The journal has come so far, and then a moment passes: any phase of any service's batch may be hit."""

        async def so_far() -> bool:
            return await self.journal() >= entries

        await until(so_far, f"{entries} journal entries", PATIENCE_S)
        await asyncio.sleep(self._rng.uniform(0, 0.25))

    async def kill(self, victim: str) -> None:
        """Kills a service's process, once it takes part, or a server, and starts that again."""
        if victim not in ("mongo", "kafka"):
            worker = self._pipeline.worker(f"{victim}-0")
            await until(lambda: self._takes_part(worker), f"{victim} to be back", PATIENCE_S)
            assert self._pipeline.supervisor.kill(worker), f"{victim} died by itself; its log: {worker.log}"
        else:
            await asyncio.to_thread(self._kill_server, victim)
        self.kills[victim] += 1
        self._say(f"{monotonic() - self._started:6.1f} s  kill -9 {victim} ({self.kills[victim]})")

    async def _takes_part(self, worker: Worker) -> bool:
        return (await self._pipeline.get(worker, "/health/ready"))[0] == 200

    def _kill_server(self, name: str) -> None:
        assert name in ("mongo", "kafka")
        server = psutil.Process(stack.read_state(self._here.home)[name]["pid"])
        server.kill()
        stack.restart(self._here.home, "mongo" if name == "mongo" else "kafka")
