"""What the clock does to a member, by hand: order at one instant, warnings, late points, idleness, milestones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Done
from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit import clockkit
from tests.unit.clockkit import ANN, BOB, Books
from tests.unit.rulekit import book

PROGRAMME = """
- id: p
  kind: programme
  effective: 2017-01-01T00:00:00Z
  title: P
  time_zone: Europe/Berlin
  currency: EUR
  wallets:
    - {id: gold, value: {amount: "1", currency: EUR}, redemption: {hold: 2 hours}, expires: {after: 1 month},
       warn: [2 weeks, 2 days]}
    - {id: idle, value: {amount: "1", currency: EUR}, redemption: {}, expires: {inactive: 1 month}}
    - {id: slow, activates: {after: 1 day}, expires: {after: 1 day}}
    - {id: orders, activates: {on: delivered}, expires: {after: 6 months}, on_return: deficit}
"""


def at(text: str) -> datetime:
    """A local time of winter, or of the summer of 2026 (29 March to 24 October)."""
    day = datetime.fromisoformat(text)
    summer = datetime(2026, 3, 29, 2) <= day < datetime(2026, 10, 25, 2)
    return datetime.fromisoformat(text + ("+02:00" if summer else "+01:00")).astimezone(UTC)


@pytest.fixture
def found() -> Books:
    return Books(book(*(clockkit.rule(each) for each in ("gold", "idle", "slow", "orders")), programme=PROGRAMME))


def told(found: Books, kind: str) -> list[dict[str, Any]]:
    """What was announced of a kind."""
    entries = [orjson.loads(each.value)["data"].get("entry") for each in found.messages]
    return [each for each in entries if each is not None and each["kind"] == kind]


def test_at_one_instant_points_become_active_before_they_expire(found: Books) -> None:
    """Earned at 00:00: active a day later, which is when other points of the day before end. Mechanism: due.ORDER."""
    found.buy("slow", 3, at("2026-02-02T00:00:00"))  # active at the 3rd, 00:00, ends at the 4th
    found.buy("slow", 5, at("2026-02-01T23:00:00"))  # active at the 2nd, 23:00, ends at the 3rd, 00:00
    found.buy("slow", 7, at("2026-02-02T12:00:00"))
    midnight = at("2026-02-03T00:00:00")
    found.sweep(midnight)
    assert [e["kind"] for e in found.journal.values() if e["at"] == midnight] == ["activation", "expiry"]
    assert lots.spendable(found.members[ANN], "slow", utc(midnight)) == 3


def test_a_hold_that_times_out_gives_back_what_has_expired(found: Books) -> None:
    """At 01:00 it comes back, and is breakage; not at midnight, for then it was held. Twice at one instant is fine."""
    found.buy("gold", 5, at("2026-01-31T12:00:00"))
    held = found.ask(found.hold("gold", 3), at("2026-02-28T23:00:00"))
    assert isinstance(held, Done)
    found.sweep(at("2026-03-01T00:00:00"))
    assert found.members[ANN]["balances"] == {"gold": 3}
    found.sweep(at("2026-03-01T01:00:00"))
    assert found.kinds()[-3:] == ["expiry", "hold_ended", "expiry"]
    assert found.members[ANN]["balances"] == {"gold": 0}
    assert found.sums()["gold"] == {"partner:shop:issued": -5, f"member:{ANN}": 0, "programme:breakage": 5}


def test_what_comes_back_after_its_end_expires_when_it_came(found: Books) -> None:
    """Ten are held in their last minute. Half an hour after it six are spent, then that is undone: four end with the
    capture, six with the undo, none at midnight. Mechanism: `expire_back`, by `Working._touch`."""
    found.buy("gold", 10, at("2026-01-31T12:00:00"))
    held = found.ask(found.hold("gold", 10), at("2026-02-28T23:59:00"))
    assert isinstance(held, Done)
    spent = found.ask(found.capture(str(held.body["hold"]), 6), at("2026-03-01T00:30:00"))
    assert isinstance(spent, Done)
    assert (found.members[ANN]["balances"], spent.body["spendable"]) == ({"gold": 0}, 0)
    found.ask(found.undo(str(spent.body["redemption"])), at("2026-03-01T00:40:00"))
    found.sweep(at("2026-03-02T00:00:00"))
    dated = [(each["kind"], each["at"], orjson.loads(each["event"])["points"]) for each in found.journal.values()
             if each["kind"] in ("redemption", "undo", "expiry")]  # fmt: skip
    assert dated == [
        ("redemption", at("2026-03-01T00:30:00"), -6),
        ("expiry", at("2026-03-01T00:30:00"), -4),
        ("undo", at("2026-03-01T00:40:00"), 6),
        ("expiry", at("2026-03-01T00:40:00"), -6),
    ]
    assert "due_at" not in found.members[ANN]


def test_what_a_sweep_finds_late_expires_at_its_own_instant(found: Books) -> None:
    """It was there all the time, whenever a worker looks."""
    found.buy("gold", 10, at("2026-01-31T12:00:00"))
    found.sweep(at("2026-03-05T09:00:00"))
    assert [each["at"] for each in found.of("expiry")] == [at("2026-03-01T00:00:00")]


def test_a_hold_that_times_out_expires_with_it(found: Books) -> None:
    """At 01:00, not at midnight. Mechanism: `expire_back`, by the sweep."""
    found.buy("gold", 5, at("2026-01-31T12:00:00"))
    found.ask(found.hold("gold", 5), at("2026-02-28T23:00:00"))
    found.sweep(at("2026-03-05T09:00:00"))
    assert [(each["kind"], each["at"]) for each in found.journal.values()][-2:] == [
        ("hold_ended", at("2026-03-01T01:00:00")), ("expiry", at("2026-03-01T01:00:00")),
    ]  # fmt: skip


@pytest.mark.parametrize("back", ["buys", "returns"])
def test_what_inactivity_has_ended_expires_before_the_member_does_something(found: Books, back: str) -> None:
    """Nobody has swept: it ends at its own instant all the same. Mechanism: `expire_idle`."""
    bought = found.buy("idle", 5, at("2026-01-10T12:00:00"))
    later = at("2026-02-20T12:00:00")
    found.buy("gold", 1, later) if back == "buys" else found.report(bought, "cancelled", later)
    last = found.of("purchase" if back == "buys" else "milestone")[-1]
    [expired] = found.of("expiry")
    assert (expired["at"], expired["seq"]) == (at("2026-02-11T00:00:00"), last["seq"] - 1)
    assert [each[:2] for each in expired["moves"]] == [["idle", "lot"]]


def test_late_points_expire_though_their_instant_was_swept(found: Books) -> None:
    """Mechanism: an entry of the clock is known by its number, not by its instant."""
    found.buy("gold", 5, at("2026-01-10T12:00:00"))
    found.sweep(at("2026-03-01T00:00:00"))
    found.buy("gold", 2, at("2026-01-10T13:00:00"))
    found.sweep(at("2026-03-01T00:00:01"))
    assert [-each["postings"][0]["amount"] for each in found.of("expiry")] == [5, 2]
    assert found.members[ANN]["balances"] == {"gold": 0}


def test_a_month_ends_on_its_last_day_and_summer_time_moves_the_instant(found: Books) -> None:
    """31 January and a month: good on 28 February. 28 February and a month: 28 March, before the clocks change."""
    found.buy("gold", 1, at("2026-01-31T12:00:00"))
    found.buy("gold", 1, at("2026-02-28T12:00:00"))
    assert [lot["expires"] for lot in found.members[ANN]["lots"]] == [
        "2026-02-28T23:00:00.000000+00:00",
        "2026-03-28T23:00:00.000000+00:00",
    ]
    found.buy("gold", 1, at("2026-03-05T12:00:00"))
    assert found.members[ANN]["lots"][-1]["expires"] == "2026-04-05T22:00:00.000000+00:00"


# Warnings


def test_a_member_is_warned_at_each_span_once(found: Books) -> None:
    found.buy("gold", 5, at("2026-02-10T12:00:00"))  # good to the end of 10 March
    for moment in ("2026-02-24T23:59:59", "2026-02-25T00:00:00", "2026-02-25T00:00:01", "2026-03-09T00:00:00"):
        found.sweep(at(moment))
    assert [(each["points"], each["until"]) for each in told(found, "warning")] == [
        (5, utc(at("2026-03-11T00:00:00")))
    ] * 2
    assert [each["at"] for each in told(found, "warning")] == [
        at("2026-02-25T00:00:00").isoformat(),
        at("2026-03-09T00:00:00").isoformat(),
    ]


def test_who_shops_daily_is_warned_once_a_week(found: Books) -> None:
    """Ten days' points: the first week's in one warning, the other three days' in the next."""
    for day in range(1, 11):
        found.buy("gold", 1, at(f"2026-02-{day:02}T12:00:00"))
    now = at("2026-02-11T12:00:00")
    while now < at("2026-02-26T00:00:00"):
        found.sweep(now)
        now += timedelta(hours=12)
    assert [each["points"] for each in told(found, "warning")] == [7, 3]


def test_after_an_outage_only_the_last_warning_is_given_and_none_of_what_has_gone(found: Books) -> None:
    found.buy("gold", 5, at("2026-02-10T12:00:00"))
    found.sweep(at("2026-03-10T12:00:00"))
    assert len(told(found, "warning")) == 1
    found.buy("gold", 5, at("2026-03-10T13:00:00"))
    found.sweep(at("2026-05-01T12:00:00"))
    assert len(told(found, "warning")) == 1
    assert [each["points"] for each in told(found, "expiry")] == [-5, -5]


def test_points_that_come_after_the_instant_of_their_warning_are_warned_of_when_they_come(found: Books) -> None:
    """A late purchase of 10 February, heard of on 1 March: its first warning is dated then."""
    found.buy("gold", 5, at("2026-02-10T12:00:00"))
    found.sweep(at("2026-03-01T12:00:00"))
    assert [each["at"] for each in told(found, "warning")] == [at("2026-03-01T12:00:00").isoformat()]


# Idleness


def test_activity_keeps_idle_points_alive_and_does_not_wake_the_dead(found: Books) -> None:
    """Mechanism: `due.touch` ends what is over before it counts the activity."""
    found.buy("idle", 5, at("2026-01-31T12:00:00"))
    found.buy("gold", 1, at("2026-02-20T12:00:00"))
    found.sweep(at("2026-03-20T23:59:59"))
    assert found.members[ANN]["balances"]["idle"] == 5
    found.buy("idle", 2, at("2026-03-21T00:00:00"))  # a day's beginning too late
    found.sweep(at("2026-03-21T00:00:00"))
    assert found.members[ANN]["balances"]["idle"] == 2


def test_points_that_are_passed_on_begin_to_be_idle_then(found: Books) -> None:
    found.buy("idle", 5, at("2026-01-31T12:00:00"))
    assert isinstance(found.ask(found.transfer("idle", 5), at("2026-02-10T12:00:00")), Done)
    found.sweep(at("2026-03-10T23:59:59"), BOB)
    assert found.members[BOB]["balances"]["idle"] == 5
    found.sweep(at("2026-03-11T00:00:00"), BOB)
    assert found.members[BOB]["balances"]["idle"] == 0


# Milestones


def test_a_delivery_activates_the_points_of_that_purchase_alone(found: Books) -> None:
    first = found.buy("orders", 5, at("2026-02-01T12:00:00"))
    found.buy("orders", 3, at("2026-02-01T12:00:00"))
    found.report(first, "packed", at("2026-02-02T12:00:00"))
    found.report(first, "delivered", at("2026-02-03T12:00:00"))
    member = found.members[ANN]
    assert lots.spendable(member, "orders", utc(at("2026-02-03T12:00:00"))) == 5
    assert lots.pending(member, "orders", utc(at("2026-02-03T12:00:00"))) == 3
    assert found.of("milestone")[1]["active"] == {"orders": 5}


def test_a_cancelled_purchase_takes_its_pending_points_back_where_they_came_from(found: Books) -> None:
    first = found.buy("orders", 5, at("2026-02-01T12:00:00"))
    found.buy("orders", 3, at("2026-02-01T12:00:00"))
    found.report(first, "cancelled", at("2026-02-02T12:00:00"))
    for word in ("delivered", "cancelled"):  # after that nothing happens to it
        found.report(first, word, at("2026-02-03T12:00:00"))
    member = found.members[ANN]
    assert member["balances"] == {"orders": 3} == lots.accounted(member)
    assert member["lifetime"] == {"orders": 3}
    assert found.sums()["orders"] == {f"member:{ANN}": 3, "partner:shop:issued": -3}
    data = orjson.loads(found.messages[2].value)["data"]
    assert [(each["rule"], each["points"]) for each in data["earned"]] == [("earn-orders", -5)]
    assert datetime.fromisoformat(data["counts_at"]) == at("2026-02-01T12:00:00")  # tiers take it from that year


def test_what_was_delivered_and_is_cancelled_goes_back_by_the_wallets_policy(found: Books) -> None:
    """`orders` may be owed: two of the five were passed on already."""
    first = found.buy("orders", 5, at("2026-02-01T12:00:00"))
    found.report(first, "delivered", at("2026-02-02T12:00:00"))
    assert isinstance(found.ask(found.transfer("orders", 2), at("2026-02-02T13:00:00")), Done)
    found.report(first, "cancelled", at("2026-02-03T12:00:00"))
    assert found.members[ANN]["balances"] == {"orders": -2}
    assert found.members[ANN]["deficit"] == {"orders": 2}


def test_points_that_wait_for_a_day_are_taken_back_by_a_cancellation_whenever(found: Books) -> None:
    early, late = (found.buy("slow", 4, at("2026-02-01T12:00:00")) for _ in range(2))
    found.report(early, "cancelled", at("2026-02-02T11:59:59"))
    found.report(late, "cancelled", at("2026-02-02T12:00:00"))
    assert found.members[ANN]["balances"] == {"slow": 0}


def test_a_milestone_of_no_purchase_or_of_anothers_is_a_dead_letter(found: Books) -> None:
    theirs = found.buy("orders", 5, at("2026-02-01T12:00:00"), BOB)
    for purchase in ("e-99", theirs):
        found.report(purchase, "delivered", at("2026-02-02T12:00:00"))
    assert [each.refused.reason for each in found.letters] == ["unknown_purchase"] * 2
    assert "another member's" in found.letters[1].refused.detail
    assert found.of("milestone") == []


def test_a_milestone_is_no_activity(found: Books) -> None:
    first = found.buy("orders", 5, at("2026-01-10T12:00:00"))
    found.buy("idle", 2, at("2026-01-10T12:00:00"))
    found.report(first, "delivered", at("2026-02-09T12:00:00"))
    found.sweep(at("2026-02-11T00:00:00"))
    assert found.members[ANN]["balances"] == {"orders": 5, "idle": 0}
