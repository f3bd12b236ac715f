"""A member of a replay: what ledger, campaigns and tiers keep of them."""

from __future__ import annotations

from typing import Any

from shared.rules import membership


class Person:
    """What ledger, campaigns and tiers keep of a member; and their segments, as of their latest event."""

    __slots__ = ("campaigns", "changes", "ladders", "ledger", "segments")

    def __init__(self, id_: str) -> None:
        self.ledger = membership.newcomer(id_)
        self.campaigns: dict[str, Any] = {"_id": id_, "progress": {}}
        self.ladders: dict[str, Any] = {}
        self.changes = 0
        self.segments: frozenset[str] | None = None
