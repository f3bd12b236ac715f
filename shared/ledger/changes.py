"""By how much an entry changed a member's balances. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

SAID: Final = ("transfer", "merge", "unmerge")
"""Two members' entries: the postings of both are in the one's, and the other's says by how much they changed."""


def changes(member: str, entry: Mapping[str, Any]) -> dict[str, int]:
    """Points by wallet. entry: of the journal; where it is of a kind that is `SAID`, with its event's bytes."""
    if entry["kind"] in SAID and not entry["postings"]:
        return moved(entry)
    found: dict[str, int] = {}
    for posting in entry["postings"]:
        if posting["account"] == f"member:{member}":
            found[posting["wallet"]] = found.get(posting["wallet"], 0) + posting["amount"]
    return found


def moved(entry: Mapping[str, Any]) -> dict[str, int]:
    """What an entry that no rule brought about says of itself: points by wallet."""
    said = orjson.loads(bytes(entry["event"]))
    found: dict[str, int] = said.get("moved") or {said["wallet"]: said["points"]}
    return {wallet: points for wallet, points in found.items() if points}
