"""What a service's consumer supplies to the batch loop: how to decode, what to read, and the pure decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

E = TypeVar("E")
S = TypeVar("S")


class Handler(Protocol[E, S]):
    """One consumer. `decode` and `decide` are pure; `gather` reads, and reads only."""

    consumer: str

    def decode(self, record: Record) -> E | Refused | None:
        """The event; or why it is none; or None where the record is not for this consumer."""
        ...

    async def gather(self, unit: Unit, items: Sequence[Item[E]], book: Rulebook) -> S:
        """Everything the decision needs, in one round trip a collection."""
        ...

    def decide(self, state: S, items: Sequence[Item[E]], book: Rulebook) -> Decision:
        """What the batch does, in the order of its records."""
        ...

    def about(self, event: E) -> tuple[str | None, str | None, Origin | None]:
        """Event key, member and partner's position that a dead letter about this event is filed under."""
        ...
