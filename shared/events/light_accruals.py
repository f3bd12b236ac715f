"""Accruals read fast: what the ledger did about one activity or grant, with the activity itself."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from shared.events.light import ActivityRead, PurchaseRead, Sourced
from shared.events.light_entries import EntryRead


class Cause(Struct, frozen=True, gc=False):
    """The event or grant that points came from."""

    source: str
    id: str


class Earned(Struct, frozen=True, gc=False):
    """Points of one rule."""

    rule: str
    points: int


class ReturnedRead(Struct, frozen=True, gc=False):
    """A purchase of which something came back, as it was before and is now."""

    was: PurchaseRead
    parts: list[str]
    left: PurchaseRead | None = None
    facts: dict[str, str | bool | int | list[str] | None] = {}
    left_facts: dict[str, str | bool | int | list[str] | None] = {}
    posted_at: datetime | None = None


class _AccrualBody(Struct, frozen=True, gc=False):
    member: str
    seq: int
    earned: list[Earned]
    facts: dict[str, str | bool | int | list[str] | None] = {}
    household: str | None = None
    activity: ActivityRead | None = None
    grant: Cause | None = None
    entry: EntryRead | None = None
    returned: ReturnedRead | None = None
    counts_at: datetime | None = None
    bought_by: str | None = None


class AccrualRead(Sourced, frozen=True, gc=False, tag="loyalty.accrual.v1"):
    """An accrual: the member's announcement `seq`, what was earned by which rule, and what for."""

    data: _AccrualBody

    @property
    def member(self) -> str:
        """The member's id."""
        return self.data.member

    @property
    def seq(self) -> int:
        """The number of this announcement among the member's, from 1, gapless."""
        return self.data.seq

    @property
    def activity(self) -> ActivityRead | None:
        """What happened; None where points were granted."""
        return self.data.activity
