"""What is removed of a person, service by service. Each step may be done again, and tells how much it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Final

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase

from shared.ops import redacting
from shared.ops.databases import (
    CAMPAIGNS,
    DEAD_LETTERS,
    DELIVERED,
    EARN,
    ERASURES,
    FOLDERS,
    IDENTITIES,
    JOURNAL,
    MEMBERS,
    NOTIFY,
    OUTBOX,
    REGISTRY,
    SENT,
    SERVICES,
    WAITING,
    database,
)
from shared.ops.erasing_about import Client, survivors
from shared.ops.erasing_households import HOUSEHOLD, household_uses, households
from shared.ops.erasing_person import Person, owner
from shared.runtime.sharing import HOUSEHOLDS
from shared.runtime.store import Document
from shared.settings import Settings

ERASED: Final = "erased"
NOTES: Final = f"{EARN}.{ERASURES}"
DEFINITIONS: Final = f"{CAMPAIGNS}.{REGISTRY}"
Database = AsyncDatabase[Document]
Step = Callable[[Client, Settings, Person], Awaitable[int]]


async def identities(client: Client, settings: Settings, person: Person) -> int:
    """Names: from now on nobody is found by them, and whoever signs up with one is a new member. Also those that events
    of theirs told, and no signup: nobody's so far."""
    earn = database(client, EARN, settings)
    theirs = {"member": {"$in": person.persons}}
    told = {"_id": {"$in": sorted(person.keys)}, "member": None}

    async def freed(session: AsyncClientSession) -> int:
        """With a note of it: whoever is called so from now on is somebody else, also where the next moment is lost."""
        await earn[ERASURES].update_one({"_id": person.persons[0]}, {"$set": {"freed": True}}, session=session)
        return (await earn[IDENTITIES].delete_many({"$or": [theirs, told]}, session=session)).deleted_count

    async with client.start_session() as session:
        return await session.with_transaction(freed)


async def journal(client: Client, settings: Settings, person: Person) -> int:
    """The bytes of events, redacted where they stand: the one exception to entries never being changed. Also of what
    was bought under a partner's number of theirs while they were merged, and is the survivor's: that number is no word
    that could be looked for everywhere, and nothing but the names is the person's there."""
    found, count = database(client, EARN, settings)[JOURNAL], 0
    fields = {"event": 1, "facts": 1, "request": 1}
    async for each in found.find({"member": {"$in": person.persons}}, fields):
        change = redacting.entry(each)
        if any(value != each.get(name) for name, value in change.items()):
            count += (await found.update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    others = await survivors(client, settings, person.persons) if person.numbers else []
    async for each in found.find({"member": {"$in": others}}, {"event": 1, "request": 1}):
        if person.numbered(each):
            change = person.unnamed(each)
            count += (await found.update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    return count


async def waiting(client: Client, settings: Settings, person: Person) -> int:
    """What waits and is about the person (a referral whose other side is a stranger) is a dead letter without bytes;
    what only mentions them waits on, see `words`. And the keys of records that once waited for their signup."""
    earn = database(client, EARN, settings)
    count = 0
    async for each in earn[WAITING].find({"event": {"$ne": None}}, batch_size=500):
        # Its key is no name: another partner may give strangers' events any.
        if person.called(bytes(each["event"])) or person.numbered(each):
            letter = _letter(each)
            await earn[DEAD_LETTERS].replace_one({"_id": letter["_id"]}, letter, upsert=True)
            change: Document = {"event": None, "value": None, "key": None, "identities": [], "request": None}
            count += (await earn[WAITING].update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    keys = [each["_id"] async for each in earn[JOURNAL].find({"member": {"$in": person.persons}}, {"_id": 1})]
    wanted = {"_id": {"$in": keys}, "key": {"$ne": None}}
    gone = {"key": None, "value": None, "request": None}
    return count + (await earn[WAITING].update_many(wanted, {"$set": gone})).modified_count


async def letters(client: Client, settings: Settings, person: Person) -> int:
    """Dead letters of the person lose their bytes, and cannot be replayed; that there was one, and why, stays. What
    only mentions them is somebody else's, see `words`."""
    count = 0
    for service in SERVICES:
        found = database(client, service, settings)[DEAD_LETTERS]
        async for each in found.find({"status": {"$ne": ERASED}}, batch_size=500):
            mine = each.get("member") in person.persons or person.called(bytes(each.get("value") or b""))
            mine = mine or person.numbered(each)
            if mine:
                change: Document = {"value": b"", "key": None, "status": ERASED}
                count += (await found.update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    return count


async def messages(client: Client, settings: Settings, person: Person) -> int:
    """notify's members: what is left says only that nothing is written to them any more."""
    notify, count = database(client, NOTIFY, settings), 0
    for id_ in person.persons:
        left = {"_id": id_, "joined": False, "known": {}, "held": [], ERASED: True}
        before = await notify[MEMBERS].find_one_and_replace({"_id": id_}, left, upsert=True)
        count += before != left
    return count


async def emails(client: Client, settings: Settings, person: Person) -> int:
    """E-mails in folders of this machine; those on others are told, to be removed there."""
    notify, count = database(client, NOTIFY, settings), 0
    noted = [(each["host"], Path(each["folder"])) async for each in notify[FOLDERS].find({})]
    for host, folder in noted:
        if host == gethostname():
            count += await asyncio.to_thread(_remove, folder, person.persons)
    ids = [each["_id"] async for each in notify[SENT].find({"member": {"$in": person.persons}}, {"_id": 1})]
    told = {"_id": {"$in": ids}, "channel": "email"}
    away = sorted(f"{host}:{folder}" for host, folder in noted if host != gethostname())
    if away and await notify[DELIVERED].count_documents(told):
        # Noted before they count as gone: whoever runs it next is told, too.
        notes = database(client, EARN, settings)[ERASURES]
        await notes.update_one({"_id": person.persons[0]}, {"$addToSet": {"elsewhere": {"$each": away}}})
    await notify[DELIVERED].update_many(told, {"$set": {"channel": ERASED}})
    return count


async def words(client: Client, settings: Settings, person: Person) -> int:
    """Whatever else has a word that is theirs: the audit log, reasons that people wrote, other members' referrals."""
    count = 0
    for service in SERVICES:
        base = database(client, service, settings)
        for name in sorted(await base.list_collection_names()):
            # What is on its way leaves by itself, the search tells if it has not; a published rule is never changed;
            # households have steps of their own.
            if name in (OUTBOX, HOUSEHOLDS) or f"{service}.{name}" == DEFINITIONS:
                continue
            async for each in base[name].find({}, batch_size=1_000):
                place = f"{service}.{name}"
                said = said_of(each, place)
                if not person.may_be_in(said, place):
                    continue
                strong = person.strong.found(said)
                if strong or person.named(said, place):
                    # Bytes of an event must stay an event, so they are not just overwritten.
                    left = said
                    if name == JOURNAL and owner(each) in person.persons:
                        left = each | redacting.entry(each)
                    elif name == JOURNAL and strong:
                        left = each | person.unnamed(each)
                    clean = person.without(left, place)
                    # As it was read: a service that has changed it meanwhile is not overwritten; the search tells.
                    after = {**each, **clean, "_id": each["_id"]} if place == NOTES else {**clean, "_id": each["_id"]}
                    count += (await base[name].replace_one(each, after)).modified_count
    return count


def said_of(document: Document, place: str) -> Document:
    """What is looked into of a document: of the notes of erasures all but what they look for, until they have ended;
    the id of what a household has used is the household's name."""
    if place.endswith(f".{HOUSEHOLDS}"):
        return {**document, "_id": "", HOUSEHOLD: document["_id"]}
    return {name: value for name, value in document.items() if name != "terms"} if place == NOTES else document


def _letter(waiting: Document) -> Document:
    """The dead letter of an event that cannot wait any longer, as `shared.runtime.letters` writes them."""
    origin = waiting["origin"]
    place = f"{origin['topic']}:{origin['partition']}:{origin['offset']}"
    return {
        "_id": f"earn-intake|{place}",
        "consumer": "earn-intake",
        "reason": "account_closed",
        "detail": "the member whom it names was erased",
        "origin": origin,
        "place": place,
        "record": origin,
        "key": None,
        "value": b"",
        "event": waiting["_id"],
        "member": None,
        "received": datetime.fromtimestamp(waiting["received_ms"] / 1000, UTC),
        "status": ERASED,
    }


def _remove(folder: Path, persons: list[str]) -> int:
    found = [path for id_ in persons for path in folder.glob(f"*/{id_}-*.eml*")]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


STEPS: Final[dict[str, Step]] = {
    "journal": journal,
    "waiting": waiting,
    "dead_letters": letters,
    "notify_members": messages,
    "emails": emails,
    "households": households,
    "household_uses": household_uses,
    "elsewhere": words,
    "identities": identities,  # last: until then nobody new is called so, also where a run is cut off
}
# Before these campaigns has read what tells the old words: see `shared.ops.erasing_households`.
HEARD: Final = ("households", "household_uses")
