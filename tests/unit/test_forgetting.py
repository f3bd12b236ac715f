"""Published outbox documents: deleted at once where nothing gathers, else together; all gone when somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.runtime.forgetting import Forgetting


class Outbox:
    """Counts what is deleted; each deletion may be held up, and may fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.deleted: list[list[str]] = []
        self.open, self.begun = asyncio.Event(), asyncio.Event()
        self.open.set()
        self._error = error

    async def release(self, ids: Sequence[str]) -> None:
        self.begun.set()
        await self.open.wait()
        if self._error is not None:
            raise self._error
        self.deleted.append(list(ids))


async def test_without_a_wait_each_goes_at_once() -> None:
    outbox = Outbox()
    forgetting = Forgetting(outbox.release)
    await forgetting.add(["a"])
    await forgetting.add([])
    await forgetting.add(["b", "c"])
    assert outbox.deleted == [["a"], ["b", "c"]]


async def test_what_comes_within_the_wait_goes_together_and_the_rest_later() -> None:
    """Breaks where the second gathering is never begun."""
    outbox = Outbox()
    forgetting = Forgetting(outbox.release, 0.005)
    for each in "abc":
        await forgetting.add([each])
    assert outbox.deleted == []
    await asyncio.wait_for(outbox.begun.wait(), 5)
    outbox.begun.clear()
    await forgetting.add(["d"])
    await asyncio.wait_for(outbox.begun.wait(), 5)
    assert outbox.deleted == [["a", "b", "c"], ["d"]]


async def test_who_waits_for_all_waits_for_those_on_their_way_too() -> None:
    """Breaks without the lock: a worker would find its own documents in the outbox, and publish them a second time."""
    outbox = Outbox()
    forgetting = Forgetting(outbox.release, 0.005)
    outbox.open.clear()
    await forgetting.add(["a"])
    await asyncio.wait_for(outbox.begun.wait(), 5)
    waiting = asyncio.create_task(forgetting.all())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbox.open.set()
    await asyncio.wait_for(waiting, 5)
    assert outbox.deleted == [["a"]]


async def test_a_failure_is_told() -> None:
    told: asyncio.Queue[Exception] = asyncio.Queue()
    forgetting = Forgetting(Outbox(OSError("away")).release, 0.005)
    forgetting.on_failure = told.put_nowait
    await forgetting.add(["a"])
    assert isinstance(await asyncio.wait_for(told.get(), 5), OSError)
