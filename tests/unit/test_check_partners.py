"""A partner's id in a condition that is a slip of one that is defined: a warning, and none of what may be meant."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from shared.rules.near import mistyped
from tests.unit.marked import PROGRAMME, rule, told

PARTNERS = rule("grocer", "", "partner", "") + rule("corner-bakery", "", "partner", "")


@pytest.mark.parametrize(
    ("when", "written", "meant"),
    [
        ('event.partner == ▶"groccer"', "groccer", "grocer"),
        ('event.partner != ▶"grcoer" && basket.total > 5', "grcoer", "grocer"),
        ('event.partner in ["corner-bakery", ▶"corner-bakry"]', "corner-bakry", "corner-bakery"),
        ('history.count(ever, event.partner == ▶"grocers") > 2', "grocers", "grocer"),
        ('▶"cornerbakery" == event.partner', "cornerbakery", "corner-bakery"),
    ],
)
def test_a_slip_of_a_partner_that_is_defined_is_told(when: str, written: str, meant: str) -> None:
    """Mechanism: `names._partner`. Nothing said that such a rule never gives anything."""
    said = f"warning: no partner is defined as {written}; did you mean {meant}?"
    assert told(PARTNERS + rule("x", f"when: '{when}'")) == [said]


@pytest.mark.parametrize("id_", ["grocer", "corner-bakery", "cinema", "green-grocer", "grocer-2", "corner-butcher"])
def test_a_partner_without_a_definition_may_be_meant(id_: str) -> None:
    assert told(PARTNERS + rule("x", f"when: 'event.partner == \"{id_}\"'")) == []


def test_without_definitions_of_partners_nothing_is_near() -> None:
    assert told(rule("x", "when: 'event.partner == \"groccer\"'")) == []


def test_while_a_file_cannot_be_read_it_may_define_the_partner() -> None:
    files = [("a.yaml", PROGRAMME + PARTNERS + rule("x", "when: 'event.partner == \"groccer\"'")), ("b.yaml", "- [")]
    assert [each.file for each in check(files).faults] == ["b.yaml"]


@pytest.mark.parametrize(
    ("id_", "known", "meant"),
    [
        ("shop-2", ["shop-1"], None),
        ("shop2", ["shop1"], None),
        ("shop-b", ["shop-a"], None),
        ("cave", ["cafe"], None),  # of short words another letter is another word
        ("malls", ["mall"], "mall"),
        ("south-store", ["north-store"], None),
        ("store", ["store"], None),
        ("bakery", ["bakers", "bakerz"], None),  # nobody knows which of the two
        ("abcde", ["bacde"], "bacde"),
        ("abcde", ["abced"], "abced"),
        ("abcde", ["abcxy"], None),
    ],
)
def test_what_is_a_slip_of_the_hand(id_: str, known: list[str], meant: str | None) -> None:
    assert mistyped(id_, known) == meant
