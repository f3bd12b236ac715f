"""Sends announcements: one idempotent producer, many sends in flight, one flush a batch."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from shared.events.topics import REJECTIONS_PREFIX
from shared.runtime.records import Message
from shared.runtime.sending import send_all
from shared.runtime.store import OutageError
from shared.runtime.topics import ensure

MOST_BYTES: Final = 8_000_000
# Fewer, larger produce requests: the broker's cost is by request much more than by byte. Topics that the product makes
# take them; those made by others may have the broker's default, of 1 MiB.
BATCH_BYTES: Final = 4_000_000
_DEFAULT_BATCH_BYTES: Final = 1_000_000
# An idempotent producer of aiokafka's tries for ever, and has been seen to hang when its broker was killed and came
# back: what is not acknowledged by then is sent again by another. Downstream knows what came twice.
LONGEST_S: Final = 20.0


class Publisher:
    """Publishes batches; every message of one is acknowledged by all in-sync replicas when `publish` returns.

    longest_s: how long that may take before it counts as an outage.
    """

    def __init__(self, bootstrap: str, prefix: str = "", *, replicas: int = 1, longest_s: float = LONGEST_S) -> None:
        self._bootstrap, self._longest_s = bootstrap, longest_s
        self._prefix = prefix
        self._replicas = replicas
        self._producer: AIOKafkaProducer | None = None
        self._known: set[str] = set()
        self._batch_bytes = BATCH_BYTES

    async def publish(self, messages: Sequence[Message]) -> None:
        """Sends all, in order by key; raises OutageError when the broker does not take one of them."""
        try:
            await self._rejection_topics(messages)
            try:
                await self._send(messages)
            except MessageSizeTooLargeError:
                if self._batch_bytes == _DEFAULT_BATCH_BYTES:
                    raise  # a message by itself is too large
                await self.close()
                self._batch_bytes = _DEFAULT_BATCH_BYTES
                await self._send(messages)
        except (KafkaError, OSError, TimeoutError, RuntimeError) as error:
            # A producer that has failed once may refuse all that follows (its sequence numbers are in doubt).
            await self.close()
            raise OutageError(f"publishing: {error!r}") from error

    async def close(self) -> None:
        """Flushes and closes; safe to call twice."""
        producer, self._producer = self._producer, None
        if producer is not None:
            # What was not acknowledged is still in the outbox.
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)

    async def _send(self, messages: Sequence[Message]) -> None:
        producer = await self._started()
        async with asyncio.timeout(self._longest_s):
            await send_all(
                producer,
                ((m.topic, m.key.encode(), m.value, m.headers) for m in messages),
            )

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                enable_idempotence=True,
                acks="all",
                max_batch_size=self._batch_bytes,
                max_request_size=MOST_BYTES,
                request_timeout_ms=20_000,
            )
            await producer.start()
            self._producer = producer
        return self._producer

    async def _rejection_topics(self, messages: Sequence[Message]) -> None:
        """A partner's rejections topic is made when its first rejection is: brokers here create nothing unasked."""
        start = self._prefix + REJECTIONS_PREFIX
        new = {m.topic for m in messages if m.topic.startswith(start)} - self._known
        if new:
            await ensure(self._bootstrap, dict.fromkeys(new, 1), replicas=self._replicas)
            self._known |= new
