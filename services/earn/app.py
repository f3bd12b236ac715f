"""earn, wired: its collections and its two consumers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.earn import intake, ledger
from services.earn.consumers import IntakeHandler, LedgerHandler
from services.earn.posting import JOURNAL
from shared.events.topics import ACTIVITIES, GRANTS, TIERS
from shared.runtime.quotas import QUOTAS
from shared.runtime.service import Service, Subscription
from shared.runtime.sharing import HOUSEHOLDS
from shared.settings import Settings

COLLECTIONS: Final[Mapping[str, Sequence[str]]] = {
    intake.IDENTITIES: ["member"],
    intake.INBOX: [],
    intake.WAITING: ["identities"],
    ledger.MEMBERS: ["due_at?"],
    JOURNAL: ["member,-at,-_id", "redemption?"],  # a member's history is read newest first
    HOUSEHOLDS: [],
    QUOTAS: [],
}


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    return Service(
        name="earn",
        about="The front door: checks partners' events, finds members, keeps the points ledger.",
        collections=COLLECTIONS,
        subscriptions=[
            Subscription(IntakeHandler(settings.prefix, timedelta(hours=settings.ahead_h)), partners=True),
            Subscription(LedgerHandler(settings.prefix, settings.partitions), topics=[ACTIVITIES, GRANTS, TIERS]),
        ],
    )
