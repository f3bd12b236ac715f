"""From when a version is in force, and what stands for a time that neither a file nor a publication has said yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import Field

from shared.events.values import Instant

# Never, in our times: a draft that gets into a rulebook by mistake decides nothing.
UNSAID: Final = datetime(2199, 12, 31, tzinfo=UTC)


def _without_default(schema: dict[str, Any]) -> None:
    """It is nothing to write in a file, so the file's schema does not offer it."""
    schema.pop("default", None)


Effective = Annotated[
    Instant,
    Field(
        description="from this event time on the version is in force; left out, the publication says it",
        json_schema_extra=_without_default,
    ),
]
