"""What the coalition and a partner have agreed: what a point costs that it gives, and pays that it takes; packs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.events.values import Money, Slug
from shared.rules.part import Count, Part


class Prepaid(Part):
    """Points are bought in packs, before they are given."""

    alert_at: Count = Field(
        0, ge=0, le=10**15, description="an alert is sent once when so many points are left, or fewer"
    )
    at_zero: Literal["refuse", "overdraw"] = Field(
        "refuse",
        description="refuse: earn rules give nothing that no pack pays; overdraw: they do, and the settlement has it",
    )


class Agreement(Part):
    """What is written about a partner."""

    cost: dict[Slug, Money] = Field(
        default_factory=dict,
        description="by wallet: what the partner pays for a point that it gives; the programme's value of a point, "
        "where nothing is written",
    )
    reimbursement: dict[Slug, Money] = Field(
        default_factory=dict,
        description="by wallet: what the partner is paid for a point that is spent there; the programme's value of a "
        "point, where nothing is written",
    )
    prepaid: Prepaid | None = Field(
        None, description="the partner buys its points beforehand; it pays afterwards where nothing is written"
    )
