"""Announcements over a real broker."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic

from shared.runtime.publisher import Publisher
from shared.runtime.records import Message
from shared.runtime.topics import admin
from shared.settings import Settings


async def test_a_topic_made_by_others_with_the_brokers_default_takes_what_is_announced(settings: Settings) -> None:
    """Three megabytes for one partition that takes one at a time: all arrive, in order.

    Mechanism: `publish` sends smaller pieces when it hears that one is too large. (noida-db takes any size.)
    """
    topic = settings.prefix + "small"
    async with admin(settings.kafka_url()) as client:
        new = NewTopic(topic, num_partitions=1, replication_factor=1, topic_configs={"max.message.bytes": "1048588"})
        await client.create_topics([new])
    publisher = Publisher(settings.kafka_url(), settings.prefix)
    messages = [Message(topic, "m", str(number).encode().ljust(3_000), "thing") for number in range(1_000)]
    await publisher.publish(messages)
    await publisher.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_url(), enable_auto_commit=False)
    await consumer.start()
    try:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        found: list[int] = []
        while len(found) < len(messages):
            records = await consumer.getmany(timeout_ms=30_000)
            assert records, f"only {len(found)} of {len(messages)} came"
            found += [int(each.value) for each in records[place]]
        assert list(dict.fromkeys(found)) == list(range(1_000))
    finally:
        await consumer.stop()
