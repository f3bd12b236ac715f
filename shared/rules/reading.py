"""Published definitions read back: what this release understands of them, and what it does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.rules.definition import DEFINITION, Definition, as_data

_SAID_BY_PUBLICATION = ("version", "effective")


def readable(body: Mapping[str, Any]) -> Definition | None:
    """The definition of a published version; None where a newer release wrote a kind or field that is unknown here."""
    try:
        return DEFINITION.validate_python(dict(body))
    except ValidationError:
        return None


def content(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a version says, without its number and effective time: equal contents decide alike.

    Spelt as this release writes it, so that a file is not told to differ from what an older release published of it.
    """
    known = readable(body)
    data = as_data(known) if known is not None else dict(body)
    return {name: value for name, value in data.items() if name not in _SAID_BY_PUBLICATION}
