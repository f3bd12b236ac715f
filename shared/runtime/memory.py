"""The store in memory: the same promises as MongoDB's, for simulations and pure tests."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

from shared.runtime.outbox import from_document
from shared.runtime.store import OUTBOX, ConflictError, Document, Held

_Key = tuple[str, str]


class MemoryUnit:
    """Reads note the revision they saw; a commit checks that none has moved: snapshot isolation, first writer wins."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._snapshot = dict(store.documents)

    async def get(
        self, collection: str, ids: Collection[str], fields: Sequence[str] | None = None
    ) -> dict[str, Document]:
        """See `Unit.get`."""
        found: dict[str, Document] = {}
        for id_ in ids:
            document = self._snapshot.get((collection, id_))
            if document is not None:
                keep = document if fields is None else {k: v for k, v in document.items() if k == "_id" or k in fields}
                found[id_] = copy.deepcopy(keep)
        return found

    async def get_both(
        self, collection: str, ids: Collection[str], other: str, others: Collection[str], fields: Sequence[str]
    ) -> tuple[dict[str, Document], dict[str, Document]]:
        """See `Unit.get_both`."""
        return await self.get(collection, ids), await self.get(other, others, fields)

    async def find(self, collection: str, field: str, values: Collection[str]) -> list[Document]:
        """See `Unit.find`."""
        wanted = set(values)
        found = [
            copy.deepcopy(document)
            for (kept_in, _), document in self._snapshot.items()
            if kept_in == collection and wanted & set(_as_list(document.get(field)))
        ]
        return sorted(found, key=lambda document: str(document["_id"]))

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        """See `Unit.commit`."""
        live, changed = self._store.documents, dict[_Key, Document]()
        for collection, documents in inserts.items():
            for document in documents:
                key = (collection, str(document["_id"]))
                if key in live or key in changed:
                    raise ConflictError(f"{collection} {document['_id']} exists")
                changed[key] = copy.deepcopy(document)
        for collection, documents in replaces.items():
            for document in documents:
                key = (collection, str(document["_id"]))
                if key in live and document == self._snapshot.get(key):
                    continue  # as in MongoDB: what changes nothing is no write, and conflicts with nobody
                if key not in live or live[key] is not self._snapshot.get(key):
                    raise ConflictError(f"{collection} {document['_id']} was changed meanwhile")
                changed[key] = copy.deepcopy(document)
        live.update(changed)


class MemoryStore:
    """Documents by (collection, id). A written document is never mutated, so its identity is its revision."""

    def __init__(self) -> None:
        self.documents: dict[_Key, Document] = {}

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        """See `Store.unit`."""
        yield MemoryUnit(self)

    async def due(
        self, collection: str, by: str, skip: int, most: int, aside: Collection[str]
    ) -> list[tuple[str, str]]:
        """See `Store.due`."""
        found = [
            (id_, str(document["due_at"]))
            for (kept_in, id_), document in self.documents.items()
            if kept_in == collection and id_ not in aside and document.get("due_at", "~") <= by
        ]
        return sorted(found, key=lambda each: (each[1], each[0]))[skip : skip + most]

    async def held(self, consumer: str, places: Collection[str]) -> list[Held]:
        """See `Store.held`."""
        wanted = set(places)
        found = [
            document
            for (collection, _), document in self.documents.items()
            if collection == OUTBOX and document["consumer"] == consumer and wanted & set(document["places"])
        ]
        return [from_document(document) for document in sorted(found, key=lambda each: str(each["_id"]))]

    async def release(self, ids: Collection[str]) -> None:
        """See `Store.release`."""
        for id_ in ids:
            self.documents.pop((OUTBOX, id_), None)

    def collection(self, name: str) -> dict[str, Document]:
        """All documents of a collection, by id (for tests and reports)."""
        return {id_: copy.deepcopy(document) for (kept_in, id_), document in self.documents.items() if kept_in == name}


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]
