"""What the API reads of earn's database: members by name, their documents, their entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import orjson
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from services.earn import intake, ledger
from services.earn.api.models.members import Named
from services.earn.api.paging import cursor, instant, list_of, number, place
from services.earn.api.problems import Problem
from services.earn.counter.standing import pooled
from services.earn.identities import ConflictingIdentitiesError, identity_keys, kinds, only_member
from services.earn.posting import JOURNAL
from shared.ledger.changes import SAID
from shared.ops.known_partners import is_known
from shared.rules import membership
from shared.rules.rulebook import Rulebook, Ruleset
from shared.runtime.leading import led

Document = dict[str, Any]
Database = AsyncDatabase[Document]
_ACTIVATION: Final = "activation"
_LATE_FOR: Final = "late_for"  # the journal's field that names the return which took it
# What balances are not made of, and grows.
_STANDING: Final[Document] = {"history": 0}
_ENTRY: Final[Document] = {
    "kind": 1,
    "member": 1,
    "seq": 1,
    "active": 1,
    "spared": 1,
    "ended": 1,
    "at": 1,
    "awards": 1,
    "postings": 1,
    "partner": 1,
    "by": 1,
    "approved": 1,
    "approved_by": 1,
    "reason": 1,
    "redemption": 1,
    _LATE_FOR: 1,
    "event": {"$cond": [{"$in": ["$kind", [*SAID, _ACTIVATION]]}, "$event", None]},
}


async def find(
    database: Database, named: Named, partner: str | None, book: Rulebook
) -> tuple[str, Document | None]:  # fmt: skip
    """The member who is called so, with what the ledger has of them. Raises Problem where nobody is, or several are:
    events are taken by the name that is trusted most, as they cannot be asked about; who stands at a till can be."""
    keys = identity_keys(named, f"/partners/{partner}")
    known = {each["_id"]: each async for each in database[intake.IDENTITIES].find({"_id": {"$in": keys}})}
    try:
        member = only_member(keys, known)
    except ConflictingIdentitiesError:
        said = f"these names are of different members ({kinds(sorted(known))}): ask with the one that is shown"
        raise Problem(409, "several_members", said) from None
    if member is None and known:
        said = "nobody has signed up under this name yet; what was sent about them waits for the signup"
        raise Problem(404, "not_signed_up", said)
    if member is None and named.partner is not None and not await is_known(database, book, named.partner):
        said = f"no partner {named.partner} has an agreement, a key or an event here; check how `partner` is written"
        raise Problem(404, "unknown_partner", said)
    if member is None:
        raise Problem(404, "unknown_member", "no member is known by this name: check it, or send their signup")
    return member, await database[ledger.MEMBERS].find_one({"_id": member}, {"joined": 1, "tiers": 1, "closed": 1})


async def standing(database: Database, member: str) -> Document:
    """A member's document, as balances need it; of one who has signed up a moment ago, and of whom the ledger has not
    read yet, an empty one: whom `find` finds can be asked about. Raises Problem where nobody is called so."""
    found = await database[ledger.MEMBERS].find_one({"_id": member}, _STANDING)
    if found is None:
        if await database[intake.IDENTITIES].find_one({"member": member}, {"_id": 1}) is None:
            raise unknown()
        return membership.newcomer(member)
    into = led(found)
    if into is not None:
        raise Problem(404, "merged", f"this member was merged into {into}: ask about that one", into=into)
    return found


async def household(database: Database, member: Document, rules: Ruleset) -> list[Document]:
    """The others with whom a member spends in common; nobody, and no round trip, where the programme has no such
    wallet."""
    if "household" not in member or not pooled(rules):
        return []
    found = database[ledger.MEMBERS].find({"household": member["household"]}, _STANDING).sort("_id", 1)
    return [
        each async for each in found
        if each["_id"] != member["_id"] and led(each) is None and not each.get("closed")
    ]  # fmt: skip


async def entries(
    database: Database, member: str, partner: str | None, after: str | None, limit: int
) -> tuple[list[Document], str | None]:
    """A page of entries, newest first, and the cursor of the next one; of one partner's where it is named."""
    wanted: Document = {"member": member, "seq": {"$ne": None}}
    if partner is not None:
        wanted |= _of_partner(partner)
    of = list_of(f"history {member}", partner=partner)
    return await page(database[JOURNAL], of, wanted, "at", after, limit, _ENTRY, "seq")


async def page(
    collection: AsyncCollection[Document], of: str, wanted: Document, by: str, after: str | None, limit: int,
    fields: Document | None = None, then: Literal["_id", "seq"] = "_id",
) -> tuple[list[Document], str | None]:  # fmt: skip
    """A page of what is wanted, newest first by a field that is an instant, and the cursor of the next one. then: what
    orders those of one instant; of: which list this is, by which filters (`paging.list_of`), so that no other's cursor
    is taken."""
    if after is not None:
        wanted = {"$and": [wanted, _after(after, of, by, then)]}
    found = await collection.find(wanted, fields).sort([(by, -1), (then, -1)]).limit(limit + 1).to_list()
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], cursor(of, last[by].isoformat(), str(last[then]))


async def journal(database: Database, member: str) -> list[Document]:
    """All entries of a member that were announced, with their events' bytes."""
    return await journals(database, [member])


async def journals(database: Database, members: list[str]) -> list[Document]:
    """The same of several members."""
    return await database[JOURNAL].find({"member": {"$in": members}, "seq": {"$ne": None}}, batch_size=1_000).to_list()


def is_of(partner: str, entry: Mapping[str, Any]) -> bool:
    """Whether it happened at this partner, or is what a return of the partner's took late."""
    keys = entry["_id"], entry.get(_LATE_FOR, "")
    return entry.get("partner") == partner or any(key.startswith(f"/partners/{partner}|") for key in keys)


def activated(entry: Document) -> dict[str, int]:
    """Pending points that it made active, by wallet: by the clock, or by a milestone."""
    if entry["kind"] == _ACTIVATION:
        said = orjson.loads(bytes(entry["event"]))
        return {said["wallet"]: said["active"]}
    found: dict[str, int] = entry.get("active", {})
    return found


def partner_at(entry: Document) -> str | None:
    """At whom it happened; of what was taken late, at whom its return did."""
    said: str | None = entry.get("partner")
    key: str = entry.get(_LATE_FOR) or entry["_id"]
    return key.removeprefix("/partners/").partition("|")[0] if key.startswith("/partners/") else said


def unknown() -> Problem:
    """There is no such member."""
    said = "the ledger has no such member: find them by a name, or wait until their signup has arrived"
    return Problem(404, "unknown_member", said)


def _of_partner(partner: str) -> Document:
    theirs = {"$regex": rf"^/partners/{re.escape(partner)}\|"}
    return {"$or": [{"partner": partner}, {"_id": theirs}, {_LATE_FOR: theirs}]}


def _after(said: str, of: str, by: str, then: str) -> Document:
    at, last = place(said, of, 2)
    moment, mark = instant(at), number(last) if then == "seq" else last
    return {"$or": [{by: {"$lt": moment}}, {by: moment, then: {"$lt": mark}}]}
