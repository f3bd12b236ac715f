"""Qualifying points of two members who are one, by hand: in whatever order tiers hears of it."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import orjson
import pytest

from services.tiers.domain import Qualification
from shared.events.light_summary import AccrualSummary
from shared.runtime.leading import led
from shared.runtime.records import Item, Record
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import HEAD, book, rule

LADDER = """
qualifying: [base]
period: calendar_year
keep: end_of_next_year
tiers:
  - {id: silver, title: Silver, from: 100}
  - {id: gold, title: Gold, from: 300}
"""
GIFT = """
ladder: steps
tier: silver
gift: a cup
announced: true
"""
BOOK = book(rule("base", "then: {per_amount: {per: 1}}"), rule("steps", LADDER, "ladder"), rule("cup", GIFT, "gift"))
_DECODER = msgspec.json.Decoder(AccrualSummary)
MARCH, MAY, JUNE = "2026-03-01T12:00:00Z", "2026-05-01T12:00:00Z", "2026-06-01T12:00:00Z"


def accrual(who: str, seq: int, at: str, **data: Any) -> AccrualSummary:
    body = {"member": who, "seq": seq, "earned": [], **data}
    return _DECODER.decode(orjson.dumps({"type": "loyalty.accrual.v1", "source": "/earn", "id": f"{who}-{seq}",
                                         "time": at, "data": body}))  # fmt: skip


def earned(who: str, seq: int, points: int, at: str = MARCH) -> AccrualSummary:
    cause = {"data": {"event": {"source": "/partners/grocer", "id": f"{seq}"}}}
    return accrual(who, seq, at, earned=[{"rule": "base", "points": points}], activity=cause)


def entry(who: str, seq: int, kind: str, at: str, survivor: str, survivor_seq: int) -> AccrualSummary:
    said = {"kind": kind, "id": f"{kind}-{seq}", "wallet": "none", "points": 0, "at": at}
    return accrual(who, seq, at, entry={**said, "survivor": survivor, "survivor_seq": survivor_seq})


class Tiers:
    """Members as tiers keeps them, and what it announced."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.book = BOOK

    def hear(self, *accruals: AccrualSummary) -> None:
        for each in accruals:
            desk = Qualification(self.members, self.book)
            desk.take(Item(Record("accruals", 0, 0, b""), each))
            self.told += [orjson.loads(message.value) for message in desk.finish().messages]

    def years(self, who: str) -> dict[str, int]:
        found: dict[str, int] = self.members[who]["ladders"].get("steps", {"years": {}})["years"]
        return found

    def tier(self, who: str) -> str | None:
        found: str | None = self.members[who]["ladders"].get("steps", {"tier": None})["tier"]
        return found


def test_what_a_member_keeps_of_a_return_is_no_status() -> None:
    """Of 120 that came back 90 were spent and are kept: nothing of them counts, in the purchase's year. Mechanism:
    `uncounted` in `AccrualSummary.counted`."""
    tiers = Tiers()
    back = {"earned": [{"rule": "base", "points": -30}], "uncounted": {"base": 90, "other": 5}, "counts_at": MARCH}
    cause = {"data": {"event": {"source": "/partners/grocer", "id": "r"}}}
    tiers.hear(earned(ANN, 1, 150), accrual(ANN, 2, "2027-06-01T12:00:00Z", **back, activity=cause))
    assert (tiers.years(ANN), tiers.tier(ANN)) == ({"2026": 30}, None)


def test_two_halves_of_a_tier_make_one_that_is_announced_with_its_gift() -> None:
    tiers = Tiers()
    tiers.hear(earned(ANN, 1, 60), earned(BOB, 1, 50), entry(BOB, 2, "merge", MAY, ANN, 2))
    assert (tiers.years(ANN), tiers.years(BOB), tiers.tier(ANN)) == ({"2026": 110}, {}, "silver")
    assert [(each["type"], each["data"]["member"]) for each in tiers.told] == [
        ("loyalty.tier.v1", ANN), ("loyalty.gift.v1", ANN),
    ]  # fmt: skip
    assert tiers.told[0]["data"]["since"] == MAY
    tiers.hear(entry(BOB, 3, "unmerge", JUNE, ANN, 3))
    assert (tiers.years(ANN), tiers.years(BOB), tiers.tier(ANN)) == ({"2026": 60}, {"2026": 50}, None)
    assert [each["data"]["after"] for each in tiers.told if each["type"] == "loyalty.tier.v1"] == ["silver", None]


def test_a_gift_that_the_duplicate_had_comes_to_the_person_once() -> None:
    tiers = Tiers()
    tiers.hear(earned(BOB, 1, 150), earned(ANN, 1, 10), entry(BOB, 2, "merge", MAY, ANN, 2))
    assert tiers.tier(ANN) == "silver"
    assert [each["data"]["member"] for each in tiers.told if each["type"] == "loyalty.gift.v1"] == [BOB]
    tiers.hear(entry(BOB, 3, "unmerge", JUNE, ANN, 3))
    assert (tiers.tier(ANN), tiers.tier(BOB)) == (None, "silver")
    assert sum(each["type"] == "loyalty.gift.v1" for each in tiers.told) == 1


BOBS = (earned(BOB, 1, 50), entry(BOB, 2, "merge", MAY, ANN, 2), entry(BOB, 3, "unmerge", JUNE, ANN, 3))


@pytest.mark.parametrize("order", permutations(range(3)))
def test_in_whatever_order_the_duplicates_announcements_come(order: tuple[int, ...]) -> None:
    """A crashed worker's last words come later than what followed. Mechanisms: `lent`, which counts what comes after
    the merge too; the newest number in `led`."""
    tiers = Tiers()
    tiers.hear(earned(ANN, 1, 60), *(BOBS[each] for each in order))
    assert (tiers.years(ANN), tiers.years(BOB)) == ({"2026": 60}, {"2026": 50})
    assert led(tiers.members[BOB]) is None


@pytest.mark.parametrize("order", permutations(range(3)))
def test_goods_of_the_duplicate_that_come_back_are_the_duplicates_loss(order: tuple[int, ...]) -> None:
    """Each has 150, which is silver. Bob's comes back while he is Ann, told by an announcement of hers; apart again she
    is silver and he is nothing, whatever is heard of first. Mechanism: `bought_by` of the accrual."""
    tiers = Tiers()
    cause = {"data": {"event": {"source": "/partners/grocer", "id": "r"}}}
    back = accrual(ANN, 3, JUNE, earned=[{"rule": "base", "points": -150}], counts_at=MARCH, bought_by=BOB,
                   activity=cause)  # fmt: skip
    news = (entry(BOB, 2, "merge", MAY, ANN, 2), back, entry(BOB, 3, "unmerge", JUNE, ANN, 4))
    tiers.hear(earned(ANN, 1, 150), earned(BOB, 1, 150), *(news[each] for each in order))
    assert (tiers.years(ANN), tiers.years(BOB).get("2026", 0)) == ({"2026": 150}, 0)
    assert (tiers.tier(ANN), tiers.tier(BOB)) == ("silver", None)


ANNS = (entry(ANN, 2, "merge", MARCH, BOB, 2), entry(ANN, 3, "unmerge", MAY, BOB, 3))
BACK = entry(BOB, 4, "merge", JUNE, ANN, 4)


@pytest.mark.parametrize("order", permutations((*ANNS, BACK)), ids=lambda order: "-".join(e.id[-2:] for e in order))
def test_two_members_never_lead_to_each_other(order: tuple[AccrualSummary, ...]) -> None:
    """Ann into Bob, apart again, then Bob into Ann: accruals of two members have no common order. Mechanism:
    `leading.unmerged`; without it tiers would follow them in a circle for ever, so this test would not end."""
    tiers = Tiers()
    tiers.hear(earned(ANN, 1, 60), earned(BOB, 1, 50))
    tiers.hear(*order)
    assert (led(tiers.members[ANN]), led(tiers.members[BOB])) == (None, ANN)
    assert (tiers.years(ANN), tiers.years(BOB)) == ({"2026": 110}, {})


def test_points_of_a_ladder_that_is_not_in_force_go_over_too_and_come_back() -> None:
    """The ladder comes into force in February; the merge is dated before. Mechanism: `ladder.carry`."""
    ladder, (head, *_) = rule("steps", LADDER, "ladder"), [each for each in HEAD.splitlines() if "effective" in each]
    later = ladder.replace(head, "  effective: 2026-02-01T00:00:00Z")
    assert later != ladder
    rules = (rule("base", "then: {per_amount: {per: 1}}"), later, rule("cup", GIFT, "gift"))
    tiers = Tiers()
    tiers.book = book(*rules)
    january = "2026-01-10T12:00:00Z"
    tiers.hear(earned(ANN, 1, 60), earned(BOB, 1, 50), entry(BOB, 2, "merge", january, ANN, 2))
    assert (tiers.years(ANN), tiers.years(BOB), tiers.told) == ({"2026": 110}, {}, [])
    tiers.hear(earned(ANN, 3, 1, MAY))
    assert tiers.tier(ANN) == "silver"
    tiers.hear(entry(BOB, 3, "unmerge", january, ANN, 4))
    assert (tiers.years(ANN), tiers.years(BOB)) == ({"2026": 61}, {"2026": 50})
