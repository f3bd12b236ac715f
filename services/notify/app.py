"""notify, wired: news to notifications, notifications to e-mails."""

from __future__ import annotations

from services.notify.consumers import NotifyHandler
from services.notify.delivery import DELIVERED, FOLDERS, DeliveryHandler, Folder, note_folder
from services.notify.domain import MEMBERS, SENT
from shared.events.topics import ACCRUALS, NOTIFICATIONS, OFFERS, TIERS
from shared.runtime.service import Service, Subscription
from shared.settings import Settings


def build(settings: Settings) -> Service:
    """The service, ready to serve."""
    return Service(
        name="notify",
        about="Renders what members are told, in their language; delivers it as e-mail files.",
        collections={MEMBERS: [], SENT: ["member"], DELIVERED: [], FOLDERS: []},
        before=note_folder,
        subscriptions=[
            Subscription(NotifyHandler(settings.prefix), topics=[ACCRUALS, TIERS, OFFERS]),
            Subscription(DeliveryHandler(), topics=[NOTIFICATIONS], publish=Folder(settings.outbox_folder).publish),
        ],
    )
