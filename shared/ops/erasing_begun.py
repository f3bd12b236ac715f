"""Whom an erasure is about: found where it is asked for, or where it was cut off; and what they are called."""

from __future__ import annotations

from pymongo.asynchronous.database import AsyncDatabase

from shared.ops import redacting
from shared.ops.alike import alike
from shared.ops.databases import EARN, ERASURES, IDENTITIES, JOURNAL, MEMBERS, NOTIFY, NotThereError, database
from shared.ops.erasing_about import Client, own_references
from shared.ops.spellings import unmistakable
from shared.ops.why import identity_keys, member_named
from shared.publishing.registry import RefusedError
from shared.runtime.leading import last, led
from shared.runtime.store import Document
from shared.settings import Settings

Database = AsyncDatabase[Document]


async def earlier(client: Client, settings: Settings, who: str) -> Document | None:
    """What is noted of an erasure, by the id of one of its persons, or by a name that it looks for. Raises RefusedError
    where the name is somebody else's by now: both readings would be final."""
    notes = database(client, EARN, settings)[ERASURES]
    if (found := await notes.find_one({"persons": who.strip()})) is not None:
        return found
    try:
        keys = identity_keys(who)
    except NotThereError:
        return None
    found = await notes.find_one({"terms.keys": {"$in": keys}})
    if found is None:
        return None
    try:
        id_ = await member_named(client, settings, who)
    except NotThereError:
        return found
    if id_ in found["persons"]:
        return found
    said = f"{who} is {id_} by now, and the erasure of {found['_id']}, who was called so, has not ended"
    raise RefusedError(f"{said}: run that again by that id (or --approved), then ask about {id_}")


async def survivor(client: Client, settings: Settings, who: str) -> str:
    """The member whom it is about: by a name whoever has it, or whom they were merged into. Raises NotThereError, and
    RefusedError for the id of one who was merged: who asks for one would end the account of another."""
    earn = database(client, EARN, settings)
    id_ = await member_named(client, settings, who)
    members: dict[str, Document] = {}
    while id_ not in members:
        document = await earn[MEMBERS].find_one({"_id": id_})
        if document is None:
            raise NotThereError(f"the ledger has nothing of {id_}: check the id")
        members[id_] = document
        id_ = led(document) or id_
    found = last(members, id_)
    if who.strip() in members and found != who.strip():
        said = f"{who} was merged into {found}: ask about that one, with whom all go who are one with them;"
        raise RefusedError(f"{said} or take the merge back first")
    return found


async def is_erased(earn: Database, id_: str) -> bool:
    """Whether the ledger's part is done."""
    return await earn[MEMBERS].find_one({"_id": id_, "erased": {"$exists": True}}, {"_id": 1}) is not None


async def begun(client: Client, settings: Settings, id_: str) -> Document:
    """What is noted, with what is to be looked for: kept before anything of it is removed."""
    earn, notify = (database(client, each, settings) for each in (EARN, NOTIFY))
    found = await earn[ERASURES].find_one({"_id": id_})
    assert found is not None  # noted with the ledger's part
    if found["state"] == "begun" and "terms" not in found:
        terms = await _called(earn, notify, found["persons"])
        others = await alike(
            earn, found["persons"], compared(terms["strong"], terms["references"]), terms["keys"], freed=False
        )
        found["terms"] = {**terms, "shared": sorted(others.words)}
        await earn[ERASURES].update_one({"_id": id_}, {"$set": {"terms": found["terms"]}})
    return found


def compared(strong: list[str], references: list[str]) -> list[str]:
    """The words that are compared with others' names. A short one is nowhere looked for but where the very name
    stands: many others have it in theirs."""
    return [*filter(unmistakable, strong), *references]


async def _called(earn: Database, notify: Database, persons: list[str]) -> dict[str, list[str]]:
    """All that the person is called: by their identities, in their events, by notify. What an event of theirs calls
    somebody else by is that one's: who was merged into them bought under names of their own, and may be apart again."""
    names: set[str] = set()
    told: set[str] = set()
    keys = {each["_id"] async for each in earn[IDENTITIES].find({"member": {"$in": persons}}, {"_id": 1})}
    asked = {"member": {"$in": persons}, "kind": {"$in": ["signup", "purchase", "return", "milestone", "referral"]}}
    async for each in earn[JOURNAL].find(asked, {"event": 1}):
        called, words = redacting.named(bytes(each["event"]))
        told |= called
        names |= words
    others = {"_id": {"$in": sorted(told)}, "member": {"$nin": [*persons, None]}}
    keys |= told - {each["_id"] async for each in earn[IDENTITIES].find(others, {"_id": 1})}
    async for each in notify[MEMBERS].find({"_id": {"$in": persons}}, {"known": 1}):
        known = each.get("known", {})
        keys |= {f"email:{str(known['email'][2]).strip().lower()}"} if "email" in known else set()
        names |= {str(known["name"][2])} if "name" in known else set()
    strong = {each if each.startswith("ref:") else each.partition(":")[2] for each in keys}
    numbers = await own_references(earn, persons, keys)
    return {"strong": sorted(strong), "names": sorted(names), "keys": sorted(keys), "references": numbers}
