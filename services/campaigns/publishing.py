"""Publishes the programme's definitions when campaigns starts: registry first, then the topic."""

from __future__ import annotations

from services.campaigns.registry import REGISTRY, edition
from shared.logs import log
from shared.rules.definition import KINDS
from shared.rules.programmes import read_programme
from shared.runtime.follower import read_shelf
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.runtime.store import Document
from shared.settings import Settings


async def publish_programme(store: MongoStore, settings: Settings) -> None:
    """Brings the registry and the topic up to the programme's files.

    The whole programme is published each time, which is harmless (the topic is compacted and readers compare
    revisions) and mends a crash between the registry's commit and the topic's.
    """
    definitions = read_programme(settings.programs / settings.program)
    published = await _published(settings)
    async with store.unit() as unit:
        held = {each["_id"]: each for each in await unit.find(REGISTRY, "kind", list(KINDS))}
        new = edition(definitions, {**published, **held}, settings.prefix)
        # What the topic knows and an empty registry does not joins it again: old versions decide late events.
        documents = {**{id_: each for id_, each in published.items() if id_ not in held}, **new.by_id()}
        inserts = [each for id_, each in documents.items() if id_ not in held]
        replaces = [each for id_, each in documents.items() if id_ in held]
        if documents:
            await unit.commit({REGISTRY: inserts} if inserts else {}, {REGISTRY: replaces} if replaces else {})
    publisher = Publisher(settings.kafka_url(), settings.prefix)
    try:
        await publisher.publish(new.messages)
    finally:
        await publisher.close()
    log.info("programme published", program=settings.program, revision=new.revision, new_versions=len(new.documents))


async def _published(settings: Settings) -> dict[str, Document]:
    """What the topic holds, as registry documents."""
    shelf = await read_shelf(settings.kafka_url(), settings.prefix)
    return {
        id_: {
            "_id": id_,
            "kind": record.data.kind,
            "versions": [
                {**each.model_dump(), "effective": each.effective.isoformat()} for each in record.data.versions
            ],
        }
        for id_, record in shelf.raw.items()
    }
