"""The topics: their names, who may write them, and how they are kept."""

from __future__ import annotations

from dataclasses import dataclass

ACTIVITIES = "activities"
ACCRUALS = "accruals"
GRANTS = "grants"
TIERS = "tiers"
OFFERS = "offers"
NOTIFICATIONS = "notifications"
ALERTS = "alerts"
DEFINITIONS = "definitions"
PARTNER_PREFIX = "partner."
REJECTIONS_PREFIX = "rejections."


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of the product; `partitions` None means the setting's number."""

    name: str
    about: str
    partitions: int | None = None
    compacted: bool = False


INTERNAL: tuple[Topic, ...] = (
    Topic(ACTIVITIES, "earn's intake to its ledger: valid events with their member"),
    Topic(ACCRUALS, "earn to tiers, campaigns and notify: activities with what they earned"),
    Topic(GRANTS, "campaigns to earn: points to post"),
    Topic(TIERS, "tiers to notify, and to earn for rules: changes of status, gifts"),
    Topic(OFFERS, "campaigns to notify, and to earn for tills: challenges completed, bonuses and vouchers won"),
    Topic(NOTIFICATIONS, "notify to delivery: rendered messages"),
    Topic(ALERTS, "earn to operators: a partner's pack of points runs low", partitions=1),
    # One partition, so that a programme's definitions and its manifest have one order for every reader.
    Topic(DEFINITIONS, "campaigns to every service: definitions with all their versions", partitions=1, compacted=True),
)


def partner_topic(partner: str) -> str:
    """The topic that a partner publishes to."""
    return PARTNER_PREFIX + partner


def rejections_topic(partner: str) -> str:
    """The topic where a partner reads what was refused, and why."""
    return REJECTIONS_PREFIX + partner


def partner_of(topic: str, prefix: str = "") -> str | None:
    """The partner whose topic this is, None if it is no partner's."""
    start = prefix + PARTNER_PREFIX
    return topic.removeprefix(start) if topic.startswith(start) else None
