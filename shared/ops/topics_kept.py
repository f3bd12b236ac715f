"""What topics still hold, and for how long: no service can take a record out of a topic, only retention does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Kept:
    """A topic with its retention in ms: None where the broker does not say, -1 for ever."""

    topic: str
    retention_ms: int | None

    @property
    def said(self) -> str:
        """For people."""
        if self.retention_ms is None:
            return "for as long as the broker keeps it"
        return "for ever" if self.retention_ms < 0 else f"for {self.retention_ms / 86_400_000:g} days"


async def kept(settings: Settings, topics: Iterable[str]) -> list[Kept]:
    """These topics, by name."""
    names = sorted(each for each in topics if each.startswith(settings.prefix) and not each.startswith("__"))
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_url())
    await admin.start()
    try:
        answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, each) for each in names])
    except (KafkaError, LookupError, TypeError):
        return [Kept(each, None) for each in names]
    finally:
        await admin.close()
    found = {}
    for answer in answers:
        for resource in answer.resources:
            values = {each[0]: each[1] for each in resource[4]}
            found[resource[3]] = values.get("retention.ms")
    return [Kept(each, None if found.get(each) is None else int(str(found[each]))) for each in names]
