"""Entries that no partner's event brought about, read fast: what the ledger did by clock, at a till, for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

ASKED: Final = frozenset(("signup", "purchase", "referral", "return", "grant"))
"""Kinds of journal entries that rules were asked about; their bytes are the activity's or the grant's."""
MOVES: Final = frozenset(("expiry", "redemption", "undo", "adjustment", "goodwill", "transfer", "merge", "closing"))
"""Kinds by which points moved without a rule; their bytes are the entry's own (`EntryData`)."""


class EntryRead(Struct, frozen=True, gc=False):
    """What the ledger did by the clock, at a till, or for a person."""

    kind: str
    id: str
    wallet: str
    points: int
    at: datetime
    until: datetime | None = None
    reason: str | None = None
