"""Definitions that are written twice in some files: the files say what is to be published, and that is one version of
each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from shared.rules.definition import Definition
from shared.rules.references import Wrong
from shared.rules.sources import Source
from shared.rules.unsaid import UNSAID

# Of two files one may be a draft that changes what the other says: no mistake, but nothing to check as one programme.
_DRAFT: Final = (
    ". A file that changes it is checked with `rules check --in FOLDER FILE`, FOLDER being what it is to change, "
    "and published by itself"
)


def twice(source: Source, before: Sequence[Source]) -> Wrong | None:
    """What is wrong with a definition beside those that were read before it: another of its id."""
    each = source.definition
    assert each is not None
    for other in before:
        first = other.definition
        if first is not None and first.id == each.id:
            place = f"{other.file}:{other.node.start_mark.line + 1}"
            return _beside(each, first, place, "" if other.file == source.file else _DRAFT)
    return None


def _beside(each: Definition, first: Definition, place: str, draft: str) -> Wrong:
    if first.version == each.version:
        said = f"version {each.version} of {each.id} is written in {place} already; keep one of them{draft}"
        return Wrong(("version",), f"{said}. Two that both give need an `id` each", None, "version")
    if first.kind != each.kind:
        said = f"{each.id} is a {first.kind} in {place}; give the {each.kind} another `id`"
        return Wrong(("kind",), said, None, "version")
    low, high = sorted((first, each), key=lambda one: one.version)
    if UNSAID not in (low.effective, high.effective) and low.effective >= high.effective:
        which = place if low is first else "this one"
        said = f"version {low.version} ({which}) is not effective before version {high.version}, and so never in force"
        return Wrong(("effective",), f"{said}; keep one of them", None, "version")
    said = f"version {first.version} of {each.id} is in {place}: versions are published one after the other"
    keep = f"publish version {low.version} first, then write version {high.version} in its place: it stays published"
    return Wrong(("version",), f"{said}; {keep}{draft}", None, "version")
