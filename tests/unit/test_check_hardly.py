"""Comparisons that can hold and hardly mean what is written are warned of, with what asks what was meant. By hand."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import PROGRAMME, rule


def warned(when: str) -> list[str]:
    """What is told of a condition, as it is written, with its severity."""
    found = check([("r.yaml", PROGRAMME + rule("x", f"when: |-\n  {when}"))]).faults
    return [f"{each.severity}: {str(each).partition('warning: ')[2] or each}" for each in found]


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ('event.store == "31*"', 'write event.store.startsWith("31")'),
        ('"31*" == event.store', 'write event.store.startsWith("31")'),
        ('lines.any(category == "wine%")', 'write category.startsWith("wine")'),
        ('lines.any(category != "*wine*")', 'write !(category.contains("wine"))'),
        ('lines.any(category.startsWith("wine*"))', 'write category.startsWith("wine")'),
        ('lines.any(category in ["wine*", "beer"])',
         'take it out of the list, and ask category.startsWith("wine") beside it'),
        ('event.store == "w*e*"', "ask with startsWith, endsWith or contains"),
    ],
)  # fmt: skip
def test_a_wildcard_in_a_text_is_warned_of(when: str, hint: str) -> None:
    """Mechanism: `checks/hardly`; what is written passes, and holds for nothing that is meant."""
    [said] = warned(when)
    assert said.startswith("warning: * and % are no wildcards, so ")
    assert said.endswith(f" is compared as it stands; {hint}")


@pytest.mark.parametrize(
    ("when", "meant"),
    [
        ('member.attributes.kids_count >= "2"', "member.attributes.kids_count >= 2"),
        ('"2" < member.attributes.kids_count', "member.attributes.kids_count > 2"),
        ('event.attributes.score < "7.5"', "event.attributes.score < 7.5"),
    ],
)
def test_numbers_that_are_ordered_as_texts_are_warned_of(when: str, meant: str) -> None:
    """Mechanism: `hardly._by_letters`. From 10 on it means something else: "10" is before "9"."""
    [said] = warned(when)
    assert said.startswith('warning: texts are ordered by their letters, so that "10" is before "9"')
    assert f"({meant})" in said
    assert warned(meant) == []


@pytest.mark.parametrize(
    "when",
    ['member.attributes.since >= "2026-01-01"', 'member.attributes.grade <= "b"', 'member.attributes.kids == "2"'],
)
def test_of_texts_that_have_an_order_nothing_is_told(when: str) -> None:
    """Days as the ISO has them, and letters."""
    assert warned(when) == []


@pytest.mark.parametrize("when", ['event.attributes.discount == "50%"', 'event.store == "w*e"', 'event.store == "*"'])
def test_of_a_text_that_may_be_one_nothing_is_told(when: str) -> None:
    """Mechanism: `patterns.is_wild`."""
    assert warned(when) == []


@pytest.mark.parametrize(
    ("when", "whom"),
    [
        ("days_since(member.birthday) <= 7", "who is hardly born yet"),
        ("7 >= days_since(member.birthday)", "who is hardly born yet"),
        ("days_since(member.birthday) > 7", "nearly everybody"),
    ],
)
def test_days_since_a_birthday_are_those_of_a_life(when: str, whom: str) -> None:
    """Mechanism: `hardly._around_a_birthday`."""
    assert warned(when) == [
        "warning: a birthday has its year, so these are the days since somebody's birth, and this holds for "
        f"{whom}; ask member.is_birthday (today is the day) or member.age"
    ]
    assert warned("days_since(member.birthday) > 6570") == []
