"""What people do from the command line goes into the audit log, as what they do over the API does: before, and after.

Whoever can run it can write to the database; this is no fence, but nobody has to guess afterwards who it was.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from pymongo.asynchronous.database import AsyncDatabase

from shared.access.audit import AuditLog, By
from shared.access.keyring import KeyringError
from shared.publishing.registry import RefusedError
from shared.runtime.store import Document

OPERATOR: Final = By(name="command line", role="operator", id="-")


@dataclass(slots=True)
class Line:
    """An action's line in the log. request: an id that its entries in the journal have, too; outcome: to be changed
    where it is not done."""

    request: str
    outcome: str = "done"


def _user() -> str:
    """The machine's user; by number, where a container knows no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


@asynccontextmanager
async def on_record(
    earn: AsyncDatabase[Document], action: str, said: Mapping[str, Any], person: str | None = None
) -> AsyncIterator[Line]:
    """Notes what is about to be done (action: the command's words), and how it ended. person: who asks for it; where
    they are not named, the machine's user. Nothing is done that could not be noted."""
    log, line = AuditLog(earn), Line(uuid4().hex)
    id_ = await log.begin(OPERATOR, person or _user(), action, said, line.request)
    try:
        yield line
    except (KeyringError, RefusedError):
        await log.end(id_, "refused", None)
        raise
    except Exception:
        await log.end(id_, "failed", None)
        raise
    await log.end(id_, line.outcome, None)
