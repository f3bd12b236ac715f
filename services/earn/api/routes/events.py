"""Partners' events, for those without Kafka: CloudEvents by HTTP, durable in the partner's topic before the answer."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from fastapi.responses import Response

from services.earn.api import cloudevents, outcome
from services.earn.api.calling import EventsOnceHeader, Write, allowed, answered
from services.earn.api.models.events import Outcome, Taken
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.routing import router as routed
from services.earn.api.sent import handed_on
from services.earn.api.strict import fault_of
from services.earn.intake import arrival
from shared.access.keys import Key
from shared.access.roles import Permission
from shared.events.decode import Refused, decode_partner, too_early
from shared.events.envelope import EventId
from shared.events.partner import AnyEvent

router = routed("events")
Sender = Annotated[Key, Depends(allowed(Permission.SEND))]
_EVENT: dict[str, Any] = {"type": "object", "description": "a partner's event: docs/events"}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        cloudevents.STRUCTURED: {"schema": _EVENT},
        cloudevents.BATCH: {"schema": {"type": "array", "minItems": 1, "maxItems": cloudevents.MOST, "items": _EVENT}},
        cloudevents.JSON: {"schema": {"description": "binary mode: the event's data; its attributes are ce- headers"}},
    },
}


@router.post(
    "/events",
    operation_id="send_events",
    status_code=202,
    response_model=Taken,
    responses={207: {"model": Taken, "description": "some were taken, others refused: each says why"}},
    openapi_extra={"requestBody": _BODY},
)
async def send(request: Request, key: Sender, once: EventsOnceHeader = None) -> Response:
    """Events of the key's partner: one, or a batch. Each is checked as on the topic; the good ones are taken.

    An event's id is minted by its sender and the same over all its retries: sent again, it does nothing twice. With an
    Idempotency-Key the request itself is known again, too: other events under the same key are refused.
    """
    if once is None and "Idempotency-Key" in request.headers:  # FastAPI takes an empty header for none
        raise Problem(
            422, "invalid_request", "header.Idempotency-Key: it is empty; write a key, or leave the header out"
        )
    room = room_of(request)
    partner = key.partner or ""
    raw = cloudevents.events(request.headers.raw, await request.body())
    ahead = timedelta(hours=room.settings.ahead_h)
    now = room.clock()
    decoded = [_checked(each, partner, now, ahead) for each in raw]
    good = [value for value, event in zip(raw, decoded, strict=True) if not isinstance(event, Refused)]
    results = [_result(each) for each in decoded]
    refused = len(raw) - len(good)
    if not good:
        first = next(each for each in decoded if isinstance(each, Refused))
        raise Problem(422, first.reason, f"nothing was taken: {first.detail}", events=results)
    said: dict[str, object] = {"taken": len(good), "refused": refused, "events": results}
    if once is None:
        await room.courier.send(partner, good, request.state.request)
        return answered(said, 207 if refused else 202)
    write = Write(room, key, once, None, request.state.request)
    heading = write.heading("events", [_content(each, partner) for each in raw])

    def taken(answer: Mapping[str, Any]) -> list[bytes]:
        """What the first answer says, whatever time it is now: an event may have been too early then."""
        return [value for value, result in zip(raw, answer["events"], strict=True) if result["taken"]]

    claimed = await handed_on(write, heading, partner, said, taken)
    return answered(claimed.body, 207 if claimed.body["refused"] else 202, again=claimed.again)


@router.get("/events", operation_id="ask_event", response_model=Outcome, response_model_exclude_none=True)
async def ask(request: Request, key: Sender, event: EventId) -> Response:
    """What became of an event of the key's partner: it counted, was refused, waits for a signup, or is on its way."""
    found = await outcome.of_event(room_of(request).database, key.partner or "", event)
    if found is None:
        said = "nothing is known of this event: it was not sent, or is in Kafka still; ask again in a few seconds"
        raise Problem(404, "unknown_event", said)
    return answered(found)


def _content(value: bytes, partner: str) -> str:
    """What one event says: however its JSON is spaced and ordered, and whatever time it is now, it is the same."""
    event = decode_partner(value, partner)
    if not isinstance(event, Refused):
        return arrival(event).hash
    with contextlib.suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):  # else it is its bytes
        value = orjson.dumps(orjson.loads(value), option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(value, digest_size=16).hexdigest()


def _checked(value: bytes, partner: str, now: datetime, ahead: timedelta) -> AnyEvent | Refused:
    """As intake will, and more strictly; identities and contents can only be judged there."""
    fault = fault_of(value)
    if fault is not None:
        return Refused("invalid_value", fault)
    event = decode_partner(value, partner)
    return event if isinstance(event, Refused) else too_early(event, now, ahead) or event


def _result(event: AnyEvent | Refused) -> dict[str, Any]:
    if isinstance(event, Refused):
        return {"taken": False, "reason": event.reason, "detail": event.detail}
    return {"taken": True, "id": event.id}
