"""A member's story with returns that did not take all from them: what had expired, and what was spent. By hand."""

from __future__ import annotations

import pytest

from shared.ops.story import Story, build_story
from shared.ops.telling import tell_story
from tests.unit.partnerkit import ANN, Mall
from tests.unit.test_households import captured, held
from tests.unit.test_people import of
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_ended import DATED, IDLE, ending, ends
from tests.unit.test_returns_late import buys


def story(found: Mall) -> Story:
    """Ann's, at the end."""
    journal = [each for each in of(found, "journal").values() if each["member"] == ANN]
    return build_story(of(found, "members")[ANN], journal, None, found.book, 0)


@pytest.mark.parametrize("terms", [DATED, IDLE])
async def test_what_came_out_of_breakage_is_not_earned_and_is_told(terms: str) -> None:
    """Forty expired, thirty are there of another purchase: thirty are earned. Mechanism: `uncounted` and `ended` in
    `build_story`; without them seventy are, and the return is not told at all."""
    found = ending("zero", terms)
    first = await buys(found, 40)
    await ends(found)
    await buys(found, 30)
    await returned(found, ANN, first)
    told = story(found)
    assert (told.by_rule, told.balances["stars"], told.earned_nothing) == ({"base": 30}, 30, 0)
    back = told.chapters[-1]
    assert (back.parts, back.ended, back.spared) == ([], {"stars": 40}, {})
    [line] = [each for each in tell_story(told) if f"return of {first.partition('|')[0].rpartition('/')[2]}" in each]
    assert line.endswith("= 30 stars  expired already, and not asked of the member once more: 40 stars")


async def test_what_a_policy_leaves_is_not_earned_either() -> None:
    """Of forty fifteen are spent and left, twenty-five expire: nothing is earned in the end."""
    found = ending("zero", DATED)
    first = await buys(found, 40)
    await captured(found, ANN, await held(found, ANN, 15))
    await ends(found)
    await returned(found, ANN, first)
    told = story(found)
    assert (told.by_rule, told.chapters[-1].spared, told.chapters[-1].ended) == (
        {"base": 0}, {"stars": 15}, {"stars": 25}
    )  # fmt: skip
    assert any(
        "left to the member as the wallet's `on_return` says: 15 stars; expired already" in each
        for each in tell_story(told)
    )
