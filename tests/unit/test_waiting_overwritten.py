"""What waits while somebody is erased whom it only mentions: it is the same event afterwards; by hand."""

from __future__ import annotations

from typing import Any

import orjson

from shared.runtime.records import Record
from tests.unit.partnerkit import NOON
from tests.unit.test_owning import LINE, Door
from tests.unit.test_people import of

ADDRESS = b"hanna.lang@example.com"


async def test_an_event_whose_words_were_overwritten_while_it_waited_is_the_same_when_it_is_sent_again() -> None:
    """Mechanism: the hash of `waiting` in `Intake._claim`. By that of what is left of the event its repetition is
    refused as another, and its partner told to send a new id: one basket would count twice."""
    door = Door()
    event = {"specversion": "1.0", "id": "w-1", "source": "/partners/grocer", "type": "loyalty.purchase.v1",
             "time": NOON.isoformat(), "data": {"member": {"card": "a"}, "currency": "VND", "lines": [LINE],
                                                "attributes": {"gift_for": ADDRESS.decode()}}}  # fmt: skip
    sent = orjson.dumps(event)
    await door._intake.run([Record("partner.grocer", 0, 100, sent, b"a")])
    (waits,) = of(door.mall, "waiting").values()
    left: dict[str, Any] = {name: bytes(waits[name]).replace(ADDRESS, b"[erased]") for name in ("event", "value")}
    async with door.mall.store.unit() as unit:
        await unit.commit({}, {"waiting": [waits | left]})
    ann = await door.joins("a")
    assert door.stars(ann) == [10]
    await door._intake.run([Record("partner.grocer", 0, 200, sent, b"a")])
    assert (door.stars(ann), door.refused) == ([10], [])
