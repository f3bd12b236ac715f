"""Definitions that are written twice in some files: the files say what is to be published, and that is one version of
each. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.rules.definition import Definition
from shared.rules.references import Wrong
from shared.rules.sources import Source
from shared.rules.unsaid import UNSAID


def twice(source: Source, before: Sequence[Source]) -> Wrong | None:
    """What is wrong with a definition beside those that were read before it: another of its id."""
    each = source.definition
    assert each is not None
    for other in before:
        first = other.definition
        if first is not None and first.id == each.id:
            return _beside(each, first, f"{other.file}:{other.node.start_mark.line + 1}")
    return None


def _beside(each: Definition, first: Definition, place: str) -> Wrong:
    if first.version == each.version:
        said = (
            f"version {each.version} of {each.id} is written in {place} already; keep one of them, or give one another"
        )
        return Wrong(("version",), f"{said} `id`", None, "version")
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
    return Wrong(("version",), f"{said}; {keep}", None, "version")
