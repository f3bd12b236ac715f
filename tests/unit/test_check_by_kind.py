"""What events of a rule's kind always answer alike, under `!`, beside `||` and in trees."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told

ALWAYS = "warning: always true here: lines.count() is 1 time or more (a purchase has a line at least); leave it out"
COUNTED = "is 1 time or more (the event itself is counted too); leave it out"
PART = "warning: never true here: lines.count() is 1 time or more (a purchase has a line at least); write a value"
OPPOSITE = "always true: lines.count() is 1 time or more (a purchase has a line at least), and the rule asks for the "
NEVER = "never true: lines.count() is 1 time or more (a purchase has a line at least); "


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("'▶!(lines.count() < 1)'", [ALWAYS]),
        ("'▶!(lines.count() == 0) && basket.total >= 5'", [ALWAYS]),
        ("'▶lines.count() < 1 || basket.total >= 5'", [PART]),
        ("'▶!(history.count(this_month) < 1)'", ["warning: always true here: history.count(this_month) " + COUNTED]),
        ("'▶!(history.count(today) == 0) && basket.total >= 5'",
         ["warning: always true here: history.count(today) " + COUNTED]),
        ("{all: [▶{not: lines.count() == 0}, basket.total >= 5]}", [ALWAYS]),
        ("{any: [▶lines.count() == 0, basket.total >= 5]}", [PART]),
        ("'▶!(lines.count() <= 0) && !(lines.none(category == \"a\")) && lines.sum(quantity, amount >= 5) > 0'",
         [ALWAYS]),
        ("'▶!(lines.count() >= 1) || basket.total >= 5'", [PART.replace("write", "leave it out, or write")]),
        ("'!(▶lines.count() >= 1 && basket.total >= 5)'", [ALWAYS]),
        ("'!(▶lines.count() == 0 || basket.total >= 5)'", [PART]),
        ("'history.count(today) in [▶0, 2]'", ["warning: never true here of 0: history.count(today) is"]),
    ],
)  # fmt: skip
def test_a_rule_that_is_reached_another_way(when: str, words: list[str]) -> None:
    """Breaks when a part that is never true is an error though its opposite, or another part, is enough."""
    found = told(rule("x", f"when: {when}"))
    assert len(found) == len(words)
    assert all(each.startswith(said) for each, said in zip(found, words, strict=True)), found


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("'▶!(lines.count() >= 1)'", [NEVER]),
        ("'basket.total >= 5 && ▶!(lines.count() >= 1)'", [NEVER]),
        ("'▶!!(lines.count() < 1) && basket.total >= 5'", [NEVER]),
        ("'!(▶lines.count() >= 1 || basket.total >= 5)'", [OPPOSITE]),
        ("'(▶lines.count() < 1 || ▶event.kind == \"signup\") && basket.total >= 5'",
         [NEVER, "never true: event.kind is purchase"]),
        ("{all: [{not: {any: [▶lines.count() >= 1, basket.total > 5]}}, basket.total > 2]}", [OPPOSITE]),
        ("'(▶lines.count() == 0 || basket.total < 3) && ▶basket.total > 5'",
         [PART, "never true together with `lines.count() == 0 || basket.total < 3` (the rule looks at purchases"]),
    ],
)  # fmt: skip
def test_a_rule_that_nothing_is_left_for(when: str, words: list[str]) -> None:
    """Breaks when what the event makes constant is only a warning where no other part makes up for it."""
    found = told(rule("x", f"when: {when}"))
    assert len(found) == len(words)
    assert all(each.startswith(said) for each, said in zip(found, words, strict=True)), found


def test_a_warning_of_one_part_hides_no_error_of_the_schedule() -> None:
    """Breaks when gates are looked at only where nothing at all is said of the event."""
    schedule = "schedule: {weekdays: [wednesday]}"
    found = told(rule("x", f"{schedule}\nwhen: '▶lines.count() >= 1 && ▶calendar.weekday == \"friday\"'"))
    assert found[0] == ALWAYS
    assert found[1].startswith("`schedule` leaves no time at which")
