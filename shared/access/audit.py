"""The audit log: who did what in the back office or at the command line, when, by which request, with what outcome.
Only ever added to.

Of somebody who was erased no words are noted: a request that is sent again, years later, has their name in its reason.

An action has two documents: one before it is begun, so that nothing is done that is not on record, and one that says
how it ended. An action without the second was cut off: what it did, the journal tells, under the same request.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from shared.access.keys import Key
from shared.clock import Clock, wall
from shared.ops.terms import GONE

AUDIT: Final = "audit"
COLLECTIONS: Final[Mapping[str, Sequence[str]]] = {AUDIT: ["of?"]}
_MEMBERS: Final = "members"  # as the ledger keeps them
_APPROVALS: Final = "approvals"
ABOUT: Final = ("member", "to", "into")  # where a request says whom it is about
_WORDS: Final = ("reason", "reference")  # what people write


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: a caller with a role, and the id of the key that was used."""

    name: str
    role: str
    id: str


@dataclass(frozen=True, slots=True)
class Action:
    """One action. said: the fields of the request that name what it was about; outcome: None where it was cut off."""

    id: str
    at: datetime
    caller: str
    role: str
    key: str
    person: str | None
    action: str
    said: dict[str, Any]
    request: str
    outcome: str | None
    status: int | None


class AuditLog:
    """The log of a namespace."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock = wall) -> None:
        self._members, self._approvals = database[_MEMBERS], database[_APPROVALS]
        self._log = database[AUDIT].with_options(write_concern=WriteConcern("majority", wtimeout=10_000))
        self._clock = clock

    async def begin(self, key: Key | By, person: str | None, action: str, said: Mapping[str, Any], request: str) -> str:
        """Notes that it is about to be done; returns the note's id. Whoever cannot note it must not do it."""
        id_ = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        written = [name for name in _WORDS if name in said]
        if written and await self._erased(said):
            said = {**said, **dict.fromkeys(written, GONE)}
        await self._log.insert_one({
            "_id": id_,
            "at": self._clock(),
            "caller": key.name,
            "role": str(key.role),
            "key": key.id,
            "person": person,
            "action": action,
            "said": dict(said),
            "request": request,
        })  # fmt: skip
        return id_

    async def _erased(self, said: Mapping[str, Any]) -> bool:
        """Whether it is about somebody who was erased, or about what was asked for about them."""
        ids = [said[name] for name in ABOUT if name in said]
        if "approval" in said:
            asked = await self._approvals.find_one({"_id": said["approval"]}, {"said": 1})
            ids += [] if asked is None else [asked["said"][name] for name in ABOUT if name in asked["said"]]
        wanted = {"_id": {"$in": ids}, "erased": {"$exists": True}}
        return bool(ids) and await self._members.find_one(wanted, {"_id": 1}) is not None

    async def end(self, id_: str, outcome: str, status: int | None) -> None:
        """Notes how it ended: `done`, or the code of a problem; status: of HTTP, where it was asked so."""
        await self._log.insert_one({
            "_id": f"{id_}.end", "of": id_, "at": self._clock(), "outcome": outcome, "status": status,
        })  # fmt: skip

    async def read(self, before: str | None, limit: int) -> list[Action]:
        """Actions, newest first; before: the id of the last one that was read already."""
        wanted: dict[str, Any] = {"of": None, **({} if before is None else {"_id": {"$lt": before}})}
        begun = await self._log.find(wanted).sort("_id", -1).limit(limit).to_list()
        ends = {each["of"]: each async for each in self._log.find({"of": {"$in": [each["_id"] for each in begun]}})}
        return [_action(each, ends.get(each["_id"], {})) for each in begun]


def _action(begun: Mapping[str, Any], end: Mapping[str, Any]) -> Action:
    return Action(
        id=begun["_id"],
        at=begun["at"],
        caller=begun["caller"],
        role=begun["role"],
        key=begun["key"],
        person=begun["person"],
        action=begun["action"],
        said=begun["said"],
        request=begun["request"],
        outcome=end.get("outcome"),
        status=end.get("status"),
    )
