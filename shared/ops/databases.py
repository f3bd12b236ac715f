"""The services' databases as operators' tools see them: read across all, where a service sees only its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.publishing.registry import rulebook
from shared.rules.engines.choosing import engine
from shared.rules.rulebook import Rulebook
from shared.runtime.mongo import connect
from shared.runtime.service import database_name
from shared.runtime.store import DEAD_LETTERS, DUPLICATES, OUTBOX, Document
from shared.settings import Settings

EARN: Final = "earn"
TIERS: Final = "tiers"
CAMPAIGNS: Final = "campaigns"
NOTIFY: Final = "notify"
SERVICES: Final = (EARN, TIERS, CAMPAIGNS, NOTIFY)

# A service's collections, by the names that the services themselves use (a test compares them).
MEMBERS: Final = "members"  # of each of the four, each with its own documents
IDENTITIES: Final = "identities"
INBOX: Final = "inbox"
WAITING: Final = "waiting"
JOURNAL: Final = "journal"
REGISTRY: Final = "registry"
THINGS: Final = "things"
RECORDS: Final = "records"  # of what purchases won of bonuses
SENT: Final = "sent"
DELIVERED: Final = "delivered"
FOLDERS: Final = "folders"  # where notify's workers write e-mails
APPROVALS: Final = "approvals"  # what waits for a second person, or did
ERASURES: Final = "erasures"  # what is left to be done of erasures


class NotThereError(LookupError):
    """What was asked for is not in the databases; the text says what to do."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[AsyncMongoClient[Document]]:
    """A client, closed afterwards."""
    client = connect(settings.mongo_url())
    try:
        yield client
    finally:
        await client.close()


def database(client: AsyncMongoClient[Document], service: str, settings: Settings) -> AsyncDatabase[Document]:
    """The database that a service owns."""
    return client[database_name(service, settings)]


async def read_rulebook(client: AsyncMongoClient[Document], settings: Settings) -> Rulebook:
    """The rulebook as campaigns' registry has it. Raises NotThereError when nothing was published."""
    return rulebook(await read_registry(client, settings), engine(settings.engine))


async def read_registry(client: AsyncMongoClient[Document], settings: Settings) -> list[Document]:
    """Campaigns' registry. Raises NotThereError when nothing was published."""
    found = database(client, CAMPAIGNS, settings)
    documents = await found[REGISTRY].find({}).to_list()
    if not documents:
        raise NotThereError(
            f"no programme is published (database {found.name}): start campaigns with `doublestar run campaigns`, "
            "or set DOUBLESTAR_NAMESPACE to the one that the services run with"
        )
    return documents


__all__ = [
    "APPROVALS",
    "CAMPAIGNS",
    "DEAD_LETTERS",
    "DELIVERED",
    "DUPLICATES",
    "EARN",
    "ERASURES",
    "FOLDERS",
    "IDENTITIES",
    "INBOX",
    "JOURNAL",
    "MEMBERS",
    "NOTIFY",
    "OUTBOX",
    "RECORDS",
    "REGISTRY",
    "SENT",
    "SERVICES",
    "THINGS",
    "TIERS",
    "WAITING",
    "NotThereError",
    "database",
    "opened",
    "read_registry",
    "read_rulebook",
    "rulebook",
]
