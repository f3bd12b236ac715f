"""What is removed of a person, service by service. Each step may be done again, and tells how much it changed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Any, Final

from pymongo import AsyncMongoClient

from shared.access.audit import AUDIT
from shared.ledger.kin import BETWEEN, survivor_of
from shared.ops import redacting
from shared.ops.databases import (
    APPROVALS,
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
from shared.runtime.store import Document
from shared.settings import Settings

ERASED: Final = "erased"
DEFINITIONS: Final = f"{CAMPAIGNS}.{REGISTRY}"
_WRITTEN: Final = tuple(
    f"{EARN}.{each}" for each in (AUDIT, APPROVALS, ERASURES)
)  # where each `reason` is a person's words
_SAID: Final = ("said.member", "said.into", "said.to")  # of what was asked for: whom it is about
_MEMBER: Final = re.compile(rf"[{BETWEEN}][^{BETWEEN}|]+\Z")  # of an entry's id, whose part of the command it is
_AT_ONCE: Final = 500  # keys of commands that one question names


@dataclass(slots=True)
class Person:
    """Who is erased: their members' ids, words that are theirs alone, and names that others may have, too. asked: ids
    of what was asked for about them; who judged it tells no more of them. commands: ids of entries of commands about
    them, also in others' journals: whom a transfer comes to is told no more of who gave it."""

    persons: list[str]
    strong: redacting.Terms
    names: redacting.Terms
    asked: list[str] = field(default_factory=list)
    commands: frozenset[str] = frozenset()
    elsewhere: list[str] = field(default_factory=list)
    _parts: redacting.Terms = field(init=False)
    _ids: redacting.Terms = field(init=False)

    def __post_init__(self) -> None:
        self._parts = redacting.Terms.of_reasons(self.names, self.strong)
        self._ids = redacting.Terms([*self.persons, *self.asked], settled=frozenset())

    def keep(self, ids: list[str]) -> None:
        """Lets these ids stand, though a name is in them."""
        self.strong = self.strong.keeping(ids)
        self._parts = redacting.Terms.of_reasons(self.names, self.strong)

    def named(self, document: Document, place: str) -> bool:
        """Whether a document that is about them has a name of theirs: whole, or a part of it in what somebody wrote."""
        if not self.names.found(document) and self._in_parts(document, place) == document:
            return False
        return self.told(document)  # hardly ever: the whole document is looked through

    def told(self, document: Document) -> bool:
        """Whether a document is about them: their own, one that tells their id, as the audit log does, or a command
        about them, as the entry of somebody they gave points to does."""
        if _owner(document) in self.persons or self._ids.found(document):
            return True
        return not self.commands.isdisjoint(redacting.texts(document))

    def without(self, document: Document, place: str) -> Document:
        """What is left of a document that is about them, or has a word that is theirs alone."""
        clean: Document = self.names.scrubbed(self.strong.scrubbed(document))
        return self._in_parts(clean, place) if self.told(document) else clean

    def _in_parts(self, document: Document, place: str) -> Any:
        """Reasons of rules and services are slugs, in which a name would be a chance; of a dead letter only its bytes
        may be what somebody wrote: an entry's announcement."""
        if place.endswith(f".{DEAD_LETTERS}") and document.get("value"):
            return document | {"value": redacting.in_reasons(document["value"], self._parts.scrubbed)}
        written = place in _WRITTEN or (place == f"{EARN}.{JOURNAL}" and "by" in document)
        return redacting.in_reasons(document, self._parts.scrubbed) if written else document


Client = AsyncMongoClient[Document]
Step = Callable[[Client, Settings, Person], Awaitable[int]]


async def identities(client: Client, settings: Settings, person: Person) -> int:
    """Names: from now on nobody is found by them, and whoever signs up with one is a new member."""
    found = database(client, EARN, settings)[IDENTITIES]
    return (await found.delete_many({"member": {"$in": person.persons}})).deleted_count


async def journal(client: Client, settings: Settings, person: Person) -> int:
    """The bytes of events, redacted where they stand: the one exception to entries never being changed. Also of what
    was bought under a partner's number of theirs while they were merged, and is the survivor's: that number is no word
    that could be looked for everywhere."""
    found, count = database(client, EARN, settings)[JOURNAL], 0
    fields, theirs = {"event": 1, "facts": 1, "request": 1}, {"member": {"$in": person.persons}}
    merges = found.find({**theirs, "kind": {"$in": ["merge", "unmerge"]}}, {"kind": 1, "event": 1})
    others = {survivor_of(each) async for each in merges} - {None, *person.persons}
    numbers = {each for each in person.strong.words if each.startswith("ref:")}
    async for each in found.find({"member": {"$in": [*person.persons, *others]}}, {**fields, "member": 1}):
        if each["member"] in others and redacting.number(bytes(each["event"])) not in numbers:
            continue
        change = redacting.entry(each)
        if any(value != each.get(name) for name, value in change.items()):
            count += (await found.update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    return count


async def waiting(client: Client, settings: Settings, person: Person) -> int:
    """What waits and names the person (a referral whose other side is a stranger) is a dead letter without bytes; and
    the keys of records that once waited for their signup."""
    earn = database(client, EARN, settings)
    count = 0
    async for each in earn[WAITING].find({"event": {"$ne": None}}, batch_size=500):
        if person.strong.found(each):
            letter = _letter(each)
            await earn[DEAD_LETTERS].replace_one({"_id": letter["_id"]}, letter, upsert=True)
            change: Document = {"event": None, "value": None, "key": None, "identities": [], "request": None}
            count += (await earn[WAITING].update_one({"_id": each["_id"]}, {"$set": change})).modified_count
    keys = [each["_id"] async for each in earn[JOURNAL].find({"member": {"$in": person.persons}}, {"_id": 1})]
    wanted = {"_id": {"$in": keys}, "key": {"$ne": None}}
    gone = {"key": None, "value": None, "request": None}
    return count + (await earn[WAITING].update_many(wanted, {"$set": gone})).modified_count


async def letters(client: Client, settings: Settings, person: Person) -> int:
    """Dead letters of the person lose their bytes, and cannot be replayed; that there was one, and why, stays."""
    count = 0
    for service in SERVICES:
        found = database(client, service, settings)[DEAD_LETTERS]
        async for each in found.find({"status": {"$ne": ERASED}}, batch_size=500):
            mine = each.get("member") in person.persons or person.strong.found([each.get("value"), each.get("key")])
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
                    whole = name == JOURNAL and (strong or _owner(each) in person.persons)
                    clean = person.without({**each, **redacting.entry(each)} if whole else each, place)
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


def _owner(document: Mapping[str, object]) -> str:
    return str(document.get("member") or document["_id"])


def _remove(folder: Path, persons: list[str]) -> int:
    found = [path for id_ in persons for path in folder.glob(f"*/{id_}-*.eml*")]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


async def asked(client: Client, settings: Settings, persons: list[str]) -> list[str]:
    """Ids of all that was ever asked for about them and needed a second person."""
    found = database(client, EARN, settings)[APPROVALS]
    about = {"$or": [{name: {"$in": persons}} for name in _SAID]}
    return [each["_id"] async for each in found.find(about, {"_id": 1})]


async def commands(client: Client, settings: Settings, persons: list[str]) -> frozenset[str]:
    """Ids of all entries of commands about them. What one command writes for several members has one hash, and its key
    with the member's id behind it; an entry of somebody else that is called so by chance has another."""
    found = database(client, EARN, settings)[JOURNAL]
    # Of what came back to a survivor the entry is theirs by now, and says by its id alone whose part it was.
    mine = [{"member": {"$in": persons}}, {"_id": {"$regex": f"[{BETWEEN}]({'|'.join(map(re.escape, persons))})$"}}]
    theirs = found.find({"$or": mine, "by": {"$exists": True}}, {"hash": 1}, batch_size=5_000)
    known = {(key, each["hash"]) async for each in theirs for key in _keys(each["_id"])}
    keys, about = sorted({key for key, _ in known}), set[str]()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        spans: list[Document] = [
            {"_id": {"$gt": f"{each}{by}", "$lt": f"{each}{chr(ord(by) + 1)}"}} for each in some for by in BETWEEN
        ]
        async for each in found.find({"$or": [{"_id": {"$in": some}}, *spans]}, {"hash": 1}, batch_size=5_000):
            if any((key, each["hash"]) in known for key in _keys(each["_id"])):
                about.add(each["_id"])
    return frozenset(about)


def _keys(id_: str) -> tuple[str, str]:
    """What the command may be called whose entry it is: the entry of its own member, or of another."""
    return id_, _MEMBER.sub("", id_)


async def ids(client: Client, settings: Settings, strong: redacting.Terms) -> list[str]:
    """Ids of documents that a name of the person stands in: partners' events and callers' Idempotency-Keys, by which
    what is sent again is known. An id cannot be changed without that being done twice."""
    found: set[str] = set()
    for service in SERVICES:
        base = database(client, service, settings)
        for name in await base.list_collection_names():
            if name not in (ERASURES, IDENTITIES):  # an identity's id is a name by itself
                async for each in base[name].find({}, {"_id": 1}, batch_size=5_000):
                    if isinstance(each["_id"], str) and strong.found(each["_id"]):
                        found.add(each["_id"])
    return sorted(found)


STEPS: Final[dict[str, Step]] = {
    "identities": identities,
    "journal": journal,
    "waiting": waiting,
    "dead_letters": letters,
    "notify_members": messages,
    "emails": emails,
    "elsewhere": words,
}
