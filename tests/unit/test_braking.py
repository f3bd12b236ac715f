"""A client that is told "nothing" at once asks again a moment later, and one that found something at once."""

from __future__ import annotations

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from shared.runtime.braking import brake


def client(found: bool, lasts_s: float = 0.0) -> tuple[Any, list[tuple[Any, ...]]]:
    """A consumer whose every fetch brings that, after so long; and what was fetched."""
    asked: list[tuple[Any, ...]] = []

    async def fetch(*request: Any) -> bool:
        asked.append(request)
        await asyncio.sleep(lasts_s)
        return found

    return SimpleNamespace(_fetcher=SimpleNamespace(_proc_fetch_request=fetch)), asked


async def lasted(found: bool, lasts_s: float = 0.0) -> float:
    consumer, asked = client(found, lasts_s)
    brake(consumer, 0.2)
    began = monotonic()
    assert await consumer._fetcher._proc_fetch_request("assignment", 1, "request") is found
    assert asked == [("assignment", 1, "request")]
    return monotonic() - began


async def test_an_empty_fetch_lasts_a_moment_and_no_longer_where_the_broker_waited_itself() -> None:
    assert await lasted(False) >= 0.2
    assert 0.2 <= await lasted(False, 0.15) < 0.34


async def test_records_are_not_kept_waiting() -> None:
    assert await lasted(True) < 0.2


async def test_a_fetch_that_is_wanted_no_longer_ends_as_the_clients_own() -> None:
    """The client awaits its cancelled fetches: an error of ours would end its fetching for ever."""
    consumer, _ = client(False)
    brake(consumer, 60)
    task = asyncio.create_task(consumer._fetcher._proc_fetch_request())
    done, _ = await asyncio.wait([task], timeout=0.1)
    assert not done, "it waits by now"
    task.cancel()
    assert await task is False


def test_the_client_has_what_is_braked() -> None:
    """It is none of aiokafka's promises: a release without it must fail here, and not spin at its users."""
    fetcher = pytest.importorskip("aiokafka.consumer.fetcher").Fetcher
    assert asyncio.iscoroutinefunction(fetcher._proc_fetch_request)
