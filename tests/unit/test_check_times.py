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
        (
            "when: calendar.day <= 5\nprogress: {period: month, goal: ▶10}",
            "a month has at most 5 days for it (day 1 to 5), so 10 are never reached; lower the `goal`, or let it",
        ),
        (
            "when: calendar.month == 2\nprogress: {period: quarter, goal: ▶30}",
            "a quarter has at most 29 days for it (month 2, day 1 to 29), so 30",
        ),
        (
            "when: calendar.month in [2, 4] && calendar.day >= 29\nprogress: {period: year, goal: ▶4}",
            "a year has at most 3 days for it (02-29, 04-29, 04-30), so 4",
        ),
        # No year has a fourth Friday the 13th.
        (
            "when: calendar.day == 13 && calendar.weekday == 'friday'\nprogress: {period: year, goal: ▶4}",
            "a year has at most 3 days for it (friday, day 13), so 4",
        ),
        (
            "schedule: {recurrence: FREQ=MONTHLY;BYDAY=1FR}\nprogress: {period: month, goal: ▶2}",
            "a month has at most 1 day for it (friday, day 1 to 7), so 2",
        ),
        (
            "when: calendar.date == '2027-12-24' || calendar.date == '2027-12-26'\nprogress: {period: ever, goal: ▶3}",
            "there are at most 2 days for it (2027-12-24, 2027-12-26), so 3",
        ),
        (
            "when: calendar.date >= '2027-12-24' && !(calendar.date >= '2027-12-26')\n"
            "progress: {period: week, goal: ▶3}",
            "a week has at most 2 days for it (2027-12-24, 2027-12-25), so 3",
        ),
        (
            "when: basket.eligible < 1\nprogress: {count: ▶amount, goal: 10}",
            "nothing is ever counted: where it applies, basket.eligible is never 1 or more; count days or times, or",
        ),
        (
            "when: basket.quantity == 0\nprogress: {count: ▶quantity, goal: 10}",
            "nothing is ever counted: where it applies, basket.quantity is never 1 or more",
        ),
    ],
)
def test_a_goal_that_no_window_has_the_days_for(body: str, words: str) -> None:
    """Breaks where only weekdays are counted, and not the days of `from`, `until` and `dates`, nor what the condition
    asks of day, month and date."""
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
        "when: calendar.day <= 5\nprogress: {period: quarter, goal: 15}",
        "when: calendar.month == 2\nprogress: {period: month, goal: 29}",
        "when: calendar.month == 1 || calendar.day == 1\nprogress: {period: year, goal: 42}",
        "when: calendar.day == 13 && calendar.weekday == 'friday'\nprogress: {period: year, goal: 3}",
        "when: calendar.date >= '2027-12-24'\nprogress: {period: ever, goal: 1000}",
        "when: calendar.date == '2027-12-24' || event.store == '1'\nprogress: {period: week, goal: 7}",
        "when: calendar.day in [31, 1]\nprogress: {period: week, goal: 2}",
        "when: basket.eligible <= 1\nprogress: {count: amount, goal: 10}",
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
