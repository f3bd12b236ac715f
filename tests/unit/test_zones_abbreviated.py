"""Time zones by their abbreviations: a place is told that keeps such a zone, and never the nearest by its letters."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told


@pytest.mark.parametrize(
    ("zone", "such"),
    [
        ("CEST", "Europe/Berlin"), ("cest", "Europe/Berlin"), ("EEST", "Europe/Helsinki"), ("AEST", "Australia/Sydney"),
        ("MSK", "Europe/Moscow"), ("PDT", "America/Los_Angeles"), ("BST", "Europe/London"), ("JST", "Asia/Tokyo"),
        ("CET/CEST", "Europe/Berlin"), ("XEST", "Asia/Ho_Chi_Minh"), ("OMSK", None), ("Europe/Berln", None),
    ],
)  # fmt: skip
def test_an_abbreviation_of_a_zone_is_not_the_nearest_by_its_letters(zone: str, such: str | None) -> None:
    """Mechanism: `abbreviated`, asked by `localtime._nearest`. A city alone, and a slip, are still known."""
    [said] = told(rule("x", f"schedule: {{weekdays: [monday], time_zone: ▶{zone}}}"))
    if such is None:
        assert said.endswith(f"did you mean {'Asia/Omsk' if zone == 'OMSK' else 'Europe/Berlin'}?")
        return
    assert f"; write an IANA name such as {such}; all are in " in said
    assert told(rule("x", f"schedule: {{weekdays: [monday], time_zone: {such}}}")) == []
