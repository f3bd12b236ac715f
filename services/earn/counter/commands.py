"""What can be asked of the ledger, as values. A command names all that has to be read to decide it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Final, Literal

# Of a command about a member who was merged into another: denied with the survivor's id, decided of the survivor, or
# taken as it is.
Merged = Literal["deny", "follow", "take"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name that keys are given to, its partner (None: the coalition's own), and a person where known."""

    name: str
    partner: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """That a second person has agreed: to which request, and who."""

    approval: str
    by: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request. key: `source|id`, from the caller's name and Idempotency-Key; hash: of what is asked."""

    key: str
    hash: str
    caller: Caller
    request: str = ""
    leave: Leave | None = None

    kind: ClassVar[str] = ""
    merged: ClassVar[Merged] = "deny"
    closed: ClassVar[bool] = False  # also about an account that is closed
    pooled: ClassVar[bool] = False  # others of the household are needed where they spend in common

    @property
    def members(self) -> tuple[str, ...]:
        """Whose documents are needed."""
        return ()

    @property
    def named(self) -> tuple[str, ...]:
        """Members whose names are needed; of those who were merged, the survivor's too."""
        return ()

    @property
    def redemptions(self) -> tuple[str, ...]:
        """Redemptions whose entries are needed."""
        return ()

    @property
    def packs(self) -> tuple[tuple[str, str], ...]:
        """Packs, by partner and wallet, whose counters are needed."""
        return ()

    @property
    def vouchers(self) -> tuple[str, ...]:
        """Members whose vouchers are needed."""
        return ()

    @property
    def invoices(self) -> tuple[str, ...]:
        """Invoices whose entries are needed, as `partner:reference`."""
        return ()

    @property
    def approvals(self) -> tuple[str, ...]:
        """Requests that wait for a second person, by id."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfMember(Command):
    """A command about one member."""

    member: str

    @property
    def members(self) -> tuple[str, ...]:
        """The member."""
        return (self.member,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How much is to be spent: points, or an amount of money that points shall pay; `bill`: what there is to pay."""

    wallet: str
    points: int | None = None
    amount: Decimal | None = None
    bill: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(OfMember):
    """Set points aside until they are captured or released, or the hold times out."""

    asked: Asked
    partner: str

    kind: ClassVar[str] = "hold"
    pooled: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(OfMember):
    """Spend what a hold has set aside: all of it, or a part (the rest goes back)."""

    hold: str
    points: int | None = None

    kind: ClassVar[str] = "redemption"
    pooled: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(OfMember):
    """Give back what a hold has set aside."""

    hold: str

    kind: ClassVar[str] = "release"
    pooled: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(OfMember):
    """Give back what a capture spent."""

    redemption: str

    kind: ClassVar[str] = "undo"
    merged: ClassVar[Merged] = "follow"
    pooled: ClassVar[bool] = True

    @property
    def redemptions(self) -> tuple[str, ...]:
        """The one that is undone."""
        return (self.redemption,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust(OfMember):
    """A person gives or takes points, and says why."""

    wallet: str
    points: int
    reason: str

    kind: ClassVar[str] = "adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodwill(Adjust):
    """A gesture: points are given only."""

    kind: ClassVar[str] = "goodwill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(OfMember):
    """Points from one member to another; they keep their expiry."""

    to: str
    wallet: str
    points: int
    reason: str | None = None

    kind: ClassVar[str] = "transfer"

    @property
    def members(self) -> tuple[str, ...]:
        """Both."""
        return (self.member, self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOn(Command):
    """Events of a partner go to its topic; nothing is decided of them here. answer: what their sender is told."""

    partner: str
    answer: dict[str, object]

    kind: ClassVar[str] = "handed-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyPack(Command):
    """A person books that a partner has bought points, for so much money; reference: of the invoice."""

    partner: str
    wallet: str
    points: int
    money: Decimal
    currency: str
    reference: str | None = None

    kind: ClassVar[str] = "pack"

    @property
    def packs(self) -> tuple[tuple[str, str], ...]:
        """The one that is bought."""
        return ((self.partner, self.wallet),)

    @property
    def invoices(self) -> tuple[str, ...]:
        """What it is booked by: an invoice counts once, whoever books it."""
        return () if self.reference is None else (f"{self.partner}:{self.reference}",)


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, or was before: what to answer. person: of what was done before, who had it done, where that is known
    (what two persons did, the second did)."""

    body: dict[str, object] = field(default_factory=dict)
    again: bool = False
    person: str | None = None

    @property
    def waits(self) -> bool:
        """Whether it only waits for a second person."""
        return self.body.get("state") == "pending"


@dataclass(frozen=True, slots=True)
class Denied:
    """It is not done, and nothing has changed: a code for programs, a detail that says what to do for people."""

    code: str
    detail: str
    more: dict[str, object] = field(default_factory=dict)


CLOSED: Final = Denied(
    "closed",
    "this account is closed, and nothing is booked on it any more: sell without points; who wants to collect again "
    "signs up anew",
)
ERASED: Final = Denied("erased", "this member is erased already")
Answer = Done | Denied


def digest(key: str) -> str:
    """A word for a command's key, for ids that tell nothing else."""
    return hashlib.blake2b(key.encode(), digest_size=10).hexdigest()
