"""What was handed on to partners' topics for a caller, so that a repeated request is known: idempotency of returns."""

from __future__ import annotations

from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

SENT: Final = "api_sent"


class Sent:
    """One request's claim to its Idempotency-Key. It holds nothing of what was sent but a hash."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], key: str, hash_: str) -> None:
        self._sent = database[SENT].with_options(write_concern=WriteConcern("majority", wtimeout=10_000))
        self._key, self._hash = key, hash_

    async def claim(self) -> str:
        """`new`: to be sent (also where an earlier try may not have got so far); `again`: it was; `other`: the key came
        before with another request."""
        try:
            await self._sent.insert_one({"_id": self._key, "hash": self._hash, "sent": False})
        except DuplicateKeyError:
            known = await self._sent.find_one({"_id": self._key}) or {}
            if known.get("hash") != self._hash:
                return "other"
            return "again" if known["sent"] else "new"
        return "new"

    async def done(self) -> None:
        """It is durable."""
        await self._sent.update_one({"_id": self._key}, {"$set": {"sent": True}})
