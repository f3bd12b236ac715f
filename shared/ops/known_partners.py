"""Whether anybody here has heard of a partner: a name that is misspelt would be nobody's, and nothing would say so."""

from __future__ import annotations

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


async def is_unheard_of(settings: Settings, partner: str) -> bool:
    """Whether nobody has, but by keys that may be misspelt like the next; False where nothing is published yet, so that
    nobody can tell."""
    async with opened(settings) as client:
        try:
            book = await read_rulebook(client, settings)
        except NotThereError:
            return False
        return not await is_known(database(client, EARN, settings), book, partner, by_keys=False)
