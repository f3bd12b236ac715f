"""What waits for a second person: listed, shown, approved, refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import Write, allowed, answered, writing
from services.earn.api.models.approvals import Approval, ApprovalId, Approvals, Approved, Refused, State
from services.earn.api.models.people import Because
from services.earn.api.paging import list_of
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from services.earn.counter.approval_commands import Approve, Refuse
from services.earn.counter.approving import APPROVALS, state_of
from shared.access.keys import Key
from shared.access.roles import Permission

router = routed(OFFICE)
Looking = Annotated[Key, Depends(allowed(Permission.WAITING))]
Judging = Annotated[Write, Depends(writing(Permission.APPROVE))]


@router.get("/approvals", operation_id="list_approvals", response_model=Approvals)
async def listed(
    request: Request,
    _: Looking,
    state: Annotated[State | None, Query(description="only these")] = None,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What waits for a second person, and what has waited, newest first."""
    room = room_of(request)
    now = room.clock()
    page, following = await reading.page(
        room.database[APPROVALS], list_of(APPROVALS, state=state), _in(state, now), "at", cursor, limit
    )
    return answered({"approvals": [_told(each, now) for each in page], "next": following})


@router.get("/approvals/{approval}", operation_id="show_approval", response_model=Approval)
async def show(request: Request, _: Looking, approval: ApprovalId) -> Response:
    """One request."""
    room = room_of(request)
    found = await room.database[APPROVALS].find_one({"_id": approval})
    if found is None:
        raise Problem(404, "unknown_approval", "nothing was asked for under this id; list what waits")
    return answered(_told(found, room.clock()))


@router.post("/approvals/{approval}/approve", operation_id="approve", response_model=Approved)
async def approve(write: Judging, approval: ApprovalId) -> Response:
    """Does what was asked for, by how things stand now. Not for whoever asked for it; denied, it goes on waiting."""
    return await write.settle(Approve(**write.heading("approve", approval), approval=approval))


@router.post("/approvals/{approval}/refuse", operation_id="refuse", response_model=Refused)
async def refuse(write: Judging, approval: ApprovalId, asked: Because) -> Response:
    """It is not done. Who asked for it may take it back so, too."""
    heading = write.heading("refuse", approval, asked.model_dump())
    return await write.settle(Refuse(**heading, approval=approval, reason=asked.reason))


def _in(state: State | None, now: datetime) -> dict[str, Any]:
    """What is in a state now: what has expired is stored as what waits."""
    if state is None:
        return {}
    if state in ("pending", "expired"):
        return {"state": "pending", "until": {"$gt" if state == "pending" else "$lte": now}}
    return {"state": state}


def _told(found: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    judged = found.get("judged")
    return {
        "approval": found["_id"],
        "kind": found["kind"],
        "said": found["said"],
        "author": {"caller": found["author"]["name"], "person": found["author"]["person"]},
        "at": found["at"].isoformat(),
        "until": found["until"].isoformat(),
        "state": state_of(found, now),
        "judged": None
        if judged is None
        else {
            "caller": judged["name"],
            "person": judged["person"],
            "at": judged["at"].isoformat(),
            "reason": judged.get("reason"),
            "entry": judged["entry"],
        },
    }
