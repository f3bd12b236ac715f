"""Numbers in definitions are what is written, digit for digit; what YAML would make of others is nobody's guess."""

from __future__ import annotations

import pytest

from shared.rules.definition import Earn
from shared.rules.reading import readable
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


@pytest.mark.parametrize(
    ("points", "write"),
    [
        ("true", "write a whole number"), ('"10"', "write it without quotes: 10"), ("10.0", "write a whole number"),
        ("1.5", "write a whole number"),
    ],
)  # fmt: skip
def test_what_is_no_whole_number_is_not_made_one(points: str, write: str) -> None:
    """Mechanism: `Count` is strict."""
    [said] = faults(points)
    assert write in said


def test_plain_digits_are_read() -> None:
    assert faults("10") == []


def wrong(**fields: str) -> list[str]:
    """The faults of one rule, with their places within it."""
    body = "\n".join(f"{name}: {value}" for name, value in fields.items())
    text = rule("r", body)
    try:
        read_all([("rules.yaml", PROGRAMME), ("rule.yaml", text)])
    except DefinitionError as error:
        lines = text.splitlines()
        return [f"{lines[each.line - 1][each.column - 1 :]} | {each.message}; {each.hint}" for each in error.faults]
    return []


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("basket.total >= 010", "010 | when: `010` begins with a 0; write 10"),
        ("basket.total in [1, 007.50]", "007.50] | when: `007.50` begins with a 0; write 7.50"),
        ("basket.quantity > 00", "00 | when: `00` begins with a 0; write 0"),
        ("basket.quantity >= ４", "４ | when: `４` is not written by its digits alone; write 4"),
        ("lines.sum(amount, quantity > 01) >= 1", "01) >= 1 | when: `01` begins with a 0; write 1"),
    ],
)
def test_a_number_of_an_expression_is_plain_digits(condition: str, said: str) -> None:
    """Mechanism: `digits.refuse_other_digits`."""
    assert wrong(when=condition, then="{fixed: 1}") == [said]


@pytest.mark.parametrize(
    "condition", ["basket.total >= 0.5", "basket.total > 0", "basket.total >= 1.50", 'event.attributes.x == "007"']
)
def test_plain_digits_of_an_expression_are_read(condition: str) -> None:
    """Zeros at the end change nothing, and a text is no number."""
    assert wrong(when=condition, then="{fixed: 1}") == []


@pytest.mark.parametrize(
    ("per", "plain"),
    [("01.00", "1.00"), ("1e2", "100"), ("1E+2", "100"), ("+1.00", "1.00"), (" 1.00", "1.00"), (".5", "0.5"),
     ("5.", "5"), ("1_000", "1000"), ("１.00", "1.00")],
)  # fmt: skip
def test_a_decimal_in_quotes_is_plain_digits(per: str, plain: str) -> None:
    """Python makes a number of each. Mechanism: `digits.Exact`."""
    [said] = wrong(then=f'{{per_amount: {{per: "{per}"}}}}')
    assert said.endswith(f"; write {plain}") and f"then.per_amount.per: `{per}` " in said


@pytest.mark.parametrize("per", ['"1.00"', "1.00", '"0.25"', "10", '"10"'])
def test_a_decimal_with_or_without_quotes_and_zeros_at_its_end_is_read(per: str) -> None:
    assert wrong(then=f"{{per_amount: {{per: {per}}}}}") == []


def test_what_an_older_release_published_stays_readable() -> None:
    """A worker that left such a version out would decide by the one before. Breaks where more than files is asked."""
    body = {"id": "r", "kind": "earn", "title": "R", "effective": "2017-01-01T00:00:00Z", "when": "basket.total > 010",
            "then": {"per_amount": {"per": "1E+2"}}}  # fmt: skip
    found = readable(body)
    assert isinstance(found, Earn) and found.points[0].per_amount is not None
    assert found.when == "basket.total > 010" and found.points[0].per_amount.per == 100
