"""From when a used limit lets its rule give again: in a new period, and while it runs; never, where it ends before."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from shared.rules.explaining import explain
from shared.rules.matching import facts_of
from shared.rules.resuming import Resuming, resuming
from shared.rules.saying.speaking import data, spoken
from shared.rules.schedule import Schedule
from shared.rules.usage import MemberUsage
from tests.unit.rulekit import Till, basket, book, line, rule

WEEKLY = "limits: [{period: week}]"
DAILY = "limits: [{period: day}]"


def told(body: str, *times: str, more: str = "") -> tuple[str, str, object, bool]:
    """Bought at these local times of New York, the last of which is asked about: why it gave nothing, in English and
    Vietnamese; what machines are told of the limit."""
    till = Till(book(more + rule("x", f"{body}\nthen: {{fixed: 5}}")))
    *before, last = [basket(line("9.00"), time=each, id_=f"e-{n}") for n, each in enumerate(times)]
    for each in before:
        assert till.points(each) == {"x": 5}
    rules = till.rules.at(last.time)
    asked = facts_of(last, till.document, rules)
    [found] = explain("earn", asked, rules, MemberUsage(till.document, till.shared, None))
    assert found.why is not None
    plain = next(each for each in data(found)["held"] if each["key"] == found.by)
    return spoken(found.why), spoken(found.why, "vi"), plain["again"], plain["ended"]


SUNDAY = "2017-03-05T12:00:00-05:00"
SUNDAY_NIGHT = "2017-03-05T01:00:00-05:00"
CAMPAIGN = (
    "- id: fair\n  kind: campaign\n  effective: 2017-01-01T00:00:00-05:00\n  title: Fair\n"
    "  schedule: {dates: [2017-03-05, 2017-03-18..2017-03-20]}\n"
)


@pytest.mark.parametrize(
    ("body", "time", "english", "again", "ended"),
    [
        (WEEKLY, SUNDAY, "again from 2017-03-06", "2017-03-06", False),
        (
            f"schedule: {{weekdays: [saturday, sunday]}}\n{WEEKLY}", SUNDAY,
            "again from Saturday 2017-03-11 00:00", "2017-03-11T00:00:00-05:00", False,
        ),
        (
            f"schedule: {{hours: ['09:30-13:00']}}\n{DAILY}", SUNDAY,
            "again from Monday 2017-03-06 09:30", "2017-03-06T09:30:00-05:00", False,
        ),
        (
            f"schedule: {{weekdays: [sunday], hours: ['00:00-04:00']}}\n{DAILY}", SUNDAY_NIGHT,
            "again from Sunday 2017-03-12 00:00", "2017-03-12T00:00:00-05:00", False,
        ),
        (
            f"schedule: {{weekdays: [sunday], hours: ['09:30-13:00']}}\n{DAILY}", SUNDAY,
            "again from Sunday 2017-03-12 09:30", "2017-03-12T09:30:00-04:00", False,
        ),
        (
            f"schedule: {{recurrence: 'FREQ=MONTHLY;BYDAY=1SU'}}\n{WEEKLY}", SUNDAY,
            "again from Sunday 2017-04-02 00:00", "2017-04-02T00:00:00-04:00", False,
        ),
        (
            f"schedule: {{until: 2017-03-06}}\n{WEEKLY}", SUNDAY,
            "not again, as it runs only until Monday 2017-03-06 00:00", None, True,
        ),
        (
            f"schedule: {{weekdays: [sunday], until: 2017-03-11}}\n{WEEKLY}", SUNDAY,
            "not again, as it runs only until Saturday 2017-03-11 00:00", None, True,
        ),
        (f"schedule: {{dates: [2017-03-05]}}\n{WEEKLY}", SUNDAY, "it does not run again", None, True),
        (f"campaign: fair\n{WEEKLY}", SUNDAY, "again from 2017-03-18", "2017-03-18", False),
        (
            f"campaign: fair\nschedule: {{weekdays: [sunday, monday]}}\n{WEEKLY}", SUNDAY,
            "again from Sunday 2017-03-19 00:00", "2017-03-19T00:00:00-04:00", False,
        ),
    ],
)  # fmt: skip
def test_again_is_when_it_runs_in_a_new_period(
    body: str, time: str, english: str, again: str | None, ended: bool
) -> None:
    """Breaks when only the limit's period is looked at, or only one of the schedules of campaign and rule; or where
    these have weekdays or hours, and only a date is told."""
    period = "day" if DAILY in body else "week"
    said = told(body, time, time, more=CAMPAIGN)
    assert (said[0], said[2:]) == (f"already used this {period}; {english}", (again, ended))


def test_the_limit_that_lasts_longest_says_from_when() -> None:
    """The day's limit is what is met first, but the week's is used, too. Breaks without `lasting`."""
    both = "limits: [{period: day}, {period: week, times: 2}]"
    times = ["2017-03-02T12:00:00-05:00", "2017-03-03T12:00:00-05:00", "2017-03-03T18:00:00-05:00"]
    assert told(both, *times)[0] == "already used this day; again from 2017-03-06"
    ever = "limits: [{period: day}, {period: ever, times: 2}]"
    assert told(ever, *times)[0] == "already used this day"


def test_the_end_is_told_in_vietnamese() -> None:
    said = told(f"schedule: {{until: 2017-03-06}}\n{WEEKLY}", SUNDAY, SUNDAY)[1]
    assert said == "đã dùng trong tuần này; không dùng lại được, vì chỉ áp dụng đến 00:00 thứ Hai 06/03/2017"


def test_what_never_meets_is_not_looked_for_without_end() -> None:
    """Nothing is said of again then. Breaks without an end to the search, which would be that of all days to come."""
    zone = ZoneInfo("America/New_York")
    early, late = (Schedule.model_validate({"hours": hours}) for hours in (["09:00-09:30"], ["09:30-10:00"]))
    assert resuming(date(2017, 3, 6), zone, [early, late], zone) == Resuming()
