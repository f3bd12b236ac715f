"""What is no text, told in our words."""

from __future__ import annotations

from tests.unit.marked import rule, told


def test_half_a_sign_is_told_as_one() -> None:
    """YAML can write one, and no text has it. Mechanism: `string_unicode` in `wording`; the library's own words name
    neither the sign nor what to write."""
    (said,) = told(rule("r", r'segment: ▶"\ud800"'))
    assert said.endswith("a sign in it is no letter but the half of one (`\\ud800`); write the sign itself")
