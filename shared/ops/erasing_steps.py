"""What is removed of a person, service by service. Each step may be done again, and tells how much it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Final

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

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
from shared.ops.erasing_person import Person, owner
from shared.rules.merging import add
from shared.runtime.sharing import HOUSEHOLDS
from shared.runtime.store import Document
from shared.settings import Settings

ERASED: Final = "erased"
FREED: Final = "identities"  # the step after which the person's names may be somebody else's
DEFINITIONS: Final = f"{CAMPAIGNS}.{REGISTRY}"
Step = Callable[[Client, Settings, Person], Awaitable[int]]


async def identities(client: Client, settings: Settings, person: Person) -> int:
    """Names: from now on nobody is found by them, and whoever signs up with one is a new member. Also those that events
    of theirs told, and no signup: nobody's so far."""
    found = database(client, EARN, settings)[IDENTITIES]
    theirs = {"member": {"$in": person.persons}}
    told = {"_id": {"$in": sorted(person.keys)}, "member": None}
    return (await found.delete_many({"$or": [theirs, told]})).deleted_count


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
        person.elsewhere += away
    await notify[DELIVERED].update_many(told, {"$set": {"channel": ERASED}})
    return count


async def households(client: Client, settings: Settings, person: Person) -> int:
    """What others have used of limits that they share, who called their household by a name of the person: goes on
    counting under the word that their documents have from now on."""
    count = 0
    for service in SERVICES:
        found = database(client, service, settings)[HOUSEHOLDS]
        async for each in found.find({}, batch_size=1_000):
            if (name := person.household(each["_id"])) != each["_id"]:
                async with client.start_session() as session:
                    count += await session.with_transaction(partial(_renamed, found, each["_id"], name))
    return count


async def _renamed(
    found: AsyncCollection[Document], old: str, new: str, session: AsyncClientSession
) -> int:  # fmt: skip
    """In one step with the old one's end: a limit is neither free again nor used twice, where a run was cut off. What
    was used under the old name since an earlier run is added."""
    gone = await found.find_one_and_delete({"_id": old}, session=session)
    if gone is None:
        return 0
    kept: Document = await found.find_one({"_id": new}, session=session) or {"_id": new}
    for bound, buckets in gone.items():
        if bound != "_id":
            add(kept.setdefault(bound, {}), buckets)
    await found.replace_one({"_id": new}, kept, upsert=True, session=session)
    return 1


async def words(client: Client, settings: Settings, person: Person) -> int:
    """Whatever else has a word that is theirs: the audit log, reasons that people wrote, other members' referrals."""
    count = 0
    for service in SERVICES:
        base = database(client, service, settings)
        for name in sorted(await base.list_collection_names()):
            # What is on its way leaves by itself, the search tells if it has not; a published rule is never changed.
            if name in (ERASURES, OUTBOX) or f"{service}.{name}" == DEFINITIONS:
                continue
            async for each in base[name].find({}, batch_size=1_000):
                place, strong = f"{service}.{name}", person.strong.found(each)
                if strong or person.named(each, place):
                    # Bytes of an event must stay an event, so they are not just overwritten.
                    left = each
                    if name == JOURNAL and owner(each) in person.persons:
                        left = each | redacting.entry(each)
                    elif name == JOURNAL and strong:
                        left = each | person.unnamed(each)
                    clean = person.without(left, place)
                    # As it was read: a service that has changed it meanwhile is not overwritten; the search tells.
                    count += (await base[name].replace_one(each, {**clean, "_id": each["_id"]})).modified_count
    return count


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
    "elsewhere": words,
    FREED: identities,  # last: until then nobody new is called so, also where a run is cut off
}
