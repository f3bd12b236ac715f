"""What tiers says, read fast by earn: who holds which tier. See `shared.events.light`."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from shared.events.light import Sourced


class _TierBody(Struct, frozen=True, gc=False):
    member: str
    ladder: str
    after: str | None
    since: datetime


class TierRead(Sourced, frozen=True, gc=False, tag="loyalty.tier.v1"):
    """A member's status changed."""

    data: _TierBody


class GiftSeen(Struct, frozen=True, gc=False, tag_field="type", tag="loyalty.gift.v1"):
    """A gift, which nobody but notify reads."""
