"""Offers, read fast: what earn must know of vouchers, so that a till can redeem them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from shared.events.light import Sourced


class MoneySeen(Struct, frozen=True, gc=False):
    """An amount as it was written."""

    amount: str
    currency: str


class ThingSeen(Struct, frozen=True, gc=False):
    """What was won that is no points."""

    kind: str
    title: str
    code: str | None = None
    value: MoneySeen | None = None
    percent_off: str | None = None
    until: datetime | None = None
    minimum: MoneySeen | None = None
    categories: list[str] | None = None
    alone: bool | None = None
    withdrawn: bool = False


class _OfferBody(Struct, frozen=True, gc=False):
    member: str
    rule: str
    version: int
    thing: ThingSeen | None = None


class OfferSeen(Sourced, frozen=True, gc=False, tag="loyalty.offer.v1"):
    """An offer, as far as it may be a voucher."""

    data: _OfferBody

    @property
    def code(self) -> str | None:
        """Of the voucher that it offers; None where it offers something else."""
        thing = self.data.thing
        return thing.code if thing is not None and thing.kind == "voucher" else None
