"""The erasure of a person from every service's database: begun, done step by step, proven by a search; can be resumed.

The ledger's own part (the account is closed, its document emptied) is a command of the counter. Here the rest goes:
names, bytes of events, dead letters, messages. What is looked for is kept in `erasures` until all is gone, and no
longer, so that whoever runs it again after a crash knows what is left to do. Every step may be done twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.clock import Moved
from shared.ops import redacting
from shared.ops.alike import Alike, alike
from shared.ops.databases import (
    EARN,
    ERASURES,
    IDENTITIES,
    JOURNAL,
    MEMBERS,
    NOTIFY,
    SERVICES,
    NotThereError,
    database,
    opened,
)
from shared.ops.erasing_about import asked, commands, ids, own_references
from shared.ops.erasing_person import Person
from shared.ops.erasing_steps import DEFINITIONS, FREED, STEPS
from shared.ops.lag import Watch
from shared.ops.on_record import on_record
from shared.ops.terms import Terms, unmistakable
from shared.ops.topics_kept import Kept, kept
from shared.ops.why import member_named
from shared.publishing.registry import RefusedError
from shared.runtime.leading import last, led
from shared.runtime.store import Document
from shared.settings import Settings

Database = AsyncDatabase[Document]
# Asks the counter: member, reason, person, who approved it.
Settle = Callable[[str, str, str, str], Awaitable[None]]


@dataclass(slots=True)
class Proof:
    """What was done, and what a search found afterwards. searched: documents by service and collection; left: those
    that still name the person; others: those of other members who are called alike; ids: those whose own id, or one
    that they tell, has a name in it, and stays: nothing that can be run again removes it."""

    member: str
    persons: list[str]
    begun: datetime
    person: str
    approved_by: str
    done: dict[str, int] = field(default_factory=dict)
    terms: int = 0
    searched: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    topics: list[Kept] = field(default_factory=list)
    again: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is left, as far as can be seen from here."""
        return not self.left and not self.elsewhere


async def erase(
    settings: Settings, who: str, reason: str, person: str, approved_by: str, settle: Settle
) -> Proof:  # fmt: skip
    """Erases a person (our id, or a name), with all who were merged into them. Raises NotThereError.

    Run again, it goes on where it was cut off; of one that is done it tells what was done, and searches for `who`.
    """
    async with opened(settings) as client:
        earn = database(client, EARN, settings)
        known = await _begun(earn, settings, client, who, reason, person, approved_by)
        about = {"member": known["_id"], "reason": known["reason"]}
        async with on_record(earn, "members erase", about, person) as line:
            proof = await _erased(client, settings, who, known, settle)
            line.outcome = "done" if proof.ok else "not_all_gone"
        return proof


async def _erased(
    client: AsyncMongoClient[Document], settings: Settings, who: str, known: Document, settle: Settle
) -> Proof:
    """What is left to be done of an erasure that is begun, done and proven."""
    earn = database(client, EARN, settings)
    if "approval" not in known:  # what was approved through the API has had its ledger's part
        try:
            await settle(known["_id"], known["reason"], known["person"], known["approved_by"])
        except RefusedError:
            # Nothing is done, and whoever is that person may be others by the time it is asked again.
            await earn[ERASURES].delete_one({"_id": known["_id"], "state": "begun", "done": {}})
            raise
    proof = Proof(known["_id"], known["persons"], known["begun"], known["person"], known["approved_by"])
    words = known.get("terms") or {"strong": [] if who in known["persons"] else [who], "names": []}
    target = await _target(client, settings, known, words)
    proof.again, proof.done = known["state"] == "done", dict(known["done"])
    if proof.again:
        before = known.get("proof", {})
        proof.ids, proof.others = dict(before.get("ids", {})), dict(before.get("others", {}))
    else:
        target.keep(await ids(client, settings, target.strong))
        for name, step in STEPS.items():
            count = await step(client, settings, target)
            proof.done[name] = proof.done.get(name, 0) + count
            await earn[ERASURES].update_one({"_id": known["_id"]}, {"$set": {f"done.{name}": proof.done[name]}})
    proof.elsewhere = target.elsewhere
    await _search(client, settings, target, proof)
    watch = await Watch(settings, client).start()
    try:
        proof.topics = await kept(settings, await watch.topics())
    finally:
        await watch.stop()
    if not proof.again:
        await _noted(earn, known, target, proof)
    return proof


async def _target(
    client: AsyncMongoClient[Document], settings: Settings, known: Document, words: dict[str, list[str]]
) -> Person:
    """Who is erased, as far as others are not called so. Asked at each run: a new member may have an erased card."""
    id_, persons = known["_id"], known["persons"]
    strong, keys, references = words["strong"], words.get("keys", []), words.get("references", [])
    # A short word is nowhere looked for but where the name stands: many others have it in theirs.
    words_of_all = [*filter(unmistakable, strong), *references]
    found = await alike(database(client, EARN, settings), persons, words_of_all, keys, freed=FREED in known["done"])
    terms = Terms.of_identifiers(strong, id_, keys, references, found)
    mine = Terms.of_identifiers(strong, id_, keys, references, Alike(longer=found.longer))
    about = await commands(client, settings, persons)
    return Person(
        persons, terms, Terms.of_names(words["names"], id_),
        await asked(client, settings, persons), about.ids, about.requests,
        keys=frozenset(keys) - found.keys, own=mine if found.words or found.keys or found.strangers else None,
    )  # fmt: skip


async def approved(settings: Settings) -> list[str]:
    """Members whose erasure was approved or begun, and is not done yet: what is left of it is to be run."""
    async with opened(settings) as client:
        found = database(client, EARN, settings)[ERASURES].find({"state": "begun"}, {"_id": 1}).sort("begun", 1)
        return [each["_id"] async for each in found]


async def _noted(earn: Database, known: Document, target: Person, proof: Proof) -> None:
    """The proof, to be read later; where nothing is left, what was looked for is forgotten."""
    change: Document = {"$set": {"proof": asdict(proof)}}
    if proof.ok:
        change["$set"] |= {"state": "done", "reason": target.without(known, f"{EARN}.{ERASURES}")["reason"]}
        change["$unset"] = {"terms": ""}
    await earn[ERASURES].update_one({"_id": known["_id"]}, change)


async def _begun(
    earn: Database, settings: Settings, client: AsyncMongoClient[Document], who: str, reason: str, person: str,
    approved_by: str,
) -> Document:  # fmt: skip
    """What the erasure is about: noted before anything is done, or found where it was cut off."""
    notify = database(client, NOTIFY, settings)
    earlier = await earn[ERASURES].find_one({"persons": who})
    if earlier is not None:
        return await _with_terms(earn, notify, earlier)
    earlier = await earn[ERASURES].find_one({"$or": [{name: who} for name in ("terms.strong", "terms.keys")]})
    try:
        id_ = await member_named(client, settings, who)
    except NotThereError:
        if earlier is None:
            raise
        return await _with_terms(earn, notify, earlier)
    if earlier is not None and id_ not in earlier["persons"]:  # whom is it about? Both readings would be final
        said = f"{who} is {id_} by now, and the erasure of {earlier['_id']}, who was called so, has not ended"
        raise RefusedError(f"{said}: run that again by that id (or --approved), then ask about {id_}")
    members: dict[str, Document] = {}
    while id_ not in members:
        document = await earn[MEMBERS].find_one({"_id": id_})
        if document is None:
            raise NotThereError(f"the ledger has nothing of {id_}: check the id")
        members[id_] = document
        id_ = led(document) or id_
    survivor = last(members, id_)
    if who in members and survivor != who:  # who asks for one would end the account of another
        said = (
            f"{who} was merged into {survivor}: ask about that one, with whom all go who were merged into them; or take"
        )
        raise RefusedError(f"{said} the merge back first")
    earlier = await earn[ERASURES].find_one({"_id": survivor})
    if earlier is not None:
        return await _with_terms(earn, notify, earlier)
    persons = [survivor, *members[survivor].get("absorbed", ())]
    begun: Document = {
        "_id": survivor, "persons": persons, "reason": reason, "person": person, "approved_by": approved_by,
        "begun": Moved(settings.home)(), "state": "begun", "done": {}, "terms": await _called(earn, notify, persons),
    }  # fmt: skip
    await earn[ERASURES].insert_one(begun)
    return begun


async def _with_terms(earn: Database, notify: Database, begun: Document) -> Document:
    """What the API has begun does not say yet what is to be looked for; kept before anything of it is removed."""
    if begun["state"] == "begun" and "terms" not in begun:
        begun["terms"] = await _called(earn, notify, begun["persons"])
        await earn[ERASURES].update_one({"_id": begun["_id"]}, {"$set": {"terms": begun["terms"]}})
    return begun


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


async def _search(client: AsyncMongoClient[Document], settings: Settings, target: Person, proof: Proof) -> None:
    """Every document of every service, for every word that the person is known by."""
    mine = target.own or target.strong
    proof.terms = len(mine.words) + len(mine.plain) + len(target.names.words)
    for service in SERVICES:
        base = database(client, service, settings)
        for name in sorted(await base.list_collection_names()):
            place = f"{service}.{name}"
            proof.searched[place] = 0
            if place == f"{EARN}.{ERASURES}":
                continue  # where the words themselves are kept until all is gone
            async for document in base[name].find({}, batch_size=1_000):
                proof.searched[place] += 1
                if target.strong.kept(document):
                    proof.ids[place] = proof.ids.get(place, 0) + 1
                strong = target.strong.found(document) or target.numbered(document)
                called = target.names.found(document)
                if place == DEFINITIONS:  # a rule's words, about nobody
                    if strong or called:
                        proof.others[place] = proof.others.get(place, 0) + 1
                elif strong or target.named(document, place):
                    proof.left[place] = proof.left.get(place, 0) + 1
                elif called or (target.own is not None and target.own.found(document)):
                    # Another member's, who may be called alike; the programme's; or it has a word of somebody else's
                    proof.others[place] = proof.others.get(place, 0) + 1
