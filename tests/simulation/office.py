"""The back office in a world: commands at the counter, decided on the world's own store and announced on its log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from services.earn.counter.commands import Answer, Caller, Command
from services.earn.counter.handler import CounterHandler
from services.earn.counter.people_commands import Close, Merge, Unmerge
from services.earn.counter.queue import Queue
from shared.runtime.batch import BatchLoop
from shared.runtime.records import Message
from tests.simulation.world import POSTED, World

NEW_YORK = ZoneInfo("America/New_York")
CLERK = Caller("office", person="staff-7")


class Office:
    """Somebody who merges, takes back and closes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._numbers = count(1)
        handler = CounterHandler(lambda: POSTED)
        loop = BatchLoop(handler, world.stores["earn"], self._publish, lambda: world.book)
        self._queue = Queue(handler, loop)

    async def _publish(self, messages: Sequence[Message]) -> None:
        for each in messages:
            self.world.log.append(each.topic, each.key.encode(), each.value, each.kind)

    async def ask(self, command: Command) -> Answer:
        """Asks the counter."""
        await self._queue.start()
        try:
            return await self._queue.ask(command)
        finally:
            await self._queue.stop()

    async def merge(self, member: str, into: str) -> Answer:
        """The one is a duplicate of the other."""
        return await self.ask(Merge(**self.key(), member=member, into=into, reason="the same person"))

    async def unmerge(self, member: str) -> Answer:
        """They are two after all."""
        return await self.ask(Unmerge(**self.key(), member=member, reason="two persons after all"))

    async def close(self, member: str) -> Answer:
        """The member leaves."""
        return await self.ask(Close(**self.key(), member=member, reason="has left"))

    def key(self) -> dict[str, Any]:
        """A new key with its hash."""
        number = next(self._numbers)
        return {"key": f"/earn/api/office|{number}", "hash": f"{number}", "caller": CLERK}

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        """earn's documents."""
        return self.world.stores["earn"].collection("members")


def survivor_of(members: dict[str, dict[str, Any]], id_: str) -> str:
    """Who has what is this member's."""
    while (found := members[id_].get("led")) is not None:
        id_ = found[1]
    return id_


def qualifying(world: World, rules: Sequence[str]) -> dict[str, dict[str, int]]:
    """What tiers should have counted: points of these rules by whoever has them now, and by local year."""
    members = world.stores["earn"].collection("members")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for entry in world.stores["earn"].collection("journal").values():
        for award in entry["awards"]:
            if award["rule"] in rules:
                mine = found[survivor_of(members, entry["member"])]
                year = str(entry["at"].astimezone(NEW_YORK).year)
                mine[year] = mine.get(year, 0) + award["points"]
    return {id_: {year: n for year, n in years.items() if n} for id_, years in found.items() if any(years.values())}


def counted(world: World) -> dict[str, dict[str, int]]:
    """What tiers did count."""
    found = {
        id_: {year: n for year, n in each["ladders"].get("star-ladder", {"years": {}})["years"].items() if n}
        for id_, each in world.stores["tiers"].collection("members").items()
    }
    return {id_: years for id_, years in found.items() if years}
