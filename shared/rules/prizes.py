"""What a draw gives away."""

from __future__ import annotations

from pydantic import Field

from shared.events.values import Money, Name
from shared.rules.part import Count, Part


class Prize(Part):
    """What a draw gives away, and how many of it."""

    title: Name
    value: Money | None = None
    count: Count = Field(1, ge=1, le=100_000)
