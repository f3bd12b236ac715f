"""The back office corrects balances: adjustments, goodwill, transfers. Each with a reason and a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from services.earn.api.calling import Write, writing
from services.earn.api.models.approvals import WAITS
from services.earn.api.models.office import Adjusted, Adjusting, Transferred, Transferring
from services.earn.api.problems import Problem
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from services.earn.counter.commands import Adjust, Goodwill, Transfer
from shared.access.roles import Permission

router = routed(OFFICE)
Correcting = Annotated[Write, Depends(writing(Permission.CORRECT))]


@router.post("/adjustments", operation_id="adjust", status_code=201, response_model=Adjusted, responses=WAITS)
async def adjust(write: Correcting, asked: Adjusting) -> Response:
    """Gives points, or takes them from what the member can spend: never below zero."""
    if asked.points == 0 or (asked.kind == "goodwill" and asked.points < 0):
        raise Problem(422, "invalid_request", "body.points: not 0, and goodwill only gives: write what is meant")
    made = Goodwill if asked.kind == "goodwill" else Adjust
    command = made(
        **write.heading("adjust", asked.model_dump()),
        member=asked.member,
        wallet=asked.wallet,
        points=asked.points,
        reason=asked.reason,
    )
    return await write.settle(command, 201)


@router.post("/transfers", operation_id="transfer", status_code=201, response_model=Transferred, responses=WAITS)
async def transfer(write: Correcting, asked: Transferring) -> Response:
    """Moves points that can be spent from one member to another."""
    command = Transfer(
        **write.heading("transfer", asked.model_dump()), member=asked.member, to=asked.to, wallet=asked.wallet,
        points=asked.points, reason=asked.reason,
    )  # fmt: skip
    return await write.settle(command, 201)
