"""Entries that no partner's event brought about, read fast: what the ledger did by clock, at a till, for a person."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class EntryRead(Struct, frozen=True, gc=False):
    """What the ledger did by the clock, at a till, or for a person."""

    kind: str
    id: str
    wallet: str
    points: int
    at: datetime
    until: datetime | None = None
    reason: str | None = None
