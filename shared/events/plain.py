"""Partners' purchases read fast, where they are written plainly: nearly all of them are, and nearly all events are
purchases.

The contract (`shared.events.partner`) decides; what is here only finds sooner what it would. Of whatever is unusual
(a field that is not known, spaces around a name, an escaped character, a fraction of a second) nothing is said, and
the contract is asked. So nothing is refused here, and what is accepted has the contract's canonical bytes; a test
compares the two on generated events.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct, field

from shared.events.envelope import SOURCE
from shared.events.partner import EMAIL, PHONE
from shared.events.values import AMOUNT, CURRENCY

_MOST: Final = 2**53
_TIME: Final = r"^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-][01][0-9]:[0-5][0-9])$"
_Name = Annotated[str, Meta(min_length=1, max_length=256)]
_Said = Annotated[
    dict[_Name, Annotated[str, Meta(max_length=1024)] | Annotated[int, Meta(ge=-_MOST, le=_MOST)] | bool],
    Meta(max_length=64),
]


def _nothing() -> dict[str, str | int | bool]:
    """Not `dict` itself: with that for a default msgspec would leave an empty one out, which the contract writes."""
    return {}


class PlainRef(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, gc=False):
    """See `MemberRef`."""

    reference: _Name | None = None
    card: _Name | None = None
    email: Annotated[str, Meta(pattern=EMAIL)] | None = None
    phone: Annotated[str, Meta(pattern=PHONE)] | None = None
    app: _Name | None = None


class PlainLine(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """See `Line`."""

    product: _Name
    category: _Name | None = None
    department: _Name | None = None
    brand: _Name | None = None
    quantity: Annotated[int, Meta(ge=0, le=10_000_000)]
    amount: Annotated[str, Meta(pattern=AMOUNT)]
    attributes: _Said | None = None


class PlainBasket(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """See `PurchaseData`."""

    member: PlainRef
    store: _Name | None = None
    channel: _Name | None = None
    payment: _Name | None = None
    currency: Annotated[str, Meta(pattern=CURRENCY)]
    lines: Annotated[list[PlainLine], Meta(min_length=1, max_length=2_000)]
    attributes: _Said = field(default_factory=_nothing)


class _Sent(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True, gc=False):
    """A purchase as it came: the time as its sender wrote it, which a reader of times would not show."""

    specversion: Literal["1.0"]
    id: _Name
    source: Annotated[str, Meta(pattern=SOURCE)]
    time: Annotated[str, Meta(pattern=_TIME)]
    datacontenttype: Literal["application/json"] = "application/json"
    type: Literal["loyalty.purchase.v1"]
    data: PlainBasket


class PlainPurchase(Struct, frozen=True, gc=False):
    """See `Purchase`."""

    specversion: str
    id: str
    source: str
    time: datetime
    datacontenttype: str
    type: str
    data: PlainBasket

    @property
    def key(self) -> str:
        """Source and id together, as everywhere."""
        return f"{self.source}|{self.id}"


class Plain(NamedTuple):
    """A purchase with its canonical bytes."""

    event: PlainPurchase
    canonical: bytes


_DECODER: Final = msgspec.json.Decoder(_Sent)
_ENCODER: Final = msgspec.json.Encoder()


def plain(value: bytes) -> Plain | None:
    """The purchase; None where the contract has to be asked."""
    try:
        sent = _DECODER.decode(value)
        time = datetime.fromisoformat(sent.time).astimezone(UTC)
    except ValueError:  # of msgspec, too
        return None
    data = sent.data
    named = data.member
    if not (named.reference or named.card or named.email or named.phone or named.app):
        return None
    if not (_in_order(data.attributes) and all(_in_order(x.attributes) for x in data.lines if x.attributes)):
        return None
    event = PlainPurchase(sent.specversion, sent.id, sent.source, time, sent.datacontenttype, sent.type, data)
    canonical = _ENCODER.encode(event)
    return Plain(event, canonical) if _all_plain(canonical) else None


def _in_order(said: dict[str, str | int | bool]) -> bool:
    return len(said) < 2 or list(said) == sorted(said)


def _all_plain(canonical: bytes) -> bool:
    """Whether all texts print, and none begins or ends with a space: canonical bytes have a space within texts only,
    and a backslash only where something is escaped."""
    if b"\\" in canonical or b'" ' in canonical or b' "' in canonical:
        return False
    return (canonical.isascii() and b"\x7f" not in canonical) or canonical.decode().isprintable()
