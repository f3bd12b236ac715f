"""What is left of partners' packs: from the counters; and what the journal says of it, for comparing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from shared.ops.databases import EARN, JOURNAL, database, opened
from shared.rules.packs import MEASURE
from shared.runtime.quotas import QUOTAS
from shared.runtime.store import Document
from shared.settings import Settings

PACKS: Final = "packs"
Database = AsyncDatabase[Document]


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner's packs of one wallet. drawn: given out of them; purchases: how many packs; alerted: since when an
    alert stands."""

    partner: str
    wallet: str
    bought: int
    drawn: int
    purchases: int
    alerted: datetime | None

    @property
    def left(self) -> int:
        """What it still pays for."""
        return self.bought - self.drawn

    @property
    def said(self) -> dict[str, Any]:
        """For programs."""
        return {
            "partner": self.partner,
            "wallet": self.wallet,
            "purchases": self.purchases,
            "bought": self.bought,
            "drawn": self.drawn,
            "left": self.left,
            "alerted": None if self.alerted is None else self.alerted.isoformat(),
        }


async def packs(settings: Settings) -> list[Standing]:
    """All of them, by partner and wallet."""
    async with opened(settings) as client:
        return await standings(database(client, EARN, settings))


async def standings(earn: Database) -> list[Standing]:
    """The same, of a database: a few documents for each, however long the journal is."""
    noted = {each["_id"]: each async for each in earn[PACKS].find({})}
    found: list[Standing] = []
    async for main in earn[QUOTAS].find({"_id": {"$regex": rf"^quota\|pack\.[^|]*\|{MEASURE}\|ever$"}}).sort("_id", 1):
        _, partner, wallet = main["_id"].split("|")[1].split(".")
        leases = [f"{main['_id']}|{lane}" for lane in main["lanes"]]
        drawn = sum([each["used"] async for each in earn[QUOTAS].find({"_id": {"$in": leases}})])
        note = noted.get(f"{partner}:{wallet}", {})
        purchases, alerted = note.get("purchases", 0), note.get("alerted")
        found.append(Standing(partner, wallet, main["total"], drawn, purchases, alerted))
    return found


def said(known: list[Standing]) -> list[str]:
    """Lines for people."""
    if not known:
        return ["no partner has bought a pack"]
    return [
        f"{each.partner}: {each.left:,} of {each.bought:,} {each.wallet} are left, {each.purchases} packs were bought"
        + ("" if each.alerted is None else f"; alerted since {each.alerted:%Y-%m-%d %H:%M} UTC")
        for each in known
    ]


async def posted(earn: Database) -> dict[tuple[str, str], int]:
    """What all of the journal has left, by partner and wallet."""
    pipeline: list[Document] = [
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$regex": "^partner:.*:prepaid$"}}},
        {
            "$group": {
                "_id": {"account": "$postings.account", "wallet": "$postings.wallet"},
                "sum": {"$sum": "$postings.amount"},
            }
        },
    ]
    cursor = await earn[JOURNAL].aggregate(pipeline, allowDiskUse=True)
    return {(each["_id"]["account"].split(":")[1], each["_id"]["wallet"]): each["sum"] async for each in cursor}
