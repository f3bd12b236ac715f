"""What a partner reads on its own `rejections` topic: which of its records was refused, and why."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.events.decode import REASONS
from shared.events.envelope import CloudEvent
from shared.events.internal import Internal, Origin


class RejectionData(Internal):
    """The reason, and what it takes to find the record again. The record itself is not repeated."""

    # Text and no enumeration: a partner's program must not break when a later release adds a reason.
    reason: Annotated[str, Field(description="one word; README.md has them all", examples=list(REASONS))]
    detail: str = Field(description="which field, and what to write instead; for people, its wording may change")
    origin: Origin = Field(description="where the refused record stands on the partner's topic")
    event: str | None = Field(None, description="`source|id` of the refused event; null where it could not be read")


class Rejection(CloudEvent):
    """loyalty.rejection.v1, on `rejections.<partner>`. Its id is the record's position, its time when that came in."""

    type: Literal["loyalty.rejection.v1"] = "loyalty.rejection.v1"
    data: RejectionData
