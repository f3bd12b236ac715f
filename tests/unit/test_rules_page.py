"""The page about rules tells the truth: its examples have no fault, are decided as it says, and leave nothing out."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from shared.facts_page import page
from shared.rules.bounds import Limit, Stacking
from shared.rules.checks.checking import check
from shared.rules.definition import KINDS
from shared.rules.inside import Progress
from shared.rules.language.catalogue import WINDOWS
from shared.rules.part import EventKind, Rounding
from shared.rules.rewards import SHAPES, THINGS, Multiply, PerAmount, Voucher
from shared.rules.schedule import Period
from tests.unit.rules_page import PAGE, Example, examples, played

PROGRAMME, *EXAMPLES = examples()
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"line-{each.line}")
def test_the_checker_finds_nothing_in_an_example(example: Example) -> None:
    assert [str(each) for each in check([("rules.md", PROGRAMME.yaml + example.yaml)]).faults] == []


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.rows], ids=lambda each: f"line-{each.line}")
def test_an_example_is_decided_as_the_page_says(example: Example) -> None:
    assert played(PROGRAMME.yaml, example) == [(row.event, sorted(row.gives)) for row in example.rows]


def test_the_examples_are_there() -> None:
    """A page whose notation is not recognised would pass with nothing tested."""
    assert len(EXAMPLES) >= 25
    assert sum(len(each.rows) for each in EXAMPLES) >= 80


def test_every_element_has_an_example() -> None:
    """What the models know and no example shows is what nobody would find."""
    shown = "\n".join(each.yaml for each in (PROGRAMME, *EXAMPLES))
    words = set(re.findall(r"[a-z_]+", shown)) | set(re.findall(r"[A-Z]+(?==)", shown))
    wanted = {*KINDS, *SHAPES, *THINGS, *PerAmount.model_fields, *Multiply.model_fields, *Limit.model_fields}
    wanted |= {*get_args(Rounding), *get_args(Stacking.model_fields["how"].annotation), "cost_per_point", "money"}
    wanted |= {*get_args(Limit.model_fields["per"].annotation), "all", "any", "not", "at_least", "at_most"}
    wanted |= set(get_args(Period)) - {"ever"} | set(Progress.model_fields)
    wanted |= {
        *Voucher.model_fields,
        "owner",
        "tags",
        "COUNT",
        "BYSETPOS",
        *(each.partition("(")[0] for each in WINDOWS),
    }
    written = {f"on: {kind}" for kind in get_args(EventKind)} - {"on: purchase"}  # which is meant where none is written
    written |= {f"count: {each}" for each in get_args(Progress.model_fields["count"].annotation)}
    written |= {f"history.streak({each}" for each in ("day", "week")}
    assert {each for each in written if each not in shown} == set()
    assert wanted - words <= {"down", "ever", "rounded", "day"}  # defaults, and words that other tests show


def test_the_page_of_facts_is_what_the_catalogue_says() -> None:
    assert (PAGE.parent / "facts.md").read_text(encoding="utf-8") == page(), "run `make docs`"
