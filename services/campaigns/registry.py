"""The registry: definition files become immutable versions, published with a manifest. Decided purely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.events.definitions import DefinitionData, DefinitionRecord, Manifest, ManifestData, VersionData
from shared.events.topics import DEFINITIONS
from shared.rules.definition import Definition, Programme, as_data
from shared.rules.rulebook import ProgrammeError, fingerprint
from shared.runtime.records import Message

REGISTRY = "registry"


class ImmutableVersionError(ProgrammeError):
    """A published version was edited instead of a new one being written."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a publication changes in the registry, and what it announces."""

    documents: list[dict[str, Any]]
    messages: list[Message]
    revision: str

    def by_id(self) -> dict[str, dict[str, Any]]:
        """The changed documents by id."""
        return {document["_id"]: document for document in self.documents}


def edition(definitions: Sequence[Definition], known: Mapping[str, dict[str, Any]], prefix: str = "") -> Edition:
    """New versions join their definition's history; what is in the files must not contradict what was published.

    known: registry documents by id (`_id`, `kind`, `versions`). A definition that is no longer in the files stays in
    force: to end a rule, publish a version whose schedule ends.
    """
    programme = next(each.id for each in definitions if isinstance(each, Programme))
    other = [id_ for id_, document in known.items() if document["kind"] == "programme" and id_ != programme]
    if other:
        raise ProgrammeError(
            f"these servers keep programme {other[0]}, not {programme}: give {programme} its own DOUBLESTAR_NAMESPACE"
        )
    documents = {id_: dict(document) for id_, document in known.items()}
    changed: list[str] = []
    for each in definitions:
        document = documents.setdefault(each.id, {"_id": each.id, "kind": each.kind, "versions": []})
        if _add(document, each):
            changed.append(each.id)
    records = [_record(document) for _, document in sorted(documents.items())]
    newest = {id_: max(v["version"] for v in document["versions"]) for id_, document in sorted(documents.items())}
    revision = fingerprint([record.model_dump(mode="json") for record in records])
    manifest = Manifest(
        specversion="1.0",
        id=f"{programme}-{revision}",
        source="/campaigns",
        time=max(v.effective for record in records for v in record.data.versions),
        data=ManifestData(programme=programme, revision=revision, definitions=newest),
    )
    # The manifest goes last: until it has come, everybody keeps the rulebook they have.
    messages = [Message(prefix + DEFINITIONS, r.data.id, r.model_dump_json().encode(), "definition") for r in records]
    messages.append(Message(prefix + DEFINITIONS, "programme", manifest.model_dump_json().encode(), "manifest"))
    return Edition([documents[id_] for id_ in changed], messages, revision)


def _add(document: dict[str, Any], each: Definition) -> bool:
    body = as_data(each)
    hash_ = fingerprint(body)
    published = {version["version"]: version for version in document["versions"]}
    if each.version in published:
        if published[each.version]["hash"] != hash_:
            raise ImmutableVersionError(
                f"{each.id}: version {each.version} is published and differs; write `version: {max(published) + 1}` "
                "with the time from which it is `effective`"
            )
        return False
    if document["kind"] != each.kind:
        raise ImmutableVersionError(f"{each.id} is a {document['kind']}; give the {each.kind} another id")
    if published and each.version < max(published):
        raise ImmutableVersionError(f"{each.id}: version {each.version} is older than {max(published)}, the newest")
    version = {
        "version": each.version,
        "effective": each.effective.astimezone(UTC).isoformat(),
        "hash": hash_,
        "body": body,
    }
    document["versions"] = [*document["versions"], version]
    return True


def _record(document: Mapping[str, Any]) -> DefinitionRecord:
    versions = [VersionData(**version) for version in document["versions"]]
    newest: datetime = max(version.effective for version in versions)
    return DefinitionRecord(
        specversion="1.0",
        id=f"{document['_id']}-{versions[-1].version}",
        source="/campaigns",
        time=newest,
        data=DefinitionData(id=document["_id"], kind=document["kind"], versions=versions),
    )
