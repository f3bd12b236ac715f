"""earn, wired: its collections and its consumers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from services.earn import intake, ledger, packs
from services.earn.clockwork import DueHandler
from services.earn.consumers import IntakeHandler, LedgerHandler
from services.earn.counter.approving import APPROVALS
from services.earn.counter.bills import BILLS
from services.earn.counter.working import ERASURES
from services.earn.posting import JOURNAL
from services.earn.vouchers import VOUCHERS, VoucherHandler
from shared.clock import Moved
from shared.events.topics import ACTIVITIES, GRANTS, OFFERS, TIERS
from shared.runtime.quotas import QUOTAS
from shared.runtime.service import Clocked, Service, Subscription
from shared.runtime.sharing import HOUSEHOLDS
from shared.settings import Settings

COLLECTIONS: Final[Mapping[str, Sequence[str]]] = {
    intake.IDENTITIES: ["member"],
    intake.INBOX: [],
    intake.WAITING: ["identities"],
    ledger.MEMBERS: ["due_at?", "led?", "household?"],
    # A member's history is read newest first.
    JOURNAL: ["member,-at,-seq", "posted_at", "redemption?", "milestone_of?", "return_of?", "invoice?"],
    HOUSEHOLDS: [],
    QUOTAS: [],
    packs.PACKS: [],
    VOUCHERS: ["member,-given,-_id"],
    BILLS: [],
    APPROVALS: ["-at,-_id"],
    ERASURES: [],
}


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    clock, ahead = Moved(settings.home), timedelta(hours=settings.ahead_h)
    return Service(
        name="earn",
        about="The front door: checks partners' events, finds members, keeps the points ledger.",
        collections=COLLECTIONS,
        subscriptions=[
            Subscription(IntakeHandler(settings.prefix, ahead, lambda: clock.ahead), partners=True),
            Subscription(
                LedgerHandler(settings.prefix, settings.partitions, clock), topics=[ACTIVITIES, GRANTS, TIERS]
            ),
            Subscription(VoucherHandler(), topics=[OFFERS]),
        ],
        clocked=[Clocked(DueHandler(clock, settings.prefix), ledger.MEMBERS)],
    )
