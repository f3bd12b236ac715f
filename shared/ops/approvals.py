"""What waits for a second person, and what became of it, for the command line."""

from __future__ import annotations

from datetime import datetime

from shared.clock import Moved
from shared.ops.databases import APPROVALS, EARN, database, opened
from shared.runtime.store import Document
from shared.settings import Settings

_MOST = 1_000


async def approvals(settings: Settings, *, everything: bool) -> list[Document]:
    """Requests, newest first: those that wait, or all (the newest thousand). `state` says expired of what nobody
    answered in time."""
    now = Moved(settings.home)()
    wanted: Document = {} if everything else {"state": "pending", "until": {"$gt": now}}
    async with opened(settings) as client:
        found = database(client, EARN, settings)[APPROVALS].find(wanted).sort([("at", -1), ("_id", -1)])
        return [_told(each, now) for each in await found.limit(_MOST).to_list()]


async def kind_of(settings: Settings, which: str) -> str:
    """What a request asks for."""
    async with opened(settings) as client:
        found = await database(client, EARN, settings)[APPROVALS].find_one({"_id": which}, {"kind": 1})
        return "" if found is None else str(found["kind"])


def said(found: list[Document]) -> list[str]:
    """In lines for people."""
    if not found:
        return ["nothing waits for a second person"]
    lines: list[str] = []
    for each in found:
        asked = ", ".join(f"{name} {value}" for name, value in each["said"].items())
        author, judged = each["author"], each.get("judged")
        lines.append(f"{each['_id']} {each['state']}: {each['kind']} ({asked})")
        lines.append(f"  asked for by {author['person']} ({author['name']}) at {each['at']:%Y-%m-%d %H:%M} UTC")
        if judged is not None:
            why = f": {judged['reason']}" if judged.get("reason") else ""
            lines.append(f"  {each['state']} by {judged['person']} at {judged['at']:%Y-%m-%d %H:%M} UTC{why}")
    return lines


def _told(found: Document, now: datetime) -> Document:
    expired = found["state"] == "pending" and found["until"] <= now
    return {**found, "state": "expired"} if expired else found
