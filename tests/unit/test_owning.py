"""What is bought under a merged member's names comes back under them, also when they are theirs again; and the request
that brought an event, from the record to the journal. By hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.earn.consumers import IntakeHandler
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.events.topics import ACTIVITIES
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message, Record
from shared.runtime.store import DEAD_LETTERS
from tests.unit.partnerkit import NOON, Mall
from tests.unit.test_people import merged, of, unmerged

LINE = {"product": "p", "quantity": 1, "amount": "100000"}


class Door:
    """A grocer's topic before the mall: what intake passes on the ledger reads at once."""

    def __init__(self) -> None:
        self.mall = Mall(MemoryStore())
        self.passed: list[Message] = []
        self._intake = BatchLoop(IntakeHandler(), self.mall.store, self._publish, lambda: self.mall.book)
        self._numbers = 0
        self.together = False  # whether the ledger reads only when it is told to, and then all at once

    async def _publish(self, messages: Any) -> None:
        passed = [each for each in messages if each.topic == ACTIVITIES]
        self.passed += passed
        if passed and not self.together:
            await self.read(len(passed))

    async def read(self, newest: int = 2) -> None:
        """The ledger reads what was passed on last, in one batch."""
        self._numbers += newest
        offsets = range(self._numbers - newest, self._numbers)
        read = zip(offsets, self.passed[-newest:], strict=True)
        await self.mall.ledger.run([Record("activities", 0, offset, each.value) for offset, each in read])

    async def says(self, kind: str, id_: str, card: str, request: bytes = b"", **data: object) -> None:
        """An event of the grocer's about whoever has a card."""
        self._numbers += 1
        at = NOON + timedelta(seconds=self._numbers)
        event = {"specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1",
                 "time": at.isoformat(), "data": {"member": {"card": card}, **data}}  # fmt: skip
        headers = (("request", request),) if request else ()
        await self._intake.run(
            [Record("partner.grocer", 0, self._numbers, orjson.dumps(event), card.encode(), headers=headers)]
        )

    async def joins(self, card: str) -> str:
        """Somebody signs up; their id."""
        await self.says("signup", f"s-{card}", card)
        found: str = orjson.loads(self.passed[-1].value)["data"]["member"]
        return found

    async def buys(self, id_: str, card: str) -> None:
        """Goods for ten stars."""
        await self.says("purchase", id_, card, currency="VND", lines=[LINE])

    def stars(self, *who: str) -> list[int]:
        """Balances."""
        return [of(self.mall, MEMBERS)[each]["balances"].get("stars", 0) for each in who]

    @property
    def refused(self) -> list[str]:
        """Reasons of dead letters."""
        return [each["reason"] for each in of(self.mall, DEAD_LETTERS).values()]


@pytest.mark.parametrize("kind", ["return", "milestone"])
async def test_goods_come_back_under_the_names_that_bought_them_after_an_unmerge(kind: str) -> None:
    """Bob is Ann when his card buys: the ten stars are Ann's, and stay hers. His card brings the goods back when he is
    himself again: Ann's ten go. Mechanism: `owning.owners`; without it the return is refused as another member's, and
    nobody at a till knows Ann."""
    door = Door()
    ann, bob = await door.joins("a"), await door.joins("b")
    await merged(door.mall, bob, ann)
    await door.buys("p-1", "b")
    await unmerged(door.mall, bob)
    assert door.stars(ann, bob) == [10, 0]
    more: dict[str, Any] = {"milestone": "cancelled"} if kind == "milestone" else {}
    await door.says(kind, "r-1", "b", purchase="p-1", **more)
    assert (door.stars(ann, bob), door.refused) == ([0, 0], [])


async def test_goods_of_another_do_not_come_back_under_ones_own_name() -> None:
    """Nor under a name that the purchase does not bear, though its member once had it."""
    door = Door()
    ann, bob = await door.joins("a"), await door.joins("b")
    await merged(door.mall, bob, ann)
    await door.buys("p-1", "a")
    await unmerged(door.mall, bob)
    await door.says("return", "r-1", "b", purchase="p-1")
    assert (door.stars(ann), door.refused) == ([10], ["unknown_purchase"])


async def test_while_they_are_merged_either_name_brings_either_purchase_back() -> None:
    door = Door()
    ann, bob = await door.joins("a"), await door.joins("b")
    await door.buys("p-1", "b")
    await merged(door.mall, bob, ann)
    await door.buys("p-2", "b")
    assert door.stars(ann) == [20]
    for number, card in (("1", "b"), ("2", "a")):
        await door.says("return", f"r-{number}", card, purchase=f"p-{number}")
    assert (door.stars(ann), door.refused) == ([0], [])
    assert {orjson.loads(each.value)["data"]["member"] for each in door.passed[-2:]} == {ann}


async def test_the_request_that_brought_an_event_is_in_its_entry() -> None:
    """Whether it passes at once or waits for its member. Mechanism: the header `request`; what is no request's id, a
    partner's own header, say, is left out."""
    door = Door()
    await door.says("purchase", "p-1", "a", b"r-1", currency="VND", lines=[LINE])
    assert of(door.mall, JOURNAL) == {}, "it waits for its member"
    await door.joins("a")
    await door.says("purchase", "p-2", "a", b"r-2", currency="VND", lines=[LINE])
    await door.says("purchase", "p-3", "a", b"no id", currency="VND", lines=[LINE])
    found = {each["_id"].partition("|")[2]: each.get("request") for each in of(door.mall, JOURNAL).values()}
    assert found == {"s-a": None, "p-1": "r-1", "p-2": "r-2", "p-3": None}


async def test_what_waited_and_is_read_again_has_no_other_effect() -> None:
    """A return that bears a number nobody knows, and a card of its purchase's, waits, whatever the purchase says by
    now: intake decides a record alike whenever it reads it. Mechanism: the owner is found by the ledger alone."""
    door = Door()
    await door.joins("a")
    await door.buys("p-1", "a")
    await door.says("return", "r-1", "x", purchase="p-1")
    await door.says("return", "r-1", "x", purchase="p-2")
    assert (door.refused, len(of(door.mall, "waiting"))) == (["content_changed"], 1)
    await door.joins("x")
    assert door.refused == ["content_changed", "unknown_purchase"], "the first one counts, and it is of another's goods"


async def test_of_two_returns_of_one_id_in_one_batch_each_has_its_own_owner() -> None:
    """Bob's card sends one for his own goods, and under the same id one for what is Ann's: the first counts, the second
    is refused. Mechanism: owners by entry, not by the event's key."""
    door = Door()
    ann, bob = await door.joins("a"), await door.joins("b")
    await merged(door.mall, bob, ann)
    await door.buys("p-1", "b")
    await unmerged(door.mall, bob)
    await door.buys("p-2", "b")
    assert door.stars(ann, bob) == [10, 10]
    door.together = True
    await door.says("return", "r-1", "b", purchase="p-2")
    await door.says("return", "r-1", "b", purchase="p-1")
    await door.read()
    assert (door.stars(ann, bob), door.refused) == ([10, 0], ["content_changed"])
