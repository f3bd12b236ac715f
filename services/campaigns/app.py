"""campaigns, wired: publishes the programme, then reads accruals."""

from __future__ import annotations

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import MEMBERS, RECORDS
from services.campaigns.giving import THINGS
from services.campaigns.publishing import publish_programme
from shared.events.topics import ACCRUALS
from shared.publishing.registry import COLLECTIONS
from shared.runtime.quotas import QUOTAS
from shared.runtime.service import Service, Subscription
from shared.runtime.sharing import HOUSEHOLDS
from shared.settings import Settings


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    return Service(
        name="campaigns",
        about="Publishes the programme's definitions; challenges, bonuses for segments, referral rewards.",
        collections={MEMBERS: [], RECORDS: [], THINGS: ["member"], HOUSEHOLDS: [], QUOTAS: [], **COLLECTIONS},
        subscriptions=[Subscription(CampaignsHandler(settings.prefix, settings.partitions), topics=[ACCRUALS])],
        before=publish_programme,
    )
