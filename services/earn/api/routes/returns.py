"""Returns, as a till reports them: published to the partner's topic as an event, which the ledger decides."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from fastapi.responses import Response

from services.earn.api.calling import Write, answered, writing
from services.earn.api.models.events import Reported, Returning
from services.earn.api.problems import Problem
from services.earn.api.routing import router as routed
from services.earn.api.sent import handed_on
from shared.access.roles import Permission
from shared.events.decode import too_early
from shared.events.partner import Return, ReturnData

router = routed("till")
Sending = Annotated[Write, Depends(writing(Permission.SEND))]


@router.post("/returns", operation_id="report_return", status_code=202, response_model=Reported)
async def report(write: Sending, returning: Returning) -> Response:
    """Goods came back. 202: the return is durable in Kafka; what becomes of it, `GET /v1/events` tells by its id."""
    event = _event(write, returning)
    early = too_early(event, write.room.clock(), timedelta(hours=write.room.settings.ahead_h))
    if early is not None:
        raise Problem(422, early.reason, f"nothing was taken: {early.detail}")
    heading = write.heading("return", returning.model_dump(mode="json", exclude_none=True))
    assert write.key.partner is not None  # who may send events has one
    raw = event.model_dump_json(exclude_none=True).encode()
    claimed = await handed_on(write, heading, write.key.partner, {"event": event.id}, lambda _: [raw])
    return answered(claimed.body, 202, again=claimed.again)


def _event(write: Write, said: Returning) -> Return:
    """Its id follows from the caller and the Idempotency-Key: sent twice, it counts once."""
    return Return(
        specversion="1.0",
        id="return-" + hashlib.blake2b(write.journal_key.encode(), digest_size=12).hexdigest(),
        source=f"/partners/{write.key.partner}",
        type="loyalty.return.v1",
        time=said.time,
        data=ReturnData(
            member=said.member,
            purchase=said.purchase,
            amount=said.amount,
            currency=said.currency,
            lines=None if said.lines is None else list(said.lines),
        ),
    )
