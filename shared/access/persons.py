"""Whether two names are one person's: what a second person's word is worth. Pure."""

from __future__ import annotations

import unicodedata


def same_person(one: str, other: str) -> bool:
    """However the names are spaced, in capitals or not, and in whichever of Unicode's forms."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
    # Folding may leave a form that is written otherwise, too.
    return unicodedata.normalize("NFKC", folded)
