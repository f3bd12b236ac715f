"""The store in MongoDB: PyMongo's async API, one majority-committed snapshot transaction a unit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from pymongo import AsyncMongoClient, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.runtime.outbox import from_document
from shared.runtime.store import OUTBOX, ConflictError, Document, Held, OutageError

_CONFLICTS: Final = {11000, 112, 251, 246}  # duplicate key, write conflict, no such transaction, snapshot unavailable
_JOINED: Final = "__joined"
_OUTAGES: Final = {
    6,
    7,
    50,
    89,
    91,
    189,
    262,
    9001,
    10107,
    11600,
    11602,
    13435,
    13436,
}  # not primary, shutting down ...


@contextmanager
def translated() -> Iterator[None]:
    """MongoDB's many errors as the two that the batch loop knows; anything else is a bug or a poisonous record.

    Conflicts are told by their codes: MongoDB's own text quotes the key, which may be an e-mail address.
    """
    try:
        yield
    except DuplicateKeyError as error:
        raise ConflictError("a document exists already") from error
    except BulkWriteError as error:
        codes = {each.get("code") for each in error.details.get("writeErrors", [])}
        if codes & _CONFLICTS or error.has_error_label("TransientTransactionError"):
            raise ConflictError(f"codes {sorted(map(str, codes))}") from error
        raise
    except (ConnectionFailure, ExecutionTimeout) as error:
        raise OutageError(str(error)) from error
    except OperationFailure as error:
        if error.code in _OUTAGES:
            raise OutageError(str(error)) from error
        if error.code in _CONFLICTS or error.has_error_label("TransientTransactionError"):
            raise ConflictError(f"code {error.code}") from error
        if error.has_error_label("UnknownTransactionCommitResult"):
            raise OutageError(str(error)) from error
        raise


class MongoUnit:
    """One transaction on one session; no two operations at once."""

    def __init__(self, database: AsyncDatabase[Document], session: AsyncClientSession) -> None:
        self._database = database
        self._session = session

    async def get(
        self, collection: str, ids: Collection[str], fields: Sequence[str] | None = None
    ) -> dict[str, Document]:
        """See `Unit.get`."""
        if not ids:
            return {}
        wanted = list(ids)
        # batch_size: the default first batch is 101 documents, which would make every read two round trips.
        with translated():
            cursor = self._database[collection].find(
                {"_id": {"$in": wanted}}, fields, session=self._session, batch_size=len(wanted) + 1
            )
            return {document["_id"]: document for document in await cursor.to_list()}

    async def get_both(
        self, collection: str, ids: Collection[str], other: str, others: Collection[str], fields: Sequence[str]
    ) -> tuple[dict[str, Document], dict[str, Document]]:
        """See `Unit.get_both`. By a join that joins on nothing: there is no other read of two collections that a
        transaction allows."""
        if not ids or not others:
            return await self.get(collection, ids), await self.get(other, others, fields)
        second: list[Document] = [{"$match": {"_id": {"$in": list(others)}}}, {"$project": dict.fromkeys(fields, 1)}]
        stages: list[Document] = [
            {"$match": {"_id": {"$in": list(ids)}}},
            {"$lookup": {"from": other, "as": _JOINED, "pipeline": second}},
        ]
        with translated():
            cursor = await self._database[collection].aggregate(stages, session=self._session, batchSize=len(ids) + 1)
            documents = await cursor.to_list()
        joined = [document.pop(_JOINED) for document in documents]
        if not joined:
            return {}, await self.get(other, others, fields)
        return {each["_id"]: each for each in documents}, {each["_id"]: each for each in joined[0]}

    async def find(self, collection: str, field: str, values: Collection[str]) -> list[Document]:
        """See `Unit.find`."""
        if not values:
            return []
        with translated():
            cursor = self._database[collection].find({field: {"$in": list(values)}}, session=self._session)
            return await cursor.sort("_id", 1).to_list()

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        """See `Unit.commit`."""
        with translated():
            for collection, documents in replaces.items():
                operations = [ReplaceOne({"_id": each["_id"]}, each) for each in documents]
                result = await self._database[collection].bulk_write(operations, session=self._session)
                if result.matched_count != len(operations):
                    raise ConflictError(f"a document of {collection} is gone")
            for collection, documents in inserts.items():
                await self._database[collection].insert_many(documents, session=self._session)
            await self._session.commit_transaction()


class MongoStore:
    """One service's database."""

    def __init__(self, client: AsyncMongoClient[Document], name: str) -> None:
        self.client = client
        self.database: AsyncDatabase[Document] = client[name]

    async def prepare(self, collections: Mapping[str, Sequence[str]]) -> None:
        """Creates collections with their indexed fields: inside a transaction that would be slow or refused.

        An index is a field, or several with commas between them; `-` before one sorts it downwards, `?` at the end
        makes the index sparse.
        """
        with translated():
            existing = set(await self.database.list_collection_names())
            for name in collections:
                if name not in existing:
                    await self._create(name)
            for name, fields in collections.items():
                for field in fields:
                    # Sparse: an index that few documents are in must not cost those that are not.
                    parts = field.removesuffix("?").split(",")
                    keys = [(part.removeprefix("-"), -1 if part.startswith("-") else 1) for part in parts]
                    await self.database[name].create_index(keys, sparse=field.endswith("?"))

    async def _create(self, name: str) -> None:
        try:
            await self.database.create_collection(name)
        except PyMongoError as error:
            if getattr(error, "code", None) != 48 and "already exists" not in str(error):  # another worker was first
                raise

    async def end_left_open(self, application: str) -> int:
        """Ends transactions that an earlier process of this name was killed in; returns how many.

        Until MongoDB ends them itself, which takes a minute or more, every batch that touches their documents
        conflicts. Should one be alive after all, its batch is decided again: that is all it loses.
        """
        stages: list[Document] = [
            {"$currentOp": {"idleSessions": True}},
            {"$match": {"type": "idleSession", "appName": application, "transaction": {"$exists": True}}},
            {"$project": {"session": "$lsid.id"}},
        ]
        with translated():
            left = [{"id": each["session"]} async for each in await self.client.admin.aggregate(stages)]
            if left:
                await self.client.admin.command("killSessions", left)
        return len(left)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MongoUnit]:
        """See `Store.unit`."""
        with translated():
            async with self.client.start_session() as session:
                await session.start_transaction(
                    read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority", wtimeout=30_000)
                )
                yield MongoUnit(self.database, session)

    async def due(
        self, collection: str, by: str, skip: int, most: int, aside: Collection[str]
    ) -> list[tuple[str, str]]:
        """See `Store.due`. Outside of any transaction: whoever settles a document reads it again in its own."""
        wanted: Document = {"due_at": {"$lte": by}, **({"_id": {"$nin": list(aside)}} if aside else {})}
        with translated():
            cursor = self.database[collection].find(wanted, ["due_at"], batch_size=most + 1)
            found = await cursor.sort([("due_at", 1)]).skip(skip).limit(most).to_list()
        return [(str(each["_id"]), str(each["due_at"])) for each in found]

    async def held(self, consumer: str, places: Collection[str]) -> list[Held]:
        """See `Store.held`."""
        with translated():
            cursor = self.database[OUTBOX].find({"consumer": consumer, "places": {"$in": list(places)}})
            return [from_document(document) for document in await cursor.sort("_id", 1).to_list()]

    async def release(self, ids: Collection[str]) -> None:
        """See `Store.release`. Awaited by a majority: a document that came back when mongod is killed would stay until
        the partition is assigned anew, and then be published behind what followed it."""
        if ids:
            outbox = self.database[OUTBOX].with_options(write_concern=WriteConcern("majority", wtimeout=30_000))
            with translated():
                await outbox.delete_many({"_id": {"$in": list(ids)}})


def connect(url: str, application: str | None = None) -> AsyncMongoClient[Any]:
    """A client that gives an outage up after seconds, not half a minute: the batch loop does the waiting.

    application: what the server calls its connections and transactions, see `MongoStore.end_left_open`.
    """
    return AsyncMongoClient(
        url,
        appname=application,
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=60_000,
        tz_aware=True,
    )
