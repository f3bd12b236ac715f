"""Referral rewards in every order of arrival: what both sides hold at the end is decided by what happened, and when."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import permutations
from typing import Any, NamedTuple

import pytest

from shared.events.light import Occurrence, occurrence_of
from shared.events.partner import PARTNER_EVENT
from shared.rules import membership
from shared.rules.matching import facts_of
from shared.rules.quotas import Quotas
from shared.rules.referrals import Reward, rewards
from shared.rules.referring import Uses
from shared.rules.rulebook import Rulebook
from shared.rules.usage import MemberUsage
from shared.rules.yamlfile import read_all
from shared.runtime.sharing import SharedUsage

BOOK = """
- {id: p, kind: programme, effective: 2017-01-01T00:00:00Z, title: P, time_zone: UTC, currency: USD, wallets: [stars]}
- id: refer
  kind: referral
  effective: 2017-01-01T00:00:00Z
  title: Refer a friend
  schedule: {from: 2017-01-01T00:00:00Z, until: 2017-06-01T00:00:00Z}
  advocate: {fixed: 200}
  friend: {fixed: 100}
"""
NEWER = """
id: refer
kind: referral
version: 2
effective: 2017-03-01T00:00:00Z
title: Refer a friend, better
schedule: {from: 2017-01-01T00:00:00Z, until: 2017-06-01T00:00:00Z}
advocate: {fixed: 300}
friend: {fixed: 150}
"""


class Said(NamedTuple):
    """A friend's event: its id, its day of 2017, and of a referral who brought them."""

    id: str
    day: str
    advocate: str | None = None

    @property
    def event(self) -> Occurrence:
        kind = "purchase" if self.advocate is None else "referral"
        lines = [{"product": "1", "quantity": 1, "amount": "5.00"}]
        bought: dict[str, Any] = {"member": {"reference": "f"}, "currency": "USD", "lines": lines}
        referred = {"advocate": {"reference": "a"}, "friend": {"reference": "f"}}
        return occurrence_of(
            PARTNER_EVENT.validate_python(
                {
                    "specversion": "1.0",
                    "id": self.id,
                    "source": "/partners/shop",
                    "type": f"loyalty.{kind}.v1",
                    "time": datetime.fromisoformat(f"2017-{self.day}T12:00:00+00:00"),
                    "data": bought if kind == "purchase" else referred,
                }
            )
        )


def book(*more: str) -> Rulebook:
    return Rulebook(
        [each for number, text in enumerate((BOOK, *more)) for each in read_all([(f"{number}.yaml", text)])]
    )


def won(friend: dict[str, Any], said: Said, rules: Rulebook) -> list[Reward]:
    """What one event of a friend changes, where nothing is bounded."""
    shared = SharedUsage({}, Quotas({}, 1)).lane(0)
    uses = Uses(lambda id_: MemberUsage({"_id": id_}, shared), shared)
    return rewards(friend, facts_of(said.event, None, rules.at(said.event.time)), said.advocate, rules, uses)


def held(told: list[Reward]) -> Counter[tuple[str, int, str]]:
    """What is held after all of these: (member, points, day) of each reward that was not taken back."""
    found: Counter[tuple[str, int, str]] = Counter()
    for each in told:
        found[each.member, each.points, f"{each.at:%m-%d}"] += -1 if each.back else 1
    assert min(found.values(), default=0) >= 0
    return +found


ANN, BOB = "m-ann", "m-bob"
R1, R2 = Said("r-1", "02-10", ANN), Said("r-2", "03-10", BOB)
CASES = {
    "referred, then bought": ([R1, Said("p-1", "02-20")], {(ANN, 200, "02-20"), ("m-f", 100, "02-20")}),
    "bought before: no new customer": ([R1, Said("p-1", "02-01"), Said("p-2", "02-20")], set()),
    "the first of two referrals counts": (
        [R1, R2, Said("p-1", "03-20")],
        {(ANN, 200, "03-20"), ("m-f", 100, "03-20")},
    ),
    "bought between two referrals": ([R1, R2, Said("p-1", "02-20")], {(ANN, 200, "02-20"), ("m-f", 100, "02-20")}),
    "dated by the first purchase": (
        [R1, Said("p-1", "02-25"), Said("p-2", "02-20"), Said("p-3", "04-01")],
        {(ANN, 200, "02-20"), ("m-f", 100, "02-20")},
    ),
    "referred when the rule had ended": ([Said("r-9", "06-02", ANN), Said("p-1", "06-03")], set()),
    "an earlier referral after the later one": (
        [Said("r-0", "01-05", BOB), R1, Said("p-1", "01-20"), Said("p-2", "02-20")],
        {(BOB, 200, "01-20"), ("m-f", 100, "01-20")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_order_of_arrival_ends_alike(case: str) -> None:
    """Breaks when a reward is decided once, or when what is first heard of counts as the first."""
    events, expected = CASES[case]
    for order in permutations(events):
        friend: dict[str, Any] = {"_id": "m-f"}
        told = [reward for each in order for reward in won(friend, each, book())]
        assert held(told) == Counter(expected), [each.id for each in order]
        ids = Counter((each.rule.id, each.member, each.pair, each.back) for each in told)
        assert set(ids.values()) <= {1}, "what is known by one id is given once, and taken back once"


def test_the_version_of_the_referrals_time_rewards_and_is_what_is_taken_back() -> None:
    """Breaks when rules are asked at the time of the event that completes the pair: that depends on who is first."""
    events = [R1, Said("p-1", "03-20"), Said("p-0", "02-01")]
    for order in permutations(events[:2]):
        friend: dict[str, Any] = {"_id": "m-f"}
        told = [reward for each in order for reward in won(friend, each, book(NEWER))]
        assert [(each.rule.version, each.points) for each in told] == [(1, 200), (1, 100)]
        back = won(friend, events[2], book(NEWER))
        assert [(each.rule.version, each.points, each.back) for each in back] == [(1, 200, True), (1, 100, True)]


def test_documents_of_earlier_releases_are_read() -> None:
    """They kept of the purchase its time only, and of the reward that there was one: it stays."""
    friend: dict[str, Any] = {
        "_id": "m-f",
        "first_purchase": "2017-02-20T12:00:00+00:00",
        "referral": {"time": "2017-02-10T12:00:00+00:00", "source": "/partners/x", "id": "r", "advocate": ANN},
        "rewarded": True,
    }
    assert won(friend, Said("p-0", "01-05"), book()) == []
    del friend["rewarded"], friend["referral"]
    friend["first_purchase"] = "2017-02-20T12:00:00+00:00"
    assert held(won(friend, R1, book())) == Counter({(ANN, 200, "02-20"), ("m-f", 100, "02-20")})


def test_what_was_taken_back_leaves_no_trace_in_the_member() -> None:
    """Breaks when a correction is a mere debit: lifetime points and rewarded referrals would count what never was."""
    member = membership.newcomer(ANN)
    membership.credit(member, "stars", 25)
    membership.grant(member, None, "advocate")
    membership.credit(member, "stars", 200)
    membership.grant(member, None, "advocate", back=True)
    membership.credit(member, "stars", -200, correction=True)
    assert (member["balances"], member["lifetime"], member["referrals"]) == ({"stars": 25}, {"stars": 25}, 0)
    assert [lot["points"] for lot in member["lots"]] == [25]
