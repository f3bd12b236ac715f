"""Operators' tools read the services' collections by the services' own names, which `shared` cannot import."""

from __future__ import annotations

from services.campaigns import domain as campaigns_domain
from services.campaigns import giving
from services.earn import intake, ledger, posting
from services.earn.counter import approving, working
from services.notify import delivery
from services.notify import domain as notify_domain
from services.tiers import domain as tiers_domain
from shared.ops import databases
from shared.publishing import registry as publishing


def test_collections_are_called_what_the_services_call_them() -> None:
    assert (databases.IDENTITIES, databases.INBOX, databases.WAITING) == (
        intake.IDENTITIES, intake.INBOX, intake.WAITING,
    )  # fmt: skip
    assert databases.JOURNAL == posting.JOURNAL
    assert {ledger.MEMBERS, tiers_domain.MEMBERS, campaigns_domain.MEMBERS, notify_domain.MEMBERS} == {
        databases.MEMBERS
    }
    assert (databases.RECORDS, databases.THINGS) == (campaigns_domain.RECORDS, giving.THINGS)
    assert databases.REGISTRY == publishing.REGISTRY
    assert (databases.SENT, databases.DELIVERED) == (notify_domain.SENT, delivery.DELIVERED)
    assert databases.FOLDERS == delivery.FOLDERS
    assert (databases.APPROVALS, databases.ERASURES) == (approving.APPROVALS, working.ERASURES)
