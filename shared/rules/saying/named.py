"""What a saying names: facts and definitions, which each language and machines name in their own way. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """A fact, by its label; each language has names for those of the catalogue."""

    label: str


@dataclass(frozen=True, slots=True)
class Named:
    """A definition: people read its title with the id behind it, machines the id."""

    id: str
    title: str
