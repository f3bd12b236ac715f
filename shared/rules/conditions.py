"""Conditions: a tree of all, any and not over comparisons of named facts; checked when read, compiled to closures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from shared.rules.facts import CATALOGUE, Facts, LineFilter, Value, ask

Test = Callable[[Facts], bool]
_COMPARISONS: Final = ("is", "is_not", "in", "not_in", "at_least", "more_than", "at_most", "less_than", "known")


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class All(_Node):
    """Every part holds."""

    all: list[Condition] = Field(min_length=1)


class Any_(_Node):
    """At least one part holds."""

    any: list[Condition] = Field(min_length=1)


class Not(_Node):
    """The part does not hold."""

    not_: Condition = Field(alias="not")


class Compare(_Node):
    """One fact against a value: `{fact: basket.eligible, at_least: "10.00"}`."""

    fact: str
    where: LineFilter | None = Field(None, description="which lines a `lines.` fact looks at; all by default")
    is_: Value | None = Field(None, alias="is")
    is_not: Value | None = None
    in_: list[Value] | None = Field(None, alias="in", min_length=1)
    not_in: list[Value] | None = Field(None, min_length=1)
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None
    known: bool | None = None

    @property
    def comparison(self) -> tuple[str, Any]:
        """The one comparison that is written, and its value."""
        written = [(name, getattr(self, {"is": "is_", "in": "in_"}.get(name, name))) for name in _COMPARISONS]
        return next((name, value) for name, value in written if value is not None)

    @model_validator(mode="after")
    def _checked(self) -> Self:
        names = [n for n in _COMPARISONS if getattr(self, {"is": "is_", "in": "in_"}.get(n, n)) is not None]
        if len(names) != 1:
            raise ValueError(f"write exactly one comparison ({', '.join(_COMPARISONS)}), not {len(names)}")
        kind = fact_kind(self.fact)
        if names[0] in ("at_least", "more_than", "at_most", "less_than") and kind != "number":
            raise ValueError(f"{self.fact} is a {kind}: compare it with is, is_not, in, not_in or known")
        if kind == "number" and names[0] in ("in", "not_in", "is", "is_not"):
            raise ValueError(f"{self.fact} is a number: compare it with at_least, more_than, at_most or less_than")
        wanted = self.in_ or self.not_in or [each for each in (self.is_, self.is_not) if each is not None]
        if kind == "text" and any(not isinstance(each, str) for each in wanted):
            raise ValueError(f'{self.fact} is a text: write its value in quotes, such as "2"')
        if self.where is not None and not self.fact.startswith("lines."):
            raise ValueError(f"`where` belongs to facts about lines (lines.sum and the like), not to {self.fact}")
        return self


def _which(value: Any) -> str:
    keys = value.keys() if isinstance(value, dict) else {f.alias or n for n, f in type(value).model_fields.items()}
    for key in ("all", "any", "not"):
        if key in keys:
            return key
    return "fact"


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Compare, Tag("fact")],
    Discriminator(_which),
]
for _model in (All, Any_, Not):
    _model.model_rebuild()


def fact_kind(name: str) -> str:
    """The kind of a fact: number, text or attribute. Raises ValueError with the nearest name."""
    for prefix in ("member.attributes.", "event.attributes."):
        if name.startswith(prefix) and len(name) > len(prefix):
            return "attribute"
    if name in CATALOGUE:
        return CATALOGUE[name].kind
    near = get_close_matches(name, CATALOGUE, n=1, cutoff=0.5)
    raise ValueError(f"no fact is called {name}" + (f"; did you mean {near[0]}?" if near else ""))


def compile_condition(condition: All | Any_ | Not | Compare | None) -> Test:
    """A closure that tells whether the condition holds for given facts."""
    match condition:
        case None:
            return lambda facts: True
        case All(all=parts):
            tests = [compile_condition(part) for part in parts]
            return lambda facts: all(test(facts) for test in tests)
        case Any_(any=parts):
            tests = [compile_condition(part) for part in parts]
            return lambda facts: any(test(facts) for test in tests)
        case Not(not_=part):
            inner = compile_condition(part)
            return lambda facts: not inner(facts)
        case Compare():
            return _compile_comparison(condition)


def _compile_comparison(leaf: Compare) -> Test:
    asked = ask(leaf.fact, leaf.where)
    name, wanted = leaf.comparison
    holds = _COMPARE[name]
    if name in ("in", "not_in"):
        wanted = frozenset(wanted)
    return lambda facts: holds(facts.get(asked), wanted)


# What is unknown satisfies no comparison but `is_not`, `not_in` and `known: false`: a missing attribute is no value.
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "is": lambda value, wanted: value == wanted,
    "is_not": lambda value, wanted: value != wanted,
    "in": lambda value, wanted: value in wanted,
    "not_in": lambda value, wanted: value not in wanted,
    "at_least": lambda value, wanted: value is not None and value >= wanted,
    "more_than": lambda value, wanted: value is not None and value > wanted,
    "at_most": lambda value, wanted: value is not None and value <= wanted,
    "less_than": lambda value, wanted: value is not None and value < wanted,
    "known": lambda value, wanted: (value is not None) == wanted,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison of an explained condition: the fact, its value, what was asked, and whether it held."""

    fact: str
    value: str | None
    asked: str
    held: bool


def explain_condition(condition: All | Any_ | Not | Compare | None, facts: Facts) -> list[Finding]:
    """Every comparison of the tree with the fact's value; the same closures decide here and there."""
    match condition:
        case None:
            return []
        case All(all=parts) | Any_(any=parts):
            return [finding for part in parts for finding in explain_condition(part, facts)]
        case Not(not_=part):
            return explain_condition(part, facts)
        case Compare():
            name, wanted = condition.comparison
            asked = ask(condition.fact, condition.where)
            value = facts.get(asked)
            shown = None if value is None else str(value)
            return [Finding(asked.label, shown, f"{name} {wanted}", _compile_comparison(condition)(facts))]


def about_member(condition: All | Any_ | Not | Compare | None) -> bool:
    """Whether the condition asks anything about the member; one that does not can be decided by the event alone."""
    match condition:
        case None:
            return False
        case All(all=parts) | Any_(any=parts):
            return any(about_member(part) for part in parts)
        case Not(not_=part):
            return about_member(part)
        case Compare():
            return condition.fact.startswith("member.")
