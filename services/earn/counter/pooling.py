"""Reads whose points may be spent in common: a household's other members, and who has a part in a hold or capture.

A programme without a common pool costs no round trip. All are read, and written, in the one transaction: a till that
draws on the same points at the same moment conflicts, and is decided again. Whoever joins meanwhile was not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.earn.counter.commands import Capture, Command, Release
from services.earn.counter.holding import parts_of
from services.earn.counter.working import Read
from services.earn.ledger import MEMBERS
from shared.runtime.leading import follow, last
from shared.runtime.store import Unit


async def read_households(unit: Unit, read: Read, commands: Iterable[Command]) -> None:
    """Adds to what was read who else these commands may concern."""
    spenders = [(each, last(read.members, id_)) for each in commands for id_ in each.members]
    known = [(each, read.members[id_]) for each, id_ in spenders if id_ in read.members]
    houses = {member["household"] for _, member in known if "household" in member}
    for each in await unit.find(MEMBERS, "household", houses):
        read.members.setdefault(each["_id"], each)


async def read_parts(unit: Unit, read: Read, commands: Iterable[Command]) -> None:
    """Adds who has a part in what is captured, released or undone: they may have left the household since, and the
    programme may have ended its pool."""
    holds = [each for each in commands if isinstance(each, Capture | Release) and each.member in read.members]
    wanted = {id_ for each in holds for id_ in parts_of(read.members[each.member], each.hold)}
    wanted |= {entry["member"] for entries in read.redemptions.values() for entry in entries}
    missing = sorted(wanted - read.members.keys())
    if missing:
        read.members |= await follow(unit, MEMBERS, await unit.get(MEMBERS, missing))
