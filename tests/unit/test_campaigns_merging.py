"""Progress, cards, uses and referrals of two members who are one, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rules.challenges import reached, win
from shared.rules.merging_progress import lend, take_back
from tests.unit.rulekit import book, rule

DAYS = "progress: {count: days, period: week, goal: 5}\nthen: {wallet: stars, fixed: 50}"
SPEND = "progress: {count: amount, period: month, goal: 100}\nthen: {wallet: stars, fixed: 9}"
BOOK = book(rule("days", DAYS, "challenge"), rule("spend", SPEND, "challenge"))


@pytest.mark.parametrize(
    ("theirs", "mine", "together", "counts", "left", "back"),
    [
        ([1, 2], [2, 3], [2, 3, 1], 3, [2, 3], [1, 2]),  # a day counts once
        ([1, 2, 3], [4, 5], [4, 5, 1, 2, 3], 4, [4, 5], [1, 2, 3]),  # one short of the goal: the next event wins
        ([1, 2, 3, 4, 5], [6], [6, 1, 2, 3, 4, 5], 6, [6], [1, 2, 3, 4, 5]),  # won already, and not once more
        ([1], None, [1], 1, [], [1]),
    ],
)
def test_days_of_a_challenge(
    theirs: list[int], mine: list[int] | None, together: list[int], counts: int, left: list[int], back: list[int]
) -> None:
    duplicate: dict[str, Any] = {"progress": {"days": {"w": theirs}}}
    survivor: dict[str, Any] = {"progress": {"days": {"w": mine}} if mine else {}}
    lend(duplicate, survivor, BOOK)
    assert survivor["progress"]["days"]["w"] == together
    assert reached(survivor, "days", "w") == counts
    take_back(duplicate, survivor, BOOK)
    assert survivor["progress"]["days"].get("w", []) == left
    assert duplicate["progress"]["days"]["w"] == back


def test_a_sum_stops_one_short_of_its_goal_and_is_spent_once_it_has_won() -> None:
    duplicate: dict[str, Any] = {"progress": {"spend": {"m": 70, "n": 10}}}
    survivor: dict[str, Any] = {"progress": {"spend": {"m": 60}}}
    lend(duplicate, survivor, BOOK)
    assert (reached(survivor, "spend", "m"), reached(survivor, "spend", "n")) == (99, 10)
    survivor["progress"]["spend"]["m"] += 5  # an event wins it
    win(survivor, "spend", "m", 100)
    take_back(duplicate, survivor, BOOK)
    assert (reached(survivor, "spend", "m"), reached(survivor, "spend", "n")) == (104, 0)
    assert duplicate["progress"]["spend"] == {"m": 0, "n": 10}


def test_a_sum_that_reached_its_goal_without_a_reward_is_not_spent() -> None:
    """Its budget was empty, and each has their own again. Mechanism: `_part` asks whether the period was won; without
    it the duplicate's 70 would be gone for nothing."""
    duplicate: dict[str, Any] = {"progress": {"spend": {"m": 70}}}
    survivor: dict[str, Any] = {"progress": {"spend": {"m": 60}}}
    lend(duplicate, survivor, BOOK)
    survivor["progress"]["spend"]["m"] += 5
    take_back(duplicate, survivor, BOOK)
    assert (survivor["progress"]["spend"], reached(survivor, "spend", "m")) == ({"m": 65}, 65)
    assert duplicate["progress"]["spend"] == {"m": 70}


def test_uses_are_added_up_and_taken_away() -> None:
    duplicate: dict[str, Any] = {
        "progress": {},
        "uses": {"k": {"2026": 2}},
        "cards": {"c": {"punches": 3, "filled": 1}},
    }
    survivor: dict[str, Any] = {"progress": {}, "uses": {"k": {"2026": 1}}}
    lend(duplicate, survivor, BOOK)
    assert survivor["uses"] == {"k": {"2026": 3}}
    assert survivor["cards"]["c"]["punches"] == 3
    take_back(duplicate, survivor, BOOK)
    assert survivor["uses"] == {"k": {"2026": 1}}
    assert (survivor["cards"]["c"]["punches"], duplicate["cards"]["c"]["punches"]) == (0, 3)


def test_who_was_rewarded_as_a_friend_is_not_rewarded_again() -> None:
    bought, referred = ({"time": f"{year}-01-01T12:00:00+00:00", "source": "/partners/x", "id": "1"}
                        for year in (2026, 2027))  # fmt: skip
    duplicate: dict[str, Any] = {"progress": {}, "rewarded": {"pair": 1}, "first_purchase": bought}
    survivor: dict[str, Any] = {"progress": {}, "referral": referred}
    lend(duplicate, survivor, BOOK)
    assert survivor["rewarded"] is True
    take_back(duplicate, survivor, BOOK)
    assert survivor == {"progress": {}, "referral": referred}


def test_a_merge_of_an_earlier_release_is_taken_back_by_what_it_kept() -> None:
    """It kept by how much the survivor's progress grew: by 29 of 70, as it stopped one short of the goal. Mechanism:
    `lent` in `take_back`; without it the survivor would have 29 of their 70 left, and of two days none."""
    duplicate: dict[str, Any] = {
        "progress": {"spend": {"m": 70}, "days": {"w": [1, 2]}},
        "lent": {"progress": {"spend": {"m": 29}, "days": {"w": [1]}}, "won": {}, "cards": {}, "before": {}},
    }
    survivor: dict[str, Any] = {"progress": {"spend": {"m": 99}, "days": {"w": [2, 3, 1]}}}
    take_back(duplicate, survivor, BOOK)
    assert survivor["progress"] == {"spend": {"m": 70}, "days": {"w": [2, 3]}}
    assert duplicate["progress"] == {"spend": {"m": 70}, "days": {"w": [1, 2]}}
