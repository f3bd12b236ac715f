"""A referral's schedule: all of it counts, in the programme's zone, at the time of the referral."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from shared.events.light import ActivityRead
from shared.ops.databases import rulebook
from shared.rules.matching import facts_of
from shared.rules.quotas import Quotas
from shared.rules.referrals import rewards
from shared.rules.referring import Uses
from shared.rules.rulebook import Rulebook
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import SharedUsage
from tests.unit.books import REGISTRY, WEDNESDAY, definition


def book(schedule: dict[str, Any]) -> Rulebook:
    stars = {"wallet": "stars"}
    return rulebook(
        [
            *REGISTRY,
            definition(
                "referral", "friends", schedule=schedule, advocate={**stars, "fixed": 2}, friend={**stars, "fixed": 1}
            ),
        ]
    )


@pytest.mark.parametrize(
    ("schedule", "wins"),
    [
        ({}, 2),
        ({"weekdays": ["monday"]}, 2),
        ({"weekdays": ["tuesday"]}, 0),  # by UTC it was
        ({"weekdays": ["wednesday"]}, 0),  # when the friend bought
        ({"from": "2017-01-02T21:30"}, 2),
        ({"from": "2017-01-02T21:31"}, 0),
        ({"until": "2017-01-02T21:30"}, 0),
        ({"hours": ["21:00-22:00"]}, 2),
    ],
)
def test_it_looks_at_when_the_friend_was_referred(schedule: dict[str, Any], wins: int) -> None:
    """Referred on Monday evening in New York, which is Tuesday in UTC; bought on Wednesday."""
    bought = msgspec.json.decode(WEDNESDAY["event"], type=ActivityRead)
    referral = {"advocate": "m-1", "time": "2017-01-03T02:30:00+00:00", "source": "/partners/grocer", "id": "r-1"}
    friend = {"_id": "m-2", "referral": referral}
    rules = book(schedule)
    facts, shared = facts_of(bought.event, None, rules.at(bought.event.time)), SharedUsage({}, Quotas({}, 1)).lane(0)
    uses = Uses(lambda id_: MemberUsage({"_id": id_}, shared), shared)
    assert len(rewards(friend, facts, bought.advocate, rules, uses)) == wins
