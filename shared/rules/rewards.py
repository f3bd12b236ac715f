"""What a rule gives: the models of `then`. Points of a wallet, exactly and with a named rounding; or a thing."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationInfo,
    WrapSerializer,
    model_validator,
)

from shared.events.values import Money, Name, Slug
from shared.rules.digits import Exact, from_file
from shared.rules.expressions import LineExpression
from shared.rules.part import Count, Part, Rounding
from shared.rules.placed import Wrong, placed, refuse

Amounts = Literal["basket.eligible", "basket.total"]
Round = Literal["sum", "line"]
Counted = Literal["eligible", "all"]
_MOST_POINTS = 10**12


def _refuse_repeated(rules: list[str], field: str, info: ValidationInfo) -> None:
    """A rule that is named twice would be built on twice, which nobody means by a list. What an older release has
    published stays what it is."""
    said = "{} stands in the list twice, and its points would count twice; leave it out here"
    twice = [(place, id_) for place, id_ in enumerate(rules) if id_ in rules[:place]]
    if from_file(info):
        refuse([Wrong((field, place), said.format(id_)) for place, id_ in twice])


class PerAmount(Part):
    """`give` points for each whole `per` of an amount.

    The amounts of the lines (that fit `where`) are added first and rounded once; with `round: line` each line is
    rounded for itself.
    """

    per: Exact = Field(gt=0, max_digits=12)
    of: Amounts = "basket.eligible"
    where: LineExpression | None = Field(None, description="only lines that fit")
    give: Count = Field(1, ge=1, le=1_000_000)
    rounding: Rounding = "down"
    round: Round = "sum"


class PerQuantity(Part):
    """`give` points for each whole `per` pieces of the lines that fit."""

    per: Count = Field(1, ge=1, le=1_000_000)
    of: Counted = "eligible"
    where: LineExpression | None = None
    give: Count = Field(ge=1, le=1_000_000)


class PerLine(Part):
    """`give` points for each line that fits; a line of 0 pieces counts too."""

    of: Counted = "eligible"
    where: LineExpression | None = None
    give: Count = Field(ge=1, le=1_000_000)


class Multiply(Part):
    """Makes the points of other rules `by` times as many: this rule gives what comes on top.

    on: `rounded` multiplies the points that the rules gave; `exact` what they would have given without rounding.
    compounding: true multiplies also what other multipliers before this one put on top of the same rules.
    """

    rules: list[Slug] = Field(min_length=1, max_length=50)
    by: Exact = Field(gt=1, le=1000, max_digits=8, description="2 doubles: once more of what the rules gave")
    on: Literal["rounded", "exact"] = "rounded"
    compounding: bool = False
    rounding: Rounding = "down"

    @model_validator(mode="after")
    def _once(self, info: ValidationInfo) -> Self:
        _refuse_repeated(self.rules, "rules", info)
        return self


class Cashback(Part):
    """A percentage of an amount, in points that are worth `unit` each (0.01: a cent a point)."""

    percent: Exact = Field(gt=0, le=100, max_digits=8)
    unit: Exact = Field(gt=0, max_digits=12, description="what one point of the wallet is worth, in the currency")
    of: Amounts = "basket.eligible"
    where: LineExpression | None = None
    rounding: Rounding = "down"
    round: Round = "sum"


SHAPES = ("fixed", "per_amount", "per_quantity", "per_line", "again", "multiply", "cashback")


class PointsEffect(Part):
    """How many points of which wallet: exactly one of the shapes; then not fewer than `at_least` nor more than
    `at_most`. A rule that would give none gives none, whatever `at_least` says."""

    wallet: Slug = "stars"
    fixed: Count | None = Field(None, ge=1, le=_MOST_POINTS)
    per_amount: PerAmount | None = None
    per_quantity: PerQuantity | None = None
    per_line: PerLine | None = None
    again: list[Slug] | None = Field(None, min_length=1, description="the points of these rules once more")
    multiply: Multiply | None = None
    cashback: Cashback | None = None
    at_least: Count | None = Field(None, ge=1, le=_MOST_POINTS)
    at_most: Count | None = Field(None, ge=1, le=_MOST_POINTS)

    @model_validator(mode="after")
    def _one(self) -> Self:
        written = [name for name in SHAPES if getattr(self, name) is not None]
        if len(written) != 1:
            raise ValueError(f"write exactly one of {', '.join(f'`{name}`' for name in SHAPES)}")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            said = f"it is more than `at_most`, {self.at_most}: no number of points fits; lower it, or raise `at_most`"
            raise placed([Wrong(("at_least",), said)])
        if self.fixed is not None:
            said = "`fixed` points need no `at_least` or `at_most`; leave it out"
            bounds = ("at_least", "at_most")
            refuse([Wrong((name,), said) for name in bounds if getattr(self, name) is not None])
        return self

    @model_validator(mode="after")
    def _once(self, info: ValidationInfo) -> Self:
        _refuse_repeated(self.again or [], "again", info)
        return self

    @property
    def shape(self) -> str:
        """Which of the shapes it has."""
        return next(name for name in SHAPES if getattr(self, name) is not None)

    @property
    def repeats(self) -> list[str]:
        """The rules whose points this one builds on."""
        return list(self.again or (self.multiply.rules if self.multiply is not None else ()))


class Voucher(Part):
    """A voucher for something: its own id is minted when it is given."""

    title: Name
    value: Money | None = None
    percent_off: Exact | None = Field(None, gt=0, le=100, max_digits=5)
    valid_days: Count | None = Field(None, ge=1, le=3_660)
    minimum: Money | None = Field(None, description="what must at least be spent on what it is for")
    categories: list[Name] | None = Field(
        None, min_length=1, max_length=50, description="only for lines of these categories; for all, unless written"
    )
    alone: bool = Field(False, description="not used with another voucher on one bill")

    @model_validator(mode="after")
    def _worth(self) -> Self:
        if self.value is not None and self.percent_off is not None:
            raise ValueError("a voucher has a `value` or `percent_off`, not both")
        if self.value is not None and self.minimum is not None and self.value.currency != self.minimum.currency:
            raise ValueError("`minimum` and `value` are in two currencies: no bill has both")
        return self


class GiftEffect(Part):
    """A thing."""

    title: Name
    value: Money | None = None


class Tickets(Part):
    """Tickets for a draw."""

    draw: Slug
    count: Count = Field(1, ge=1, le=1_000)


class Punch(Part):
    """Punches a card; the punch that fills it gives the points and begins a new one."""

    card: Slug
    of: Count = Field(ge=2, le=100, description="how many punches fill the card")
    wallet: Slug = "stars"
    points: Count = Field(ge=1, le=_MOST_POINTS)


THINGS = ("voucher", "gift", "tag", "tickets", "punch", "message")


class Thing(Part):
    """What is given that is no points: exactly one of these."""

    voucher: Voucher | None = None
    gift: GiftEffect | None = None
    tag: Slug | None = Field(None, description="put on the member; conditions ask for it with `in member.tags`")
    tickets: Tickets | None = None
    punch: Punch | None = None
    message: Slug | None = Field(None, description="id of the message definition to send")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, name) is not None for name in THINGS) != 1:
            raise ValueError(f"write exactly one of {', '.join(f'`{name}`' for name in THINGS)}")
        return self

    @property
    def name(self) -> str:
        """Which of them it is."""
        return next(name for name in THINGS if getattr(self, name) is not None)

    @property
    def worth(self) -> Money | None:
        """The value of a voucher or gift, where it has one."""
        held = self.voucher or self.gift
        return None if held is None else held.value


def _which(value: Any) -> str:
    keys = value.keys() if isinstance(value, dict) else {n for n in THINGS if getattr(value, n, None) is not None}
    return "thing" if keys & set(THINGS) else "points"


Effect = Annotated[
    Annotated[PointsEffect, Tag("points")] | Annotated[Thing, Tag("thing")],
    Discriminator(_which),
]


def _plain(effects: list[Any], handler: SerializerFunctionWrapHandler) -> Any:
    """One effect is written without a list around it."""
    written = handler(effects)
    return written[0] if len(written) == 1 else written


Then = Annotated[
    list[Effect],
    Field(min_length=1, max_length=8),
    BeforeValidator(lambda said: [said] if isinstance(said, dict | Part) else said),
    WrapSerializer(_plain),
]
