"""Shopping at a bakery while all is killed: purchases over Kafka; redemptions and returns over HTTP, insistently.

The account of each customer is added up here, from what was sent and from what was answered; nothing of the product
takes part in that.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson

from tests.crash.harness import PATIENCE_S
from tests.integration.apikit import BILL, Asker

A_STAR = 10_000  # what has to be paid for one, in dong
CUSTOMERS = 24


@dataclass
class Customer:
    """One customer of the bakery, and what they must have in the end."""

    name: str
    earned: int = 0
    back: int = 0
    spent: int = 0
    # Purchases by id, with the stars of each line; and those that the broker does not have yet: no till knows them.
    bought: list[tuple[str, list[int]]] = field(default_factory=list)
    on_the_way: list[tuple[str, list[int]]] = field(default_factory=list)
    number: int = 0

    @property
    def stars(self) -> int:
        """The balance; below zero where stars were spent before the goods came back."""
        return self.earned - self.back - self.spent


def event(kind: str, id_: str, at: datetime, data: dict[str, Any]) -> bytes:
    """An event as the bakery publishes it."""
    body = {"specversion": "1.0", "id": id_, "source": "/partners/bakery", "type": f"loyalty.{kind}.v1",
            "time": at.isoformat(), "data": data}  # fmt: skip
    return orjson.dumps(body)


class Shopping:
    """All customers; `rng` decides who buys what, gives back what, and spends how much."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.customers = [Customer(f"c-{number}") for number in range(CUSTOMERS)]
        self._start = datetime.now(UTC) - timedelta(days=1)

    def signups(self) -> Iterator[tuple[str, bytes]]:
        """Key and value of each customer's signup."""
        for each in self.customers:
            yield each.name, event("signup", f"s-{each.name}", self._start, {"member": {"reference": each.name}})

    def purchases(self, count: int) -> Iterator[tuple[str, bytes]]:
        """Some purchases of one to three lines, each worth whole stars."""
        for _ in range(count):
            each = self.rng.choice(self.customers)
            lines = [self.rng.randint(1, 9) for _ in range(self.rng.randint(1, 3))]
            each.number += 1
            id_, at = f"b-{each.name}-{each.number}", self._start + timedelta(minutes=each.number)
            each.on_the_way.append((id_, lines))
            each.earned += sum(lines)
            said = [{"product": f"p-{stars}", "quantity": 1, "amount": str(stars * A_STAR)} for stars in lines]
            yield each.name, event("purchase", id_, at, {
                "member": {"reference": each.name}, "currency": "VND", "lines": said,
            })  # fmt: skip

    def sold(self) -> None:
        """The broker has all purchases: from now on they may be given back."""
        for each in self.customers:
            each.bought += each.on_the_way
            each.on_the_way = []


class Till:
    """A till that asks until it is answered, always with the same key: what it was told is what must have happened."""

    def __init__(self, asker: Asker, shopping: Shopping, number: int) -> None:
        self._asker, self._shopping, self._number = asker, shopping, number
        self._rng = random.Random(f"{number} of {shopping.rng.random()}")
        self._keys = 0
        self.answers: Counter[str] = Counter()
        self.repeated = 0

    async def work(self, closing: asyncio.Event) -> None:
        """Serves one customer after the other until closing time."""
        while not closing.is_set():
            each = self._rng.choice(self._shopping.customers)
            if self._rng.random() < 0.4 and each.bought:
                await self._takes_back(each)
            else:
                await self._redeems(each)

    async def _redeems(self, each: Customer) -> None:
        found = await self._ask("/members/find", {"reference": each.name, "partner": "bakery"}, counted="find")
        if found.status_code != 200:  # their signup is still on its way
            return
        points = self._rng.randint(2, 12)
        asked = {"member": found.json()["member"], "wallet": "stars", "points": points, "bill": BILL}
        held = await self._ask("/holds", asked, counted="hold")
        if held.status_code != 201:
            return
        hold = held.json()["hold"]
        if self._rng.random() < 0.2:
            assert (await self._ask(f"/holds/{hold}/release", None, counted="release")).status_code == 200
            return
        part = points if self._rng.random() < 0.7 else self._rng.randint(2, points)  # two are the fewest
        captured = await self._ask(f"/holds/{hold}/capture", {"points": part}, counted="capture")
        assert captured.status_code == 200, captured.text
        each.spent += part
        if self._rng.random() < 0.2:
            undone = await self._ask(f"/redemptions/{captured.json()['redemption']}/undo", None, counted="undo")
            assert undone.status_code == 200, undone.text
            each.spent -= part

    async def _takes_back(self, each: Customer) -> None:
        """The whole of a purchase, or one of its lines; once a purchase, so that nothing comes back twice."""
        id_, lines = each.bought.pop(self._rng.randrange(len(each.bought)))
        line = self._rng.randrange(len(lines))
        whole = self._rng.random() < 0.5
        body: dict[str, Any] = {
            "member": {"reference": each.name},
            "purchase": id_,
            "time": datetime.now(UTC).isoformat(),
        }
        if not whole:
            body["lines"] = [{"line": line, "quantity": 1}]
        answer = await self._ask("/returns", body, counted="return")
        assert answer.status_code == 202, answer.text
        each.back += sum(lines) if whole else lines[line]

    def _patience(self) -> float:
        """Some tills hang up at once: what they asked for may have been done, and they ask again."""
        return self._rng.uniform(0.001, 0.05) if self._rng.random() < 0.3 else PATIENCE_S

    async def _ask(self, path: str, body: Any, *, counted: str) -> httpx.Response:
        self._keys += 1
        key, loop = f"till-{self._number}-{self._keys}", asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    answer = await self._asker.post(path, body, key)
            except (httpx.TransportError, TimeoutError):
                answer = None
            if answer is not None and answer.status_code < 500:
                self.answers[f"{counted} {answer.status_code}"] += 1
                return answer
            assert loop.time() < until, f"no answer to {path} for {PATIENCE_S:.0f} s: {answer and answer.text}"
            self.repeated += 1
            await asyncio.sleep(0.05)
