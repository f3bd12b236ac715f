"""Books of what expired: only expiry and closing feed breakage, only returns take of it, and nothing that has expired
still stands in a lot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pymongo.asynchronous.database import AsyncDatabase

from shared.rules.learning import utc
from shared.runtime.store import Document

ACCOUNT: Final = "programme:breakage"
KINDS: Final = ["expiry", "closing", "erasure"]
LATE: Final = timedelta(minutes=1)  # a worker looks once a second
_SHOWN: Final = 3
Finding = tuple[str, bool, str]


async def breakage_checks(
    earn: AsyncDatabase[Document], tiers: AsyncDatabase[Document], now: datetime
) -> list[Finding]:
    """Name, whether it is so, and details, of each check."""
    return [await _breakage(earn), await _due({"points": earn, "status": tiers}, now)]


async def _breakage(earn: AsyncDatabase[Document]) -> Finding:
    """Per wallet: what the account holds, and what expiry and the closing of accounts took from members, less what
    returns gave back of it."""
    pipeline: list[Document] = [
        {"$match": {"$or": [{"postings.account": ACCOUNT}, {"kind": {"$in": KINDS}}]}},
        {"$unwind": "$postings"},
        {
            "$group": {
                "_id": "$postings.wallet",
                "account": {"$sum": {"$cond": [{"$eq": ["$postings.account", ACCOUNT]}, "$postings.amount", 0]}},
                "expired": {"$sum": {"$cond": [_of_expiry(), {"$multiply": [-1, "$postings.amount"]}, 0]}},
                "back": {"$sum": {"$cond": [_given_back(), "$postings.amount", 0]}},
            }
        },
        {"$sort": {"_id": 1}},
    ]
    found = await (await earn["journal"].aggregate(pipeline)).to_list()
    said = ", ".join(f"{each['_id']}: {each['account']} expired" for each in found) or "nothing has expired"
    due = {each["_id"]: each["expired"] + each["back"] for each in found}
    wrong = [f"{each['_id']}: {due[each['_id']]} by expiry" for each in found if each["account"] != due[each["_id"]]]
    return "breakage_is_what_expired", not wrong, "; ".join([said, *wrong])


def _given_back() -> Document:
    """By returns, of points that had expired: see `services.earn.ended`."""
    account = {"$eq": ["$postings.account", ACCOUNT]}
    return {"$and": [{"$gt": ["$ended", None]}, account, {"$lt": ["$postings.amount", 0]}]}


def _of_expiry() -> Document:
    of_a_member = {"$eq": [{"$substrCP": ["$postings.account", 0, 7]}, "member:"]}
    taken = {"$lt": ["$postings.amount", 0]}  # a debt that was forgiven is no breakage
    return {"$and": [{"$in": ["$kind", KINDS]}, of_a_member, taken]}


async def _due(of: Mapping[str, AsyncDatabase[Document]], now: datetime) -> Finding:
    """Whose points or status should have been looked at by the clock."""
    overdue, said = {"due_at": {"$lte": utc(now - LATE)}}, []
    for what, database in of.items():
        count = await database["members"].count_documents(overdue)
        first = await database["members"].find(overdue, ["due_at"]).sort("due_at", 1).limit(_SHOWN).to_list()
        waits = ", ".join(f"{each['_id']} since {each['due_at'][:19]}Z" for each in first)
        if count:
            said.append(f"{count} members' {what} wait: {waits}")
    return "due_work_is_done", not said, "; ".join(said) or "nobody waits"
