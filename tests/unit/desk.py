"""A publishing office in memory, with what it announced; drafts written by hand: what publishing is tested on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.publishing.edition import Draft, draft
from shared.publishing.office import Office
from shared.publishing.plan import Request
from shared.publishing.registry import REGISTRY
from shared.rules.definition import DEFINITION
from shared.runtime.follower import Shelf
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message

START = "2026-01-01T00:00:00Z"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=UTC)


def written(kind: str, id_: str, **said: Any) -> Draft:
    """A draft as a file says it."""
    return draft(DEFINITION.validate_python({"id": id_, "kind": kind, "title": id_.title(), **said}))


def programme(**said: Any) -> Draft:
    return written("programme", "p", **{"time_zone": "Europe/Berlin", "currency": "EUR", "wallets": ["stars"], **said})


def rule(id_: str = "base", points: int = 1, **said: Any) -> Draft:
    return written("earn", id_, then={"fixed": points}, **said)


def request(*drafts: Draft, effective: datetime | None = LATER, author: str = "Ann", **more: Any) -> Request:
    return Request(drafts, effective, author, "because", **more)


class Desk:
    """An office on a store in memory; `topic` is what it announced, `shelf` what a worker makes of it."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.topic: list[Message] = []
        self.shelf = Shelf()
        self.office = Office(self.store, self.publish)

    async def publish(self, messages: Sequence[Message]) -> None:
        """As Kafka takes them."""
        self.topic += messages
        for each in messages:
            self.shelf.add(each.value)

    async def begun(self, *drafts: Draft, **of_programme: Any) -> Desk:
        """The programme is published, with these rules, from the beginning of 2026 on."""
        await self.office.start([programme(effective=START, **of_programme), *drafts], NOW)
        return self

    def versions(self, id_: str = "base") -> list[tuple[int, str, Any]]:
        """Number, effective time and fixed points of every version."""
        found = self.store.collection(REGISTRY)[id_]["versions"]
        return [(v["version"], v["effective"][:10], v["body"].get("then", {}).get("fixed")) for v in found]
