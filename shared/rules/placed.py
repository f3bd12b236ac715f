"""Errors that a model finds in itself, at the field that is wrong rather than at the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic_core import PydanticCustomError


class Wrong(NamedTuple):
    """A field within the model (its path), what is wrong; offset: of which character of its text on."""

    steps: tuple[int | str, ...]
    said: str
    offset: int | None = None


def placed(wrongs: Sequence[Wrong]) -> PydanticCustomError:
    """One error that tells all of them; `shared.rules.yamlfile` makes a fault of each."""
    said = "; ".join(each.said for each in wrongs)
    return PydanticCustomError("placed", "{said}", {"said": said, "places": [tuple(each) for each in wrongs]})


def refuse(wrongs: Sequence[Wrong]) -> None:
    """Raises what is wrong with a model, where anything is."""
    if wrongs:
        raise placed(wrongs)
