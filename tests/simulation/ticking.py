"""Moves a world's clock: what is due by then is done, by two processes that look at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.earn.clockwork import DueHandler
from services.earn.ledger import MEMBERS
from services.tiers.clockwork import StatusHandler
from shared.runtime.batch import BatchLoop
from shared.runtime.clockwork import Clockwork
from shared.runtime.records import Message
from tests.simulation.world import World


async def tick(world: World, at: datetime) -> None:
    """Returns when nothing is due any more, and everything that follows has settled."""

    async def publish(messages: Sequence[Message]) -> None:
        for each in messages:
            world.log.append(each.topic, each.key.encode(), each.value, each.kind)

    looks = []
    for service, handler in (("earn", DueHandler), ("tiers", StatusHandler)) * 2:
        loop = BatchLoop(
            handler(lambda: at), world.stores[service], publish, lambda: world.book, patience=world.patience
        )
        looks.append(Clockwork(loop, world.stores[service], MEMBERS, lambda: at, world.exits.append, page=3))
    while sum(await asyncio.gather(*(each.round() for each in looks))):
        pass
    await world.settle()
