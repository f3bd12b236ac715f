"""How the points of a multiplier came about: whose points it multiplies, by hand."""

from __future__ import annotations

import pytest

from shared.rules.saying.speaking import spoken
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_explaining import BASE, Counter


@pytest.mark.parametrize(
    ("compounding", "english"),
    [
        # 9 of base and, compounding, 5 of extra on top of it; `apart` stands beside both.
        ("true", "2 times the 14 of A title (base), A title (extra), of which this is what comes on top, rounded down"),
        ("false", "2 times the 9 of A title (base), of which this is what comes on top, rounded down"),
    ],
)
def test_a_multiplier_names_all_whose_points_it_multiplies(compounding: str, english: str) -> None:
    """Breaks where only the rules that it writes are named, and other bonuses' points are in its number."""
    extra = rule("extra", "then: {multiply: {rules: [base], by: 1.6}}\nstacking: {group: g, how: ordered, priority: 9}")
    body = f"then: {{multiply: {{rules: [base], by: 2, compounding: {compounding}}}}}\n"
    x = rule("x", f"{body}stacking: {{group: g, how: ordered, priority: 1}}")
    found = Counter(book(BASE, extra, rule("apart", "then: {fixed: 3}"), x)).explain(basket(line("9.00")))
    [gives] = found.gives
    assert [spoken(each) for each in gives.working] == [english]
