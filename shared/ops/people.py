"""A member in short: who they are to the ledger, and to whom they lead."""

from __future__ import annotations

from dataclasses import dataclass

from shared.ops.databases import EARN, IDENTITIES, MEMBERS, NotThereError, database, opened
from shared.ops.why import member_named
from shared.runtime.leading import led
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Shown:
    """A member. into: whom they were merged into; absorbed: who was merged into them; state: open, closed or erased."""

    member: str
    names: list[str]
    balances: dict[str, int]
    into: str | None
    absorbed: list[str]
    holds: int
    state: str


async def found(settings: Settings, who: str) -> str:
    """A member's id, by it or any name. Raises NotThereError."""
    async with opened(settings) as client:
        return await member_named(client, settings, who)


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
            len(document.get("holds", {})), state,
        )  # fmt: skip
