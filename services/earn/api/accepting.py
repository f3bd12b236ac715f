"""Which of the media types that we can write a caller wants (RFC 9110, 12.5.1). Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.earn.api.problems import Problem


def wanted(accept: str, offered: Sequence[str]) -> str:
    """The offered type that the Accept header likes best; of equals, and where it says nothing, the first.

    Raises Problem (406) where it wants none of them.
    """
    liked = [(_liking(accept, each), -number, each) for number, each in enumerate(offered)]
    best, _, found = max(liked)
    if best <= 0:
        raise Problem(406, "not_acceptable", f"this can be told as {' or '.join(offered)}: accept one of them")
    return found


def _liking(accept: str, offered: str) -> float:
    """From 0 (not wanted) to 1: what the most specific range that covers it says."""
    if not accept.strip():
        return 1.0
    kind = offered.partition("/")[0]
    found: dict[str, float] = {}
    for each in accept.split(","):
        media, *parameters = (part.strip().lower() for part in each.split(";"))
        found[media] = _quality(parameters)
    return next((found[each] for each in (offered, f"{kind}/*", "*/*") if each in found), 0.0)


def _quality(parameters: Sequence[str]) -> float:
    said = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return min(1.0, max(0.0, float(said)))
    except ValueError:
        return 0.0
