"""Our own records, read fast: plain JSON with the few fields taken out that a consumer decides by.

Partners' events are checked strictly, once, at the door. What our services tell each other is checked against the
contracts by the tests; reading it again through the models would cost more than the rules. A record that does not
have the shape is still refused, alone, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from shared.events.decode import MAX_BYTES, Refused
from shared.events.partner import Purchase, Referral, Return, Signup

Line = Mapping[str, Any]
T = TypeVar("T")
_MOST: Final = 16 * MAX_BYTES


class Occurrence(NamedTuple):
    """A partner's event as rules look at it; `data` is the contract's payload as JSON has it."""

    source: str
    id: str
    kind: str
    time: datetime
    data: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Source and id together, as everywhere."""
        return f"{self.source}|{self.id}"

    @property
    def lines(self) -> Sequence[Line]:
        """The basket's lines; none where the event has no basket."""
        return self.data.get("lines") or () if self.kind == "purchase" else ()


class ActivityRead(NamedTuple):
    """An activity: whose it is, where its record stood, and what happened."""

    member: str
    origin: Mapping[str, Any]
    hash: str
    advocate: str | None
    event: Occurrence

    @property
    def origin_key(self) -> str:
        """`topic:partition:offset`."""
        return f"{self.origin['topic']}:{self.origin['partition']}:{self.origin['offset']}"


class GrantRead(NamedTuple):
    """A grant: points that campaigns won for a member."""

    source: str
    id: str
    time: datetime
    member: str
    rule: str
    version: int
    wallet: str
    points: int
    issuer: str

    @property
    def key(self) -> str:
        """Source and id together."""
        return f"{self.source}|{self.id}"


class AccrualRead(NamedTuple):
    """An accrual: the member's announcement `seq`, what was earned by which rule, and what for."""

    id: str
    time: datetime
    member: str
    seq: int
    earned: Sequence[Mapping[str, Any]]
    cause_source: str
    cause_id: str
    activity: ActivityRead | None

    @property
    def key(self) -> str:
        """Source and id together."""
        return f"/earn|{self.id}"


def read(value: bytes, taken: Mapping[str, Callable[[Mapping[str, Any]], T]]) -> T | Refused:
    """The record by its type's reader; Refused where it is no JSON, of another type, or of another shape."""
    if not value or len(value) > _MOST:
        return Refused("empty", "the record has no value") if not value else Refused("too_large", "over 16 MB")
    try:
        document = orjson.loads(value)
        reader = taken.get(document["type"])
        if reader is None:
            return Refused("unknown_type", f"this consumer reads {', '.join(taken)}")
        return reader(document)
    except orjson.JSONDecodeError as error:
        return Refused("not_json", f"not JSON at byte {error.pos}")
    except KeyError as error:
        return Refused("missing_field", f"{error.args[0]}: field required")
    except (TypeError, ValueError, AttributeError) as error:
        return Refused("invalid_value", f"not of the contract's shape: {type(error).__name__}")


def occurrence(event: Mapping[str, Any]) -> Occurrence:
    """A partner's event from JSON that the contract has passed."""
    kind = event["type"].split(".")[1]
    return Occurrence(event["source"], event["id"], kind, datetime.fromisoformat(event["time"]), event["data"])


def occurrence_of(event: Signup | Purchase | Referral | Return) -> Occurrence:
    """A partner's event from its model."""
    data = event.data.model_dump(mode="json", exclude_none=True)
    return Occurrence(event.source, event.id, event.type.split(".")[1], event.time, data)


def activity(document: Mapping[str, Any]) -> ActivityRead:
    """loyalty.activity.v1"""
    data = document["data"]
    return ActivityRead(data["member"], data["origin"], data["hash"], data.get("advocate"), occurrence(data["event"]))


def grant(document: Mapping[str, Any]) -> GrantRead:
    """loyalty.grant.v1"""
    data = document["data"]
    return GrantRead(
        document["source"],
        document["id"],
        datetime.fromisoformat(document["time"]),
        data["member"],
        data["rule"],
        int(data["version"]),
        data["wallet"],
        int(data["points"]),
        data["issuer"],
    )


def accrual(document: Mapping[str, Any]) -> AccrualRead:
    """loyalty.accrual.v1, with its activity."""
    return _accrual(document, activity)


def accrual_summary(document: Mapping[str, Any]) -> AccrualRead:
    """loyalty.accrual.v1 for a consumer that has no use for baskets."""
    return _accrual(document, lambda _: None)


def _accrual(
    document: Mapping[str, Any], read_activity: Callable[[Mapping[str, Any]], ActivityRead | None]
) -> AccrualRead:
    data = document["data"]
    within = data.get("activity")
    cause = within["data"]["event"] if within is not None else data["grant"]
    return AccrualRead(
        document["id"],
        datetime.fromisoformat(document["time"]),
        data["member"],
        int(data["seq"]),
        data["earned"],
        cause["source"],
        cause["id"],
        read_activity(within) if within is not None else None,
    )
