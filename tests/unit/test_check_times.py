"""Conditions that hold at no time at which their definition is in force, and goals that no window has the days for."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told


def said(body: str, kind: str = "earn") -> list[str]:
    """What is told of one rule, effective from 2017-01-01 in New York."""
    return told(rule("x", body, kind))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("when: ▶calendar.date < '2016-12-01'", '`calendar.date < "2016-12-01"` never holds while this version is in '
         "force: it is `effective` from 2017-01-01T00:00:00-05:00; change one of the two"),
        ("when: basket.total > 5 && ▶calendar.date == '2016-12-31'", '`calendar.date == "2016-12-31"` never holds'),
        # 00:00 in New York is 06:00 of the same day in Warsaw.
        ("schedule: {time_zone: Europe/Warsaw}\nwhen: ▶calendar.date < '2017-01-01'", "`calendar.date < "),
    ],
)  # fmt: skip
def test_a_condition_that_holds_only_before_its_version(body: str, words: str) -> None:
    """Breaks where `reach` asks only what the schedule leaves, and not from when on the version is in force."""
    [told_] = said(body)
    assert told_.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        "when: calendar.date == '2017-01-01'",
        "when: calendar.date < '2017-01-02'",
        "when: calendar.date < '2016-12-01' || basket.total > 5",
        # 00:00 in New York is 21:00 of the day before in Los Angeles.
        "schedule: {time_zone: America/Los_Angeles}\nwhen: calendar.date == '2016-12-31'",
    ],
)
def test_what_holds_at_some_time_of_the_version(body: str) -> None:
    """Breaks where the first day in force is left out, or taken in another zone than the definition's."""
    assert said(body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "schedule: {from: 2017-12-01, until: 2017-12-06}\nwhen: ▶calendar.holiday('US') == 'Christmas Day'",
            '`schedule` leaves no time at which `calendar.holiday("US") == "Christmas Day"` holds: calendar.date is '
            "2017-12-01 to 2017-12-05 while it runs; change one of the two",
        ),
        ("schedule: {dates: [2017-12-24]}\nwhen: ▶has(calendar.holiday('US'))", "`schedule` leaves no time at which"),
        (
            "when: calendar.date == '2017-12-25' && ▶!has(calendar.holiday('US'))",
            'never true together with `calendar.date == "2017-12-25"`; change one of the two',
        ),
    ],
)
def test_a_holiday_that_no_day_of_a_window_is(body: str, words: str) -> None:
    """Breaks where the days of a window are not asked for their holidays."""
    [told_] = said(body)
    assert told_.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        "schedule: {from: 2017-12-20, until: 2017-12-26}\nwhen: calendar.holiday('US') == 'Christmas Day'",
        "schedule: {from: 2017-12-01, until: 2017-12-06}\nwhen: '!has(calendar.holiday(\"US\"))'",
        "schedule: {from: 2017-12-01, until: 2017-12-06}\nwhen: calendar.holiday('US') != 'Christmas Day'",
        "schedule: {from: 2017-12-26, until: 2019-12-20}\nwhen: calendar.holiday('US') == 'Christmas Day'",
        # Observed on the Monday: 2022-12-25 was a Sunday.
        "schedule: {dates: [2022-12-26]}\nwhen: calendar.holiday('US').startsWith('Christmas Day')",
    ],
)
def test_a_holiday_that_some_day_of_a_window_is(body: str) -> None:
    """Breaks where a day without a holiday is taken for one, or observed days are left out."""
    assert said(body) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "schedule: {from: 2027-05-01, until: 2027-05-03}\nprogress: {count: days, period: month, goal: ▶3}",
            "a month has at most 2 days for it (2027-05-01, 2027-05-02), so 3 are never reached; lower the `goal`, or",
        ),
        (
            "schedule: {dates: [2027-05-03, 2027-05-05]}\nprogress: {count: days, period: ever, goal: ▶3}",
            "there are at most 2 days for it (2027-05-03, 2027-05-05), so 3 are never reached",
        ),
        # Two days of April and two of May.
        (
            "schedule: {from: 2027-04-29, until: 2027-05-03}\nprogress: {count: days, period: month, goal: ▶3}",
            "a month has at most 2 days for it (2027-04-29, 2027-04-30, 2027-05-01, 2027-05-02), so 3",
        ),
        # Its Saturdays and Sundays are the 1st, 2nd, 8th and 9th.
        (
            "schedule: {from: 2027-05-01, until: 2027-05-15}\nwhen: calendar.weekday in ['saturday', 'sunday'] && "
            "!(calendar.day in [8, 9])\nprogress: {count: days, period: year, goal: ▶3}",
            "a year has at most 2 days for it (2027-05-01, 2027-05-02), so 3 are never reached",
        ),
    ],
)
def test_a_goal_that_no_window_has_the_days_for(body: str, words: str) -> None:
    """Breaks where only weekdays are counted, and not the days of `from`, `until` and `dates`."""
    [told_] = said(body, "challenge")
    assert told_.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        "schedule: {from: 2027-05-01, until: 2027-05-04}\nprogress: {count: days, period: month, goal: 3}",
        "schedule: {from: 2027-05-01, until: 2027-05-03}\nprogress: {count: times, period: month, goal: 30}",
        # Each day of a month that has so many.
        "schedule: {from: 2027-01-01, until: 2027-02-01}\nprogress: {count: days, period: month, goal: 31}",
        "schedule: {dates: ['2028-02-01..2028-02-29']}\nprogress: {count: days, period: month, goal: 29}",
        "schedule: {from: 2027-05-01T23:00, until: 2027-05-03T01:00}\nprogress: {count: days, period: week, goal: 2}",
        # The hours of the 2nd reach into the 3rd.
        "schedule: {dates: [2027-05-01, 2027-05-02], hours: ['22:00-02:00']}\n"
        "progress: {count: days, period: month, goal: 3}",
    ],
)
def test_a_goal_that_a_window_has_the_days_for(body: str) -> None:
    """Breaks where a day of the window is not counted, or days are counted of what counts otherwise."""
    assert said(body, "challenge") == []


def test_two_tiers_of_one_id() -> None:
    """Breaks where nobody compares the ids of a ladder's tiers."""
    ladder = (
        "- id: l\n  kind: ladder\n  effective: 2017-01-01T00:00:00-05:00\n  title: L\n  qualifying: [x]\n  tiers:\n"
        "    - {id: gold, title: Gold, from: 100}\n    - {id: top, title: Top, from: 200}\n"
        "    - {id: ▶gold, title: More, from: 300}\n"
    )
    assert told(rule("x", "") + ladder) == ["the tier gold is written already, from 100 on; give this one another `id`"]
