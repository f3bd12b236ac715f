"""Why does this member have these points? Reads the services' databases, changes nothing, tells it as values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pymongo import AsyncMongoClient

from shared.clock import Moved
from shared.events.light_entries import MOVES
from shared.ops.databases import (
    CAMPAIGNS,
    EARN,
    IDENTITIES,
    JOURNAL,
    MEMBERS,
    RECORDS,
    THINGS,
    TIERS,
    WAITING,
    NotThereError,
    database,
    opened,
    read_registry,
    read_rulebook,
)
from shared.ops.explaining import Explanation, Standing, explain, is_asked
from shared.ops.merged import Kin, kin_of, merged_now
from shared.ops.rebuilding import Entry, Sources
from shared.ops.recorded import READ
from shared.ops.rule_story import RuleStory, rule_named, story_of
from shared.ops.story import Story, build_story
from shared.ops.telling import tell_story
from shared.publishing.registry import published, rulebook
from shared.rules.engines.choosing import engine
from shared.rules.member import Member
from shared.rules.quotas import Quotas
from shared.rules.saying.speaking import Language
from shared.rules.usage import Shared
from shared.runtime.quotas import QUOTAS
from shared.runtime.sharing import HOUSEHOLDS, SharedUsage
from shared.runtime.store import Document
from shared.settings import Settings

_MEMBER: Final = re.compile(r"^m-[0-9a-f]{20}$")
_KEY: Final = re.compile(r"^(card|phone|email|app|ref):.")
_PARTNER: Final = re.compile(r"^([a-z0-9][a-z0-9/-]*):(.+)$")
_FORMS: Final = "m-…, grocer:900 (partner:reference), an e-mail address, +84… (phone), card:… or app:…"
# For a story the event's bytes are only wanted where they tell something: what was granted for what.
_TOLD: Final[Document] = {
    "seq": 1,
    "kind": 1,
    "return_of": 1,
    "late_for": 1,
    "by": 1,
    "approved": 1,
    "approved_by": 1,
    "reason": 1,
    "at": 1,
    "member": 1,
    "bought_by": 1,
    "spared": 1,
    "ended": 1,
    "uncounted": 1,
    "awards.rule": 1,
    "awards.version": 1,
    "awards.wallet": 1,
    "awards.points": 1,
    "event": {"$cond": [{"$in": ["$kind", ["grant", *sorted(MOVES)]]}, "$event", None]},
}


async def story(settings: Settings, member: str, *, limit: int = 20) -> Story:
    """A member's story; the newest `limit` entries one by one (0: all). Raises NotThereError.

    member: our id, or any name that a partner calls them by (see `identity_keys`).
    """
    async with opened(settings) as client:
        book = await read_rulebook(client, settings)
        id_ = await member_named(client, settings, member)
        document = await _document(client, settings, id_)
        now = Moved(settings.home)()
        tiers = await database(client, TIERS, settings)[MEMBERS].find_one({"_id": id_})
        things = await database(client, CAMPAIGNS, settings)[THINGS].find({"member": id_}).to_list()
        journal = await _journal(client, settings, id_)
        return build_story(document, journal, tiers, book, limit, things, now)


async def told(settings: Settings, member: str, *, limit: int = 20, language: Language = "en") -> str:
    """A member's story as text for people; see `story`."""
    return "\n".join(tell_story(await story(settings, member, limit=limit), language))


async def explanation(settings: Settings, member: str, event: str) -> Explanation:
    """One event of a member, fully. Raises NotThereError.

    event: its id (basket-123) or, where two partners use the same, its key (/partners/grocer|basket-123).
    """
    async with opened(settings) as client:
        id_, sources, standing = await _sources(client, settings, member)
        return one_event(id_, event, sources, standing)


async def about_rule(settings: Settings, member: str, rule: str, *, limit: int = 20) -> RuleStory:
    """What a rule has given a member, the newest `limit` times one by one (0: all), and what is missing for it to give.
    Raises NotThereError."""
    async with opened(settings) as client:
        id_, sources, standing = await _sources(client, settings, member)
        asked = rule_named(rule, sources.book)
        tiers = await database(client, TIERS, settings)[MEMBERS].find_one({"_id": id_})
        return story_of(id_, asked, sources, standing, Moved(settings.home)(), tiers, limit)


def one_event(member: str, event: str, sources: Sources, standing: Standing) -> Explanation:
    """An event of a member's, or else of one who is merged into them; or else what no event brought about (the clock,
    a till, a person), of them and then of those. Raises NotThereError."""
    merged = [entry for one in merged_now(member, sources.kin) for entry in sources.kin[one].journal]
    asked, theirs = ([each for each in of if is_asked(each)] for of in (sources.journal, merged))
    mine: dict[str, Entry] = {}
    for some in (asked, theirs, sources.journal, merged):
        if not any(event in _names(key) for key in mine):
            mine |= {each["_id"]: each for each in some}
    entry = mine[choose([*mine], event, member)]
    found = explain(entry, sources, standing)
    return found if entry["member"] == member else replace(found, merged_into=member)


def _names(key: str) -> tuple[str, str]:
    return key, key.partition("|")[2]


def identity_keys(name: str) -> list[str]:
    """The identity keys that a name may stand for, likeliest first. Raises NotThereError for what is no name at all."""
    name = name.strip()
    if _KEY.match(name):
        kind, _, rest = name.partition(":")
        return [f"{kind}:{rest.strip().lower() if kind == 'email' else rest.strip()}"]
    if name.startswith("+"):
        return ["phone:+" + re.sub(r"\D", "", name)]
    keys: list[str] = []
    partner = _PARTNER.match(name)
    if partner:
        keys.append(f"ref:/partners/{partner[1]}:{partner[2].strip()}")
    if "@" in name:
        keys.append(f"email:{name.lower()}")
    if not keys:
        raise NotThereError(f"{name!r} names no member: write {_FORMS}")
    return keys


def choose(keys: Sequence[str], event: str, member: str) -> str:
    """The one journal key that an event's id or key stands for. Raises NotThereError for none or several."""
    found = [key for key in keys if event in _names(key)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotThereError(f"several events of {member} have the id {event}; write one of: {', '.join(sorted(found))}")
    raise NotThereError(
        f"the journal of {member} has no event {event}: `doublestar why --member {member} --limit 0` lists them; "
        "what was refused is in `doublestar deadletters list`"
    )


async def member_named(client: AsyncMongoClient[Document], settings: Settings, name: str) -> str:
    """A member's id, from it or any name that a partner calls them by. Raises NotThereError."""
    if _MEMBER.match(name.strip()):
        return name.strip()
    keys, earn = identity_keys(name), database(client, EARN, settings)
    known = {each["_id"]: each async for each in earn[IDENTITIES].find({"_id": {"$in": keys}})}
    for key in keys:
        if key in known and known[key]["member"] is not None:
            return str(known[key]["member"])
    waiting = await earn[WAITING].count_documents({"identities": {"$in": keys}})
    if waiting:
        raise NotThereError(f"nobody has signed up as {keys[0]} yet; events that wait for the signup: {waiting}")
    raise NotThereError(f"no member is known as {' or '.join(keys)}: write {_FORMS}")


async def _document(client: AsyncMongoClient[Document], settings: Settings, member: str) -> dict[str, Any]:
    earn = database(client, EARN, settings)
    document = await earn[MEMBERS].find_one({"_id": member})
    if document is None:
        raise NotThereError(
            f"the ledger ({earn.name}) has nothing of {member}: check the id, or wait until earn has caught up "
            "(`doublestar status`)"
        )
    return document


async def _sources(client: AsyncMongoClient[Document], settings: Settings, name: str) -> tuple[str, Sources, Standing]:
    """What an explanation is made of, and what members share as it stands now."""
    registry = await read_registry(client, settings)
    member = await member_named(client, settings, name)
    known = await _document(client, settings, member)
    wanted = {"member": member, "seq": {"$ne": None}}
    earns = database(client, EARN, settings)[JOURNAL]
    journal = await earns.find(wanted, batch_size=1_000).to_list()

    async def read(members: list[str]) -> list[Document]:
        return await earns.find({"member": {"$in": members}, "seq": {"$ne": None}}, batch_size=1_000).to_list()

    kin = await kin_of(member, journal, read)
    persons = {"$in": sorted({member, *kin})}
    campaigned = database(client, CAMPAIGNS, settings)
    things: dict[str, list[Document]] = {}
    async for each in campaigned[THINGS].find({"member": persons}):
        things.setdefault(each["member"], []).append(each)
    household = Member(known).profile("household")
    earn, campaigns = [await _shared(client, settings, each, household) for each in (EARN, CAMPAIGNS)]
    asked = ("high", "ahead", "first_purchase", "rewarded", "uses", "completed")
    theirs = {each["_id"]: each async for each in campaigned[MEMBERS].find({"_id": persons}, asked)}
    book = rulebook(registry, engine(settings.engine))
    kept = {each: Kin(entries, things.get(each, ()), theirs.get(each)) for each, entries in kin.items()}
    bought = sorted({each["_id"] for of in (journal, *kin.values()) for each in of if each["kind"] == "purchase"})
    noted = await campaigned[RECORDS].find({"_id": {"$in": bought}}, READ, batch_size=1_000).to_list()
    sources = Sources(
        journal, book, things.get(member, ()), known.get("tiers", {}), published(registry), theirs.get(member), kept,
        noted,
    )  # fmt: skip
    return member, sources, Standing(earn, campaigns)


async def _shared(client: AsyncMongoClient[Document], settings: Settings, service: str, household: Any) -> Shared:
    found = database(client, service, settings)
    households = {each["_id"]: each async for each in found[HOUSEHOLDS].find({"_id": household})}
    quotas = {each["_id"]: each async for each in found[QUOTAS].find({})}
    return SharedUsage(households, Quotas(quotas, 1), packs=True).lane(0)


async def _journal(client: AsyncMongoClient[Document], settings: Settings, member: str) -> list[dict[str, Any]]:
    cursor = database(client, EARN, settings)[JOURNAL].find({"member": member}, _TOLD, batch_size=10_000)
    return await cursor.to_list()
