"""Whether two names are one person's: what a second person's word is worth. Pure."""

from __future__ import annotations

from unicodedata import normalize


def same_person(one: str, other: str) -> bool:
    """However the names are spaced, in capitals or not, and in whichever widths and forms their letters are typed."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    # Folding may leave a form that is written otherwise, too.
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())
