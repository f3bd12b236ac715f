"""Conditions: a tree of all, any and not, whose leaves are expressions; compiled to closures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from shared.rules.expressions import Expression
from shared.rules.language.checking import condition as checked
from shared.rules.language.terms import Both, Either, Negation, Term, facts_in
from shared.rules.language.types import TRUTH
from shared.rules.part import Part

_DEEPEST: Final = 20
_LISTED: Final = (
    "a list does not say how many of its conditions must hold; write them under `all:` for all, under `any:` for one"
)
_JOINED: Final = {"and": "all", "every": "all", "or": "any", "some": "any"}


class All(Part):
    """Every part holds."""

    all: list[Condition] = Field(min_length=1, max_length=100)


class Any_(Part):
    """At least one part holds."""

    any: list[Condition] = Field(min_length=1, max_length=100)


class Not(Part):
    """The part does not hold."""

    not_: Condition = Field(alias="not")


def _which(value: Any) -> str:
    if isinstance(value, str):
        return "expression"
    keys = value.keys() if isinstance(value, dict) else {f.alias or n for n, f in type(value).model_fields.items()}
    return next((key for key in ("all", "any", "not") if key in keys), "expression")


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Expression, Tag("expression")],
    Discriminator(_which),
]
for _model in (All, Any_, Not):
    _model.model_rebuild()


def _shaped(condition: Any) -> Any:
    """Says in our words, and where, what is no condition: nothing tells which of the shapes to try."""
    for steps, part in _parts(condition, ()):
        if isinstance(part, dict) and not part.keys() & {"all", "any", "not"}:
            said = _otherwise(part) or "write all, any or not here, or a comparison such as basket.total >= 10.00"
        elif isinstance(part, dict | str | BaseModel):
            continue
        elif isinstance(part, list) and part and all(isinstance(each, dict | str) for each in part):
            said = _LISTED if len(part) > 1 else "a condition that stands alone needs no list; write it without one"
        else:
            said = "write a condition, such as basket.total >= 10.00"
        raise PydanticCustomError("condition", "{said}", {"said": said, "steps": steps})
    return condition


def _otherwise(part: dict[Any, Any]) -> str:
    """Of conditions that are joined by another word, `or: [...]`, the word for it."""
    names = [each for each in part if isinstance(each, str) and each in _JOINED]
    return f"write `{_JOINED[names[0]]}` for `{names[0]}`" if len(names) == len(part) == 1 else ""


def _parts(condition: Any, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """A tree and its parts that can be told apart, with the steps to each."""
    if len(steps) > 2 * _DEEPEST:
        said = f"conditions within conditions, more than {_DEEPEST} deep; join some of them"
        raise PydanticCustomError("condition", "{said}", {"said": said, "steps": steps})
    yield steps, condition
    if isinstance(condition, dict):
        for word in ("all", "any"):
            for number, part in enumerate(condition[word] if isinstance(condition.get(word), list) else ()):
                yield from _parts(part, (*steps, word, number))
        if "not" in condition:
            yield from _parts(condition["not"], (*steps, "not"))


When = Annotated[Condition, BeforeValidator(_shaped)]
Tree = All | Any_ | Not | str


def term_of(condition: Tree, zone: str | None = None) -> Term:
    """The whole tree as one checked term."""
    match condition:
        case All(all=parts):
            return Both(0, 0, TRUTH, tuple(term_of(part, zone) for part in parts))
        case Any_(any=parts):
            return Either(0, 0, TRUTH, tuple(term_of(part, zone) for part in parts))
        case Not(not_=part):
            return Negation(0, 0, TRUTH, term_of(part, zone))
        case str():
            return checked(condition, "event", zone)


def both(terms: list[Term]) -> Term | None:
    """All of them; None where there are none."""
    return terms[0] if len(terms) == 1 else Both(0, 0, TRUTH, tuple(terms)) if terms else None


def divided(term: Term | None) -> tuple[Term | None, Term | None]:
    """What the event alone decides, and what needs the member: a term as the conjunction of the two."""
    if term is None:
        return None, None
    parts = _conjunction(term)
    alone = [part for part in parts if not about_member(part)]
    return both(alone), both([part for part in parts if about_member(part)])


def _conjunction(term: Term) -> list[Term]:
    return [each for part in term.parts for each in _conjunction(part)] if isinstance(term, Both) else [term]


def about_member(term: Term) -> bool:
    """Whether the term asks anything about the member or their history."""
    return any(fact.asked.of_member for fact in facts_in(term))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a tree of conditions an expression stands: the steps from `when` down to it."""

    path: tuple[str | int, ...]
    text: str


def expressions(condition: Tree, path: tuple[str | int, ...] = ("when",)) -> list[Place]:
    """Every expression of a tree, with its place."""
    match condition:
        case All(all=parts):
            return [each for n, part in enumerate(parts) for each in expressions(part, (*path, "all", n))]
        case Any_(any=parts):
            return [each for n, part in enumerate(parts) for each in expressions(part, (*path, "any", n))]
        case Not(not_=part):
            return expressions(part, (*path, "not"))
    return [Place(path, condition)]
