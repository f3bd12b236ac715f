"""What is read and what is sent: records with their position, messages with their key."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar

from shared.events.decode import Refused
from shared.events.internal import Origin

E = TypeVar("E")
REQUEST: Final = "request"
"""The header of a record that came by the HTTP API: the id of the request that brought it."""
REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Record(NamedTuple):
    """One record as the broker keeps it: raw bytes and where they stand."""

    topic: str
    partition: int
    offset: int
    value: bytes
    key: bytes | None = None
    timestamp_ms: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def of(cls, raw: Any) -> Record:
        """From the Kafka client's `ConsumerRecord`; a tombstone's value is empty."""
        return cls(raw.topic, raw.partition, raw.offset, raw.value or b"", raw.key, raw.timestamp, tuple(raw.headers))

    @property
    def origin(self) -> Origin:
        """The record's own position."""
        return Origin(topic=self.topic, partition=self.partition, offset=self.offset)

    @property
    def request(self) -> str | None:
        """The id of the request that brought it, where its sender says one."""
        said = next((value for name, value in self.headers if name == REQUEST), None) if self.headers else None
        return said.decode() if said is not None and REQUEST_ID.fullmatch(said) else None

    @property
    def came_in(self) -> datetime | None:
        """When the broker took it (or its sender says it was sent); None where nobody says."""
        return datetime.fromtimestamp(self.timestamp_ms / 1000, UTC) if self.timestamp_ms > 0 else None

    @property
    def place(self) -> str:
        """`topic:partition`, what an outbox document is filed under."""
        return f"{self.topic}:{self.partition}"


class Item(NamedTuple, Generic[E]):
    """A record with the event that its bytes held."""

    record: Record
    event: E


class Message(NamedTuple):
    """One announcement, ready to send.

    `stored`: kept in the outbox until it is published. False for what the same record yields again whenever it is
    read (intake passing a known member's purchase on): the record itself, uncommitted, is then its outbox. `request`:
    the id of the request of the HTTP API that it is sent for; no outbox keeps it.
    """

    topic: str
    key: str
    value: bytes
    kind: str = ""
    stored: bool = True
    request: str = ""

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """As the record has them."""
        return [(name, said.encode()) for name, said in (("kind", self.kind), (REQUEST, self.request)) if said]


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that has no effect, why, and which event it was about (None where nobody can tell)."""

    record: Record
    refused: Refused
    origin: Origin
    event: str | None = None
    member: str | None = None


@dataclass(slots=True)
class Decision:
    """All that a batch does, decided before anything is written."""

    inserts: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    replaces: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def insert(self, collection: str, document: dict[str, object]) -> None:
        """A document that must not be there yet; if it is, somebody else was first and the batch is decided again."""
        self.inserts.setdefault(collection, []).append(document)

    def replace(self, collection: str, document: dict[str, object]) -> None:
        """A document that was read in this batch, in its new state."""
        self.replaces.setdefault(collection, []).append(document)

    def keep(
        self, collection: str, touched: Iterable[str], documents: Mapping[str, dict[str, Any]], read: Container[str]
    ) -> None:
        """Every touched document once, in its last state: one that was read is replaced, any other is new.

        In the order of their ids, so that two workers who write the same ones meet at the first of them.
        """
        for id_ in sorted(touched):
            (self.replace if id_ in read else self.insert)(collection, documents[id_])

    def count(self, what: str) -> None:
        """One more effect of a kind, for the metrics."""
        self.counts[what] = self.counts.get(what, 0) + 1
