"""The back office about whole members: two that are one are merged, and taken apart again; accounts are closed,
persons erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from services.earn.api.calling import Write, allowed, answered, writing
from services.earn.api.models.approvals import WAITS, Waiting
from services.earn.api.models.common import MemberId
from services.earn.api.models.people import Because, Closed, Erasure, Joined, Merging, Parted
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.working import ERASURES
from shared.access.keys import Key
from shared.access.roles import Permission

router = routed(OFFICE)
Proving = Annotated[Key, Depends(allowed(Permission.PROOF))]
Deciding = Annotated[Write, Depends(writing(Permission.PEOPLE))]


@router.post("/merges", operation_id="merge_members", status_code=201, response_model=Joined, responses=WAITS)
async def merge(write: Deciding, asked: Merging) -> Response:
    """All that a duplicate has goes to the survivor: names, points, progress, vouchers, and what is on its way."""
    heading = write.heading("merge", asked.model_dump())
    return await write.settle(Merge(**heading, member=asked.member, into=asked.into, reason=asked.reason), 201)


@router.post("/members/{member}/unmerge", operation_id="unmerge_member", response_model=Parted, responses=WAITS)
async def unmerge(write: Deciding, member: MemberId, asked: Because) -> Response:
    """A merge was wrong: what the duplicate brought, and is still there, goes back to them. Not while a till holds
    points of the member's who has them now (409 `open_holds`, with the ids of these `holds`)."""
    heading = write.heading("unmerge", member, asked.model_dump())
    return await write.settle(Unmerge(**heading, member=member, reason=asked.reason))


@router.post("/members/{member}/close", operation_id="close_account", response_model=Closed, responses=WAITS)
async def close(write: Deciding, member: MemberId, asked: Because) -> Response:
    """The member leaves: points end, debts are forgiven, and nothing more is earned or spent."""
    heading = write.heading("close", member, asked.model_dump())
    return await write.settle(Close(**heading, member=member, reason=asked.reason))


@router.post("/members/{member}/erase", operation_id="erase_member", status_code=202, response_model=Waiting)
async def erase(write: Deciding, member: MemberId, asked: Because) -> Response:
    """Nobody shall know any more who the member was. It always waits for a second person; what is approved is begun in
    the ledger at once, and ended by an operator in all services."""
    heading = write.heading("erase", member, asked.model_dump())
    return await write.settle(Erase(**heading, member=member, reason=asked.reason), 202)


@router.get("/members/{member}/erasure", operation_id="read_erasure", response_model=Erasure)
async def erasure(request: Request, _: Proving, member: MemberId) -> Response:
    """How far the erasure of a member is, and its proof once it has been looked for everywhere; by any of their ids."""
    found = await room_of(request).database[ERASURES].find_one({"persons": member}, {"terms": 0, "reason": 0})
    if found is None:
        raise Problem(404, "unknown_erasure", "no erasure of this member was begun: look at what waits, `/approvals`")
    named = ("persons", "state", "person", "approved_by", "done")
    told = {name: found[name] for name in named} | {"member": found["_id"], "approval": found.get("approval")}
    return answered(told | {"begun": found["begun"].isoformat(), "proof": found.get("proof")})
