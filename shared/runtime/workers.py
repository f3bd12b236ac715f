"""One number, one live worker: two processes with the number of one would take each other's partitions for ever.

To Kafka the number is a static member of its groups: a second process under it silently puts the first one out, and is
put out again when that one rejoins. So each worker holds a document of its service's database, and shows by its beats
that it lives; who finds it held by a living one is refused.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable
from socket import gethostname
from time import monotonic
from typing import Any, Final

import psutil
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.logs import log
from shared.runtime.mongo import MongoStore, translated
from shared.runtime.store import Document, GaveUpError
from shared.stack.process import alive

WORKERS: Final = "workers"
_BEAT_S: Final = 3.0
# Four beats: a process that was held up for so long is taken for dead, and ends when it finds its number taken.
_LAPSE_S: Final = 12.0


class TakenError(Exception):
    """Another live process has this worker's number; the text says which, and what to do."""


class Tenure:
    """This process's hold on its number."""

    def __init__(
        self, store: MongoStore, service: str, number: int, *, shares: bool = False, beat_s: float = _BEAT_S
    ) -> None:
        """shares: the database is another service's, whose workers have numbers of their own."""
        self._workers: AsyncCollection[Document] = store.database[WORKERS]
        self._service, self._number, self._beat_s = service, number, beat_s
        self._lapse_s = beat_s * _LAPSE_S / _BEAT_S
        self._id: int | str = f"{service}-{number}" if shares else number
        self._holder = uuid.uuid4().hex
        self._task: asyncio.Task[None] | None = None

    async def take(self) -> None:
        """Returns when the number is ours: at once where nobody has it, or a process of this machine that is dead.

        Raises TakenError where another one shows that it lives, OutageError where the database does not answer.
        """
        with translated():
            while True:
                known = await self._workers.find_one({"_id": self._id})
                if known is not None and known["holder"] == self._holder:
                    return
                if known is not None and not _dead(known) and not await self._lapses(known):
                    raise TakenError(
                        f"worker {self._number} of {self._service} runs already (process {known['pid']} on "
                        f"{known['host']}): give this one another number with --worker, or end that one first"
                    )
                if await self._put(known):
                    return

    def keep(self, lost: Callable[[Exception], None]) -> None:
        """Begins to beat; `lost` is told when somebody else has taken the number."""
        self._task = asyncio.create_task(self._beat(lost), name="tenure")

    async def leave(self) -> None:
        """Lets the number go; safe to call twice, and without having it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            try:
                await self._workers.delete_one({"_id": self._id, "holder": self._holder})
            except PyMongoError:
                log.info("the number of this worker was not let go; it lapses", worker=self._number)

    async def _put(self, known: Document | None) -> bool:
        """Takes the number from whom we found there; False when somebody else was first."""
        process = psutil.Process()
        mine = {
            "_id": self._id,
            "holder": self._holder,
            "host": gethostname(),
            "pid": os.getpid(),
            "started": process.create_time(),
            "beat": 0,
        }
        if known is not None:
            as_found = {"_id": self._id, "holder": known["holder"], "beat": known["beat"]}
            return (await self._workers.replace_one(as_found, mine)).matched_count == 1
        try:
            await self._workers.insert_one(mine)
        except DuplicateKeyError:
            return False
        return True

    async def _lapses(self, known: Document) -> bool:
        """Watches the holder for as long as it may be silent; clocks are not compared, they may differ."""
        log.info("another process has this worker's number; waiting whether it lives", worker=self._number)
        until = monotonic() + self._lapse_s
        while monotonic() < until:
            await asyncio.sleep(self._beat_s / 4)
            now: dict[str, Any] | None = await self._workers.find_one({"_id": self._id})
            if now is None:
                return True
            if (now["holder"], now["beat"]) != (known["holder"], known["beat"]):
                return False
        return True

    async def _beat(self, lost: Callable[[Exception], None]) -> None:
        mine = {"_id": self._id, "holder": self._holder}
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                held = (await self._workers.update_one(mine, {"$inc": {"beat": 1}})).matched_count
            except PyMongoError as error:  # an outage is the batch loop's matter
                log.warning("no beat", worker=self._number, error=type(error).__name__)
                continue
            if not held:
                lost(GaveUpError(f"another process has taken over as worker {self._number} of {self._service}"))
                return


def _dead(known: Document) -> bool:
    """Whether it was a process of this machine, and is no more."""
    return bool(known["host"] == gethostname() and not alive(known["pid"], known["started"]))
