"""What tills ask about vouchers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from services.earn.counter.commands import OfMember


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of the bill, as far as vouchers ask: what is to pay for it, and its category."""

    amount: Decimal
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfVoucher(OfMember):
    """About a voucher of a member, by its code."""

    code: str

    @property
    def vouchers(self) -> tuple[str, ...]:
        """All of the member are needed: some are not used with others."""
        return (self.member,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemVoucher(OfVoucher):
    """Use a voucher on a bill (the till's own id of it) at a partner."""

    partner: str
    bill: str
    currency: str
    lines: tuple[BillLine, ...]

    kind: ClassVar[str] = "voucher"


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoVoucher(OfVoucher):
    """The bill did not come about: the voucher can be used again."""

    kind: ClassVar[str] = "voucher_undo"
