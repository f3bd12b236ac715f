"""What the API's routes work with: the database, the counter, the rules, the way to partners' topics."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from pymongo.asynchronous.database import AsyncDatabase

from services.earn.api.courier import Courier
from services.earn.api.limiting import Limiter
from services.earn.api.summing import Sums
from services.earn.counter.queue import Queue
from shared.access.audit import AuditLog
from shared.access.keyring import Keyring
from shared.clock import Clock
from shared.rules.as_known import Published
from shared.rules.rulebook import Rulebook
from shared.runtime.follower import Follower
from shared.settings import Settings


@dataclass(frozen=True)
class Room:
    """One process's."""

    settings: Settings
    database: AsyncDatabase[dict[str, Any]]
    queue: Queue
    follower: Follower
    courier: Courier
    keyring: Keyring
    audit: AuditLog
    limiter: Limiter
    clock: Clock
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a programme is known and what a predecessor left is published: nothing under /v1 is answered before."""
    sums: Sums = field(default_factory=Sums)

    @property
    def book(self) -> Rulebook:
        """The rulebook in force."""
        return self.follower.book

    @property
    def published(self) -> Published:
        """When which version was published, as far as the topic says."""
        return self.book.published


def room_of(request: Request) -> Room:
    """The room that a request is answered in."""
    found: Room = request.app.state.room
    return found
