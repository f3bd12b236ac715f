"""What services write is what the contracts say: every record of simulated histories passes its pydantic model."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

import pytest
from pydantic import BaseModel

from shared.events.internal import Accrual, Activity, Gift, Grant, Notification, Offer, TierChanged
from shared.events.rejection import Rejection
from tests.simulation import books
from tests.simulation.shopping import event, history
from tests.simulation.world import World

CONTRACTS: dict[str, tuple[type[BaseModel], ...]] = {
    "activities": (Activity,),
    "accruals": (Accrual,),
    "grants": (Grant,),
    "tiers": (TierChanged, Gift),
    "offers": (Offer,),
    "notifications": (Notification,),
}


@pytest.mark.parametrize("seed", range(6))
async def test_every_record_of_ours_is_valid(seed: int) -> None:
    """Ledger, tiers and campaigns read light (`shared.events.light`); this is what allows them to."""
    world = World(books.journey(), seed)
    await world.play(history(seed).records)
    seen: Counter[str] = Counter()
    for (topic, _), records in world.log.records.items():
        if topic.startswith("partner."):
            continue
        contracts = (Rejection,) if topic.startswith("rejections.") else CONTRACTS[topic]
        for record in records:
            by_type = {
                model.model_fields["type"].default: model for model in contracts if model.model_fields["type"].default
            }
            kind = next(name for name in by_type if name.encode() in record.value[:400])
            by_type[kind].model_validate_json(record.value)
            seen[topic.partition(".")[0]] += 1
    assert {"activities", "accruals", "notifications", "rejections"} <= seen.keys()


async def test_who_joined_before_the_programme_is_a_member_without_welcome_stars() -> None:
    """A signup that no rules are in force for earns nothing, but is no dead letter: purchases and messages follow."""
    world = World(books.journey(), 1)
    await world.play(early_joiner())
    members = world.stores["earn"].collection("members")
    assert [member["balances"] for member in members.values()] == [{"stars": 12}]
    assert not world.stores["earn"].collection("dead_letters")
    assert all(not member["held"] for member in world.stores["notify"].collection("members").values())


def early_joiner() -> list[tuple[str, bytes, bytes]]:
    """A signup of 2016, and a purchase of 12.00 on a Monday of 2017, when only `base` gives anything."""

    who = {"member": {"reference": "7"}}
    signup = event("grocer", "signup", "s-7", datetime.fromisoformat("2016-05-01T10:00:00-04:00"), who)
    lines = [{"product": "1", "quantity": 1, "amount": "12.00"}]
    bought = {**who, "currency": "USD", "lines": lines}
    purchase = event("grocer", "purchase", "p-7", datetime.fromisoformat("2017-03-06T10:00:00-05:00"), bought)
    return [("partner.grocer", b"7", json.dumps(each).encode()) for each in (signup, purchase)]
