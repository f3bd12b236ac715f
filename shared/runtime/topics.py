"""Creates topics on purpose, with the settings the product needs; what exists is left as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.events.topics import INTERNAL, PARTNER_PREFIX
from shared.settings import Settings

_MOST_BYTES = "8388608"


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client, closed afterwards."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=20_000)
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def ensure(
    bootstrap: str, topics: Mapping[str, int], *, replicas: int = 1, compacted: frozenset[str] = frozenset()
) -> list[str]:
    """Creates the topics (name to partitions) that do not exist; returns those it created."""
    async with admin(bootstrap) as client:
        missing = sorted(set(topics) - set(await client.list_topics()))
        if not missing:
            return []
        made = await client.create_topics(
            [
                NewTopic(
                    name,
                    num_partitions=topics[name],
                    replication_factor=replicas,
                    topic_configs={
                        "max.message.bytes": _MOST_BYTES,
                        # When a partner's record came in is the broker's word: an event may not be dated much later.
                        **({"message.timestamp.type": "LogAppendTime"} if PARTNER_PREFIX in name else {}),
                        # Replay from the beginning is a promise; the operator bounds it by choosing a retention.
                        **({"cleanup.policy": "compact"} if name in compacted else {"retention.ms": "-1"}),
                    },
                )
                for name in missing
            ]
        )
    for topic, code, *rest in made.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise RuntimeError(f"cannot create topic {topic}: {error.__name__} {rest[0] if rest else ''}")
    return missing


async def ensure_internal(settings: Settings) -> list[str]:
    """The product's own topics, in the setting's namespace."""
    return await ensure(
        settings.kafka_url(),
        {settings.prefix + each.name: each.partitions or settings.partitions for each in INTERNAL},
        replicas=settings.replicas,
        compacted=frozenset(settings.prefix + each.name for each in INTERNAL if each.compacted),
    )
