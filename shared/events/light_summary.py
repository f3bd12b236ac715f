"""Accruals read fast by those who have no use for baskets: whose, how many points by which rule, what for, and when."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from msgspec import Struct

from shared.events.light import Sourced
from shared.events.light_accruals import Cause, Earned
from shared.events.light_entries import EntryRead


class _CauseBody(Struct, frozen=True, gc=False):
    event: Cause


class _CauseActivity(Struct, frozen=True, gc=False):
    data: _CauseBody


class _SummaryBody(Struct, frozen=True, gc=False):
    member: str
    seq: int
    earned: list[Earned]
    activity: _CauseActivity | None = None
    grant: Cause | None = None
    entry: EntryRead | None = None
    counts_at: datetime | None = None
    uncounted: dict[str, int] = {}
    bought_by: str | None = None


class AccrualSummary(Sourced, frozen=True, gc=False, tag="loyalty.accrual.v1"):
    """An accrual for a consumer that has no use for baskets: they are skipped, not read."""

    data: _SummaryBody

    @property
    def cause(self) -> Cause:
        """The event or grant that the points came from."""
        if self.data.entry is not None:
            return Cause("/earn", self.data.entry.id)
        within = self.data.activity.data.event if self.data.activity is not None else self.data.grant
        assert within is not None  # the contract: an accrual has one of the three
        return within

    def counted(self, rules: Container[str]) -> int:
        """Points of these rules that came to count, or count no more (negative)."""
        earned = sum(each.points for each in self.data.earned if each.rule in rules)
        return earned - sum(points for rule, points in self.data.uncounted.items() if rule in rules)

    @property
    def counts_at(self) -> datetime:
        """The instant at which its points count."""
        return self.data.counts_at or self.time
