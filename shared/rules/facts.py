"""Facts: what conditions may ask about an event, its basket and its member; each computed once, when first asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, field_validator

from shared.events.light import Line, Occurrence
from shared.rules.localtime import WEEKDAYS

Value = str | bool | int
LineTest = Callable[[Line], bool]
# Written in order: a set's own order differs from process to process, and a version's hash must not.
Words = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
ZERO: Final = Decimal(0)


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

    def test(self, *, but: bool = False) -> LineTest:
        """A closure that tells whether a line is one of them; `but`: whether it is none of them."""
        wanted = [
            (name, words) for name in ("department", "category", "brand", "product") if (words := getattr(self, name))
        ]
        if len(wanted) == 1:
            (name, words), *_ = wanted
            value = attrgetter(name)
            return (lambda line: value(line) not in words) if but else (lambda line: value(line) in words)
        return lambda line: all(getattr(line, name) in words for name, words in wanted) != but

    def text(self) -> str:
        """As an explanation shows it: `department PRODUCE`."""
        written = self.model_dump(exclude_none=True)
        return ", ".join(f"{name} {' or '.join(sorted(values))}" for name, values in written.items())


class Facts:
    """The facts of one event for one member; nothing is computed that no condition asks for, and nothing twice."""

    __slots__ = ("_asked", "_eligible", "_eligible_test", "_local", "attributes", "event", "lines", "zone")

    def __init__(
        self,
        event: Occurrence,
        attributes: Mapping[str, Any],
        zone: ZoneInfo,
        eligible: LineTest | None = None,
    ) -> None:
        self.event = event
        self.lines = event.data.lines
        self.attributes = attributes
        self.zone = zone
        self._eligible_test = eligible
        self._local: datetime | None = None
        self._eligible: list[Decimal] | None = None
        self._asked: dict[Asked, Any] = {}

    @property
    def kind(self) -> str:
        """signup, purchase, referral or return."""
        return self.event.kind

    @property
    def local(self) -> datetime:
        """The event's time in the programme's zone."""
        if self._local is None:
            self._local = self.event.time.astimezone(self.zone)
        return self._local

    @property
    def eligible_amounts(self) -> list[Decimal]:
        """The eligible amount of each line, in the basket's order; 0 where the line is not eligible."""
        if self._eligible is None:
            test = self._eligible_test
            self._eligible = [x.amount if test is None or test(x) else ZERO for x in self.lines]
        return self._eligible

    @property
    def total_amounts(self) -> list[Decimal]:
        """The amount of each line, in the basket's order."""
        return [line.amount for line in self.lines]

    def of_member(self, attributes: Mapping[str, Any]) -> Facts:
        """Now that the member is known: what was computed of the event alone is kept."""
        self.attributes = attributes
        for asked in [each for each in self._asked if each.of_member]:
            del self._asked[asked]
        return self

    def get(self, asked: Asked) -> Any:
        """A fact's value; None when it is not known."""
        known = self._asked
        if asked not in known:
            known[asked] = asked.compute(self)
        return known[asked]

    def used(self) -> dict[str, str | None]:
        """Every fact that was asked for so far, as text: what a decision rested on."""
        return {asked.label: None if value is None else str(value) for asked, value in self._asked.items()}


class Asked:
    """One question to the facts, made when a rule is compiled; compared by identity, so that asking costs little."""

    __slots__ = ("compute", "label", "of_member")

    def __init__(self, name: str, where: LineFilter | None = None) -> None:
        self.label = name if where is None else f"{name} where {where.text()}"
        self.of_member = name.startswith("member.")
        self.compute: Callable[[Facts], Any] = _computer(name, where)


@lru_cache(maxsize=100_000)
def ask(name: str, where: LineFilter | None = None) -> Asked:
    """The question; the same for the same words, so that two rules share its answer."""
    return Asked(name, where)


def _computer(name: str, where: LineFilter | None) -> Callable[[Facts], Any]:
    for prefix, held in (("member.attributes.", "attributes"), ("event.attributes.", "data")):
        if name.startswith(prefix):
            attribute = name.removeprefix(prefix)
            if held == "attributes":
                return lambda facts: facts.attributes.get(attribute)
            return lambda facts: facts.event.data.attributes.get(attribute)
    if name.startswith("lines."):
        aggregate = _LINES[name]
        if where is None:
            return lambda facts: aggregate(facts.lines)
        fits = where.test()
        return lambda facts: aggregate([line for line in facts.lines if fits(line)])
    return _SIMPLE[name]


_LINES: Final[dict[str, Callable[[Sequence[Line]], Any]]] = {
    "lines.count": len,
    "lines.sum": lambda lines: sum((x.amount for x in lines), ZERO),
    "lines.quantity": lambda lines: sum(x.quantity for x in lines),
    "lines.distinct_products": lambda lines: len({x.product for x in lines}),
}
_SIMPLE: Final[dict[str, Callable[[Facts], Any]]] = {
    "event.kind": lambda facts: facts.kind,
    "event.partner": lambda facts: facts.event.source.removeprefix("/partners/"),
    "event.store": lambda facts: facts.event.data.store,
    "event.channel": lambda facts: facts.event.data.channel,
    "event.currency": lambda facts: facts.event.data.currency,
    "basket.total": lambda facts: sum(facts.total_amounts, ZERO) if facts.lines else None,
    "basket.eligible": lambda facts: sum(facts.eligible_amounts, ZERO) if facts.lines else None,
    "basket.quantity": lambda facts: sum(x.quantity for x in facts.lines) if facts.lines else None,
    "calendar.weekday": lambda facts: WEEKDAYS[facts.local.weekday()],
    "calendar.date": lambda facts: facts.local.date().isoformat(),
    "calendar.hour": lambda facts: facts.local.hour,
}
