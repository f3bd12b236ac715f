"""The page about rules tells the truth: its examples have no fault, are decided as it says, and leave nothing out."""

from __future__ import annotations

from fnmatch import filter as matching

import pytest

from shared.facts_page import page
from shared.rules.checks.checking import check
from shared.rules.definition import ReferralRule, Rule
from shared.rules.yamlfile import parse
from tests.unit.elements import known, shown
from tests.unit.rules_booked import booked
from tests.unit.rules_page import PAGE, Example, examples, played

# Elements without an example with an outcome, and why.
EXCEPTIONS = {
    "MessageTemplate.reason: *": "the words of other reasons are other services' to send: notify.md",
    "Schedule.weekdays: *": "one weekday is written as another; three of them stand in examples",
    "Cashback.rounding: *": "the four are per_amount's, whose example has them side by side",
    "Multiply.rounding: *": "the same",
}
PROGRAMME, *EXAMPLES = examples()
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"line-{each.line}")
def test_the_checker_finds_nothing_in_an_example(example: Example) -> None:
    programme = "" if example.has_programme else PROGRAMME.yaml
    assert [str(each) for each in check([("rules.md", programme + example.yaml)]).faults] == []


@pytest.mark.parametrize("example", [x for x in EXAMPLES if not x.booked and x.rows], ids=lambda x: f"line-{x.line}")
def test_an_example_is_decided_as_the_page_says(example: Example) -> None:
    assert played(PROGRAMME.yaml, example) == [(row.event, sorted(row.gives)) for row in example.rows]


@pytest.mark.parametrize("example", [x for x in EXAMPLES if x.rows], ids=lambda x: f"line-{x.line}")
def test_every_rule_of_an_example_gives_something_in_its_table(example: Example) -> None:
    """A rule that no row is about would show nothing of what it says."""
    rules = {each.id for each in parse(example.yaml, "rules.md")[0] if isinstance(each, Rule | ReferralRule)}
    assert rules - {given.split()[0] for row in example.rows for given in row.gives} == set()


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.booked], ids=lambda each: f"line-{each.line}")
async def test_an_example_is_booked_as_the_page_says(example: Example) -> None:
    assert await booked(PROGRAMME.yaml, example) == [(row.event, sorted(row.gives)) for row in example.rows]


def test_the_examples_are_there() -> None:
    """A page whose notation is not recognised would pass with nothing tested."""
    assert len(EXAMPLES) >= 50
    assert sum(len(each.rows) for each in EXAMPLES) >= 250
    assert len([each for each in EXAMPLES if each.booked]) == 5


def test_every_element_stands_in_an_example_with_an_outcome() -> None:
    """What the catalogue and the models know and no example shows is what nobody would find. In the programme at the
    beginning every example is played."""
    played = [PROGRAMME, *(each for each in EXAMPLES if each.rows)]
    definitions = [each for example in played for each in parse(example.yaml, "rules.md")[0]]
    seen = {element for each in definitions for element in shown(each)}
    missing = known() - seen
    excepted = {name: matching(missing, name) for name in EXCEPTIONS}
    assert missing - {each for found in excepted.values() for each in found} == set(), "write examples with a table"
    assert [name for name, found in excepted.items() if not found] == [], "these need be no exceptions any more"


def test_the_page_of_facts_is_what_the_catalogue_says() -> None:
    assert (PAGE.parent / "facts.md").read_text(encoding="utf-8") == page(), "run `make docs`"
