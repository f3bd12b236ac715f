"""What is removed of a person, service by service. Each step may be done again, and tells how much it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Any, Final

import orjson

from shared.access.audit import AUDIT
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
from shared.ops.erasing_about import Client, survivors
from shared.runtime.store import Document
from shared.settings import Settings

ERASED: Final = "erased"
DEFINITIONS: Final = f"{CAMPAIGNS}.{REGISTRY}"
_WRITTEN: Final = tuple(
    f"{EARN}.{each}" for each in (AUDIT, APPROVALS, ERASURES)
)  # where each `reason` is a person's words


@dataclass(slots=True)
class Person:
    """Who is erased: their members' ids, words that are theirs alone, and names that others may have, too. asked: ids
    of what was asked for about them; who judged it tells no more of them. commands: ids of entries of commands about
    them, also in others' journals: whom a transfer comes to is told no more of who gave it. numbers: by which partners
    call them, as identities' keys."""

    persons: list[str]
    strong: redacting.Terms
    names: redacting.Terms
    asked: list[str] = field(default_factory=list)
    commands: frozenset[str] = frozenset()
    elsewhere: list[str] = field(default_factory=list)
    numbers: frozenset[str] = field(init=False)
    _tails: tuple[bytes, ...] = field(init=False)
    _parts: redacting.Terms = field(init=False)
    _ids: redacting.Terms = field(init=False)

    def __post_init__(self) -> None:
        self.numbers = frozenset(each for each in self.strong.words if each.startswith("ref:"))
        self._tails = tuple(orjson.dumps(each.split(":", 2)[2])[1:-1] for each in self.numbers)
        self._parts = redacting.Terms.of_reasons(self.names, self.strong)
        self._ids = redacting.Terms([*self.persons, *self.asked], settled=frozenset())

    def keep(self, ids: list[str]) -> None:
        """Lets these ids stand, though a name is in them."""
        self.strong = self.strong.keeping(ids)
        self._parts = redacting.Terms.of_reasons(self.names, self.strong)

    def numbered(self, document: Document) -> bool:
        """Whether a document has an event that calls them by a partner's number: a word that is theirs there alone."""
        found = (each for each in (document.get("event"), document.get("value")) if isinstance(each, bytes))
        # Hardly any has one: only what may is looked into.
        return any(
            any(map(each.__contains__, self._tails)) and redacting.numbered(each, self.numbers) for each in found
        )

    def unnamed(self, entry: Document) -> Document:
        """What changes in somebody else's entry: the event keeps their own names, goods and all that rules go by."""
        raw = bytes(entry["event"])
        left = redacting.unnamed(raw, self.numbers, self.strong.found)
        # Of what somebody of the staff did the request leads to the audit log, and stays.
        brought = {} if left == raw or entry.get("request") is None else {"request": None}
        return {"event": self.names.scrubbed(self.strong.scrubbed(left)), **brought}

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


Step = Callable[[Client, Settings, Person], Awaitable[int]]


async def identities(client: Client, settings: Settings, person: Person) -> int:
    """Names: from now on nobody is found by them, and whoever signs up with one is a new member."""
    found = database(client, EARN, settings)[IDENTITIES]
    return (await found.delete_many({"member": {"$in": person.persons}})).deleted_count


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
                    if name == JOURNAL and _owner(each) in person.persons:
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


def _owner(document: Mapping[str, object]) -> str:
    return str(document.get("member") or document["_id"])


def _remove(folder: Path, persons: list[str]) -> int:
    found = [path for id_ in persons for path in folder.glob(f"*/{id_}-*.eml*")]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


STEPS: Final[dict[str, Step]] = {
    "identities": identities,
    "journal": journal,
    "waiting": waiting,
    "dead_letters": letters,
    "notify_members": messages,
    "emails": emails,
    "elsewhere": words,
}
