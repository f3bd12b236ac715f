"""Our own records, read fast: only the fields that a consumer decides by, typed, everything else skipped unread.

Partners' events are checked strictly, once, at the door. What our services tell each other is checked against the
contracts by the tests; reading it again through the models would cost more than the rules. A record that does not
have the shape is still refused, alone, with a reason.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar

import msgspec
import orjson
from msgspec import Struct

from shared.events.decode import MAX_BYTES, Refused
from shared.events.partner import AnyEvent

T = TypeVar("T")
_MOST: Final = 16 * MAX_BYTES


class Line(Struct, frozen=True, gc=False):
    """One line of a basket."""

    product: str
    quantity: int
    amount: Decimal
    department: str | None = None
    category: str | None = None
    brand: str | None = None
    attributes: dict[str, str | int | bool] = {}


class PaidRead(Struct, frozen=True, gc=False):
    """What points paid of a purchase."""

    wallet: str
    amount: Decimal


class Payload(Struct, frozen=True, gc=False):
    """What any partner's event may say that rules ask about."""

    store: str | None = None
    channel: str | None = None
    payment: str | None = None
    currency: str | None = None
    attributes: dict[str, str | int | bool] = {}

    @property
    def lines(self) -> list[Line]:
        """The basket's lines; none where the event has no basket."""
        return []

    @property
    def paid_with_points(self) -> PaidRead | None:
        """What points paid of it."""
        return None


class Profile(Struct, frozen=True, gc=False):
    """What a signup says of the person that rules may ask about."""

    birthday: str | None = None
    household: str | None = None
    consents: list[str] | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What is there, by name."""
        found = {"birthday": self.birthday, "household": self.household, "consents": self.consents}
        return {name: value for name, value in found.items() if value is not None}


class Joining(Payload, frozen=True, gc=False, kw_only=True):
    """A signup's payload."""

    profile: Profile = Profile()


class Basket(Payload, frozen=True, gc=False, kw_only=True):
    """A purchase's payload."""

    lines: list[Line]
    paid_with_points: PaidRead | None = None


class Sourced(Struct, frozen=True, gc=False, tag_field="type"):
    """What is known by who says it and their id."""

    source: str
    id: str
    time: datetime

    @property
    def key(self) -> str:
        """Source and id together, as everywhere."""
        return f"{self.source}|{self.id}"


class Occurrence(Sourced, frozen=True, gc=False):
    """A partner's event as rules look at it."""

    data: Payload

    kind: ClassVar[str] = ""


class SignupRead(Occurrence, frozen=True, gc=False, tag="loyalty.signup.v1"):
    """Somebody joined."""

    data: Joining

    kind: ClassVar[str] = "signup"


class PurchaseRead(Occurrence, frozen=True, gc=False, tag="loyalty.purchase.v1"):
    """A basket was paid."""

    data: Basket

    kind: ClassVar[str] = "purchase"


class ReferralRead(Occurrence, frozen=True, gc=False, tag="loyalty.referral.v1"):
    """A member brought a friend."""

    kind: ClassVar[str] = "referral"


class ReturnedLine(Struct, frozen=True, gc=False):
    """Which line of the purchase, from 0, and how many pieces of it."""

    line: int
    quantity: int


class Returned(Payload, frozen=True, gc=False, kw_only=True):
    """A return's payload: lines of a purchase, or an amount, or (neither) all of it. It has no basket of its own."""

    purchase: str
    back: list[ReturnedLine] | None = msgspec.field(default=None, name="lines")
    amount: Decimal | None = None


class ReturnRead(Occurrence, frozen=True, gc=False, tag="loyalty.return.v1"):
    """Goods came back."""

    data: Returned

    kind: ClassVar[str] = "return"


class Reported(Payload, frozen=True, gc=False, kw_only=True):
    """A milestone's payload."""

    purchase: str
    milestone: str


class MilestoneRead(Occurrence, frozen=True, gc=False, tag="loyalty.milestone.v1"):
    """A purchase came to a milestone; no rule looks at it."""

    data: Reported

    kind: ClassVar[str] = "milestone"


class Place(Struct, frozen=True, gc=False):
    """Where a record stands."""

    topic: str
    partition: int
    offset: int


class _ActivityBody(Struct, frozen=True, gc=False):
    member: str
    origin: Place
    hash: str
    event: SignupRead | PurchaseRead | ReferralRead | ReturnRead | MilestoneRead
    advocate: str | None = None
    request: str | None = None


class ActivityRead(Struct, frozen=True, gc=False, tag_field="type", tag="loyalty.activity.v1"):
    """An activity: whose it is, where its record stood, and what happened."""

    data: _ActivityBody

    @property
    def member(self) -> str:
        """The member's id."""
        return self.data.member

    @property
    def event(self) -> Occurrence:
        """What the partner said."""
        return self.data.event

    @property
    def advocate(self) -> str | None:
        """Of a referral: the member who brought the friend."""
        return self.data.advocate

    @property
    def origin_key(self) -> str:
        """`topic:partition:offset`."""
        origin = self.data.origin
        return f"{origin.topic}:{origin.partition}:{origin.offset}"


class _GrantBody(Struct, frozen=True, gc=False):
    member: str
    rule: str
    version: int
    wallet: str
    points: int
    issuer: str
    tag: str | None = None
    role: str | None = None
    corrects: str | None = None
    bought_by: str | None = None


class GrantRead(Sourced, frozen=True, gc=False, tag="loyalty.grant.v1"):
    """A grant: points that campaigns won for a member."""

    data: _GrantBody


def embedded(document: dict[str, Any], name: str, value: bytes) -> bytes:
    """The document as JSON with `value`, which is JSON already, as the last entry of its `data`.

    `data` must be the document's last entry and not be empty. Decoding a basket only to encode it again would cost
    more than all the rest.
    """
    return b'%b,"%b":%b}}' % (orjson.dumps(document)[:-2], name.encode(), value)


def read(value: bytes, decoder: msgspec.json.Decoder[T]) -> T | Refused:
    """The record; Refused where it is no JSON, of a type that this consumer does not read, or of another shape."""
    if not value or len(value) > _MOST:
        return Refused("empty", "the record has no value") if not value else Refused("too_large", "over 16 MB")
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        return _explained(str(error))
    except msgspec.DecodeError as error:
        return Refused("not_json", f"not JSON: {error}")
    except (ValueError, ArithmeticError) as error:  # a decimal or a time that only looks like one
        return Refused("invalid_value", f"not of the contract's shape: {type(error).__name__}")


def _explained(told: str) -> Refused:
    """msgspec names the place and the type that it wants; it quotes a value only where that is a record's type."""
    if told.endswith("`$.type`"):
        return Refused("unknown_type", f"this consumer does not read that: {told}")
    return Refused("missing_field" if "missing required" in told else "invalid_value", told)


_OCCURRENCE: Final = msgspec.json.Decoder(SignupRead | PurchaseRead | ReferralRead | ReturnRead | MilestoneRead)


def occurrence_of(event: Occurrence | AnyEvent) -> Occurrence:
    """A partner's event as rules look at it, from its model; whoever has it so already gets it back."""
    if isinstance(event, Occurrence):
        return event
    found: Occurrence = _OCCURRENCE.decode(event.model_dump_json(exclude_none=True))
    return found
