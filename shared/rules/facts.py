"""Facts: what conditions may ask about an event, its basket and its member; each computed once, when first asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from shared.events.partner import Line, Purchase, Referral, Return, Signup

Value = str | bool | int
LineTest = Callable[[Line], bool]
# Written in order: a set's own order differs from process to process, and a version's hash must not.
Words = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
ZERO: Final = Decimal(0)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry of the catalogue."""

    kind: Literal["number", "text"]
    about: str


CATALOGUE: Final[Mapping[str, Fact]] = {
    "event.kind": Fact("text", "signup, purchase, referral or return"),
    "event.partner": Fact("text", "id of the partner that sent it"),
    "event.store": Fact("text", "the partner's store"),
    "event.channel": Fact("text", "the partner's channel"),
    "event.currency": Fact("text", "ISO 4217 code of the amounts"),
    "basket.total": Fact("number", "sum of the lines' amounts"),
    "basket.eligible": Fact("number", "sum of the amounts of eligible lines"),
    "basket.quantity": Fact("number", "sum of the lines' quantities"),
    "lines.count": Fact("number", "how many lines"),
    "lines.sum": Fact("number", "sum of their amounts"),
    "lines.quantity": Fact("number", "sum of their quantities"),
    "lines.distinct_products": Fact("number", "how many different products"),
    "calendar.weekday": Fact("text", "monday to sunday, local"),
    "calendar.date": Fact("text", "2017-01-31, local"),
    "calendar.hour": Fact("number", "0 to 23, local"),
}


class LineFilter(BaseModel):
    """Which lines: all that is written must fit; a list means any of its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Words | None = Field(None, min_length=1)
    category: Words | None = Field(None, min_length=1)
    department: Words | None = Field(None, min_length=1)
    brand: Words | None = Field(None, min_length=1)

    @field_validator("product", "category", "department", "brand", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def fits(self, line: Line) -> bool:
        """Whether the line is one of them."""
        return (
            (self.department is None or line.department in self.department)
            and (self.category is None or line.category in self.category)
            and (self.brand is None or line.brand in self.brand)
            and (self.product is None or line.product in self.product)
        )

    def text(self) -> str:
        """As an explanation shows it: `department PRODUCE`."""
        written = self.model_dump(exclude_none=True)
        return ", ".join(f"{name} {' or '.join(sorted(values))}" for name, values in written.items())


class Facts:
    """The facts of one event for one member; nothing is computed that no condition asks for."""

    __slots__ = ("_asked", "_eligible", "_eligible_test", "_local", "_zone", "attributes", "event")

    def __init__(
        self,
        event: Signup | Purchase | Referral | Return,
        attributes: Mapping[str, Any],
        zone: ZoneInfo,
        eligible: Callable[[Line], bool] | None = None,
    ) -> None:
        self.event = event
        self.attributes = attributes
        self._zone = zone
        self._eligible_test = eligible
        self._local: datetime | None = None
        self._eligible: list[Decimal] | None = None
        self._asked: dict[tuple[str, LineFilter | None], Any] = {}

    @property
    def kind(self) -> str:
        """signup, purchase, referral or return."""
        return self.event.type.split(".")[1]

    @property
    def local(self) -> datetime:
        """The event's time in the programme's zone."""
        if self._local is None:
            self._local = self.event.time.astimezone(self._zone)
        return self._local

    @property
    def lines(self) -> list[Line]:
        """The basket's lines; none where the event has no basket."""
        return self.event.data.lines if isinstance(self.event, Purchase) else []

    @property
    def eligible_amounts(self) -> list[Decimal]:
        """The eligible amount of each line, in the basket's order; 0 where the line is not eligible."""
        if self._eligible is None:
            test = self._eligible_test
            self._eligible = [Decimal(x.amount) if test is None or test(x) else ZERO for x in self.lines]
        return self._eligible

    @property
    def total_amounts(self) -> list[Decimal]:
        """The amount of each line, in the basket's order."""
        return [Decimal(line.amount) for line in self.lines]

    def get(self, name: str, where: LineFilter | None = None) -> Any:
        """A fact's value; None when it is not known."""
        asked = (name, where)
        if asked not in self._asked:
            self._asked[asked] = self._compute(name, where)
        return self._asked[asked]

    def used(self) -> dict[str, str | None]:
        """Every fact that was asked for so far, as text: what a decision rested on."""
        return {
            name if where is None else f"{name} where {where.text()}": None if value is None else str(value)
            for (name, where), value in self._asked.items()
        }

    def _compute(self, name: str, where: LineFilter | None) -> Any:
        if name.startswith("member.attributes."):
            return self.attributes.get(name.removeprefix("member.attributes."))
        if name.startswith("event.attributes."):
            held = getattr(self.event.data, "attributes", {})
            return held.get(name.removeprefix("event.attributes."))
        if name.startswith("lines."):
            return _LINES[name]([x for x in self.lines if where is None or where.fits(x)])
        return _SIMPLE[name](self)


_LINES: Final[dict[str, Callable[[list[Line]], Any]]] = {
    "lines.count": len,
    "lines.sum": lambda lines: sum((Decimal(x.amount) for x in lines), ZERO),
    "lines.quantity": lambda lines: sum(x.quantity for x in lines),
    "lines.distinct_products": lambda lines: len({x.product for x in lines}),
}
_SIMPLE: Final[dict[str, Callable[[Facts], Any]]] = {
    "event.kind": lambda facts: facts.kind,
    "event.partner": lambda facts: facts.event.source.removeprefix("/partners/"),
    "event.store": lambda facts: getattr(facts.event.data, "store", None),
    "event.channel": lambda facts: getattr(facts.event.data, "channel", None),
    "event.currency": lambda facts: getattr(facts.event.data, "currency", None),
    "basket.total": lambda facts: sum(facts.total_amounts, ZERO) if facts.lines else None,
    "basket.eligible": lambda facts: sum(facts.eligible_amounts, ZERO) if facts.lines else None,
    "basket.quantity": lambda facts: sum(x.quantity for x in facts.lines) if facts.lines else None,
    "calendar.weekday": lambda facts: WEEKDAYS[facts.local.weekday()],
    "calendar.date": lambda facts: facts.local.date().isoformat(),
    "calendar.hour": lambda facts: facts.local.hour,
}
