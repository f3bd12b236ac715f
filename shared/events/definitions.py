"""What campaigns publishes on `definitions`: each definition with all its versions, and the programme's manifest."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from shared.events.envelope import CloudEvent
from shared.events.internal import Internal
from shared.events.values import Instant, Slug


class VersionData(Internal):
    """One immutable version."""

    version: int = Field(ge=1)
    effective: Instant
    hash: str
    body: dict[str, Any] = Field(
        description="the definition itself; its shape is docs/events/definition-file.schema.json"
    )
    author: str | None = Field(None, description="who published it; unknown of versions older than this field")
    note: str | None = Field(None, description="why, in the author's words")
    published: Instant | None = Field(None, description="when it was published")
    repeats: int | None = Field(None, description="of a rollback: the version whose content this is again")
    approved_by: str | None = Field(None, description="the second person, where the programme asks for one")


class DefinitionData(Internal):
    """A definition's whole history, so that compaction keeps what late events and replays need."""

    id: Slug
    kind: str
    versions: list[VersionData] = Field(min_length=1)


class DefinitionRecord(CloudEvent):
    """loyalty.definition.v1, keyed by definition id."""

    type: Literal["loyalty.definition.v1"] = "loyalty.definition.v1"
    data: DefinitionData


class ManifestData(Internal):
    """Which definitions, in which newest version, make the programme; published after all of them."""

    programme: Slug
    revision: str
    definitions: dict[Slug, int]


class Manifest(CloudEvent):
    """loyalty.programme.v1, keyed `programme`."""

    type: Literal["loyalty.programme.v1"] = "loyalty.programme.v1"
    data: ManifestData


DEFINITIONS_INPUT: TypeAdapter[DefinitionRecord | Manifest] = TypeAdapter(
    Annotated[DefinitionRecord | Manifest, Field(discriminator="type")]
)
