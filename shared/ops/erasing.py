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

from shared.ops.alike import Alike, alike
from shared.ops.databases import (
    EARN,
    ERASURES,
    SERVICES,
    database,
    opened,
)
from shared.ops.erasing_about import asked, commands, ids, own_ids
from shared.ops.erasing_begun import begun, compared, earlier, is_erased, survivor
from shared.ops.erasing_households import awaited, unheard
from shared.ops.erasing_person import Person
from shared.ops.erasing_steps import DEFINITIONS, HEARD, STEPS, said_of
from shared.ops.lag import Watch
from shared.ops.on_record import on_record
from shared.ops.terms import Terms
from shared.ops.topics_kept import Kept, kept
from shared.publishing.registry import RefusedError
from shared.runtime.store import Document
from shared.settings import Settings

Database = AsyncDatabase[Document]
# Asks the counter: member, reason, person, who approved it.
Settle = Callable[[str, str, str, str], Awaitable[None]]


@dataclass(slots=True)
class Proof:
    """What was done, and what a search found afterwards. searched: documents by service and collection; left: those
    that still name the person; others: those of other members who are called alike; ids: those whose own id, or one
    that they tell, has a name in it, and stays: nothing that can be run again removes it; unheard: what earn has to
    publish, or campaigns to read, by service, before households of others can be renamed, and names be free; after:
    whose erasure has to rename its households before."""

    member: str
    persons: list[str]
    begun: datetime
    person: str
    approved_by: str
    done: dict[str, int] = field(default_factory=dict)
    terms: int = 0
    searched: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    unheard: dict[str, int] = field(default_factory=dict)
    after: str | None = None
    others: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    topics: list[Kept] = field(default_factory=list)
    again: bool = False
    cut_off: bool = False  # a run before this, of which nobody knows what it did
    told: bool = False  # a run before this has told what lies elsewhere

    @property
    def ok(self) -> bool:
        """Whether nothing is left, as far as can be seen from here; of what lies elsewhere somebody was told."""
        return not (self.left or self.unheard or self.after) and (self.told or not self.elsewhere)


async def erase(
    settings: Settings, who: str, reason: str, person: str, approved_by: str, settle: Settle,
    patience_s: float,
) -> Proof:  # fmt: skip
    """Erases a person (our id, or a name), with all who were merged into them. Raises NotThereError, and RefusedError
    where it is not done. patience_s: for how long it waits for what campaigns has to read, where it has to.

    Run again, it goes on where it was cut off; of one that is done it tells what was done, and searches for `who`.
    """
    async with opened(settings) as client:
        earn = database(client, EARN, settings)
        noted = await earlier(client, settings, who)
        id_ = noted["_id"] if noted is not None else await survivor(client, settings, who)
        noted = noted or await earn[ERASURES].find_one({"_id": id_})  # which says no names yet
        why = (reason, person, approved_by)
        why = why if noted is None else (noted["reason"], noted["person"], noted["approved_by"])
        async with on_record(earn, "members erase", {"member": id_, "reason": why[0]}, person) as line:
            if noted is None or not await is_erased(earn, id_):
                await _settled(earn, settle, id_, *why)
            known = await begun(client, settings, id_)
            proof = await _erased(client, settings, who, known, patience_s)
            line.outcome = "done" if proof.ok else "not_all_gone"
        return proof


async def _settled(earn: Database, settle: Settle, id_: str, reason: str, person: str, approved_by: str) -> None:
    """The ledger's part: the account is closed, and what is left to do is noted, in one transaction."""
    try:
        await settle(id_, reason, person, approved_by)
    except RefusedError:
        # An earlier release noted it before: whoever is that person may be others by the time it is asked again.
        await earn[ERASURES].delete_one({"_id": id_, "state": "begun", "done": {}})
        raise


async def _erased(
    client: AsyncMongoClient[Document], settings: Settings, who: str, known: Document, patience_s: float
) -> Proof:
    """What is left to be done of an erasure that is begun, done and proven."""
    earn = database(client, EARN, settings)
    proof = Proof(known["_id"], known["persons"], known["begun"], known["person"], known["approved_by"])
    words = known.get("terms") or {"strong": [] if who in known["persons"] else [who], "names": []}
    target = await _target(client, settings, known, words)
    persons = known["persons"]
    theirs = [each for each in (target.names, target.own) if each is not None]
    target.keep(await ids(client, settings, target.strong), await own_ids(client, settings, persons, theirs))
    proof.again, proof.done = known["state"] == "done", dict(known["done"])
    before = known.get("proof", {})
    proof.cut_off, proof.told = known.get("running", False) or before.get("cut_off", False), "elsewhere" in before
    if proof.again:
        proof.ids, proof.others = dict(before.get("ids", {})), dict(before.get("others", {}))
    else:
        await _steps(client, settings, target, proof, patience_s)
    note = await earn[ERASURES].find_one({"_id": known["_id"]}, {"elsewhere": 1}) or {}
    proof.elsewhere = list(note.get("elsewhere", ()))
    await _search(client, settings, target, proof)
    watch = await Watch(settings, client).start()
    try:
        proof.topics = await kept(settings, await watch.topics())
    finally:
        await watch.stop()
    if not proof.again:
        await _noted(earn, known, target, proof)
    return proof


async def _steps(
    client: AsyncMongoClient[Document], settings: Settings, target: Person, proof: Proof, patience_s: float
) -> None:
    """Step by step, as far as it can be done now: until households are renamed their members' documents stay as they
    are, and nobody new has the names."""
    notes = database(client, EARN, settings)[ERASURES]
    await notes.update_one({"_id": proof.member}, {"$set": {"running": True}})
    for name, step in STEPS.items():
        if name in HEARD:
            proof.after = await awaited(client, settings, target, patience_s)
            proof.unheard = {} if proof.after else await unheard(client, settings, target, patience_s)
            if proof.after or proof.unheard:
                return
        count = await step(client, settings, target)
        proof.done[name] = proof.done.get(name, 0) + count
        await notes.update_one({"_id": proof.member}, {"$set": {f"done.{name}": proof.done[name]}})


async def _target(
    client: AsyncMongoClient[Document], settings: Settings, known: Document, words: dict[str, list[str]]
) -> Person:
    """Who is erased, as far as others are not called so. Asked at each run: a new member may have an erased card."""
    id_, persons = known["_id"], known["persons"]
    strong, keys, references = words["strong"], words.get("keys", []), words.get("references", [])
    freed = known.get("freed", False) or "identities" in known["done"]
    found = await alike(database(client, EARN, settings), persons, compared(strong, references), keys, freed=freed)
    # Households go by what was so at the first run, to the end: of one that was renamed in one service, and not yet in
    # another, a signup in between must not make two.
    shared = words.get("shared")
    then = None if shared is None else Alike(words=frozenset(shared))
    houses = None if then is None else Terms.of_identifiers(strong, id_, keys, references, then)
    if freed:  # they have all been renamed: what is called so by now is a household of others
        houses = Terms([])
    terms = Terms.of_identifiers(strong, id_, keys, references, found, houses)
    mine = Terms.of_identifiers(strong, id_, keys, references, Alike(longer=found.longer), houses)
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
    change: Document = {"$set": {"proof": asdict(proof)}, "$unset": {"running": ""}}
    if proof.ok:
        change["$set"] |= {"state": "done", "reason": target.without(known, f"{EARN}.{ERASURES}")["reason"]}
        change["$unset"] |= {"terms": ""}
    await earn[ERASURES].update_one({"_id": known["_id"]}, change)


async def _search(client: AsyncMongoClient[Document], settings: Settings, target: Person, proof: Proof) -> None:
    """Every document of every service, for every word that the person is known by."""
    mine = target.own or target.strong
    proof.terms = len(mine.words) + len(mine.plain) + len(target.names.words)
    for service in SERVICES:
        base = database(client, service, settings)
        for name in sorted(await base.list_collection_names()):
            place = f"{service}.{name}"
            proof.searched[place] = 0
            async for each in base[name].find({}, batch_size=1_000):
                proof.searched[place] += 1
                document = said_of(each, place)
                if not target.may_be_in(document, place):
                    continue
                if target.kept(document):
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
