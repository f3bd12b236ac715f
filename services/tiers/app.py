"""tiers, wired."""

from __future__ import annotations

from services.tiers.clockwork import StatusHandler
from services.tiers.consumers import TiersHandler
from services.tiers.domain import MEMBERS
from shared.clock import Moved
from shared.events.topics import ACCRUALS
from shared.runtime.service import Clocked, Service, Subscription
from shared.settings import Settings


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    return Service(
        name="tiers",
        about="Adds qualifying points up by year, announces status and the gifts that come with it.",
        collections={MEMBERS: ["due_at?"]},
        subscriptions=[Subscription(TiersHandler(settings.prefix), topics=[ACCRUALS])],
        clocked=[Clocked(StatusHandler(Moved(settings.home), settings.prefix), MEMBERS)],
    )
