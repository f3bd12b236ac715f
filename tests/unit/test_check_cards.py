"""Punch cards that rules share, checked."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told

FIRST = rule("a", "", "bonus", "{punch: {card: c, of: 3, points: 5}}")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("{punch: {card: c, of: ▶2, points: 5}}", "a fills the card c with `of: 3`; write the same in both, or name"),
        ("{punch: {card: c, of: ▶2, points: 100}}", "a fills the card c with `of: 3, points: 5`; "),
        ("{punch: {card: c, of: 3, points: ▶6}}", "a fills the card c with `points: 5`; "),
        ("{punch: {card: c, of: 3, points: 5, wallet: ▶miles}}", "a fills the card c with `wallet: stars`; "),
    ],
)
def test_one_card_with_two_meanings_is_a_fault_at_the_second(then: str, words: str) -> None:
    [said] = told(FIRST + rule("b", "", "bonus", then))
    assert said.startswith(words)


@pytest.mark.parametrize(
    "other",
    [
        rule("b", "", "bonus", "{punch: {card: c, of: 3, points: 5}}"),
        rule("b", "", "bonus", "{punch: {card: d, of: 2, points: 9}}"),
    ],
)
def test_cards_that_agree_are_right(other: str) -> None:
    assert told(FIRST + other) == []


def test_rules_that_never_run_at_the_same_time_may_differ() -> None:
    spring = rule("a", "schedule: {until: 2017-06-01}", "bonus", "{punch: {card: c, of: 3, points: 5}}")
    summer = rule("b", "schedule: {from: 2017-06-01}", "bonus", "{punch: {card: c, of: 2, points: 9}}")
    assert told(spring + summer) == []
    late = rule("b", "schedule: {from: 2017-05-31}", "bonus", "{punch: {card: c, of: ▶2, points: 9}}")
    assert told(spring + late)[0].startswith("a fills the card c")
