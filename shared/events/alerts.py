"""What operators (and a partner's account manager) are told, once: a pack of points runs low."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.events.envelope import CloudEvent
from shared.events.internal import Internal, Points
from shared.events.values import Slug


class PackAlertData(Internal):
    """A partner's pack is down to the level that its definition says, or to nothing."""

    partner: Slug
    wallet: Slug
    left: Points = Field(description="that the pack still pays for")
    alert_at: int = Field(description="the level")
    at_zero: Literal["refuse", "overdraw"] = Field(description="what happens when nothing is left")
    bought: Points = Field(description="points that were ever bought of this wallet")


class PackAlert(CloudEvent):
    """loyalty.pack-alert.v1, on `alerts`, keyed by partner. Its id says which purchase it follows: one alert each."""

    type: Literal["loyalty.pack-alert.v1"] = "loyalty.pack-alert.v1"
    data: PackAlertData
