"""The way to a partner's topic: what is handed over here is durable in Kafka, by all in-sync replicas, on return."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka.errors import KafkaError

from services.earn.api.problems import unavailable
from shared.events.keying import key
from shared.events.topics import partner_topic
from shared.runtime.publisher import Publisher
from shared.runtime.records import Message
from shared.runtime.store import OutageError
from shared.runtime.topics import ensure
from shared.settings import Settings

_PATIENCE_S: Final = 10.0


class Courier:
    """Sends partners' events; a topic that is not there yet is made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher = Publisher(settings.kafka_url(), settings.prefix, replicas=settings.replicas)
        self._known: set[str] = set()

    async def send(self, partner: str, events: Sequence[bytes], request: str) -> None:
        """All of them, a member's in order. request: the id of the request that brought them. Raises Problem (503)
        where Kafka does not say that it has them."""
        topic = self._settings.prefix + partner_topic(partner)
        messages = [Message(topic, (key(each) or b"").decode(), each, request=request) for each in events]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if topic not in self._known:
                    made = {topic: self._settings.partitions}
                    await ensure(self._settings.kafka_url(), made, replicas=self._settings.replicas)
                    self._known.add(topic)
                await self._publisher.publish(messages)
        except (OutageError, KafkaError, OSError) as error:  # and the time-out, which is one
            raise unavailable(
                "Kafka did not confirm the events, and may have them or not", "with the same events, ids included"
            ) from error

    async def close(self) -> None:
        """Disconnects; safe to call twice."""
        await self._publisher.close()
