"""What a household has used under two words, by hand."""

from __future__ import annotations

import pytest

from shared.ops.erasing_households import Uses, together

MONTH, DAY = "treat:household:times:month", "tea:household:points:day"


@pytest.mark.parametrize(
    ("kept", "used", "before", "sums"),
    [
        ({"_id": "new"}, {MONTH: {"1": 2}}, {}, {MONTH: {"1": 2}}),
        ({"_id": "new", MONTH: {"1": 2, "2": 1}}, {MONTH: {"1": 3}}, {MONTH: {"1": 2}}, {MONTH: {"1": 3, "2": 1}}),
        ({MONTH: {"1": 2}}, {MONTH: {"1": 1}, DAY: {"9": 5}}, {MONTH: {"1": 2}}, {MONTH: {"1": 1}, DAY: {"9": 5}}),
        ({MONTH: {"1": 1, "2": 1}}, {MONTH: {}}, {MONTH: {"1": 2}}, {MONTH: {"2": 1}}),
        ({MONTH: {"1": 1}}, {MONTH: {}}, {MONTH: {"1": 1}}, {}),
    ],
    ids=["copied", "more was used", "some came back", "never below 0", "all came back"],
)
def test_what_was_used_under_both_words(
    kept: dict[str, object], used: Uses, before: Uses, sums: dict[str, dict[str, int]]
) -> None:
    assert together(kept, used, before) == sums
