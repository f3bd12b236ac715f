"""By how much an entry changed a member's balances. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

SAID: Final = ("transfer", "merge", "unmerge")
"""Two members' entries: the postings of both are in the one's, and the other's says by how much they changed."""


def changes(member: str, entry: Mapping[str, Any]) -> dict[str, int]:
    """Points by wallet. entry: of the journal; where it is of a kind that is `SAID`, with its event's bytes."""
    found: dict[str, int] = {}
    if entry["kind"] in SAID and not entry["postings"]:
        said = orjson.loads(bytes(entry["event"]))
        moved: dict[str, int] = said.get("moved") or {said["wallet"]: said["points"]}
        return {wallet: points for wallet, points in moved.items() if points}
    for posting in entry["postings"]:
        if posting["account"] == f"member:{member}":
            found[posting["wallet"]] = found.get(posting["wallet"], 0) + posting["amount"]
    return found
