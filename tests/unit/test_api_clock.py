"""What is sent is judged by the checkout's clock, which a sandbox may have moved, as intake does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.earn.api.app import build
from shared.access.roles import Role
from shared.clock import Moved
from tests.unit.roomkit import Courier, asker, room

MARCH = datetime(2031, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "status"),
    [(MARCH, 202), (MARCH + timedelta(hours=23), 202), (MARCH + timedelta(hours=25), 422)],
)
async def test_an_event_is_too_early_by_a_clock_that_was_moved(time: datetime, status: int, tmp_path: Path) -> None:
    """Mechanism: the room's clock. By the wall's all of these would be years too early."""
    clock, courier = Moved(tmp_path), Courier()
    clock.move(MARCH)
    event = {
        "specversion": "1.0", "id": "b-1", "source": "/partners/bakery", "type": "loyalty.purchase.v1",
        "time": time.isoformat(),
        "data": {"member": {"card": "1"}, "currency": "VND", "lines": [{"product": "p", "quantity": 1, "amount": "1"}]},
    }  # fmt: skip
    here = room(Role.partner, "bakery", clock=clock, courier=courier, settings=SimpleNamespace(ahead_h=24))
    async with asker(build(here)) as http:
        answer = await http.post("/v1/events", json=event, headers={"Content-Type": "application/cloudevents+json"})
    assert answer.status_code == status, answer.text
    assert len(courier.sent) == (1 if status == 202 else 0)
    if status == 422:
        assert answer.json()["code"] == "in_the_future"
