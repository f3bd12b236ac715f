"""Sends many messages at once: one record batch a partition instead of one call a message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

# topic, key, value, headers
Outgoing = tuple[str, bytes, bytes, list[tuple[str, bytes]]]


@lru_cache(maxsize=200_000)
def _hash(key: bytes) -> int:
    """As Java's clients place a key, so that every producer agrees; remembered, because it is slow in Python."""
    return int(murmur2(key)) & 0x7FFFFFFF


async def partitions_of(producer: AIOKafkaProducer, topic: str) -> int:
    """How many partitions a topic has."""
    return len(await producer.partitions_for(topic))


async def send_all(producer: AIOKafkaProducer, messages: Iterable[Outgoing]) -> None:
    """Sends all and returns when all are acknowledged; messages of one key keep their order.

    Raises KafkaError when one of them is not taken.
    """
    counts: dict[str, int] = {}
    filling: dict[tuple[str, int], Any] = {}
    full: list[tuple[tuple[str, int], Any]] = []
    for topic, key, value, headers in messages:
        if topic not in counts:
            counts[topic] = await partitions_of(producer, topic)
        place = (topic, _hash(key) % counts[topic])
        builder = filling.get(place)
        if builder is None or builder.append(timestamp=None, key=key, value=value, headers=headers) is None:
            if builder is not None:
                full.append((place, builder))
            builder = filling[place] = producer.create_batch()
            builder.append(timestamp=None, key=key, value=value, headers=headers)
    await asyncio.gather(*(_in_order(producer, place, full, builder) for place, builder in filling.items()))


async def _in_order(
    producer: AIOKafkaProducer, place: tuple[str, int], full: list[tuple[tuple[str, int], Any]], last: Any
) -> None:
    topic, partition = place
    sent = []
    for builder in [each for at, each in full if at == place] + [last]:
        builder.close()
        sent.append(await producer.send_batch(builder, topic, partition=partition))
    await asyncio.gather(*sent)
