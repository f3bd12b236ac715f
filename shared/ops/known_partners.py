"""Whether anybody here has heard of a partner: a name that is misspelt would be nobody's, and nothing would say so."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from shared.access.keyring import CALLERS
from shared.ops.databases import EARN, JOURNAL, NotThereError, database, opened, read_rulebook
from shared.rules.definition import Partner
from shared.rules.rulebook import Rulebook
from shared.settings import Settings


async def is_known(earn: AsyncDatabase[dict[str, Any]], book: Rulebook, partner: str, *, by_keys: bool = True) -> bool:
    """Whether it has an agreement, an event or (by_keys) a key."""
    if any(isinstance(each, Partner) and each.id == partner for each in book.versions):
        return True
    of_it = {"_id": {"$gt": f"/partners/{partner}|", "$lt": f"/partners/{partner}}}"}}
    if await earn[JOURNAL].find_one(of_it, {"_id": 1}) is not None:
        return True
    return by_keys and await earn[CALLERS].find_one({"partner": partner}, {"_id": 1}) is not None


async def check_known(settings: Settings, partner: str) -> None:
    """Raises NotThereError, with the nearest names, where nobody has: an empty statement would say that a partner whose
    name is misspelt owes nothing."""
    async with opened(settings) as client:
        book, earn = await read_rulebook(client, settings), database(client, EARN, settings)
        if await is_known(earn, book, partner):
            return
        agreed = {each.id for each in book.versions if isinstance(each, Partner)}
        keyed = {str(each) for each in await earn[CALLERS].distinct("partner") if each is not None}
        raise NotThereError(unknown(partner, agreed | keyed | await _posted(earn)))


def unknown(partner: str, known: Iterable[str]) -> str:
    """That there is no such partner, and which it may be."""
    said = f"no partner {partner} has an agreement, a key or an event here"
    near = get_close_matches(partner, sorted(known), n=3, cutoff=0.5)
    return (
        f"{said}; did you mean {' or '.join(near)}?"
        if near
        else f"{said}; there are {', '.join(sorted(known)) or 'none yet'}"
    )


async def _posted(earn: AsyncDatabase[dict[str, Any]]) -> set[str]:
    """Partners with events: one step through the journal's keys for each, not one for each entry."""
    found, after = set[str](), "/partners/"
    while (entry := await earn[JOURNAL].find_one(
        {"_id": {"$gt": after, "$lt": "/partners0"}}, {"_id": 1}, sort=[("_id", 1)]
    )) is not None:  # fmt: skip
        name = str(entry["_id"]).removeprefix("/partners/").partition("|")[0]
        found.add(name)
        after = f"/partners/{name}}}"  # behind all of its events: `|` comes before `}`
    return found


async def is_unheard_of(settings: Settings, partner: str) -> bool:
    """Whether nobody has, but by keys that may be misspelt like the next; False where nothing is published yet, so that
    nobody can tell."""
    async with opened(settings) as client:
        try:
            book = await read_rulebook(client, settings)
        except NotThereError:
            return False
        return not await is_known(database(client, EARN, settings), book, partner, by_keys=False)
