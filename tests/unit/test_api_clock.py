"""What is sent is judged by the checkout's clock, which a sandbox may have moved, as intake does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.earn.api.app import build
from services.earn.counter.commands import Command, Denied, Done
from shared.access.roles import Role
from shared.clock import Moved
from tests.unit.roomkit import Courier, asker, room

MARCH = datetime(2031, 3, 2, 12, tzinfo=UTC)


def bought(id_: str, time: datetime) -> dict[str, Any]:
    """A purchase."""
    return {
        "specversion": "1.0", "id": id_, "source": "/partners/bakery", "type": "loyalty.purchase.v1",
        "time": time.isoformat(),
        "data": {"member": {"card": "1"}, "currency": "VND", "lines": [{"product": "p", "quantity": 1, "amount": "1"}]},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("time", "status"),
    [(MARCH, 202), (MARCH + timedelta(hours=23), 202), (MARCH + timedelta(hours=25), 422)],
)
async def test_an_event_is_too_early_by_a_clock_that_was_moved(time: datetime, status: int, tmp_path: Path) -> None:
    """Mechanism: the room's clock. By the wall's all of these would be years too early."""
    clock, courier = Moved(tmp_path), Courier()
    clock.move(MARCH)
    event = bought("b-1", time)
    here = room(Role.partner, "bakery", clock=clock, courier=courier, settings=SimpleNamespace(ahead_h=24))
    async with asker(build(here)) as http:
        answer = await http.post("/v1/events", json=event, headers={"Content-Type": "application/cloudevents+json"})
    assert answer.status_code == status, answer.text
    assert len(courier.sent) == (1 if status == 202 else 0)
    if status == 422:
        assert answer.json()["code"] == "in_the_future"


class Refusing:
    """Denies all, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Command] = []

    def stalled(self, longest_s: float) -> bool:
        return False

    async def ask(self, command: Command) -> Denied:
        self.asked.append(command)
        return Denied("key_used_before", "no")


async def test_a_request_of_events_is_the_same_whatever_time_it_is(tmp_path: Path) -> None:
    """One of its events is too early at first, and good when the request is sent again. Mechanism: `events._content`
    asks no clock; else who sends it again under its key would be told that it was another request."""
    clock, queue = Moved(tmp_path), Refusing()
    here = room(Role.partner, "bakery", clock=clock, queue=queue, settings=SimpleNamespace(ahead_h=24))
    body = [bought("b-1", MARCH), bought("b-2", MARCH + timedelta(hours=25))]
    headers = {"Content-Type": "application/cloudevents-batch+json", "Idempotency-Key": "1"}
    async with asker(build(here)) as http:
        for hours in (0, 2):
            clock.move(MARCH + timedelta(hours=hours))
            answer = await http.post("/v1/events", json=body, headers=headers)
            assert answer.json()["code"] == "key_used_before", answer.text
    first, second = queue.asked
    assert first.hash == second.hash


class CutOff:
    """Has had the request before, whose first try did not come as far as Kafka."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def stalled(self, longest_s: float) -> bool:
        return False

    async def ask(self, command: Command) -> Done:
        return Done(self.answer, again=True)


class Unsent:
    """A collection without documents."""

    def with_options(self, **_: object) -> Unsent:
        return self

    async def find_one(self, *_: object) -> None:
        return None

    async def replace_one(self, *_: object, **__: object) -> None:
        return None


async def test_what_the_first_answer_refused_is_not_sent_when_its_time_has_come(tmp_path: Path) -> None:
    """Mechanism: `taken` of `sent.handed_on`; without it an event would count of which its sender is told that it was
    not taken."""
    clock, courier = Moved(tmp_path), Courier()
    clock.move(MARCH)
    first = {"taken": 1, "refused": 1, "events": [{"taken": True, "id": "b-1"}, {"taken": False, "id": "b-2"}]}
    furniture: dict[str, Any] = {"clock": clock, "courier": courier, "queue": CutOff(first)}
    furniture |= {"database": {"api_sent": Unsent()}, "settings": SimpleNamespace(ahead_h=24)}
    here = room(Role.partner, "bakery", **furniture)
    headers = {"Content-Type": "application/cloudevents-batch+json", "Idempotency-Key": "1"}
    async with asker(build(here)) as http:
        answer = await http.post("/v1/events", json=[bought("b-1", MARCH), bought("b-2", MARCH)], headers=headers)
    assert answer.json() == first
    assert [b'"b-1"' in each for each in courier.sent] == [True]
