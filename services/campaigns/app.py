"""campaigns, wired: publishes the programme, then reads accruals."""

from __future__ import annotations

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import MEMBERS, USAGE
from services.campaigns.publishing import publish_programme
from shared.events.topics import ACCRUALS
from shared.publishing.registry import COLLECTIONS
from shared.runtime.service import Service, Subscription
from shared.settings import Settings


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    return Service(
        name="campaigns",
        about="Publishes the programme's definitions; challenges, bonuses for segments, referral rewards.",
        collections={MEMBERS: [], USAGE: [], **COLLECTIONS},
        subscriptions=[Subscription(CampaignsHandler(settings.prefix), topics=[ACCRUALS])],
        before=publish_programme,
    )
