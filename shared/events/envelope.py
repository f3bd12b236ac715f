"""CloudEvents 1.0 in structured JSON: the envelope that every record on every topic wears."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.events.values import PRINTABLE, EventTime

EventId = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PRINTABLE)]
SOURCE: Final = r"^/[a-z0-9][a-z0-9/-]{0,127}$"
Source = Annotated[str, StringConstraints(pattern=SOURCE)]


_WHEN: Final = "when it happened (event time), with an offset; rules go by this"


class CloudEvent(BaseModel):
    """The attributes that every event has.

    Extension attributes (`traceparent` and the like) are legal in CloudEvents and ignored here; they are no part of
    the content that `id` stands for. Source: CloudEvents 1.0.2, JSON event format.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, strict=True, defer_build=True)

    specversion: Literal["1.0"]
    id: EventId = Field(description="minted by the producer, the same over all its retries")
    source: Source = Field(description="who says it: /partners/<id> or a service")
    time: AwareDatetime = Field(description=_WHEN)
    datacontenttype: Literal["application/json"] = "application/json"

    @property
    def key(self) -> str:
        """What the event is known by everywhere: source and id together."""
        return f"{self.source}|{self.id}"


class PartnerCloudEvent(CloudEvent):
    """An event from outside: its time is checked more strictly than those that follow from it."""

    time: EventTime = Field(description=_WHEN)
