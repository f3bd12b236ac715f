"""`make bench-api`: how long a till waits, at 200 requests a second, beside 200 purchases a second.

Times are counted from when a request was due, not from when it could be sent: a slow answer also delays what is behind
it. On a machine with two cores services, servers and this client share them; a hold and a capture each end with one
flush of the disk, which others flush, too. What the same reads and commits take bare (tests/bench/bare.py), at the same
rate and in the same minute, says what of it is the machine's and the servers'.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from shared import stack
from shared.access.roles import Role
from shared.ops.supervisor import API, SERVICES
from shared.settings import Settings
from tests.bench.bare import Bare, bare
from tests.bench.cores import Cores
from tests.bench.disk import flushes
from tests.integration.apikit import BILL, Api, Asker, api
from tests.integration.pipeline import until

MEMBERS = 500
LINES = 32  # connections
out = Console()


class Line:
    """One connection that is kept open: a client that costs little beside what it measures."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> Line:
        """Connects."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def ask(self, method: str, path: str, once: str = "", body: Any = None) -> tuple[int, Any]:
        """Status and body."""
        content = b"" if body is None else orjson.dumps(body)
        head = f"{method} /v1{path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Idempotency-Key: {once}\r\n" if once else ""
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._writer.write(head.encode() + content)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
        return int(answer.split(" ", 2)[1]), orjson.loads(await self._reader.readexactly(length))


Work = Callable[[Line, int], Awaitable[None]]


async def load(port: int, token: str, work: Work, rate: int, seconds: float) -> list[float]:
    """So much work a second, on whichever line is free; see `paced`."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(LINES):
        free.put_nowait(await Line(port, token).open())

    async def on_a_line(number: int) -> None:
        line = await free.get()
        await work(line, number)
        free.put_nowait(line)

    return await paced(on_a_line, rate, seconds)


async def paced(work: Callable[[int], Awaitable[None]], rate: int, seconds: float) -> list[float]:
    """Begins so much work a second; returns how long each took, in ms, from when it was due."""
    took: list[float] = []

    async def one(number: int, due: float) -> None:
        await work(number)
        took.append((perf_counter() - due) * 1000)

    began = perf_counter()
    # A group forgets those that are done: to gather thousands at the end would delay the last answers by itself.
    async with asyncio.TaskGroup() as tasks:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
            tasks.create_task(one(number, due))
    return took[rate:]  # the first second warms up


async def feed(shop: Api, rate: int) -> None:
    """Purchases for as long as it is let, some ten at a time."""
    number = 0
    while True:
        began = perf_counter()
        some = [(f"c-{(number + n) % MEMBERS}", purchase(f"b-{number + n}", (number + n) % MEMBERS)) for n in range(20)]
        await shop.pipeline.send(some, "bakery")
        number += 20
        await asyncio.sleep(max(0.0, began + 20 / rate - perf_counter()))


def purchase(id_: str, card: int) -> bytes:
    lines = [
        {"product": "bread", "quantity": 1, "amount": "25000"},
        {"product": "tea", "quantity": 2, "amount": "60000"},
    ]
    return event("purchase", id_, card, currency="VND", lines=lines)


def event(kind: str, id_: str, card: int, **data: Any) -> bytes:
    head = {"specversion": "1.0", "id": id_, "source": "/partners/bakery", "type": f"loyalty.{kind}.v1"}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return orjson.dumps({**head, "time": now, "data": {"member": {"card": f"c-{card}"}, **data}})


async def onboard(shop: Api, till: Asker) -> list[str]:
    """Members who have signed up and bought once."""
    await shop.pipeline.open_topic("bakery")
    await shop.pipeline.send([(f"c-{n}", event("signup", f"s-{n}", n)) for n in range(MEMBERS)], "bakery")
    await shop.pipeline.send([(f"c-{n}", purchase(f"first-{n}", n)) for n in range(MEMBERS)], "bakery")

    async def there() -> bool:
        return await shop.database.members.count_documents({"balances.stars": {"$gt": 0}}) == MEMBERS

    await until(there, "the members", 120)
    await shop.database.members.update_many({}, {"$set": {"balances.stars": 10**9, "lots.$[].points": 10**9}})
    return [each["_id"] async for each in shop.database.members.find({}, {"_id": 1})]


def quantile(took: list[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, math.ceil(share * len(took)) - 1)]


async def measure(rate: int, seconds: float, beside: int) -> None:
    """Prints p50, p99 and the worst of each kind of work."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        here = stack.start(home)
        try:
            settings = Settings(home=home, kafka=here.kafka_url, mongo=here.mongo_url, rate="1000000/second")
            async with api(settings, services=(*SERVICES, API)) as shop:
                await measured(shop, rate, seconds, beside)
        finally:
            stack.stop(home, wipe=True)


class Till:
    """What is asked of the API."""

    def __init__(self, members: list[str]) -> None:
        self._members = members
        self.alone: list[tuple[float, float]] = []  # ms that a hold, and its capture, took from when they were sent

    async def read(self, line: Line, number: int) -> None:
        """A balance."""
        status, _ = await line.ask("GET", f"/members/{self._members[number % MEMBERS]}/balance")
        assert status == 200, status

    async def spend(self, line: Line, number: int) -> None:
        """A hold, and its capture."""
        began = perf_counter()
        spent = {"member": self._members[number % MEMBERS], "wallet": "stars", "points": 2, "bill": BILL}
        status, held = await line.ask("POST", "/holds", f"h-{number}", spent)
        assert status == 201, held
        between = perf_counter()
        status, said = await line.ask("POST", f"/holds/{held['hold']}/capture", f"c-{number}")
        assert status == 200, said
        self.alone.append(((between - began) * 1000, (perf_counter() - between) * 1000))


async def measured(shop: Api, rate: int, seconds: float, beside: int) -> None:
    key = await shop.asker(Role.till, "bakery")
    members = await onboard(shop, key)
    till, worker = Till(members), shop.pipeline.worker("api-0")
    cores, quiet = Cores(shop.settings, shop.pipeline.supervisor.workers), flushes(shop.settings.home)
    head = ("at", "p50 ms", "p99 ms", "worst ms", "p50, p99 beside bare", "CPU of the API, ms")
    table = Table(*head, title=f"{rate} a second, beside {beside} purchases a second")
    used = Table("at", *cores.share(), "all", title="cores, of the processes that it takes")
    table.add_row("a flush of this disk", *figures(quiet), "", "")
    feeding = asyncio.create_task(feed(shop, beside))

    async def both(name: str, work: Work, plainly: Callable[[Bare, str], Awaitable[None]]) -> None:
        out.print(f"{name}: {seconds:.0f} s, then as long bare ...")
        cores.begin()
        took = await load(worker.port, key.token, work, rate, seconds)
        cost, shares = cores.seconds()[worker.name] * 1000 / (rate * seconds), cores.share()
        floor = await plain(shop, members, plainly, rate, seconds)
        beside_bare = (f"{quantile(took, share) / quantile(floor, share):.2f}" for share in (0.5, 0.99))
        table.add_row(name, *figures(took), ", ".join(beside_bare), f"{cost:.1f}")
        if till.alone:
            for which, times in zip(("hold", "capture"), zip(*till.alone[rate:], strict=True), strict=True):
                table.add_row(f"  the {which} alone", *figures(list(times)), "", "")
        table.add_row("  the same reads and commits bare", *figures(floor), "1, 1", "")
        used.add_row(name, *(f"{each:.2f}" for each in shares.values()), f"{sum(shares.values()):.2f}")

    try:
        await both("balance read", till.read, Bare.read)
        await both("hold and capture, both", till.spend, Bare.pair)
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
    out.print(table)
    out.print(used)


async def plain(
    shop: Api, members: list[str], work: Callable[[Bare, str], Awaitable[None]], rate: int, seconds: float
) -> list[float]:
    """The same work at the same rate, bare, on copies of the members as they are."""
    documents = [each async for each in shop.database.members.find({"_id": {"$in": members}})]
    entry = await shop.database.journal.find_one({"kind": "purchase"})
    assert entry is not None
    async with bare(shop.settings, documents, entry) as floor:
        return await paced(lambda number: work(floor, members[number % MEMBERS]), rate, seconds)


def figures(took: list[float]) -> list[str]:
    return [f"{quantile(took, share):.1f}" for share in (0.5, 0.99, 1)]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--beside", type=int, default=200, help="purchases a second meanwhile")
    given = parser.parse_args()
    asyncio.run(measure(given.rate, given.seconds, given.beside))


if __name__ == "__main__":
    main()
