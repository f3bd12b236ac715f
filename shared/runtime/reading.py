"""Readers of Kafka: one way to open them, so that all see the same records, those that are committed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

# A partner may publish in transactions. What it took back never happened, and must not be posted by one of us, counted
# by another and missed by a third.
ISOLATION: Final = "read_committed"
_AT_ONCE: Final = 5_000


def reader(bootstrap: str, **options: Any) -> AIOKafkaConsumer:
    """A consumer outside every group, not started yet: from the beginning, committed records only."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=ISOLATION,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **options,
    )


def fetching_ended(consumer: AIOKafkaConsumer) -> bool:
    """Whether a client's own fetching task has failed: it would answer "nothing new" for ever, and watches it nowhere
    (aiokafka 0.14)."""
    return bool(consumer._fetcher.error_future.done())


async def read(bootstrap: str, spans: Mapping[TopicPartition, tuple[int, int]]) -> AsyncIterator[Sequence[Any]]:
    """Yields the committed records between two offsets (the second excluded) of each partition, in lists.

    Ends although the last offsets may be no records: transactions leave markers, and what was taken back, behind.
    """
    left = {place: end for place, (start, end) in spans.items() if start < end}
    if not left:
        return
    consumer = reader(bootstrap)
    try:
        await consumer.start()
        consumer.assign(list(left))
        for place in left:
            consumer.seek(place, spans[place][0])
        while left:
            found = await consumer.getmany(*left, timeout_ms=200, max_records=_AT_ONCE)
            for place, records in found.items():
                yield [record for record in records if record.offset < left[place]]
            for place in list(left):
                if await consumer.position(place) >= left[place]:
                    del left[place]
    finally:
        await consumer.stop()


async def committed_records(
    bootstrap: str, spans: Mapping[TopicPartition, tuple[int, int]]
) -> dict[TopicPartition, set[int]]:
    """Offsets of the committed records within these spans, by partition."""
    found: dict[TopicPartition, set[int]] = {place: set() for place in spans}
    async for records in read(bootstrap, spans):
        for record in records:
            found[TopicPartition(record.topic, record.partition)].add(record.offset)
    return found
