"""Weekdays in other languages are told as the days that they are; what nobody knows is not taken for another day."""

from __future__ import annotations

import pytest

from shared.rules.weekday_words import weekday
from tests.unit.marked import rule, told

_DAYS = "calendar.weekday is monday, tuesday, wednesday, thursday, friday, saturday or sunday"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("lundi", "monday"), ("Samstag", "saturday"), ("DIMANCHE", "sunday"), ("chủ nhật", "sunday"),
        ("miércoles", "wednesday"), ("sexta-feira", "friday"), ("donderdag", "thursday"), ("martedì", "tuesday"),
        ("Sat", "saturday"), ("Tues.", "tuesday"), ("wensday", "wednesday"), ("Thrusday", "thursday"),
        ("Sa", "saturday"), ("So", ""), ("s", ""), ("Di", ""),
        ("munday", ""), ("weekend", ""), ("Foo", ""), ("", ""), ("day", ""),
    ],
)  # fmt: skip
def test_a_day_is_the_one_that_is_meant(said: str, meant: str) -> None:
    """`munday` is as near to sunday as to monday. Breaks where the nearest by its letters is taken."""
    assert weekday(said) == meant


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ('▶calendar.weekday == "lundi"', f'{_DAYS}; did you mean "monday"?'),
        (
            'calendar.weekday in [▶"lundi", "mardi"]',
            f'{_DAYS}; did you mean "monday" for "lundi" and "tuesday" for "mardi"?',
        ),
        (
            'calendar.weekday in [▶"Sa", "So"]',
            f'{_DAYS}; did you mean "saturday" for "Sa"? Write which is meant by "So"',
        ),
        ('calendar.weekday in [▶"Di", "Do"]', f'{_DAYS}; write which is meant by "Di" and "Do"'),
        ('calendar.weekday in ["sunday", ▶"Foo"]', f'{_DAYS}; write which is meant by "Foo"'),
        ('▶calendar.weekday == "Di"', f"{_DAYS}; write one of these"),
    ],
)
def test_what_is_told_keeps_every_day(when: str, hint: str) -> None:
    """To take a day out of the list that nobody here knows would leave a weekend without its Sunday."""
    [found] = told(rule("x", f"when: |-\n  {when}"))
    assert found.endswith(hint)


@pytest.mark.parametrize(
    ("when", "hint"),
    [
        ('event.store ▶IN ("12")', "write in for `IN`"),
        ('lines.any(category ▶In ["wine", "beer"])', "write in for `In`"),
        ('event.store ▶NOT IN ("12")', "write !(…) around all of it for `not in`"),
        ('event.store ==▶= "31"', "write == for `===`"),
        ('event.store !=▶= "31"', "write != for `!==`"),
        ('lines.some(l ▶=> l.category == "wine")', "no line has a name here"),
        ('lines.every((l) ▶=> l.category == "wine")', "no line has a name here"),
    ],
)
def test_words_and_signs_of_other_languages(when: str, hint: str) -> None:
    """Of SQL in capitals, and of JavaScript. Breaks without their hints: then what was proposed made it worse."""
    [found] = told(rule("x", f"when: |-\n  {when}"))
    assert hint in found
