"""The back office about whole members: two that are one are merged, and taken apart again; accounts are closed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from services.earn.api.calling import Write, writing
from services.earn.api.models.common import MemberId
from services.earn.api.models.people import Because, Closed, Joined, Merging, Parted
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from services.earn.counter.people_commands import Close, Merge, Unmerge
from shared.access.roles import Permission

router = routed(OFFICE)
Deciding = Annotated[Write, Depends(writing(Permission.PEOPLE))]


@router.post("/merges", operation_id="merge_members", status_code=201, response_model=Joined)
async def merge(write: Deciding, asked: Merging) -> Response:
    """All that a duplicate has goes to the survivor: names, points, progress, vouchers, and what is on its way."""
    heading = write.heading("merge", asked.model_dump())
    return await write.settle(Merge(**heading, member=asked.member, into=asked.into, reason=asked.reason), 201)


@router.post("/members/{member}/unmerge", operation_id="unmerge_member", response_model=Parted)
async def unmerge(write: Deciding, member: MemberId, asked: Because) -> Response:
    """A merge was wrong: what the duplicate brought, and is still there, goes back to them."""
    heading = write.heading("unmerge", member, asked.model_dump())
    return await write.settle(Unmerge(**heading, member=member, reason=asked.reason))


@router.post("/members/{member}/close", operation_id="close_account", response_model=Closed)
async def close(write: Deciding, member: MemberId, asked: Because) -> Response:
    """The member leaves: points end, debts are forgiven, and nothing more is earned or spent."""
    heading = write.heading("close", member, asked.model_dump())
    return await write.settle(Close(**heading, member=member, reason=asked.reason))
