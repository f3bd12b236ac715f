"""Publishes the programme's definitions when campaigns starts: registry first, then the topic."""

from __future__ import annotations

from services.campaigns.registry import REGISTRY, edition
from shared.logs import log
from shared.rules.programmes import read_programme
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.settings import Settings


async def publish_programme(store: MongoStore, settings: Settings) -> None:
    """Brings the registry and the topic up to the programme's files.

    The whole programme is published each time, which is harmless (the topic is compacted and readers compare
    revisions) and mends a crash between the registry's commit and the topic's.
    """
    definitions = read_programme(settings.programs / settings.program)
    async with store.unit() as unit:
        known = {each["_id"]: each for each in await store.database[REGISTRY].find({}).to_list()}
        new = edition(definitions, known, settings.prefix)
        inserts = [each for each in new.documents if each["_id"] not in known]
        replaces = [each for each in new.documents if each["_id"] in known]
        if new.documents:
            await unit.commit({REGISTRY: inserts} if inserts else {}, {REGISTRY: replaces} if replaces else {})
    publisher = Publisher(settings.kafka_url(), settings.prefix)
    try:
        await publisher.publish(new.messages)
    finally:
        await publisher.close()
    log.info("programme published", program=settings.program, revision=new.revision, new_versions=len(new.documents))
