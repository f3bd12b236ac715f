"""Partners' records, read once more where they stand: for the dead letters of those who only saw what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.events.internal import Origin
from shared.runtime.reading import reader
from shared.runtime.records import Record
from shared.runtime.store import OutageError

Fetch = Callable[[Collection[Origin]], Awaitable[dict[str, Record]]]
_PATIENCE_S = 10.0


async def no_originals(origins: Collection[Origin]) -> dict[str, Record]:
    """Where there is no broker to ask."""
    return {}


class Originals:
    """One connection, opened when first needed, outside every group; a service's consumers take turns."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._consumer: Any = None
        self._turn = asyncio.Lock()

    async def fetch(self, origins: Collection[Origin]) -> dict[str, Record]:
        """The records at these places, by `Origin.key`, without those that the broker no longer keeps.

        Raises OutageError when the broker does not answer.
        """
        async with self._turn:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    return await self._fetch(origins)
            except (KafkaError, OSError, TimeoutError) as error:
                await self.close()
                raise OutageError(f"reading partners' records again: {type(error).__name__}") from error

    async def close(self) -> None:
        """Disconnects; safe to call twice."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _fetch(self, origins: Collection[Origin]) -> dict[str, Record]:
        consumer = await self._started()
        topics = await consumer.topics()
        origins = [each for each in origins if each.topic in topics]  # asked for one that was deleted, it would wait
        places = {TopicPartition(each.topic, each.partition) for each in origins}
        first, after = await consumer.beginning_offsets(list(places)), await consumer.end_offsets(list(places))
        found: dict[str, Record] = {}
        for origin in sorted(origins, key=lambda each: each.key):
            place = TopicPartition(origin.topic, origin.partition)
            if not first[place] <= origin.offset < after[place]:
                continue  # retention has taken it
            consumer.assign([place])
            consumer.seek(place, origin.offset)
            raw = await consumer.getone(place)
            if raw.offset == origin.offset:
                found[origin.key] = Record.of(raw)
        consumer.unsubscribe()  # or it would go on reading for nobody
        return found

    async def _started(self) -> Any:
        if self._consumer is None:
            self._consumer = reader(
                self._bootstrap,
                fetch_max_wait_ms=100,
                max_partition_fetch_bytes=65_536,  # a broker sends at least one whole batch all the same
            )
            await self._consumer.start()  # kept first: one that does not start is closed by `fetch`, too
        return self._consumer
