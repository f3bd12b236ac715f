"""What was handed on to partners' topics for a caller: a repeated request is not sent again."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from services.earn.api.problems import Problem
from services.earn.posting import JOURNAL

_MAJORITY: Final = WriteConcern("majority", wtimeout=10_000)
SENT: Final = "api_sent"


class Sent:
    """Whether the request of an Idempotency-Key is durable on its topic; whose key it is, the journal says."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], key: str) -> None:
        self._sent = database[SENT].with_options(write_concern=_MAJORITY)
        self._key = key

    async def already(self) -> bool:
        """Whether an earlier try got so far."""
        return await self._sent.find_one({"_id": self._key}, {"_id": 1}) is not None

    async def done(self) -> None:
        """It is durable."""
        await self._sent.replace_one({"_id": self._key}, {}, upsert=True)


class Batch:
    """Events that were sent under an Idempotency-Key: the same again are answered as before, others are refused."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], key: str, events: list[bytes]) -> None:
        self._sent, self._journal = database[SENT].with_options(write_concern=_MAJORITY), database[JOURNAL]
        # Beside what a return's key is kept under: that one would count as sent already. No key has a space.
        self._key, self._id = key, f"{key} events"
        said = hashlib.blake2b(digest_size=16)
        for each in events:  # with its length: two events are not one with the same bytes
            said.update(len(each).to_bytes(8, "big") + each)
        self._hash = said.hexdigest()

    async def begin(self) -> tuple[int, Any] | None:
        """Status and body of the answer that they had before; None where they had none: a try that did not come to its
        end is repeated, as each event counts once. Raises Problem where the key came with another request."""
        found: dict[str, Any] | None = await self._journal.find_one({"_id": self._key}, {"_id": 1})
        if found is None:
            try:
                await self._sent.insert_one({"_id": self._id, "hash": self._hash})
                return None
            except DuplicateKeyError:
                found = await self._sent.find_one({"_id": self._id})
        if found is None or found.get("hash") != self._hash:
            said = "this Idempotency-Key came before with another request; use a new one"
            raise Problem(422, "key_used_before", said)
        return (found["status"], found["answer"]) if "answer" in found else None

    async def done(self, status: int, body: Any) -> None:
        """They are durable, and this is answered."""
        await self._sent.update_one({"_id": self._id}, {"$set": {"status": status, "answer": body}})
