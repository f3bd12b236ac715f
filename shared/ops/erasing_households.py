"""Households of others that are called by a name of an erased person: they go by another word, with all that they have
used of limits, in earn and in campaigns. Each step may be done again.

campaigns counts under the word that earn tells it with each accrual. So it has read what tells the old word before
what was used is copied, and again, after earn's renaming, before the old word's document goes: else it would make that
anew, with the name in it. What it counted there meanwhile is added under the new word.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from typing import Final

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from shared.events.topics import ACCRUALS
from shared.ops.databases import CAMPAIGNS, EARN, ERASURES, MEMBERS, database
from shared.ops.erasing_about import Client
from shared.ops.erasing_person import Person
from shared.ops.lag import Watch
from shared.rules.merging import add
from shared.runtime.sharing import HOUSEHOLDS
from shared.runtime.store import OUTBOX, Document
from shared.settings import Settings

HOUSEHOLD: Final = "household"  # of a member of earn: whom they share limits and points with
# Of the note of an erasure, within what is looked for: households by their old words, each with what of its uses is
# counted under the new word already.
_CARRIED: Final = "households"
_TURN: Final = "households"  # among the notes: whose turn it is
_EVERY_S: Final = 0.1
Database = AsyncDatabase[Document]
Uses = Mapping[str, Mapping[str, int]]  # by bound and bucket


async def awaited(client: Client, settings: Settings, person: Person, patience_s: float) -> str | None:
    """Whose erasure has to end first, where there are such households: None when it is this one's turn. Of a household
    that is called by two persons each would copy what was copied for the other, and it would count twice."""
    if not await _all(client, settings, person):
        return None
    notes, until = database(client, EARN, settings)[ERASURES], monotonic() + patience_s
    while holder := await _turn(notes, person.persons[0]):
        if monotonic() > until:
            return holder
        await asyncio.sleep(_EVERY_S)
    return None


async def _turn(notes: AsyncCollection[Document], id_: str) -> str | None:
    """Takes the turn where nobody has it; who has it, else."""
    try:
        free = {"_id": _TURN, "holder": {"$in": [None, id_]}}
        await notes.update_one(free, {"$set": {"holder": id_}}, upsert=True)
    except DuplicateKeyError:
        return str((await notes.find_one({"_id": _TURN}) or {}).get("holder"))
    return None


async def unheard(client: Client, settings: Settings, person: Person, patience_s: float) -> dict[str, int]:
    """Waits until campaigns has read all that earn has said so far, where there are such households; what is left where
    it does not: announcements that earn has to publish, or records that campaigns has to read."""
    if not await _all(client, settings, person):
        return {}
    until, outbox = monotonic() + patience_s, database(client, EARN, settings)[OUTBOX]
    held = {"_id": {"$in": [each["_id"] async for each in outbox.find({}, {"_id": 1})]}}
    while left := await outbox.count_documents(held):
        if monotonic() > until:
            return {EARN: left}
        await asyncio.sleep(_EVERY_S)
    watch = await Watch(settings, client).start()
    try:
        ends = await watch.ends((await watch.topics()).get(settings.prefix + ACCRUALS, []))
        late = False
        while left := await watch.unread(CAMPAIGNS, ends, exact=late):
            if late:
                return {CAMPAIGNS: left}
            await asyncio.sleep(_EVERY_S)
            late = monotonic() > until  # looked at once more, and counted: what is left may be no records
        return {}
    finally:
        await watch.stop()


async def households(client: Client, settings: Settings, person: Person) -> int:
    """All their members, and what they have used of limits that they share, go by the word that their documents have
    from now on. campaigns knows what was used under it before earn tells it of it, or a limit would be free again."""
    earn, campaigns = (database(client, each, settings) for each in (EARN, CAMPAIGNS))
    found, count = sorted(await _all(client, settings, person)), 0
    for name in found:
        await _at_once(client, partial(_carried, earn, campaigns, name, person, ends=False))
    for name in found:
        count += await _at_once(client, partial(_renamed, earn, name, person))
    return count


async def household_uses(client: Client, settings: Settings, person: Person) -> int:
    """What campaigns has counted under the old words since is added, and they are forgotten; it is others' turn."""
    earn, campaigns = (database(client, each, settings) for each in (EARN, CAMPAIGNS))
    found, count = {*await _noted(earn, person), *await _called(campaigns, person)}, 0
    for name in sorted(found):
        count += await _at_once(client, partial(_carried, earn, campaigns, name, person, ends=True))
    await earn[ERASURES].update_one({"_id": person.persons[0]}, {"$unset": {f"terms.{_CARRIED}": ""}})
    await earn[ERASURES].update_one({"_id": _TURN, "holder": person.persons[0]}, {"$set": {"holder": None}})
    return count


async def _at_once(client: Client, change: Callable[[AsyncClientSession], Awaitable[int]]) -> int:
    async with client.start_session() as session:
        return await session.with_transaction(change)


async def _all(client: Client, settings: Settings, person: Person) -> set[str]:
    """Those that are to be renamed, and those that may still be told by their old words."""
    earn, campaigns = (database(client, each, settings) for each in (EARN, CAMPAIGNS))
    named = await _called(earn, person) | await _lived_in(earn, person) | await _called(campaigns, person)
    return named.union(await _noted(earn, person))


async def _called(base: Database, person: Person) -> set[str]:
    """Households with a name of the person's, as far as they have used anything."""
    found = base[HOUSEHOLDS].find({}, {"_id": 1}, batch_size=5_000)
    return {each["_id"] async for each in found if _is_called(each["_id"], person)}


async def _lived_in(earn: Database, person: Person) -> set[str]:
    """Those that have members."""
    found = earn[MEMBERS].find({HOUSEHOLD: {"$exists": True}}, {HOUSEHOLD: 1}, batch_size=5_000)
    return {each[HOUSEHOLD] async for each in found if _is_called(each[HOUSEHOLD], person)}


def _is_called(household: str, person: Person) -> bool:
    return person.household(household) != household


async def _noted(earn: Database, person: Person, session: AsyncClientSession | None = None) -> dict[str, Uses]:
    """By old word what is counted under the new one already."""
    note = await earn[ERASURES].find_one({"_id": person.persons[0]}, {f"terms.{_CARRIED}": 1}, session=session)
    return {each["name"]: each["used"] for each in (note or {}).get("terms", {}).get(_CARRIED, ())}


async def _carried(
    earn: Database, campaigns: Database, name: str, person: Person, session: AsyncClientSession, *, ends: bool
) -> int:
    """What campaigns has counted under the old word since it was last looked at is added under the new one, which is
    noted, all at once: cut off anywhere, nothing is counted twice. ends: nobody tells the old word any more."""
    found, new, count = campaigns[HOUSEHOLDS], person.household(name), 0
    known = await _noted(earn, person, session)
    old, before = await found.find_one({"_id": name}, session=session), known.get(name, {})
    used = {bound: buckets for bound, buckets in (old or {}).items() if bound != "_id"}
    if old is not None and used != before:
        sums = together(await found.find_one({"_id": new}, session=session) or {}, used, before)
        await found.replace_one({"_id": new}, {"_id": new, **sums}, upsert=True, session=session)
    if ends:
        count, used = (await found.delete_one({"_id": name}, session=session)).deleted_count, {}
    noted = [{"name": each, "used": uses} for each, uses in {**known, name: used}.items()]
    change = {"$set": {f"terms.{_CARRIED}": noted}}
    await earn[ERASURES].update_one({"_id": person.persons[0]}, change, session=session)
    return count


def together(kept: Document, used: Uses, before: Uses) -> dict[str, dict[str, int]]:
    """A household's uses, and those of the other word, less what was there before: what has come back meanwhile is used
    no more. Never below 0."""
    sums = {bound: dict(buckets) for bound, buckets in kept.items() if bound != "_id"}
    for more, sign in ((used, 1), (before, -1)):
        for bound, buckets in more.items():
            add(sums.setdefault(bound, {}), buckets, sign)
    left = {bound: {bucket: n for bucket, n in buckets.items() if n > 0} for bound, buckets in sums.items()}
    return {bound: buckets for bound, buckets in left.items() if buckets}


async def _renamed(earn: Database, old: str, person: Person, session: AsyncClientSession) -> int:
    """All at once: between two steps somebody of the household would buy under the one word, with what was used of
    limits under the other."""
    count, new, found = 0, person.household(old), earn[HOUSEHOLDS]
    async for each in earn[MEMBERS].find({HOUSEHOLD: old}, session=session):
        clean = {**person.without(each, f"{EARN}.{MEMBERS}"), "_id": each["_id"]}
        count += (await earn[MEMBERS].replace_one({"_id": each["_id"]}, clean, session=session)).modified_count
    gone = await found.find_one_and_delete({"_id": old}, session=session)
    if gone is None:
        return count
    kept: Document = await found.find_one({"_id": new}, session=session) or {"_id": new}
    for bound, buckets in gone.items():
        if bound != "_id":
            add(kept.setdefault(bound, {}), buckets)
    await found.replace_one({"_id": new}, kept, upsert=True, session=session)
    return count + 1
