"""Publishes the retailer's year as partner `grocer`, fast but never far ahead of the services."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaProducer

from shared.demo.grocer import TOPIC, Message
from shared.runtime.topics import ensure
from shared.settings import Settings

_SLICE = 1_000


async def stream(
    settings: Settings,
    messages: Iterable[Message],
    *,
    progress: Callable[[Counter[str]], None] = lambda _: None,
    gate: Callable[[int], bool] = lambda _: True,
) -> Counter[str]:
    """Sends every message to the partner's topic, in order; returns how many of each kind.

    `gate`: asked before each slice with the number sent so far; False holds the stream back for a moment.
    """
    topic = settings.prefix + TOPIC
    await ensure(settings.kafka_url(), {topic: settings.partitions}, replicas=settings.replicas)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url(), enable_idempotence=True, max_batch_size=262_144, linger_ms=5
    )
    await producer.start()
    sent: Counter[str] = Counter()
    pending: list[asyncio.Future[object]] = []
    try:
        for message in messages:
            pending.append(await producer.send(topic, message.value, key=message.key))
            sent[message.kind] += 1
            if len(pending) >= _SLICE:
                await asyncio.gather(*pending)
                pending.clear()
                progress(sent)
                while not gate(sum(sent.values())):
                    await asyncio.sleep(0.05)
        await asyncio.gather(*pending)
        progress(sent)
    finally:
        await producer.stop()
    return sent
