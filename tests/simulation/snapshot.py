"""What a world has come to: exactly, or in the words in which the promises are made.

A message about a referral's reward that was taken back later was written, and is no part of the end: it is left out.
Member ids come from whichever signup was heard first, so a summary calls members by all that partners call them; it
leaves out the order of effects across topics, which is free, and the ids that follow from it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.runtime.store import OUTBOX
from tests.simulation.world import World

NEW_YORK = ZoneInfo("America/New_York")
Documents = dict[str, dict[str, Any]]


def everything(world: World) -> dict[str, Any]:
    """Every document of every database but the outboxes, and every e-mail."""
    held: dict[str, Any] = {
        f"{service}/{collection}/{id_}": document
        for service, store in world.stores.items()
        for (collection, id_), document in store.documents.items()
        if collection != OUTBOX
    }
    return held | {f"mail/{name}": value for name, value in world.mailbox.items()}


def summary(world: World) -> dict[str, Any]:
    """Members with their stars, status, gifts and messages; and what became of every partner's record."""
    called = _called(world)
    return {"members": {called[each]: _member(world, each) for each in sorted(called)}, "outcomes": outcomes(world)}


def _member(world: World, id_: str) -> dict[str, Any]:
    earn, tiers, notify = world.stores["earn"], world.stores["tiers"], world.stores["notify"]
    stars: Counter[str] = Counter()
    for entry in earn.collection("journal").values():
        if entry["member"] == id_:
            stars.update({each["rule"]: each["points"] for each in entry["awards"]})
    status = tiers.collection("members").get(id_, {"ladders": {}})
    ladder = status["ladders"].get("star-ladder", {"years": {}, "tier": None, "until": None})
    until = ladder["until"] and datetime.fromisoformat(ladder["until"]).astimezone(NEW_YORK).year
    standing = _rewards_told(world)
    mine = [each for each in notify.collection("sent").values() if each["member"] == id_]
    sent = [each for each in mine if each["template"] != "referral" or each["_id"] in standing]
    unsaid = [each["_id"] for each in mine if each not in sent]
    return {
        "stars": dict(+stars),
        "balance": earn.collection("members").get(id_, {"balances": {}})["balances"].get("stars", 0),
        "years": {int(year): points for year, points in ladder["years"].items() if points},
        "tier": ladder["tier"],
        "until": until,
        "gifts": status.get("gifts", []),
        "messages": dict(Counter(each["template"] for each in sent)),
        "emails": sum(
            f"/{id_}-" in name and not any(_digest(each) in name for each in unsaid) for name in world.mailbox
        ),
    }


def balances(world: World) -> dict[str, dict[str, int]]:
    """Every wallet of every member, by all that partners call them."""
    members = world.stores["earn"].collection("members")
    return {names: dict(members[id_]["balances"]) if id_ in members else {} for id_, names in _called(world).items()}


def _called(world: World) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for key, identity in world.stores["earn"].collection("identities").items():
        if identity["member"] is not None:
            names.setdefault(identity["member"], []).append(key)
    return {member: " & ".join(sorted(keys)) for member, keys in names.items()}


def _rewards_told(world: World) -> set[str]:
    """Ids of messages about referrals' rewards that both sides hold at the end."""
    held = [(id_, each.get("rewarded")) for id_, each in world.stores["campaigns"].collection("members").items()]
    return {
        f"offer:{rule}:{winner}:{friend}"
        for friend, pair in held
        if pair is not None
        for rule, _ in pair["rules"]
        for winner in (pair["referral"]["advocate"], friend)
    }


def _digest(id_: str) -> str:
    """A notification's part of its file's name."""
    return hashlib.blake2b(id_.encode(), digest_size=8).hexdigest()


def outcomes(world: World) -> dict[tuple[str, int, int], str]:
    """What became of each partner's record, by position. Two outcomes of one record are joined by `and`."""
    earn = world.stores["earn"]
    found: list[tuple[str, str]] = [(origin, "effect") for origin in _effects(earn.collection("journal"))]
    found += [(origin, "duplicate") for origin in earn.collection("duplicates")]
    for letter in earn.collection("dead_letters").values():
        origin = letter["origin"]
        found.append((f"{origin['topic']}:{origin['partition']}:{origin['offset']}", letter["reason"]))
    for each in earn.collection("waiting").values():
        if each["event"] is not None:
            origin = each["origin"]
            found.append((f"{origin['topic']}:{origin['partition']}:{origin['offset']}", "waiting"))
    joined: dict[tuple[str, int, int], str] = {}
    for origin, outcome in sorted(found):
        topic, partition, offset = origin.rsplit(":", 2)
        place = (topic, int(partition), int(offset))
        joined[place] = f"{joined[place]} and {outcome}" if place in joined else outcome
    return joined


def _effects(journal: Documents) -> list[str]:
    return [str(entry["origin"]) for entry in journal.values() if entry["origin"] is not None]


def published(world: World) -> list[tuple[tuple[str, int, int], bytes]]:
    """Every partner's record with its position, in publishing order: what the model is told."""
    records = [r for (topic, _), held in world.log.records.items() if topic.startswith("partner.") for r in held]
    records.sort(key=lambda record: record.timestamp_ms)
    return [((record.topic, record.partition, record.offset), record.value) for record in records]


def out_of_order(world: World) -> list[str]:
    """Effects of one member that the ledger posted in another order than their partner's topic has them.

    What waited for its member is left out: it is posted when they sign up, by event time.
    """
    earn = world.stores["earn"]
    waited = earn.collection("waiting")
    entries = [each for each in earn.collection("journal").values() if each["origin"] and each["_id"] not in waited]
    latest: dict[tuple[str, str], int] = {}
    wrong: list[str] = []
    for entry in sorted(entries, key=lambda each: int(each["seq"])):
        place, _, offset = entry["origin"].rpartition(":")
        if int(offset) < latest.get((entry["member"], place), -1):
            wrong.append(f"{entry['origin']} {entry['_id']}")
        latest[entry["member"], place] = int(offset)
    return wrong
