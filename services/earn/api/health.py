"""Health of the API's process, in the words of the other services, and its metrics. Without keys: keep them inside."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from pymongo.errors import PyMongoError

from services.earn.api.room import Room, room_of
from services.earn.counter.handler import CounterHandler
from shared.runtime.metrics import REGISTRY

router = APIRouter(include_in_schema=False)
SECONDS: Final = Histogram(
    "doublestar_api_request_seconds", "time of a request by route and method", ["route", "method"], registry=REGISTRY,
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)  # fmt: skip
REQUESTS: Final = Counter(
    "doublestar_api_requests_total", "requests by route, method and status", ["route", "method", "status"],
    registry=REGISTRY,
)  # fmt: skip
_PATIENCE_S: Final = 2.0
_NO_STORE: Final = {"cache-control": "no-store"}


@router.get("/health/live")
async def live(request: Request) -> Response:
    """Whether it is worth keeping: a batch that is stuck for longer than any outage is given is not."""
    room = room_of(request)
    stuck = room.queue.stalled(room.settings.outage_s + 60)
    return _said({"stuck": [CounterHandler.consumer]} if stuck else {"alive": True}, 503 if stuck else 200)


@router.get("/health/ready")
async def ready(request: Request) -> Response:
    """Whether it would answer: rules are known, MongoDB answers, and what was decided leaves for Kafka."""
    room = room_of(request)
    if room.follower.shelf.book is None:
        return _said({"waiting": "for a programme"}, 503)
    if not room.open.is_set():
        return _said({"waiting": "for Kafka to take what was left to be sent"}, 503)
    if room.queue.stalled(_PATIENCE_S):
        return _said({"waiting": "for Kafka or MongoDB to take what was decided"}, 503)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await room.database.command("ping")
    except (PyMongoError, TimeoutError):
        return _said({"waiting": "for MongoDB"}, 503)
    return _said({"ready": True})


@router.get("/health/status")
async def status(request: Request) -> Response:
    """As the other services tell of themselves; its one consumer reads no topic, but what is asked of it."""
    room = room_of(request)
    return _said(report(room))


@router.get("/metrics")
async def metrics() -> Response:
    """For Prometheus."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def report(room: Room) -> dict[str, Any]:
    """What `/health/status` answers."""
    book, stalled = room.follower.shelf.book, room.queue.stalled(_PATIENCE_S)
    counter = {"assigned": [], "joined": not stalled, "lag": 0, "batches": room.queue.batches, "failed": None}
    return {
        "service": "api",
        "rulebook": None if book is None else book.revision,
        "left_out": room.follower.shelf.left_out,
        "consumers": {CounterHandler.consumer: counter},
    }


def _said(body: dict[str, Any], status: int = 200) -> Response:
    return JSONResponse(body, status, _NO_STORE)
