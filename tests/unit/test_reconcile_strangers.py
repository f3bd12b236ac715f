"""Records on our own topics that are none of ours: reconciliation tells them, and does not end at them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from shared.ops import reconcile


class Watched:
    async def topics(self) -> dict[str, list[Any]]:
        return {"grants": []}

    async def spans(self, _: list[Any]) -> dict[Any, Any]:
        return {}


async def test_a_record_that_is_no_event_differs_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: `_ids` reads each record by itself; it used to end with a traceback."""
    values = [b'{"id":"g-1"}', b'{"id":"g-1"}', b"\xff\xfe7", b"[]", b"{}"]
    records = [
        SimpleNamespace(topic="grants", partition=0, offset=number, value=each) for number, each in enumerate(values)
    ]

    async def read(*_: Any) -> AsyncIterator[list[Any]]:
        yield records

    monkeypatch.setattr(reconcile, "read", read)
    books: Any = SimpleNamespace(watch=Watched(), settings=SimpleNamespace(kafka_url=lambda: ""))
    assert await reconcile._ids(books, "grants") == {"g-1", "grants:0:2", "grants:0:3", "grants:0:4"}
