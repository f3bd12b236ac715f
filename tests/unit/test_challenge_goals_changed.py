"""A challenge whose goal changes within a period, and goods that come back: held against the goal that was reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.returnkit import NOON
from tests.unit.rulekit import PROGRAMME, line, rule
from tests.unit.test_undoing import Coalition


def buying(goal: int, points: int, more: str = "") -> str:
    """So many baskets a month for so many points."""
    said = f"progress: {{count: times, period: month, goal: {goal}}}\nthen: {{fixed: {points}}}"
    return rule("two", f"{more}{said}", "challenge")


async def played(goals: tuple[int, int], before: int, back: int) -> list[int]:
    """Three baskets, the goal is another one from after so many of them on; that many'th comes back, and one more is
    bought. What the member had by the challenge after each of these."""
    found = Coalition()
    first = read_all([("rules.yaml", PROGRAMME + buying(goals[0], 60))])
    since = (NOON + timedelta(days=1)).isoformat()
    later = buying(goals[1], 80, "version: 2\n").replace("2017-01-01T00:00:00-05:00", since)
    second = read_all([("later.yaml", later)], first)
    found.book = Rulebook([*first, *second])
    had, bought = list[int](), list[str]()
    for number in range(3):
        bought.append(
            await found.buys(line("5.00"), at=NOON + timedelta(days=0 if number < before else 2, minutes=number))
        )
        had.append(found.granted().get("two", 0))
    await found.returns(bought[back], at=NOON + timedelta(days=3))
    had.append(found.granted().get("two", 0))
    await found.buys(line("5.00"), at=NOON + timedelta(days=3))
    return [*had, found.granted().get("two", 0)]


@pytest.mark.parametrize(
    ("goals", "before", "back", "had"),
    [
        ((2, 3), 2, 2, [0, 60, 60, 60, 60]),  # won by two; the third was more than was asked for
        ((2, 3), 2, 0, [0, 60, 60, 60, 60]),
        ((2, 3), 1, 0, [0, 0, 80, 0, 80]),  # three were asked for, and two are left
        ((3, 2), 2, 0, [0, 0, 80, 80, 80]),  # two were asked for, and two are left
        ((2, 2), 1, 2, [0, 80, 80, 80, 80]),
    ],
)
async def test_what_is_left_is_held_against_the_goal_that_was_reached(
    goals: tuple[int, int], before: int, back: int, had: list[int]
) -> None:
    """Mechanism: `goals` of the member's document; by the goal of the version that counted what came back a reward
    would go that was won by what is left, or stay though it is missed."""
    assert await played(goals, before, back) == had
