"""Publishes the programme's definitions when campaigns starts: what its files say, by the publishing office."""

from __future__ import annotations

from shared.clock import Moved
from shared.logs import log
from shared.programmes import programme_sources
from shared.publishing.edition import drafts_of
from shared.publishing.office import Office
from shared.publishing.registry import learned
from shared.runtime.follower import read_shelf
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.settings import Settings


async def publish_programme(store: MongoStore, settings: Settings) -> None:
    """Brings the registry and the topic up to the programme's files.

    All that is published is announced each time, which is harmless (the topic is compacted and readers compare
    revisions) and mends a crash between the registry's commit and the topic's.
    """
    sources = programme_sources(settings.programs / settings.program)
    topic = learned((await read_shelf(settings.kafka_url(), settings.prefix)).raw)
    publisher = Publisher(settings.kafka_url(), settings.prefix)
    try:
        office = Office(store, publisher.publish, settings.prefix, topic)
        done = await office.start(drafts_of(sources), Moved(settings.home)())
    finally:
        await publisher.close()
    log.info("programme published", program=settings.program, revision=done.revision, new_versions=len(done.new))
