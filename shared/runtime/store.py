"""What a batch needs of a database: one transaction with reads by key, and an outbox. Two stores implement it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from shared.runtime.records import Message

Document = dict[str, Any]
OUTBOX = "outbox"
DEAD_LETTERS = "dead_letters"
DUPLICATES = "duplicates"


class ConflictError(Exception):
    """Somebody else wrote what this batch read, or first wrote what it inserts: decide again."""


class OutageError(Exception):
    """A server did not answer or did not say whether it did it: wait, then decide again."""


class GaveUpError(Exception):
    """The outage outlasted the loop's patience: the process must end, so that the orchestrator and people see it."""


@dataclass(frozen=True, slots=True)
class Held:
    """One document of the outbox: announcements that are committed and may not be published yet."""

    id: str
    messages: list[Message]


class Unit(Protocol):
    """One transaction. Reads see one snapshot; the writes land together at `commit`, or not at all."""

    async def get(
        self, collection: str, ids: Collection[str], fields: Sequence[str] | None = None
    ) -> dict[str, Document]:
        """The documents with these ids, by id; those that do not exist are left out. One round trip."""
        ...

    async def get_both(
        self, collection: str, ids: Collection[str], other: str, others: Collection[str], fields: Sequence[str]
    ) -> tuple[dict[str, Document], dict[str, Document]]:
        """The same of two collections, of the other with these fields; one round trip where any of the first exists."""
        ...

    async def find(self, collection: str, field: str, values: Collection[str]) -> list[Document]:
        """The documents whose (indexed) field is, or holds, one of the values, ordered by id."""
        ...

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        """All of it or nothing. Raises ConflictError or OutageError."""
        ...


class Store(Protocol):
    """A service's own database."""

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction; left without commit, nothing of it stays."""
        ...

    async def due(
        self, collection: str, by: str, skip: int, most: int, aside: Collection[str]
    ) -> list[tuple[str, str]]:
        """Id and `due_at` of documents that are due by an instant (UTC text), soonest first; without those aside."""
        ...

    async def held(self, consumer: str, places: Collection[str]) -> list[Held]:
        """Announcements of these `topic:partition`s that are still in the outbox, oldest first."""
        ...

    async def release(self, ids: Collection[str]) -> None:
        """These outbox documents are published: delete them."""
        ...
