"""Publishes the retailer's year as partner `grocer`, fast but never far ahead of the services."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice

from aiokafka import AIOKafkaProducer

from shared.clock import Moved
from shared.demo.grocer import AFTERWARDS, TOPIC, Message
from shared.runtime.sending import send_all
from shared.runtime.topics import ensure
from shared.settings import Settings

_SLICE = 1_000


async def onboard(settings: Settings) -> None:
    """Makes the partner's topic, as happens before a partner's first event, and sets this home's clock to the end of
    the year that is played."""
    Moved(settings.home).move(AFTERWARDS)
    topic = settings.prefix + TOPIC
    await ensure(settings.kafka_url(), {topic: settings.partitions}, replicas=settings.replicas)


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
    await onboard(settings)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_url(), enable_idempotence=True, max_batch_size=1_000_000
    )
    await producer.start()
    sent: Counter[str] = Counter()
    slices = iter(messages)
    try:
        while part := list(islice(slices, _SLICE)):
            await send_all(producer, ((topic, each.key, each.value, []) for each in part))
            sent.update(each.kind for each in part)
            progress(sent)
            while not gate(sum(sent.values())):  # noqa: ASYNC110  # lag is polled; there is no event to wait for
                await asyncio.sleep(0.05)
    finally:
        await producer.stop()
    return sent
