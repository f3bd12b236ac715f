"""The registry's documents: a definition with its immutable versions, and what is announced of them. Pure.

A registry document is {"_id": id, "kind": ..., "versions": [{"version", "effective", "hash", "body", "author", ...}]},
times as ISO texts in UTC, its versions in ascending order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from shared.events.definitions import DefinitionData, DefinitionRecord, Manifest, ManifestData, VersionData
from shared.events.topics import DEFINITIONS
from shared.rules.as_known import Published
from shared.rules.definition import Definition
from shared.rules.engines.engine import Engine
from shared.rules.engines.own import OWN
from shared.rules.reading import readable
from shared.rules.rulebook import ProgrammeError, Rulebook, fingerprint
from shared.runtime.records import Message

REGISTRY: Final = "registry"
PROPOSALS: Final = "proposals"
HEAD: Final = "registry_head"  # one document, which every publication writes: two at once conflict
COLLECTIONS: Final[Mapping[str, Sequence[str]]] = {REGISTRY: ["kind"], PROPOSALS: ["status"], HEAD: []}

Document = dict[str, Any]
Version = Mapping[str, Any]
Registry = Mapping[str, Document]

NO_PROGRAMME: Final = "no definition of kind programme is published, and none is in these files: publish it with them"
_MANIFEST_KEY: Final = "programme"


class RefusedError(ProgrammeError):
    """This cannot be published; the text says why, and what to do instead."""


def newest(document: Mapping[str, Any]) -> Version:
    """The version with the highest number."""
    return max(document["versions"], key=lambda each: int(each["version"]))


def number(registry: Registry, id_: str) -> int:
    """The newest version's number; 0 of a definition that is not published."""
    document = registry.get(id_)
    return 0 if document is None else int(newest(document)["version"])


def instant(version: Version) -> datetime:
    """From when a version is in force."""
    return datetime.fromisoformat(version["effective"])


def in_force(document: Mapping[str, Any], moment: datetime) -> Version | None:
    """The version that decides an event of that time, as `Rulebook.at` chooses it."""
    effective = [each for each in document["versions"] if instant(each) <= moment]
    return max(effective, key=lambda each: int(each["version"]), default=None)


def latest(registry: Registry) -> list[Definition]:
    """The newest version of each definition, as far as this release can read them."""
    found = (readable(newest(document)["body"]) for _, document in sorted(registry.items()))
    return [each for each in found if each is not None]


def rulebook(registry: Iterable[Mapping[str, Any]], engine: Engine = OWN) -> Rulebook:
    """Every published version that this release understands, as every worker has them."""
    documents = list(registry)
    bodies = (readable(version["body"]) for document in documents for version in document["versions"])
    return Rulebook((each for each in bodies if each is not None), engine, published(documents))


def published(registry: Iterable[Mapping[str, Any]]) -> Published:
    """When each version was published, by id and number; old ones do not say it."""
    return {
        (document["_id"], int(version["version"])): datetime.fromisoformat(version["published"])
        for document in registry
        for version in document["versions"]
        if version.get("published")
    }


def merged(held: Registry, topic: Registry) -> tuple[dict[str, Document], dict[str, Document]]:
    """The registry with the versions that only the topic has, and those of its documents that this changes.

    An empty or restored database learns what it once published: a version is never given twice, and old versions
    decide late events.
    """
    whole, behind = dict(held), dict[str, Document]()
    for id_, document in topic.items():
        versions = {int(each["version"]): each for each in document["versions"]}
        ours = {int(each["version"]): each for each in held[id_]["versions"]} if id_ in held else {}
        if versions.keys() - ours.keys():
            every = {**versions, **ours}
            behind[id_] = {**document, **held.get(id_, {}), "versions": [every[each] for each in sorted(every)]}
    return {**whole, **behind}, behind


def learned(records: Mapping[str, DefinitionRecord]) -> dict[str, Document]:
    """What the topic holds, as registry documents."""
    return {
        id_: {
            "_id": id_,
            "kind": record.data.kind,
            "versions": [_as_kept(each) for each in sorted(record.data.versions, key=lambda each: each.version)],
        }
        for id_, record in records.items()
    }


def programme_of(registry: Registry) -> Document | None:
    """The document of the programme itself; None where none is published."""
    return next((document for document in registry.values() if document["kind"] == "programme"), None)


def announcements(registry: Registry, prefix: str = "") -> tuple[list[Message], str]:
    """Every definition with all its versions and then the manifest, for the `definitions` topic; and their revision.

    The manifest goes last: until it has come, everybody keeps the rulebook they have.
    """
    programme = programme_of(registry)
    if programme is None:
        raise RefusedError(NO_PROGRAMME)
    records = [_record(document) for _, document in sorted(registry.items())]
    revision = fingerprint([record.model_dump(mode="json") for record in records])
    manifest = Manifest(
        specversion="1.0",
        id=f"{programme['_id']}-{revision}",
        source="/campaigns",
        time=max(version.effective for record in records for version in record.data.versions),
        data=ManifestData(
            programme=programme["_id"],
            revision=revision,
            definitions={id_: int(newest(document)["version"]) for id_, document in sorted(registry.items())},
        ),
    )
    messages = [Message(prefix + DEFINITIONS, r.data.id, r.model_dump_json().encode(), "definition") for r in records]
    messages.append(Message(prefix + DEFINITIONS, _MANIFEST_KEY, manifest.model_dump_json().encode(), "manifest"))
    return messages, revision


def check_names(ids: Iterable[str]) -> None:
    """Raises RefusedError for an id whose record would replace the manifest on the topic."""
    if _MANIFEST_KEY in ids:
        raise RefusedError(f"a definition cannot be called {_MANIFEST_KEY}: give it another id")


def _as_kept(version: VersionData) -> Document:
    data = version.model_dump(exclude_none=True)
    for name in ("effective", "published"):
        if name in data:
            data[name] = data[name].astimezone(UTC).isoformat()
    return {**data, "body": version.body}


def _record(document: Mapping[str, Any]) -> DefinitionRecord:
    versions = [VersionData(**version) for version in document["versions"]]
    return DefinitionRecord(
        specversion="1.0",
        id=f"{document['_id']}-{versions[-1].version}",
        source="/campaigns",
        time=max(version.effective for version in versions),
        data=DefinitionData(id=document["_id"], kind=document["kind"], versions=versions),
    )
