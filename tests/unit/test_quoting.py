"""Why a till is refused points: each cause that left too little is told, and no other. By hand."""

from __future__ import annotations

import pytest

from services.earn.counter.commands import Denied
from tests.unit.counterkit import SHOP, Counter
from tests.unit.test_till import done

CLAMPED = (
    SHOP
    + """
    - id: stars
      value: {amount: "12000", currency: VND}
      redemption: {at_least: 5, step: 5, at_most_percent: 50, too_much: clamp}
"""
)
HALF = "points may pay at most 50 % of the bill"
LEAST = "at least 5 are spent at once"


@pytest.mark.parametrize(
    ("there", "points", "bill", "terms", "refused", "said"),
    [
        (45, 40, "100000", "at_least: 5, step: 5", "too_little", f"{HALF}: 4 stars; {LEAST}"),
        (45, 40, "20000", "at_least: 5, step: 5", "too_little", f"{HALF}: 0 stars; {LEAST}"),
        (45, 4, "1000000", "at_least: 5, step: 5", "too_little", f"that makes 4 points of stars; {LEAST}"),
        (45, 3, "100000", "at_least: 5, step: 5", "too_little", f"that makes 3 points of stars; {LEAST}"),
        (3, 40, "1000000", "at_least: 5, step: 5", "too_few_points", f"there are 3 stars; {LEAST}"),
        (3, 40, "100000", "at_least: 5, step: 5", "too_few_points", f"there are 3 stars; {HALF}: 4 stars; {LEAST}"),
        (45, 40, "100000", "at_least: 5", "too_little", f"{HALF}: 4 stars; {LEAST}"),
        (45, 40, "100000", "step: 5", "too_little", f"{HALF}: 4 stars; stars are spent in multiples of 5; {LEAST}"),
        (45, 4, "1000000", "step: 5", "too_little",
         f"that makes 4 points of stars; stars are spent in multiples of 5; {LEAST}"),
        (45, 14, "1000000", "at_least: 12, step: 5", "too_little",
         "that makes 14 points of stars; stars are spent in multiples of 5; at least 15 are spent at once"),
        (45, 40, "100000", "at_least: 12, step: 5", "too_little", f"{HALF}: 4 stars; at least 15 are spent at once"),
    ],
)  # fmt: skip
def test_what_left_too_little_is_told_and_nothing_else(
    there: int, points: int, bill: str, terms: str, refused: str, said: str
) -> None:
    """At 12,000 a star, half of 100,000 is 4 stars. Mechanism: `quoting._too_few`; without it the step alone was
    told, whatever the bill."""
    counter = Counter(CLAMPED.replace("at_least: 5, step: 5", terms))
    counter.give(there)
    found = counter.ask(counter.hold(points, bill=bill))
    assert isinstance(found, Denied)
    assert (found.code, found.detail) == (refused, said)


@pytest.mark.parametrize(
    ("there", "bill", "most", "said"),
    [
        (12, "1000000", 10, "there are 12 stars to spend, 10 in multiples of 5; 40 were asked for"),
        (10, "1000000", 10, "there are 10 stars to spend; 40 were asked for"),
        (3, "1000000", 0,
         "there are 3 stars to spend, fewer than the 5 stars that are at least spent; 40 were asked for"),
        (20, "250000", 10, f"there are 20 stars to spend, and {HALF}: 10 stars; 40 were asked for"),
        (20, "100000", 0,
         f"there are 20 stars to spend, and {HALF}: fewer than the 5 stars that are at least spent; 40 were asked for"),
    ],
)  # fmt: skip
def test_where_too_much_is_refused_bill_and_step_are_told_beside_what_there_is(
    there: int, bill: str, most: int, said: str
) -> None:
    """Who asked for as many as there are would be refused again. Mechanism: `fits < there` in `quoting._refused`."""
    counter = Counter(CLAMPED.replace("clamp", "refuse"))
    counter.give(there)
    found = counter.ask(counter.hold(40, bill=bill))
    assert isinstance(found, Denied)
    assert (found.code, found.more["most"], found.detail) == ("too_few_points", most, said)
    assert not most or done(counter.ask(counter.hold(most, bill=bill)))["points"] == most
