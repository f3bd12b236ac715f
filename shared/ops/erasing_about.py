"""What is about a person who is to be erased: found in the databases before anything is removed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.ledger.kin import BETWEEN, survivor_of
from shared.ops.databases import APPROVALS, EARN, ERASURES, IDENTITIES, JOURNAL, SERVICES, database
from shared.ops.spellings import unmistakable
from shared.ops.terms import Terms
from shared.runtime.sharing import HOUSEHOLDS
from shared.runtime.store import Document
from shared.settings import Settings

Client = AsyncMongoClient[Document]
_SAID: Final = ("said.member", "said.into", "said.to")  # of what was asked for: whom it is about
_MEMBER: Final = re.compile(rf"[{BETWEEN}][^{BETWEEN}|]+\Z")  # of an entry's id, whose part of the command it is
_AT_ONCE: Final = 500  # keys of commands that one question names


async def survivors(client: Client, settings: Settings, persons: list[str]) -> list[str]:
    """Whoever the persons were ever one with, and were not erased with them; by any chain of merges."""
    found = database(client, EARN, settings)[JOURNAL]
    met, todo = set(persons), list(persons)
    while todo:
        merges = found.find({"member": {"$in": todo}, "kind": {"$in": ["merge", "unmerge"]}}, {"kind": 1, "event": 1})
        todo = [other async for each in merges if (other := survivor_of(each)) is not None and other not in met]
        met.update(todo)
    return sorted(met - set(persons))


async def asked(client: Client, settings: Settings, persons: list[str]) -> list[str]:
    """Ids of all that was ever asked for about them and needed a second person."""
    found = database(client, EARN, settings)[APPROVALS]
    about = {"$or": [{name: {"$in": persons}} for name in _SAID]}
    return [each["_id"] async for each in found.find(about, {"_id": 1})]


class Commands(NamedTuple):
    """ids of entries of commands; requests: of those that brought them, by which the audit log has them."""

    ids: frozenset[str]
    requests: frozenset[str]


async def commands(client: Client, settings: Settings, persons: list[str]) -> Commands:
    """All entries of commands about them. What one command writes for several members has one hash, and its key
    with the member's id behind it; an entry of somebody else that is called so by chance has another."""
    found = database(client, EARN, settings)[JOURNAL]
    # Of what came back to a survivor the entry is theirs by now, and says by its id alone whose part it was.
    mine = [{"member": {"$in": persons}}, {"_id": {"$regex": f"[{BETWEEN}]({'|'.join(map(re.escape, persons))})$"}}]
    theirs = found.find({"$or": mine, "by": {"$exists": True}}, {"hash": 1}, batch_size=5_000)
    known = {(key, each["hash"]) async for each in theirs for key in _keys(each["_id"])}
    keys, about, requests = sorted({key for key, _ in known}), set[str](), set[str]()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        spans: list[Document] = [
            {"_id": {"$gt": f"{each}{by}", "$lt": f"{each}{chr(ord(by) + 1)}"}} for each in some for by in BETWEEN
        ]
        async for each in found.find(
            {"$or": [{"_id": {"$in": some}}, *spans]}, {"hash": 1, "request": 1}, batch_size=5_000
        ):
            if any((key, each["hash"]) in known for key in _keys(each["_id"])):
                about.add(each["_id"])
                requests |= {each["request"]} if each.get("request") else set()
    return Commands(frozenset(about), frozenset(requests))


def _keys(id_: str) -> tuple[str, str]:
    """What the command may be called whose entry it is: the entry of its own member, or of another."""
    return id_, _MEMBER.sub("", id_)


async def ids(client: Client, settings: Settings, strong: Terms) -> list[str]:
    """Ids of documents that a name of the person stands in: partners' events and callers' Idempotency-Keys, by which
    what is sent again is known. An id cannot be changed without that being done twice."""
    found: set[str] = set()
    for service in SERVICES:
        base = database(client, service, settings)
        for name in await base.list_collection_names():
            if name not in (ERASURES, IDENTITIES, HOUSEHOLDS):  # their ids are names by themselves, and go
                async for each in base[name].find({}, {"_id": 1}, batch_size=5_000):
                    if isinstance(each["_id"], str) and strong.found(each["_id"]):
                        found.add(each["_id"])
    return sorted(found)


async def own_ids(client: Client, settings: Settings, persons: list[str], words: list[Terms]) -> list[str]:
    """Those of entries of theirs that a name in words stands in, or a word that others are known by, too: of others'
    ids nobody can tell whom these mean."""
    found = database(client, EARN, settings)[JOURNAL].find({"member": {"$in": persons}}, {"_id": 1}, batch_size=5_000)
    return sorted([each["_id"] async for each in found if any(some.found(each["_id"]) for some in words)])


async def own_references(earn: AsyncDatabase[Document], persons: list[str], keys: set[str]) -> list[str]:
    """By what partners call them, and it can mean nobody else, wherever it stands; not what any other is called too."""
    found = {each.split(":", 2)[2] for each in keys if each.startswith("ref:")}
    found = {each for each in found if unmistakable(each) and not each.startswith("ref:")}
    if not found:
        return []
    alike = f"^(?:card|app|email|phone|ref:.*):(?:{'|'.join(map(re.escape, sorted(found)))})$"
    others = {"_id": {"$regex": alike, "$options": "i"}, "member": {"$nin": persons}}  # strangers, too
    theirs = [each["_id"].casefold() async for each in earn[IDENTITIES].find(others, {"_id": 1})]
    return sorted(each for each in found if not any(key.endswith(f":{each.casefold()}") for key in theirs))
