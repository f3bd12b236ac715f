"""What a programme has come to: stars by rule, tiers, gifts, messages, duplicates, dead letters, from the databases."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from shared.ops.lag import SERVICES
from shared.runtime.mongo import connect
from shared.runtime.service import database_name
from shared.runtime.store import Document
from shared.settings import Settings


async def figures(settings: Settings) -> dict[str, Any]:
    """The figures of the report that follow from the services' state.

    `stars`: by rule id; `tiers`: members who reached each; `notifications`: by template; `dead_letters`: by reason.
    """
    client = connect(settings.mongo_url())
    try:
        bases: dict[str, AsyncDatabase[Document]] = {each: client[database_name(each, settings)] for each in SERVICES}
        stars = await _sums(bases["earn"], "journal", [{"$unwind": "$awards"}], "$awards.rule", "$awards.points")
        challenges = [
            each["_id"] async for each in bases["campaigns"]["registry"].find({"kind": "challenge"}, {"_id": 1})
        ]
        ladders = bases["campaigns"]["registry"].find({"kind": "ladder"}, {"versions": 1})
        tiers = [tier["id"] async for each in ladders for tier in each["versions"][-1]["body"]["tiers"]]
        dead: Counter[str] = Counter()
        for base in bases.values():
            dead.update(await _sums(base, "dead_letters", [], "$reason", 1))
        reached: Counter[str] = Counter()
        gifts = 0
        async for member in bases["tiers"]["members"].find({}, {"ladders": 1, "gifts": 1}):
            reached.update(tier for ladder in member.get("ladders", {}).values() for tier in ladder.get("reached", {}))
            gifts += len(member.get("gifts", []))
        return {
            "stars": stars,
            "stars_total": sum(stars.values()),
            "members": await bases["earn"]["members"].count_documents({}),
            "tiers": {tier: reached[tier] for tier in tiers},
            "gifts": gifts,
            "challenges": await bases["earn"]["journal"].count_documents({"awards.rule": {"$in": challenges}}),
            "notifications": await _sums(bases["notify"], "sent", [], "$template", 1),
            "duplicates": await bases["earn"]["duplicates"].count_documents({}),
            "dead_letters": dict(sorted(dead.items())),
        }
    finally:
        await client.close()


async def _sums(
    base: AsyncDatabase[Document], collection: str, before: list[Document], key: str, amount: str | int
) -> dict[str, int]:
    pipeline = [*before, {"$group": {"_id": key, "n": {"$sum": amount}}}, {"$sort": {"_id": 1}}]
    return {str(each["_id"]): int(each["n"]) async for each in await base[collection].aggregate(pipeline)}
