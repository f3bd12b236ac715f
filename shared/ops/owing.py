"""Liability by query: what the journal's entries moved until an instant, added up by MongoDB. Bounded by the number of
days on which points expire, whatever the number of entries and members."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from shared.clock import Moved
from shared.ops.databases import EARN, JOURNAL, MEMBERS, NotThereError, database, opened, read_registry
from shared.ops.settling import FIELD, By, issued_until, zone_of
from shared.publishing.by_then import ByThen
from shared.publishing.moments import read_moment
from shared.publishing.registry import published, rulebook
from shared.rules.as_known import Published
from shared.rules.learning import utc
from shared.rules.rulebook import Rulebook
from shared.runtime.store import Document
from shared.settings import Settings
from shared.settlement.liability import Cell, Outstanding, Sums, outstanding
from shared.settlement.prices import telling
from shared.settlement.to_come import given_back

Database = AsyncDatabase[Document]


async def liability(settings: Settings, at: str, *, by: By = "posted") -> tuple[list[Outstanding], datetime, bool]:
    """By wallet, the instant that a text means (a local date is its first instant), and whether it is to come. Raises
    NotThereError and RefusedError."""
    async with opened(settings) as client:
        registry, now = await read_registry(client, settings), Moved(settings.home)()
        book, known = rulebook(registry), published(registry)
        moment = read_moment(at, zone_of(book, now)) or now
        found = await owed(database(client, EARN, settings), book, moment, known, by=by, now=now)
        return found, moment, moment > now


async def owed(
    earn: Database, book: Rulebook, at: datetime, known: Published, *, by: By = "posted", now: datetime | None = None
) -> list[Outstanding]:
    """The same, of a database and rules. by: `posted`: as the books stood at that instant, with the values that were
    published by then (known). now: of a later date the holds that will have ended by then are held no more."""
    rules = (ByThen(telling(book), known).by(at).found(at) if by == "posted" else None) or book.found(at)
    if rules is None:
        raise NotThereError(f"no programme is in force at {at.isoformat()}: ask for a later time")
    before: Document = {FIELD[by]: {"$lt": at}}
    open_ = await _holds(earn, at) if now is not None and at > now else {}
    cells = [_cell(each) async for each in await earn[JOURNAL].aggregate(_cells(before, utc(at)), allowDiskUse=True)]
    cells += await _given_back(earn, at, open_)
    ended = await _ended(earn, before)
    issued = await issued_until(earn, at, by)
    return await asyncio.to_thread(outstanding, cells, utc(at), rules, ended, issued)  # others may wait for this loop


async def standing_check(earn: Database, book: Rulebook, now: datetime) -> tuple[str, bool, str]:
    """That all moves add up to what members' documents say: lots, holds and debts."""
    moved: dict[tuple[str, str], int] = {}
    async for each in await earn[JOURNAL].aggregate(_cells({}, utc(now)), allowDiskUse=True):
        cell = _cell(each)
        moved[cell.wallet, cell.state] = moved.get((cell.wallet, cell.state), 0) + cell.points
    held: dict[tuple[str, str], int] = {}
    async for member in earn[MEMBERS].find({}, {"lots": 1, "holds": 1, "deficit": 1}):
        for kind, parts in (("lot", member["lots"]), ("held", member.get("holds", {}).values())):
            for part in parts:
                held[part["wallet"], kind] = held.get((part["wallet"], kind), 0) + part["points"]
        for wallet, points in member.get("deficit", {}).items():
            held[wallet, "owed"] = held.get((wallet, "owed"), 0) - points
    wrong = sorted(key for key in moved.keys() | held.keys() if moved.get(key, 0) != held.get(key, 0))
    return (
        "liability_equals_lots",
        not wrong,
        f"{len(held)} sums by wallet and state; {len(wrong)} differ {wrong or ''}",
    )


async def _holds(earn: Database, at: datetime) -> dict[str, set[str]]:
    """The holds that will have ended by then, by member."""
    wanted: Document = {"due_at": {"$lte": utc(at)}, "holds": {"$gt": {}}}
    return {each["_id"]: set(each["holds"]) async for each in earn[MEMBERS].find(wanted, {"holds": 1})}


async def _given_back(earn: Database, at: datetime, open_: Mapping[str, set[str]]) -> list[Cell]:
    """What their ends will have moved. Only of those that were open before the journal was added up, and still are:
    of any other the journal would not have that it is held, and it would be fewer than none."""
    found: list[Cell] = []
    if open_:
        fields = ("lots", "holds", "deficit", "balances", "spared", "awaited")
        async for each in earn[MEMBERS].find({"_id": {"$in": list(open_)}}, fields):
            found += given_back(each, utc(at), open_[each["_id"]])
    return found


async def _ended(earn: Database, before: Document) -> Sums:
    pipeline: list[Document] = [
        {"$match": before},
        {"$project": {"postings": 1}},
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$regex": "^(partner:.*:redeemed|programme:breakage)$"}}},
        {
            "$group": {
                "_id": {"b": {"$eq": ["$postings.account", "programme:breakage"]}, "w": "$postings.wallet"},
                "sum": {"$sum": "$postings.amount"},
            }
        },
    ]
    found = Sums({}, {})
    async for each in await earn[JOURNAL].aggregate(pipeline, allowDiskUse=True):
        dict_: Any = found.breakage if each["_id"]["b"] else found.spent
        dict_[each["_id"]["w"]] = each["sum"]
    return found


def _cells(before: Document, at: str) -> list[Document]:
    mine = {
        "$filter": {
            "input": "$postings",
            "as": "each",
            "cond": {"$eq": [{"$substrCP": ["$$each.account", 0, 7]}, "member:"]},
        }
    }
    terms = {"$ifNull": ["$$each.terms", [None, None]]}
    said = {
        "$map": {
            "input": mine,
            "as": "each",
            "in": [
                "$$each.wallet",
                "lot",
                {"$arrayElemAt": [terms, 0]},
                {"$arrayElemAt": [terms, 1]},
                "$$each.amount",
            ],
        }
    }

    def part(number: int) -> Document:
        return {"$arrayElemAt": ["$moves", number]}

    activates = {"$ifNull": [part(2), ""]}
    return [
        {"$match": before},
        {"$project": {"moves": {"$ifNull": ["$moves", said]}}},
        {"$unwind": "$moves"},
        {
            "$group": {
                "_id": {
                    "wallet": part(0),
                    "state": part(1),
                    "active": {"$lte": [activates, at]},
                    "expires": part(3),
                },
                "points": {"$sum": part(4)},
            }
        },
    ]


def _cell(found: Document) -> Cell:
    of = found["_id"]
    return Cell(of["wallet"], of["state"], of["active"], of["expires"], found["points"])
