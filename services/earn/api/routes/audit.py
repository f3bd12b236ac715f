"""The audit log, for auditors: who did what in the back office."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from services.earn.api.calling import allowed, answered
from services.earn.api.models.office import Audit
from services.earn.api.paging import cursor as word
from services.earn.api.paging import place
from services.earn.api.room import room_of
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from shared.access.audit import AUDIT
from shared.access.keys import Key
from shared.access.roles import Permission

router = routed(OFFICE)
Auditor = Annotated[Key, Depends(allowed(Permission.AUDIT))]


@router.get("/audit", operation_id="read_audit", response_model=Audit)
async def read(
    request: Request,
    _: Auditor,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What was done and tried, newest first; reading this log is an action, too."""
    before = None if cursor is None else place(cursor, AUDIT, 1)[0]
    actions = await room_of(request).audit.read(before, limit + 1)
    page = actions[:limit]
    following = word(AUDIT, page[-1].id) if len(actions) > limit else None
    return answered({"actions": [asdict(each) for each in page], "next": following})
