"""Recurrences and conditions that contradict each other; and that what is said of a recurrence's days is always so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from shared.rules.checks.recurring import falls
from shared.rules.checks.times import calendar
from shared.rules.checks.values import Interval
from shared.rules.localtime import WEEKDAYS
from shared.rules.schedule import Schedule
from tests.unit.marked import rule, told
from tests.unit.test_check_rules import said

NEW_YORK = ZoneInfo("America/New_York")


def only(recurrence: str, more: str, asked: str) -> str:
    """A rule of such a schedule; the place of the fault is the condition's."""
    return rule("x", f"schedule: {{recurrence: '{recurrence}'{more}}}\nwhen: ▶{asked}")


@pytest.mark.parametrize(
    ("recurrence", "more", "asked", "known"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "", 'calendar.weekday == "tuesday"', "calendar.weekday is monday"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", "", 'calendar.weekday == "tuesday"', "calendar.weekday is monday or friday"),
        ("FREQ=WEEKLY;INTERVAL=2", ", from: 2017-03-01", 'calendar.weekday == "friday"', "calendar.weekday is wednesd"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "", "calendar.day == 2", "calendar.day is 1 or 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "", "calendar.day <= 27", "calendar.day is 28 to 31"),
        ("FREQ=MONTHLY;BYDAY=1FR", "", "calendar.day > 7", "calendar.day is 1 to 7"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "", "calendar.day <= 21", "calendar.day is 22 to 31"),
        ("FREQ=MONTHLY;BYMONTH=6,7;BYDAY=SU", "", "calendar.month == 8", "calendar.month is 6 to 7"),
        # 2017-12-01 was a Friday: 4 Mondays until New Year.
        ("FREQ=WEEKLY;BYDAY=MO", ", from: 2017-12-01, until: 2018-01-01", 'calendar.date == "2017-12-05"',
         "calendar.date is 2017-12-04, 2017-12-11, 2017-12-18 or 2017-12-25"),
        ("FREQ=DAILY;INTERVAL=7;COUNT=9", ", from: 2017-12-01", 'calendar.date == "2017-12-02"',
         "calendar.date is one of 9 from 2017-12-01 to 2018-01-26"),
        ("FREQ=WEEKLY;BYDAY=MO,TU", ", dates: [2017-12-04..2017-12-08], weekdays: [tuesday]",
         'calendar.weekday == "monday"', "calendar.weekday is tuesday"),
        # Of a date nothing is said there; but it is a Tuesday.
        ("FREQ=WEEKLY;BYDAY=MO", "", 'calendar.date == "2017-12-05"', "calendar.weekday is monday"),
    ],
)  # fmt: skip
def test_a_condition_that_a_recurrence_contradicts(recurrence: str, more: str, asked: str, known: str) -> None:
    """Breaks without what `times.calendar` learns of recurrences."""
    words = said(only(recurrence, more, asked))
    assert words.startswith("`schedule` leaves no time at which `")
    assert f"holds: {known}" in words and words.endswith(" while it runs; change one of the two")


@pytest.mark.parametrize(
    ("recurrence", "more", "asked"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", ", hours: ['22:00-02:00']", 'calendar.weekday == "tuesday"'),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ", hours: ['22:00-02:00']", "calendar.day == 1"),
        ("FREQ=MONTHLY;BYDAY=5FR", "", "calendar.day == 31"),
        ("FREQ=DAILY;INTERVAL=2", ", from: 2017-03-01", 'calendar.weekday == "tuesday"'),
        ("FREQ=WEEKLY;BYDAY=MO", "", 'calendar.date == "2017-12-04"'),
        ("FREQ=YEARLY;BYDAY=20MO", "", "calendar.month == 5"),
        ("FREQ=YEARLY;BYWEEKNO=20", "", 'calendar.weekday == "sunday"'),
    ],
)
def test_a_condition_that_a_recurrence_allows(recurrence: str, more: str, asked: str) -> None:
    """The hours of a Monday reach into Tuesday, those of a month's last day into the next month's first."""
    assert told(only(recurrence, more, asked).replace("▶", "")) == []


def random_schedule(chance: Random) -> dict[str, Any]:
    """Of fields that a recurrence goes with."""
    days = [f"{name}" for name in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")]
    parts = {"FREQ": chance.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])}
    number = "" if parts["FREQ"] in ("DAILY", "WEEKLY") else chance.choice(["", "", "1", "2", "-1", "5", "-2"])
    options = {
        "INTERVAL": str(chance.randint(1, 5)),
        "BYDAY": ",".join(f"{number}{each}" for each in chance.sample(days, chance.randint(1, 3))),
        "BYMONTHDAY": ",".join(str(chance.choice([1, 2, 15, 28, 31, -1, -5])) for _ in range(chance.randint(1, 2))),
        "BYMONTH": ",".join(map(str, chance.sample(range(1, 13), chance.randint(1, 3)))),
        "BYSETPOS": str(chance.choice([1, -1, 2])),
        "COUNT": str(chance.randint(1, 500)),
        "UNTIL": f"{chance.randint(2017, 2025)}0630",
    }
    for name in chance.sample(sorted(options), chance.randint(0, 3)):
        parts[name] = options[name]
    written: dict[str, Any] = {"recurrence": ";".join(f"{name}={value}" for name, value in parts.items())}
    begin = date(2017, 1, 1) + timedelta(days=chance.randint(0, 400))
    if chance.random() < 0.6:
        written["from"] = f"{begin}T10:30" if chance.random() < 0.5 else str(begin)
    if chance.random() < 0.4:
        written["until"] = str(begin + timedelta(days=chance.randint(1, 1_000)))
    if chance.random() < 0.2:
        written["dates"] = [f"{begin}..{begin + timedelta(days=chance.randint(0, 90))}"]
    if chance.random() < 0.2:
        written["weekdays"] = chance.sample(WEEKDAYS, 3)
    if chance.random() < 0.3:
        written["hours"] = ["22:00-02:00"]
    return written


def test_what_is_said_of_a_recurrences_days_is_so_whenever_it_runs() -> None:
    """At every time of two years at which a random schedule runs, its local day is one that was said. Breaks where
    hours that pass midnight, or negative days of a month, are forgotten."""
    chance, runs, few = Random(7), 0, 0
    for _ in range(150):
        written = random_schedule(chance)
        try:
            schedule = Schedule.model_validate(written)
        except ValidationError:
            continue
        begin = datetime(2017, 1, 1, tzinfo=UTC)
        given = {fact.asked.label: values for fact, values in calendar(schedule, NEW_YORK)}
        few += "calendar.date" in given
        timetable = schedule.timetable(NEW_YORK)
        for moment in (begin + timedelta(hours=hour) for hour in range(1, 2 * 365 * 24, 5)):
            if not timetable.runs(moment):
                continue
            runs += 1
            local = moment.astimezone(NEW_YORK)
            numbers = {"day": local.day, "month": local.month, "date": local.toordinal()}
            for name, number in numbers.items():
                spans = given[f"calendar.{name}"].numbers if f"calendar.{name}" in given else (Interval(0, 10**9),)
                assert any(each.low <= Fraction(number) <= each.high for each in spans), (written, local)
            weekdays = given["calendar.weekday"].texts.values if "calendar.weekday" in given else WEEKDAYS
            assert WEEKDAYS[local.weekday()] in weekdays, (written, local)
    assert runs > 3_000 and few > 20


def test_nothing_is_said_of_what_counts_from_an_instant_of_an_unknown_zone() -> None:
    schedule = Schedule.model_validate({"recurrence": "FREQ=WEEKLY", "from": "2017-03-01T02:00:00Z"})
    assert falls(schedule, None, None, 0) is None
    known = falls(schedule, NEW_YORK, None, 0)
    assert known is not None and known.weekdays == {1}, "a Tuesday's evening in New York"
