"""What was handed on to partners' topics for a caller: a repeated request is not sent again."""

from __future__ import annotations

from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

SENT: Final = "api_sent"


class Sent:
    """Whether the request of an Idempotency-Key is durable on its topic; whose key it is, the journal says."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], key: str) -> None:
        self._sent = database[SENT].with_options(write_concern=WriteConcern("majority", wtimeout=10_000))
        self._key = key

    async def already(self) -> bool:
        """Whether an earlier try got so far."""
        return await self._sent.find_one({"_id": self._key}, {"_id": 1}) is not None

    async def done(self) -> None:
        """It is durable."""
        await self._sent.replace_one({"_id": self._key}, {}, upsert=True)
