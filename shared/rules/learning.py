"""Facts about a member from several sources: of each, the latest by event time is kept, whatever came first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def utc(moment: datetime) -> str:
    """An instant as text that sorts as instants do: always in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def learn(document: dict[str, Any], said: Mapping[str, Any], at: datetime, event: str) -> bool:
    """Merges what an event says into `document["known"]` (fact to [time, event, value]); True when something changed.

    Two partners' signups may arrive in either order: the later one's word counts, and of two at the same instant
    the one with the greater event key, so that every order ends alike.
    """
    known: dict[str, list[Any]] = document.setdefault("known", {})
    changed = False
    for name, value in said.items():
        stamp = [utc(at), event]
        if name not in known or known[name][:2] < stamp:
            known[name] = [*stamp, value]
            changed = True
    return changed


def facts(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is known now, by name."""
    return {name: entry[2] for name, entry in document.get("known", {}).items()}


def numbered(event: str) -> str:
    """An id that ends with a number, so that of two at one instant the higher number counts: as texts 9 beats 10."""
    of, _, number = event.rpartition(":")
    return f"{of}:{number:0>12}"
