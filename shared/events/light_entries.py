"""Entries that no partner's event brought about, read fast: what the ledger did by clock, at a till, for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

ASKED: Final = frozenset(("signup", "purchase", "referral", "return", "grant"))
"""Kinds of journal entries that rules were asked about; their bytes are the activity's or the grant's."""
MOVES: Final = frozenset((
    "expiry", "redemption", "undo", "adjustment", "goodwill", "transfer", "merge", "unmerge", "closing",
    "erasure", "late_return",
))  # fmt: skip
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
    survivor: str | None = None
    survivor_seq: int | None = None

    @property
    def into(self) -> str | None:
        """Whom the duplicate leads to from now on; nobody, once their merge is taken back."""
        return self.survivor if self.kind == "merge" else None


def survivors(entries: Iterable[EntryRead | None]) -> set[str]:
    """Members whom duplicates are merged into, or taken out of, by these."""
    return {each.survivor for each in entries if each is not None and each.survivor is not None}
