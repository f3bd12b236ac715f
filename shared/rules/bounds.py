"""What holds a rule back: the models of `limits`, `budget` and `stacking`."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from shared.events.values import Money, Slug
from shared.rules.budgets import millionths
from shared.rules.digits import Exact
from shared.rules.part import Count, Part
from shared.rules.placed import Wrong, placed
from shared.rules.schedule import Period

MOST_DIGITS: Final = 12  # of what a point costs


class Limit(Part):
    """At most `times` (once, where nothing is written), or at most `points`, a member, household or in all
    (`programme`), in a period of the definition's zone. What exceeds `points` is cut off."""

    per: Literal["member", "household", "programme"] = "member"
    period: Period
    times: Count | None = Field(None, ge=1, le=1_000_000_000)
    points: Count | None = Field(None, ge=1, le=10**15)

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
    """What a rule or campaign may spend in all: in points, or in money, of which points take their cost, and vouchers
    and gifts their value."""

    points: Count | None = Field(None, ge=1, le=10**15)
    money: Money | None = None
    cost_per_point: Exact | None = Field(
        None, gt=0, max_digits=MOST_DIGITS, description="in the currency of `money`; needed where points are given"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.points is None) == (self.money is None):
            raise ValueError("write exactly one of `points` and `money`")
        if self.money is not None:
            _counted("money", self.money.value)
            _counted("cost_per_point", self.cost_per_point or Decimal(0))
            if self.in_points == 0:
                raise ValueError("the money does not pay for a single point")
        return self

    @property
    def in_points(self) -> int | None:
        """How many points it pays for; None where nobody says what one costs."""
        if self.money is None:
            return self.points
        return None if self.cost_per_point is None else int(self.money.value // self.cost_per_point)

    @property
    def in_millionths(self) -> int:
        """The money, in millionths of its currency."""
        return 0 if self.money is None else millionths(self.money.value)


def _counted(field: str, amount: Decimal) -> None:
    """Raises what is wrong with an amount that cannot be counted, at its field."""
    try:
        millionths(amount)
    except ValueError as error:
        raise placed([Wrong((field,), str(error))]) from None


class Stacking(Part):
    """How rules of a group share an event.

    additive: all that apply give. best: only the one that gives most; of equals the one of higher priority, then
    the smaller id. exclusive: only the one of the highest priority. ordered: all give, higher priority first, so that
    compounding multipliers build on those before them.
    """

    group: Slug
    how: Literal["additive", "best", "exclusive", "ordered"] = "additive"
    priority: Count = Field(0, ge=-1_000, le=1_000)
