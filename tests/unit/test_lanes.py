"""Lanes: one member's commands in one of them and in their order, other members' beside them."""

from __future__ import annotations

import asyncio
from typing import Any

from services.earn.counter.commands import Adjust, Answer, Caller, Command, Done
from services.earn.counter.lanes import Lanes
from tests.unit.partnerkit import member


def key_of(answer: Answer) -> object:
    assert isinstance(answer, Done)
    return answer.body["key"]


class Slow:
    """A queue that answers when it is let."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.open = asyncio.Event()
        self.batches = 1

    async def ask(self, command: Command) -> Answer:
        self.asked.append(command)
        await self.open.wait()
        return Done({"key": command.key})

    def stalled(self, after_s: float) -> bool:
        return not self.open.is_set()


def command(who: str, number: int) -> Adjust:
    return Adjust(
        key=f"k|{number}", hash="h", caller=Caller("office"), member=who, wallet="stars", points=1, reason="r"
    )


async def test_a_lane_that_waits_holds_up_its_own_members_only() -> None:
    queues: list[Any] = [Slow(), Slow()]
    lanes = Lanes(queues)
    asked = [command(member(number % 8), number) for number in range(32)]
    answers = [asyncio.create_task(lanes.ask(each)) for each in asked]
    await asyncio.sleep(0)
    of = [{each.member for each in queue.asked} for queue in queues]
    assert len(of[0] | of[1]) == 8
    assert of[0].isdisjoint(of[1])
    assert min(map(len, of)) >= 2, "eight members are in both lanes"
    assert all(
        [each.key for each in q.asked] == [a.key for a in asked if a.member in o]
        for q, o in zip(queues, of, strict=True)
    )
    queues[0].open.set()
    done = {key_of(each.result()) for each in (await asyncio.wait(answers, timeout=0.2))[0]}
    assert done == {each.key for each in queues[0].asked}
    assert lanes.stalled(0)
    queues[1].open.set()
    await asyncio.gather(*answers)
    assert not lanes.stalled(0)
    assert lanes.batches == 2
