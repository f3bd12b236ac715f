"""A member of a replay: what ledger, campaigns and tiers keep of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.rules import membership
from shared.rules.language.terms import Term
from shared.rules.usage import MemberUsage


class Person:
    """What ledger, campaigns and tiers keep of a member; and their segments, with the conditions that they were worked
    out by (`sorted_by`). usage: of what campaigns' limits allow, once it was asked for."""

    __slots__ = ("campaigns", "changes", "ladders", "ledger", "segments", "sorted_by", "usage")

    def __init__(self, id_: str) -> None:
        self.ledger = membership.newcomer(id_)
        self.campaigns: dict[str, Any] = {"_id": id_, "progress": {}}
        self.ladders: dict[str, Any] = {}
        self.usage: MemberUsage | None = None
        self.changes = 0
        self.segments: frozenset[str] = frozenset()
        self.sorted_by: Mapping[str, Term] | None = None
