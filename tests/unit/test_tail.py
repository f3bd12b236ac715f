"""The tail alone: steps in order, a failure that stops what follows, and an end that leaves no task behind."""

from __future__ import annotations

import asyncio

import pytest

from shared.runtime.store import GaveUpError
from shared.runtime.tail import Tail


def tasks() -> list[str]:
    """What still runs under the tail's name."""
    return [each.get_name() for each in asyncio.all_tasks() if each.get_name() == "tail"]


async def test_closing_ends_its_task() -> None:
    """Breaks without `close`: the task waits for steps for ever, and asyncio complains of it when the loop ends."""
    tail, done = Tail(), list[int]()

    async def step() -> None:
        done.append(1)

    await tail.add(step)
    await tail.idle()
    assert (done, tasks()) == ([1], ["tail"])
    await tail.close()
    assert tasks() == []
    await tail.close()  # a second time does nothing


async def test_one_that_was_never_used_closes_too() -> None:
    await Tail().close()


async def test_closing_ends_a_step_that_hangs() -> None:
    """A service that was told to end must not wait for a broker that never answers."""
    tail, begun = Tail(), asyncio.Event()

    async def hangs() -> None:
        begun.set()
        await asyncio.Event().wait()

    await tail.add(hangs)
    await begun.wait()
    await tail.close()
    assert tasks() == []


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (GaveUpError("gave up after 60 s: no broker"), "gave up after 60 s: no broker"),
        (KeyError("ann@example.com"), "KeyError"),
    ],
)
async def test_a_failure_stops_what_follows_and_is_told_without_a_drivers_text(failure: Exception, told: str) -> None:
    tail, done = Tail(), list[int]()

    async def fails() -> None:
        raise failure

    async def step() -> None:
        done.append(1)

    await tail.add(fails)
    await tail.add(step)
    with pytest.raises(GaveUpError) as raised:
        await tail.idle()
    assert (str(raised.value), done) == (told, [])
    await tail.close()
