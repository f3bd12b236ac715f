"""Settlement by query: the journal added up by MongoDB, a group for each account, wallet, rule and price; nothing of it
is read entry by entry, so memory is bounded by the number of rules and partners, whatever the number of entries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pymongo.asynchronous.database import AsyncDatabase

from shared.clock import Moved
from shared.ops.databases import EARN, JOURNAL, database, opened, read_registry
from shared.publishing.registry import published, rulebook
from shared.rules.as_known import Published
from shared.rules.localtime import first_instant
from shared.rules.rulebook import Rulebook
from shared.runtime.store import Document
from shared.settings import Settings
from shared.settlement.prices import Prices, Span
from shared.settlement.statement import MEMBERS, Pack, Statement, Sum, fill

By = Literal["posted", "event"]
FIELD: Final[dict[By, str]] = {"posted": "posted_at", "event": "at"}
# An entry says when it was decided; its transaction ends within a minute, or not at all.
SETTLES: Final = timedelta(minutes=5)
Database = AsyncDatabase[Document]


async def statement(settings: Settings, begin: date, end: date, *, by: By = "posted") -> Statement:
    """The statement of [begin, end) in local days of the programme. by: `posted` for settlements; `event` looks at when
    things happened, and may change when something is heard of late. Raises NotThereError."""
    async with opened(settings) as client:
        registry = await read_registry(client, settings)
        earn, now = database(client, EARN, settings), Moved(settings.home)()
        return await stated(earn, rulebook(registry), begin, end, now, published(registry), by=by)


async def stated(
    earn: Database, book: Rulebook, begin: date, end: date, now: datetime, known: Published, *, by: By = "posted"
) -> Statement:
    """The same, of a database and rules. known: when which version was published."""
    zone, prices = zone_of(book, now), Prices(book, known)
    since, until = midnight(begin, zone), midnight(end, zone)
    during: Document = {FIELD[by]: {"$gte": since, "$lt": until}}
    found = Statement(begin, end, zone.key, until + SETTLES <= now, since, until)
    sums = [_sum(each) async for each in await earn[JOURNAL].aggregate(_sums(during, prices), allowDiskUse=True)]
    found.packs = [_pack(each) async for each in await earn[JOURNAL].aggregate(_packs(during))]
    expired = any(each.account == "programme:breakage" and each.amount for each in sums)
    issued = await issued_until(earn, until, by) if expired else {}
    return await asyncio.to_thread(fill, found, sums, prices, issued)  # others may wait for this loop


async def issued_until(earn: Database, until: datetime, by: By = "posted") -> dict[str, dict[str, int]]:
    """Wallet to issuer to points that it has given, less what was taken back. `programme` is an issuer, too: of its own
    rules' points, gestures and corrections."""
    of_partners: Document = {"postings.account": {"$regex": "^partner:.*:(issued|prepaid)$"}}
    own = ("programme:issued", "programme:goodwill", "programme:adjustment")
    pipeline: list[Document] = [
        {"$match": {FIELD[by]: {"$lt": until}}},
        {"$project": {"postings": 1}},
        {"$unwind": "$postings"},
        # What partners buy is not given: only what rules gave is.
        {"$match": {"$or": [{**of_partners, "postings.version": {"$gt": 0}}, {"postings.account": {"$in": own}}]}},
        {
            "$group": {
                "_id": {"a": "$postings.account", "w": "$postings.wallet"},
                "sum": {"$sum": "$postings.amount"},
            }
        },
    ]
    found: dict[str, dict[str, int]] = {}
    async for each in await earn[JOURNAL].aggregate(pipeline, allowDiskUse=True):
        account = each["_id"]["a"].split(":")
        by_issuer = found.setdefault(each["_id"]["w"], {})
        issuer = account[1] if account[0] == "partner" else account[0]
        by_issuer[issuer] = by_issuer.get(issuer, 0) - each["sum"]
    return found


def zone_of(book: Rulebook, now: datetime) -> ZoneInfo:
    """The programme's zone now; of one that has not begun, as it will."""
    rules = book.found(now) or book.at(max(each.effective for each in book.versions))
    return rules.zone


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    return first_instant(datetime.combine(day, time()), zone).astimezone(UTC)


def _sums(during: Document, prices: Prices) -> list[Document]:
    when = {"$ifNull": ["$counts_at", "$at"]}  # what is taken back cost what it cost when it was given
    # A hold was posted as it was made; of a return the entry says when its purchase was.
    at_the_till = {"$and": [{"$in": ["$kind", ["redemption", "undo"]]}, {"$gt": ["$counts_at", None]}]}
    posted = {"$ifNull": ["$priced_at", {"$cond": [at_the_till, "$counts_at", "$posted_at"]}]}
    span = {"edges": _passed(prices.edges, "$when"), "published": _passed(prices.published, "$posted")}
    account = {
        "$cond": [{"$eq": [{"$substrCP": ["$postings.account", 0, 7]}, "member:"]}, MEMBERS, "$postings.account"]
    }
    return [
        {"$match": during},
        {"$project": {"postings": 1, "when": when, "posted": posted}},
        {"$unwind": "$postings"},
        {
            "$group": {
                "_id": {
                    "account": account,
                    "wallet": "$postings.wallet",
                    "rule": "$postings.rule",
                    "own": {"$eq": ["$postings.version", 0]},
                    "span": span,
                    "down": {"$lt": ["$postings.amount", 0]},
                },
                "amount": {"$sum": "$postings.amount"},
            }
        },
    ]


def _passed(edges: Sequence[datetime], by: str) -> Document:
    """How many of these instants are not after a field's."""
    return {"$size": {"$filter": {"input": edges, "as": "edge", "cond": {"$lte": ["$$edge", by]}}}}


def _packs(during: Document) -> list[Document]:
    return [
        {"$match": {**during, "kind": "pack"}},
        {
            "$group": {
                "_id": {
                    "partner": "$partner",
                    "wallet": {"$first": "$postings.wallet"},
                    "currency": "$money.currency",
                },
                "points": {"$sum": {"$max": "$postings.amount"}},
                "money": {"$sum": {"$toDecimal": "$money.amount"}},
            }
        },
        {"$sort": {"_id": 1}},
    ]


def _sum(found: Document) -> Sum:
    of = found["_id"]
    return Sum(of["account"], of["wallet"], of["rule"], of["own"], Span(**of["span"]), found["amount"])


def _pack(found: Document) -> Pack:
    of = found["_id"]
    return Pack(of["partner"], of["wallet"], found["points"], Decimal(str(found["money"])), of["currency"])
