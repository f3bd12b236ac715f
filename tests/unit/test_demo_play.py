"""The demo as it is watched: what is shown last is what it came to."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from shared.demo import play
from shared.ops.reconcile import Report
from shared.settings import Settings


class World:
    """Servers on which everything comes to rest between two looks."""

    def __init__(self) -> None:
        self.left = 7

    def __getitem__(self, name: str) -> World:
        return self

    async def estimated_document_count(self) -> int:
        return 100 - self.left

    async def lags(self, **_: Any) -> tuple[dict[str, int], dict[Any, int]]:
        return {"tiers": self.left}, {}

    async def rest(self, timeout_s: float) -> bool:
        self.left = 0
        return True

    calm_since = 1.0

    async def start(self) -> World:
        return self

    async def stop(self) -> None:
        return None

    async def close(self) -> None:
        return None


async def test_the_last_frame_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks when watching ends without a last look: the bars would stop short of what was reached."""
    world, frames = World(), list[tuple[int, int]]()

    async def nothing(*_: Any, **__: Any) -> Any:
        return {}

    async def books(_: Settings) -> Report:
        return Report()

    async def sent(*_: Any, **__: Any) -> Counter[str]:
        return Counter(purchase=93)

    monkeypatch.setattr(play, "connect", lambda _: world)
    monkeypatch.setattr(play, "Watch", lambda *_: world)
    monkeypatch.setattr(play, "stream", sent)
    monkeypatch.setattr(play, "figures", nothing)
    monkeypatch.setattr(play, "reconcile", books)
    display: Any = SimpleNamespace(
        published=lambda _: None,
        progress=lambda counts, lags: frames.append((counts["journal"], lags["tiers"])),
    )
    settings = Settings(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1/")
    await play.play(settings, [], display, look_every_s=3600)
    assert frames[-1] == (100, 0)
