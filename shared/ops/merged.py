"""Who was merged into whom, as journal entries say it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from shared.ledger.returned import in_order

Entry = Mapping[str, Any]


def duplicate_of(entry: Entry) -> str | None:
    """Of a survivor's entry of a merge, or of its undoing, whom it is about; None of any other entry."""
    if entry["kind"] not in ("merge", "unmerge") or entry["event"] is None:
        return None
    found: str | None = orjson.loads(bytes(entry["event"])).get("duplicate")
    return found


def merged_by(journal: Iterable[Entry], seq: int) -> list[str]:
    """Who had been merged into a member before their entry of that number, and was so still."""
    found: list[str] = []
    for each in in_order(journal):
        if each["seq"] < seq and (other := duplicate_of(each)) is not None:
            found = [one for one in found if one != other]
            if each["kind"] == "merge":
                found.append(other)
    return found
