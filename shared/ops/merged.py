"""Who was merged into whom, as journal entries say it; and what is read of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from shared.ledger.returned import in_order

Entry = Mapping[str, Any]


class Kin(NamedTuple):
    """What is read of one of those whom merges have made one: see `rebuilding.Sources`."""

    journal: Sequence[Entry]
    things: Sequence[Entry] | None = ()
    campaigns: Mapping[str, Any] | None = None


def duplicate_of(entry: Entry) -> str | None:
    """Of a survivor's entry of a merge, or of its undoing, whom it is about; None of any other entry."""
    return _said(entry, "duplicate")


def survivor_of(entry: Entry) -> str | None:
    """Of a duplicate's entry of a merge, or of its undoing, with whom; None of any other entry."""
    return _said(entry, "survivor")


def _said(entry: Entry, name: str) -> str | None:
    if entry["kind"] not in ("merge", "unmerge") or entry["event"] is None:
        return None
    found: str | None = orjson.loads(bytes(entry["event"])).get(name)
    return found


async def kin_of(
    member: str, journal: Sequence[Entry], read: Callable[[list[str]], Awaitable[Iterable[Entry]]]
) -> dict[str, Sequence[Entry]]:
    """The journals of everybody whom merges have ever made one with a member, and the member's own; nothing, and no
    round trip, where there was no merge. read: all numbered entries of some members, with their bytes."""
    known: dict[str, Sequence[Entry]] = {member: journal}
    asked: Iterable[Entry] = journal
    while missing := sorted(
        {each for entry in asked for each in (duplicate_of(entry), survivor_of(entry)) if each} - known.keys()
    ):
        found: dict[str, list[Entry]] = {each: [] for each in missing}
        for entry in await read(missing):
            found[entry["member"]].append(entry)
        known |= found
        asked = [entry for each in found.values() for entry in each]
    return known if len(known) > 1 else {}


def merged_by(journal: Iterable[Entry], seq: int | None = None) -> list[str]:
    """Who had been merged into a member before their entry of that number (None: by now), and was so still."""
    found: list[str] = []
    for each in in_order(journal):
        if (seq is None or each["seq"] < seq) and (other := duplicate_of(each)) is not None:
            found = [one for one in found if one != other]
            if each["kind"] == "merge":
                found.append(other)
    return found


def merged_now(member: str, kin: Mapping[str, Kin]) -> list[str]:
    """Who is merged into a member by now, with those whom these brought along."""
    found: list[str] = []
    for one in merged_by(kin[member].journal) if member in kin else ():
        found += [one, *merged_now(one, kin)]
    return found
