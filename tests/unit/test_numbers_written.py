"""Numbers in definitions are what is written, digit for digit; what YAML would make of others is nobody's guess."""

from __future__ import annotations

import pytest

from shared.rules.yamlfile import DefinitionError, read_all
from tests.unit.rulekit import PROGRAMME, rule


def faults(points: str) -> list[str]:
    try:
        read_all([("rules.yaml", PROGRAMME + rule("r", f"then: {{fixed: {points}}}"))])
    except DefinitionError as error:
        return [f"{each.message}; {each.hint}" for each in error.faults]
    return []


@pytest.mark.parametrize("points", ["010", "0x10", "1_000", "1:30", "0b11", "+07"])
def test_other_ways_to_write_a_number_are_refused(points: str) -> None:
    """YAML 1.1 makes 8, 16, 1,000, 90, 3 and 7 of them. Mechanism: `_whole`."""
    [said] = faults(points)
    assert f"`{points}` cannot be read as a value; if it is a number, write its digits alone" in said


@pytest.mark.parametrize("points", ["true", '"10"', "10.0", "1.5"])
def test_what_is_no_whole_number_is_not_made_one(points: str) -> None:
    """Mechanism: `Count` is strict."""
    [said] = faults(points)
    assert "write a whole number" in said


def test_plain_digits_are_read() -> None:
    assert faults("10") == []
