"""A member in short: who they are to the ledger, and to whom they lead."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from pymongo import AsyncMongoClient

from shared.clock import Moved
from shared.ledger import due, pools
from shared.ops.databases import EARN, IDENTITIES, MEMBERS, NotThereError, database, opened, read_rulebook
from shared.ops.why import identity_keys, member_named
from shared.rules.learning import utc
from shared.runtime.leading import led
from shared.runtime.store import Document
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A member. into: whom they were merged into; absorbed: who was merged into them; state: open, closed or erased;
    common: points by wallet that their household can spend together, where the programme says so."""

    member: str
    names: list[str]
    balances: dict[str, int]
    into: str | None
    absorbed: list[str]
    holds: int
    state: str
    household: str | None = None
    common: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parting:
    """Who is meant by a name where a merge is to be taken back. own: they are merged into another; before: whose the
    name was before the last merge; absorbed: who was merged into them."""

    member: str
    own: bool
    before: str | None
    absorbed: list[str]

    def hint(self, name: str) -> str | None:
        """What to write instead; None where nothing is known that they could be taken apart from."""
        if self.own or not self.absorbed:
            return None
        theirs = self.before if self.before in self.absorbed else None
        others = [each for each in self.absorbed if each != theirs]
        said = self.member if name.strip() == self.member else f"{name} is a name of {self.member} now"
        said += ", who is not merged into another"
        said += f"; it was a name of {theirs}, who was merged into them" if theirs else ""
        said += f"; {'others ' if theirs else ''}merged into them: {', '.join(others)}" if others else ""
        which = theirs or (others[0] if len(others) == 1 else "ID")
        return f"{said}. Write `doublestar members unmerge {which} --reason ... --person ...`"


async def found(settings: Settings, who: str) -> str:
    """A member's id, by it or any name. Raises NotThereError."""
    async with opened(settings) as client:
        return await member_named(client, settings, who)


async def parting(settings: Settings, who: str) -> Parting:
    """Who is meant by a name, and whom a merge brought them. Raises NotThereError."""
    async with opened(settings) as client:
        id_, earn = await member_named(client, settings, who), database(client, EARN, settings)
        document = await earn[MEMBERS].find_one({"_id": id_}) or {}
        keys = [] if who.strip() == id_ else identity_keys(who)
        name = await earn[IDENTITIES].find_one({"_id": {"$in": keys}, "member": id_}) or {}
        past = [None, *name.get("past", ())]
        return Parting(id_, led(document) is not None, past[-1], list(document.get("absorbed", ())))


async def shown(settings: Settings, who: str) -> Shown:
    """A member, by id or any name. Raises NotThereError."""
    async with opened(settings) as client:
        id_ = await member_named(client, settings, who)
        earn = database(client, EARN, settings)
        document = await earn[MEMBERS].find_one({"_id": id_})
        if document is None:
            raise NotThereError(f"the ledger has nothing of {id_}: check the id, or wait until earn has caught up")
        names = [each["_id"] async for each in earn[IDENTITIES].find({"member": id_}).sort("_id", 1)]
        state = "erased" if document.get("erased") else "closed" if document.get("closed") else "open"
        return Shown(
            id_, names, dict(document["balances"]), led(document), list(document.get("absorbed", ())),
            len(document.get("holds", {})), state, document.get("household"),
            await _common(client, settings, document),
        )  # fmt: skip


async def _common(client: AsyncMongoClient[Document], settings: Settings, member: Document) -> dict[str, int]:
    """What the household can spend together now."""
    if "household" not in member or led(member) is not None or member.get("closed"):
        return {}
    now = Moved(settings.home)()
    rules = (await read_rulebook(client, settings)).at(now)
    wallets = [each.id for each in rules.programme.purses.values() if each.pooled]
    if not wallets:
        return {}
    found = database(client, EARN, settings)[MEMBERS].find({"household": member["household"]}, {"history": 0})
    house = [each async for each in found if led(each) is None and not each.get("closed")]
    return {wallet: pools.spendable(_ended(house, now, rules.zone), wallet, utc(now)) for wallet in wallets}


def _ended(house: list[Document], now: datetime, zone: ZoneInfo) -> list[Document]:
    """As they are now, whether or not anybody has swept: points that inactivity has ended are no more."""
    seen = copy.deepcopy(house)
    for each in seen:
        due.end_idle(each, now, zone)
    return seen
