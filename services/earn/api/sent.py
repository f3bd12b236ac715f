"""What is handed on to partners' topics for a caller: a repeated request is not sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.write_concern import WriteConcern

from services.earn.api.calling import Heading, Write
from services.earn.counter.commands import Done, HandOn

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


async def handed_on(
    write: Write, heading: Heading, partner: str, answer: dict[str, object],
    events: Callable[[Mapping[str, Any]], Sequence[bytes]],
) -> Done:  # fmt: skip
    """Events on the partner's topic, sent once for an Idempotency-Key; their sender is told the answer, again and
    again. A try that was cut off between the two is done once more: each event counts once. events: of an answer
    those that it is about; it is the first try's, which may be another than now. Raises Problem where the key came with
    another request, or a server is away."""
    claimed = await write.decided(HandOn(**heading, partner=partner, answer=answer))
    sent = Sent(write.room.database, write.journal_key)
    if not (claimed.again and await sent.already()):
        await write.room.courier.send(partner, events(claimed.body), write.request)
        await sent.done()
    return claimed
