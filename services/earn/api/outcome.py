"""What became of an event that a partner sent: what it gave or took, why it was refused, or what it waits for."""

from __future__ import annotations

from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase

from services.earn import intake
from services.earn.posting import JOURNAL
from shared.ledger.changes import changes
from shared.ops.letter import ERASED, REPLAYED
from shared.runtime.store import DEAD_LETTERS

Document = dict[str, Any]
_POSTED: Final = {"kind": 1, "member": 1, "at": 1, "postings": 1, "posted_at": 1}
_ERASED: Final = "erased"  # an entry that says only that an event came, whose member was erased before it
_NOBODY: Final = "it had no effect, and whom it was about has no account any more: nothing is to be sent"
_LETTER: Final = {"reason": 1, "detail": 1, "received": 1, "status": 1}
_MOST: Final = 20  # a sender may have tried for days
_SAID: Final = {
    "counted": "it is in the member's history",
    "refused": "it had no effect: send what is right as an event of its own, with an id of its own",
    "waiting": "somebody whom it names has not signed up: it counts when they do",
    "on its way": "it was read, and is decided in a moment: ask again",
}


async def of_event(database: AsyncDatabase[Document], partner: str, id_: str) -> Document | None:
    """Of a partner's own event; None where nothing of it is known: it may still be in Kafka."""
    key = f"/partners/{partner}|{id_}"
    letters = await database[DEAD_LETTERS].find({"event": key}, _LETTER).sort("received", -1).limit(_MOST).to_list()
    posted = await database[JOURNAL].find_one({"_id": key}, _POSTED)
    if posted is not None and posted["kind"] == _ERASED:
        said = {"detail": "it had no effect: the member's account is closed, and nothing that comes for it counts"}
        return _told(id_, "refused", [_closed(posted), *letters][:_MOST], said)
    if posted is not None:
        mine = {"member": posted["member"], "at": posted["at"].isoformat(), "points": changes(posted["member"], posted)}
        return _told(id_, "counted", letters, mine)
    if any(each["status"] != REPLAYED for each in letters):
        gone = any(each["status"] == ERASED for each in letters)
        return _told(id_, "refused", letters, {"detail": _NOBODY} if gone else None)
    if await database[intake.WAITING].find_one({"_id": key, "event": {"$ne": None}}, {"_id": 1}) is not None:
        return _told(id_, "waiting", letters)
    if letters or await database[intake.INBOX].find_one({"_id": key}, {"_id": 1}) is not None:
        return _told(id_, "on its way", letters)
    return None


def _closed(posted: Document) -> Document:
    """As a dead letter would say it of an account that was closed; of one who was erased none is kept."""
    said = "the member's account is closed; nothing is counted"
    return {"reason": "account_closed", "detail": said, "received": posted["posted_at"], "status": None}


def _told(id_: str, state: str, letters: list[Document], more: Document | None = None) -> Document:
    refused = [
        {"reason": each["reason"], "detail": each["detail"], "at": each["received"].isoformat(),
         "replayed": each["status"] == REPLAYED}
        for each in letters
    ]  # fmt: skip
    return {"event": id_, "state": state, "detail": _SAID[state], "refused": refused, **(more or {})}
