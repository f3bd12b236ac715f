"""Which fields may be written at a place of a definition: what errors name, and suggest. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.rules.definition import KINDS
from shared.rules.rewards import SHAPES, THINGS


def fields_at(kind: str, path: Sequence[int | str]) -> list[str]:
    """What may be written at a place of a definition; a number or a language in the path leads to more of the same."""
    models: list[type[BaseModel]] = [KINDS[kind]]
    for part in path:
        fields = [f for model in models for name, f in model.model_fields.items() if part in (name, f.alias)]
        models = [inner for field in fields for inner in _models(field.annotation)] or models
    return list(dict.fromkeys(f.alias or name for model in models for name, f in model.model_fields.items()))


def places_of(kind: str, name: str, at: Sequence[int | str], beside: Collection[str]) -> list[tuple[str, ...]]:
    """Where a field of this name may be written in a definition of the kind that is written at a place of it now: the
    paths of what it stands in; (): at the top itself. beside: what is written where it is.

    Of a field at the top, those nearest to the top. Of one that is written deeper, those within its place, or else the
    nearest that its place is within: a voucher's money is none of a budget's.
    """
    written = tuple(part for part in at if isinstance(part, str))
    places = [path for path, names in _shapes(kind) if name in names]
    inner = [path for path in places if path[: len(written)] == written and len(path) > len(written)]
    within = [path for path in inner if _fits(path[len(written)], beside)]
    around = [path for path in places if path == written[: len(path)]]
    if within:
        return [path for path in within if len(path) == min(map(len, within))]
    return around[-1:]


@cache
def parts_of(name: str) -> Collection[str]:
    """The fields that may be written within one of this name, of whatever kind the definition is."""
    return {each for kind in KINDS for path, names in _shapes(kind) if path[-1:] == (name,) for each in names}


def _fits(inner: str, beside: Collection[str]) -> bool:
    """Whether something may be written within a field: an effect that gives one thing gives no other."""
    gives = {*SHAPES, *THINGS}
    return inner in beside or inner not in gives or not gives.intersection(beside)


@cache
def _shapes(kind: str) -> list[tuple[tuple[str, ...], Collection[str]]]:
    """All places of a definition with the fields that may be written there, the nearest to the top first."""
    found: list[tuple[tuple[str, ...], Collection[str]]] = []
    level: list[tuple[tuple[str, ...], list[type[BaseModel]]]] = [((), [KINDS[kind]])]
    while level:
        found += [(path, tuple(_named(models[-1]))) for path, models in level]
        # Conditions hold conditions: no shape is looked into within itself.
        level = [((*path, said), [*models, each]) for path, models in level
                 for said, field in _named(models[-1]).items()
                 for each in _models(field.annotation) if each not in models]  # fmt: skip
    return list(dict.fromkeys(found))


def _named(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _models(part)]
