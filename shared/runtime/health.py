"""Health over HTTP: alive (no batch is stuck, the broker answers), ready (a programme is known and partitions are
assigned), status, and the metrics that Prometheus scrapes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import orjson
from prometheus_client import make_asgi_app

from shared.runtime.clockwork import Clockwork
from shared.runtime.consumer import Consumer
from shared.runtime.metrics import REGISTRY

Asgi = Callable[[dict[str, Any], Callable[..., Awaitable[Any]], Callable[..., Awaitable[Any]]], Awaitable[None]]


def report(
    service: str,
    consumers: Sequence[Consumer],
    revision: str | None,
    left_out: Sequence[str] = (),
    clockworks: Sequence[Clockwork] = (),
) -> dict[str, Any]:
    """What `/health/status` answers, and `doublestar status` prints.

    left_out: published versions that this release does not understand or cannot use.
    """
    for each in consumers:
        each.behind.note()
    return {
        "service": service,
        "rulebook": revision,
        "left_out": list(left_out),
        "consumers": {
            each.name: {
                "assigned": sorted(each.progress.assigned),
                "joined": each.takes_part,
                "lag": sum(each.progress.lag.values()),
                "batches": each.progress.batches,
                "failed": each.progress.failed,
            }
            for each in consumers
        },
        "due": {
            each.name: {
                "lag_s": round(each.doing.lag_s, 3),
                "settled": each.doing.settled,
                "aside": each.doing.aside,
                "failed": each.doing.failed,
            }
            for each in clockworks
        },
    }


def routes(
    service: str,
    consumers: Sequence[Consumer],
    revision: Callable[[], str | None],
    stuck_after_s: float,
    left_out: Callable[[], Sequence[str]] = tuple,
    clockworks: Sequence[Clockwork] = (),
) -> list[tuple[str, Asgi]]:
    """The ASGI routes of a service."""

    def alive() -> tuple[int, dict[str, Any]]:
        stuck = [each.name for each in consumers if each.stuck(stuck_after_s)]
        stuck += [each.name for each in clockworks if each.stuck(stuck_after_s)]
        return (503, {"stuck": stuck}) if stuck else (200, {"alive": True})

    def ready() -> tuple[int, dict[str, Any]]:
        # A spare worker may own no partition and is ready all the same: what counts is that its group answered.
        waiting = [each.name for each in consumers if not each.takes_part]
        if revision() is None:
            return 503, {"waiting": "for a programme"}
        return (503, {"waiting": waiting}) if waiting else (200, {"ready": True})

    return [
        ("/health/live", _answer(alive)),
        ("/health/ready", _answer(ready)),
        ("/health/status", _answer(lambda: (200, report(service, consumers, revision(), left_out(), clockworks)))),
        ("/metrics", _metrics(consumers)),
    ]


def _metrics(consumers: Sequence[Consumer]) -> Asgi:
    """Lag is asked for at each scrape: a gauge that only batches set is silent before the first, stale when they stop,
    and that is when it is looked at."""
    written = make_asgi_app(REGISTRY)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asyncio.gather(*(each.ask_lag() for each in consumers))
        await written(scope, receive, send)

    return app


def _answer(check: Callable[[], tuple[int, dict[str, Any]]]) -> Asgi:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        status, body = check()
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})

    return app
