"""Moves a world's clock: what is due by then is done, by two processes that look at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.earn.clockwork import DueHandler
from services.earn.ledger import MEMBERS
from shared.runtime.batch import BatchLoop
from shared.runtime.clockwork import Clockwork
from shared.runtime.records import Message
from tests.simulation.world import World


async def tick(world: World, at: datetime) -> None:
    """Returns when nothing is due any more, and everything that follows has settled."""

    async def publish(messages: Sequence[Message]) -> None:
        for each in messages:
            world.log.append(each.topic, each.key.encode(), each.value, each.kind)

    store, looks = world.stores["earn"], []
    for _ in range(2):
        loop = BatchLoop(DueHandler(lambda: at), store, publish, lambda: world.book, patience=world.patience)
        looks.append(Clockwork(loop, store, MEMBERS, lambda: at, world.exits.append, page=3))
    while sum(await asyncio.gather(*(each.round() for each in looks))):
        pass
    await world.settle()
