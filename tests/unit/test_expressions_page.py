"""The page about expressions: its tables say what the language decides, and its grammar names every operator."""

from __future__ import annotations

import re

import pytest

from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, PREFIXES
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.parser import METHODS, MOST_CHARACTERS
from tests.unit.rulekit import basket, book, facts, line
from tests.unit.rules_page import PAGE

TEXT = (PAGE.parent / "expressions.md").read_text(encoding="utf-8")
RULES = book()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading; `\\|` is a sign within a cell."""
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [each for each in section.splitlines() if each.startswith("|")]
    cells = [[cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", each.strip("|"))] for each in lines[2:]]
    return [[cell.replace("\\|", "|") for cell in row] for row in cells]


@pytest.mark.parametrize("row", rows("What is unknown"), ids=lambda row: row[0])
def test_what_the_page_says_of_what_is_unknown(row: list[str]) -> None:
    text, known, unknown = row
    test = compile_test(condition(text))
    assert [test(facts(basket(line("1.00"), **more), RULES)) for more in ({"store": "9"}, {})] == [
        each == "true" for each in (known, unknown)
    ]


@pytest.mark.parametrize("row", rows("Exact"), ids=lambda row: row[1])
def test_what_the_page_says_of_amounts(row: list[str]) -> None:
    of, text, _ = row
    amount, _, pieces = of.partition(" × ")
    assert compile_test(condition(text))(facts(basket(line(amount, int(pieces or 1))), RULES)) is True


def test_the_tables_are_there() -> None:
    assert (len(rows("What is unknown")), len(rows("Exact"))) == (7, 4)


def test_every_example_of_the_catalogue_is_an_expression() -> None:
    """What an editor's user copies from the page of facts."""
    for entry in (*FACTS.values(), *PREFIXES.values(), *FUNCTIONS.values()):
        condition(entry.example)
    for entry in LINE.values():
        condition(entry.example, "line")


def test_the_page_names_operators_methods_and_bounds() -> None:
    for word in (*METHODS, "&&", "||", "==", "!=", "<=", ">=", "in", "+", "-", "*", "!", f"{MOST_CHARACTERS:,}"):
        assert word in TEXT
