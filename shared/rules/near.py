"""The name that somebody meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The only one that begins so, as `saturday` with `sat`, or else the nearest; None where none is near."""
    names, begun = list(known), name.casefold()
    longer = [each for each in names if each.casefold().startswith(begun)] if len(begun) > 1 else []
    if len(longer) == 1:
        return longer[0]
    return next(iter(get_close_matches(name, names, n=1, cutoff=cutoff)), None)
