"""`make bench-api`: how long a till waits, at 200 requests a second, beside 200 purchases a second.

Times are counted from when a request was due, not from when it could be sent: a slow answer also delays what is behind
it. On a machine with two cores services, servers and this client share them; a hold and a capture each end with one
flush of the disk, which others flush, too.
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
    """Begins so much work a second, on whichever line is free; returns how long each took, in ms, from when due."""
    free: asyncio.Queue[Line] = asyncio.Queue()
    for _ in range(LINES):
        free.put_nowait(await Line(port, token).open())
    took: list[float] = []

    async def one(number: int, due: float) -> None:
        line = await free.get()
        await work(line, number)
        took.append((perf_counter() - due) * 1000)
        free.put_nowait(line)

    began, tasks = perf_counter(), []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - perf_counter()))
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
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


async def measured(shop: Api, rate: int, seconds: float, beside: int) -> None:
    till = await shop.asker(Role.till, "bakery")
    members = await onboard(shop, till)
    worker, cores = shop.pipeline.worker("api-0"), Cores(shop.settings, shop.pipeline.supervisor.workers)

    async def read(line: Line, number: int) -> None:
        status, _ = await line.ask("GET", f"/members/{members[number % MEMBERS]}/balance")
        assert status == 200, status

    alone: list[tuple[float, float]] = []  # ms that a hold, and its capture, took from when they were sent

    async def spend(line: Line, number: int) -> None:
        began = perf_counter()
        spent = {"member": members[number % MEMBERS], "wallet": "stars", "points": 2, "bill": BILL}
        status, held = await line.ask("POST", "/holds", f"h-{number}", spent)
        assert status == 201, held
        between = perf_counter()
        status, said = await line.ask("POST", f"/holds/{held['hold']}/capture", f"c-{number}")
        assert status == 200, said
        alone.append(((between - began) * 1000, (perf_counter() - between) * 1000))

    table = Table(
        "at",
        "p50 ms",
        "p99 ms",
        "worst ms",
        "CPU of the API, ms",
        title=f"{rate} a second, beside {beside} purchases a second",
    )
    used = Table("at", *cores.share(), "all", title="cores, of the processes that it takes")
    quiet = flushes(shop.settings.home)
    table.add_row("a flush of this disk", *(f"{quantile(quiet, share):.1f}" for share in (0.5, 0.99, 1)), "")
    feeding = asyncio.create_task(feed(shop, beside))
    try:
        for name, work in (("balance read", read), ("hold and capture, both", spend)):
            out.print(f"{name}: {seconds:.0f} s ...")
            cores.begin()
            took = await load(worker.port, till.token, work, rate, seconds)
            cost, shares = cores.seconds()[worker.name] * 1000 / (rate * seconds), cores.share()
            table.add_row(name, *(f"{quantile(took, share):.1f}" for share in (0.5, 0.99, 1)), f"{cost:.1f}")
            if work is spend:
                for which, times in zip(
                    ("  the hold alone", "  the capture alone"), zip(*alone[rate:], strict=True), strict=True
                ):
                    table.add_row(which, *(f"{quantile(list(times), share):.1f}" for share in (0.5, 0.99, 1)), "")
            used.add_row(name, *(f"{each:.2f}" for each in shares.values()), f"{sum(shares.values()):.2f}")
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError):
            await feeding
    out.print(table)
    out.print(used)


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
