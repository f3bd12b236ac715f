"""What holds a rule back: the models of `limits`, `budget` and `stacking`."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from shared.events.values import Money, Slug
from shared.rules.budgets import millionths
from shared.rules.part import Part
from shared.rules.schedule import Period


class Limit(Part):
    """At most `times` (once, where nothing is written), or at most `points`, a member, household or in all
    (`programme`), in a period of the definition's zone. What exceeds `points` is cut off."""

    per: Literal["member", "household", "programme"] = "member"
    period: Period
    times: int | None = Field(None, ge=1, le=1_000_000_000)
    points: int | None = Field(None, ge=1, le=10**15)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.times is not None and self.points is not None:
            raise ValueError("write `times` or `points`; for both make two limits")
        return self

    @property
    def measure(self) -> str:
        """`times` or `points`."""
        return "times" if self.points is None else "points"

    @property
    def most(self) -> int:
        """The limit itself."""
        return self.points if self.points is not None else self.times or 1


class Budget(Part):
    """What a rule or campaign may spend in all: in points, or in money with the cost of a point."""

    points: int | None = Field(None, ge=1, le=10**15)
    money: Money | None = None
    cost_per_point: Decimal | None = Field(None, gt=0, max_digits=12, description="in the currency of `money`")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.points is None) == (self.money is None):
            raise ValueError("write exactly one of `points` and `money`")
        if self.money is not None and self.cost_per_point is None:
            raise ValueError("a budget in money needs `cost_per_point`")
        if self.money is not None and self.cost_per_point is not None:
            millionths(self.money.value), millionths(self.cost_per_point)  # raises where they cannot be counted
            if self.in_points == 0:
                raise ValueError("the money does not pay for a single point")
        return self

    @property
    def in_points(self) -> int:
        """How many points it pays for."""
        if self.points is not None:
            return self.points
        assert self.money is not None and self.cost_per_point is not None
        return int(self.money.value // self.cost_per_point)


class Stacking(Part):
    """How rules of a group share an event.

    additive: all that apply give. best: only the one that gives most; of equals the one of higher priority, then
    the smaller id. exclusive: only the one of the highest priority. ordered: all give, higher priority first, so that
    compounding multipliers build on those before them.
    """

    group: Slug
    how: Literal["additive", "best", "exclusive", "ordered"] = "additive"
    priority: int = Field(0, ge=-1_000, le=1_000)
