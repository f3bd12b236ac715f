"""From raw bytes to an event, or to a reason that tells its sender what to do. Each record alone; nothing raises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar, get_args

import orjson
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from shared.events.misplaced import belongs
from shared.events.partner import PARTNER_EVENT, AnyEvent
from shared.events.plain import PlainPurchase
from shared.events.spelling import said

Reason = Literal[
    "empty",
    "not_json",
    "too_large",
    "unknown_type",
    "unsupported_version",
    "missing_field",
    "unknown_field",
    "invalid_value",
    "wrong_source",
    "identity_conflict",
    "self_referral",
    "content_changed",
    "before_programme",
    "in_the_future",
    "unknown_purchase",
    "before_purchase",
    "exceeds_purchase",
    "wrong_currency",
    "unknown_wallet",
    "account_closed",
    "too_many_points",
    "undecidable",
]
REASONS: Final[tuple[str, ...]] = get_args(Reason)
MAX_BYTES: Final = 1_000_000
AHEAD: Final = timedelta(days=1)  # how far clocks may differ, and what is dated by the day may be ahead
_TYPE = re.compile(r"^(loyalty\.[a-z]+)\.v(\d+)$")
_KNOWN: Final = {
    "loyalty.signup": (1,),
    "loyalty.purchase": (1,),
    "loyalty.referral": (1,),
    "loyalty.return": (1,),
    "loyalty.milestone": (1,),
}
_BASE64: Final = "data_base64 is not read here: decode it, and write the JSON object that it holds as `data`"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a record has no effect; `detail` says what to write instead. Never holds personal data: only places."""

    reason: Reason
    detail: str


class RefusedError(Exception):
    """What ends a decision that has begun and must not be half done: its record alone is refused, and all that the
    decision has changed is forgotten."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.refused = refused


def decode_partner(value: bytes, partner: str) -> AnyEvent | Refused:
    """A partner's event, checked against the contract and against the topic it came by."""
    size = _size_fault(value)
    if size is not None:
        return size
    try:
        event = PARTNER_EVENT.validate_json(value)
    except ValidationError as fault:
        return _explain(value, fault)
    if event.source != f"/partners/{partner}":
        return Refused("wrong_source", f"source must be /partners/{partner} on this topic")
    return event


def too_early(event: AnyEvent | PlainPurchase, came_in: datetime, ahead: timedelta) -> Refused | None:
    """Why an event that happens later than it was published is refused; None for one that does not, or not by much.

    By when the broker took the record, not by the clock on our wall: read again next year, it is judged alike.
    """
    if event.time - came_in <= ahead:
        return None
    limit = f"{ahead / timedelta(hours=1):g} hours"
    return Refused("in_the_future", f"time is more than {limit} later than the record; send it when it has happened")


def decode_internal(value: bytes, contract: TypeAdapter[T]) -> T | Refused:
    """A record of one of our own topics."""
    size = _size_fault(value, limit=16 * MAX_BYTES)
    if size is not None:
        return size
    try:
        return contract.validate_json(value)
    except ValidationError as fault:
        return _of_fields(fault)


def _size_fault(value: bytes, limit: int = MAX_BYTES) -> Refused | None:
    if not value:
        return Refused("empty", "the record has no value; send a CloudEvent in JSON")
    if len(value) > limit:
        return Refused("too_large", f"{len(value)} bytes; the most is {limit}: split the event")
    return None


def _explain(value: bytes, fault: ValidationError) -> Refused:
    """The nearest reason: what is no JSON, what type is not ours, else the first fields that do not fit."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as broken:
        return Refused("not_json", f"not JSON at byte {broken.pos}: {broken.msg}")
    if not isinstance(document, dict):
        return Refused("not_json", "a CloudEvent is a JSON object")
    kind = document.get("type")
    if "type" in document and not isinstance(kind, str):
        return Refused("unknown_type", "type is a text such as loyalty.purchase.v1")
    if isinstance(kind, str):
        match = _TYPE.match(kind)
        if match is None or match[1] not in _KNOWN:
            return Refused("unknown_type", f"type is not one of {', '.join(f'{name}.v1' for name in _KNOWN)}")
        if int(match[2]) not in _KNOWN[match[1]]:
            return Refused("unsupported_version", f"{match[1]} is understood in version 1 only, not {match[2]}")
    found = _of_fields(fault)
    if "data_base64" in document and "data" not in document:
        return Refused(found.reason, f"{found.detail}; {_BASE64}")
    return found


def _of_fields(fault: ValidationError) -> Refused:
    """Names the fields and the rule they break, never their values (they may be personal)."""
    errors = fault.errors(include_url=False, include_input=False)
    kinds = {error["type"] for error in errors}
    reason: Reason = "invalid_value"
    if "json_invalid" in kinds:
        reason = "not_json"
    elif kinds & {"missing", "union_tag_not_found"}:
        reason = "missing_field"
    elif "extra_forbidden" in kinds:
        reason = "unknown_field"
    places = [f"{_path(error['loc']) or 'type'}: {_words(error)}" for error in errors[:5]]
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return Refused(reason, "; ".join(places) + more)


def _words(error: ErrorDetails) -> str:
    elsewhere = belongs(error["loc"]) if error["type"] == "extra_forbidden" else None
    return elsewhere or said(error)


def _path(loc: tuple[int | str, ...]) -> str:
    """Where it is, without the union's tag that pydantic puts in front."""
    parts = loc[1:] if loc and str(loc[0]).startswith("loyalty.") else loc
    return ".".join(str(part) for part in parts)
