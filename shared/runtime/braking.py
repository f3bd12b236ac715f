"""A brake for brokers that do not wait: aiokafka asks again at once, and a service with nothing to do would be busy.

Kafka keeps a fetch waiting until there is something to read, or `fetch_max_wait_ms` is over. A broker that answers
"nothing" at once (noida-db 0.2.3 does) is asked again this much later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer

EMPTY_S: Final = 0.05


def brake(consumer: AIOKafkaConsumer, empty_s: float = EMPTY_S) -> None:
    """Of a consumer that has started: a fetch that brought nothing lasts that long at least. Records are not kept
    waiting: only who has found none waits."""
    fetch: Callable[..., Awaitable[Any]] = consumer._fetcher._proc_fetch_request

    async def fetched(*request: Any) -> Any:
        began = monotonic()
        found = await fetch(*request)
        rest = empty_s - (monotonic() - began)
        if not found and rest > 0:
            with suppress(asyncio.CancelledError):  # as the client itself: its answer is wanted no longer
                await asyncio.sleep(rest)
        return found

    consumer._fetcher._proc_fetch_request = fetched
