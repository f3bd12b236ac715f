"""What is read of all whom merges have made one: see `shared.ledger.kin`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.ledger.kin import Journals, merged_by, with_kin

Entry = Mapping[str, Any]


class Kin(NamedTuple):
    """What is read of one of those whom merges have made one: see `rebuilding.Sources`."""

    journal: Sequence[Entry]
    things: Sequence[Entry] | None = ()
    campaigns: Mapping[str, Any] | None = None


async def kin_of(
    member: str, journal: Sequence[Entry], read: Callable[[list[str]], Awaitable[Iterable[Entry]]]
) -> Journals:
    """The journals of a member and of all their kin; nothing, and no round trip, where there was no merge. read: see
    `with_kin`."""
    known = await with_kin({member: journal}, read)
    return known if len(known) > 1 else {}


def merged_now(member: str, kin: Mapping[str, Kin]) -> list[str]:
    """Who is merged into a member by now, with those whom these brought along."""
    found: list[str] = []
    for one in merged_by(kin[member].journal) if member in kin else ():
        found += [one, *merged_now(one, kin)]
    return found
