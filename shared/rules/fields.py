"""Which fields may be written at a place of a definition: what errors name, and suggest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.rules.definition import KINDS


def fields_at(kind: str, path: Sequence[int | str]) -> list[str]:
    """What may be written at a place of a definition; a number or a language in the path leads to more of the same."""
    models: list[type[BaseModel]] = [KINDS[kind]]
    for part in path:
        fields = [f for model in models for name, f in model.model_fields.items() if part in (name, f.alias)]
        models = [inner for field in fields for inner in _models(field.annotation)] or models
    return list(dict.fromkeys(f.alias or name for model in models for name, f in model.model_fields.items()))


def places_of(kind: str, name: str) -> list[tuple[str, ...]]:
    """Where a field of this name may be written in a definition of the kind: the paths of what it stands in, those
    nearest to the top only; (): at the top itself."""
    level: list[tuple[tuple[str, ...], type[BaseModel]]] = [((), KINDS[kind])]
    met = {KINDS[kind]}  # conditions hold conditions: each shape is looked into once
    while level:
        found = [path for path, model in level if name in _named(model)]
        if found:
            return list(dict.fromkeys(found))
        inner = [((*path, said), each) for path, model in level for said, field in _named(model).items()
                 for each in _models(field.annotation) if each not in met]  # fmt: skip
        met |= {model for _, model in inner}
        level = inner
    return []


def _named(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for part in get_args(annotation) for inner in _models(part)]
