"""Schedules by hand: what runs when clocks are moved, on which days, why not, and from when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.rules.schedule import Schedule

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
SAIGON = "Asia/Ho_Chi_Minh"
LORD_HOWE = "Australia/Lord_Howe"
ST_JOHNS = "America/St_Johns"
TUESDAY = datetime(2017, 8, 1, 17, 5, tzinfo=UTC)  # 13:05 in New York


def schedule(**written: Any) -> Schedule:
    return Schedule.model_validate({("from" if name == "from_" else name): value for name, value in written.items()})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# What is shown by the clock at these instants of UTC is written out once for each zone, from the tz database.
@pytest.mark.parametrize(
    ("zone", "hours", "included", "excluded"),
    [
        # New York, 2017-03-12: 01:59 EST is 06:59 UTC, then it is 03:00 EDT.
        (NEW_YORK, "02:00-03:00", [], ["2017-03-12T06:59", "2017-03-12T07:00"]),
        (NEW_YORK, "01:30-03:30", ["2017-03-12T06:30", "2017-03-12T06:59", "2017-03-12T07:29"], ["2017-03-12T07:30"]),
        # New York, 2017-11-05: 01:59 EDT is 05:59 UTC, then it is 01:00 EST; 02:00 EST is 07:00 UTC.
        (
            NEW_YORK,
            "01:30-02:00",
            ["2017-11-05T05:30", "2017-11-05T05:59", "2017-11-05T06:30", "2017-11-05T06:59"],
            ["2017-11-05T05:29", "2017-11-05T06:00", "2017-11-05T06:29", "2017-11-05T07:00"],
        ),
        # Berlin, 2017-03-26: 01:59 CET is 00:59 UTC, then it is 03:00 CEST.
        (BERLIN, "02:00-03:00", [], ["2017-03-26T00:59", "2017-03-26T01:00", "2017-03-26T01:59"]),
        # Berlin, 2017-10-29: 02:59 CEST is 00:59 UTC, then it is 02:00 CET.
        (
            BERLIN,
            "02:00-02:30",
            ["2017-10-29T00:00", "2017-10-29T00:29", "2017-10-29T01:00", "2017-10-29T01:29"],
            ["2017-10-28T23:59", "2017-10-29T00:30", "2017-10-29T00:59", "2017-10-29T01:30"],
        ),
        # Ho Chi Minh City is always 7 hours ahead.
        (SAIGON, "09:00-12:00", ["2017-03-12T02:00", "2017-10-29T04:59"], ["2017-03-12T01:59", "2017-10-29T05:00"]),
        # Lord Howe, 2017-10-01: 01:59 is 15:29 UTC of the day before, then it is 02:30.
        (LORD_HOWE, "02:00-02:30", [], ["2017-09-30T15:29", "2017-09-30T15:30"]),
        (LORD_HOWE, "02:15-02:45", ["2017-09-30T15:30", "2017-09-30T15:44"], ["2017-09-30T15:29", "2017-09-30T15:45"]),
        # Lord Howe, 2017-04-02: 01:59 is 14:59 UTC of the day before, then it is 01:30 again.
        (
            LORD_HOWE,
            "01:30-02:00",
            ["2017-04-01T14:30", "2017-04-01T14:59", "2017-04-01T15:00", "2017-04-01T15:29"],
            ["2017-04-01T14:29", "2017-04-01T15:30"],
        ),
        (LORD_HOWE, "01:00-01:30", ["2017-04-01T14:00", "2017-04-01T14:29"], ["2017-04-01T14:30", "2017-04-01T15:00"]),
    ],
)
def test_hours_are_what_the_clock_shows(zone: str, hours: str, included: list[str], excluded: list[str]) -> None:
    """Both times of a repeated hour, and never within a gap."""
    says = schedule(hours=[hours])
    assert [each for each in included if not says.runs(at(each), ZoneInfo(zone))] == []
    assert [each for each in excluded if says.runs(at(each), ZoneInfo(zone))] == []


@pytest.mark.parametrize(
    ("zone", "written", "instant"),
    [
        (SAIGON, "2017-08-01", "2017-07-31T17:00"),
        (SAIGON, "2017-08-01T09:00", "2017-08-01T02:00"),
        (SAIGON, "2017-08-01T09:00:00-04:00", "2017-08-01T13:00"),
        (NEW_YORK, "2017-03-12T02:15", "2017-03-12T07:00"),  # in the gap: the first instant after it
        (NEW_YORK, "2017-11-05T01:30", "2017-11-05T05:30"),  # repeated: the first time
        (NEW_YORK, "2017-11-05T02:00", "2017-11-05T07:00"),
        (BERLIN, "2017-03-26T02:30", "2017-03-26T01:00"),
        (BERLIN, "2017-10-29T02:30", "2017-10-29T00:30"),
        (LORD_HOWE, "2017-10-01T02:10", "2017-09-30T15:30"),
        (LORD_HOWE, "2017-04-02T01:45", "2017-04-01T14:45"),
        ("America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00"),  # its midnight does not occur
    ],
)
def test_from_and_until_in_local_time(zone: str, written: str, instant: str) -> None:
    moment, before = at(instant), at(instant).timestamp() - 1
    just_before = datetime.fromtimestamp(before, UTC)
    for own in ({}, {"time_zone": zone}):  # the programme's zone, or its own
        where = ZoneInfo("UTC" if own else zone)
        begins, ends = schedule(from_=written, **own), schedule(until=written, **own)
        assert [begins.runs(each, where) for each in (just_before, moment)] == [False, True]
        assert [ends.runs(each, where) for each in (just_before, moment)] == [True, False]


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    says, zone = schedule(weekdays=["wednesday"], hours=["22:00-02:00"]), ZoneInfo(SAIGON)
    local = {
        "2017-08-02T21:59": False,
        "2017-08-02T22:00": True,  # Wednesday
        "2017-08-03T01:59": True,
        "2017-08-03T02:00": False,
        "2017-08-02T01:00": False,  # Tuesday's night
        "2017-08-03T22:00": False,
    }
    assert {each: says.runs(datetime.fromisoformat(each).replace(tzinfo=zone), zone) for each in local} == local
    assert says.may_run(date(2017, 8, 2), zone)
    assert not says.may_run(date(2017, 8, 4), zone)


@pytest.mark.parametrize(
    ("written", "included", "excluded"),
    [
        ({"recurrence": "FREQ=MONTHLY;BYDAY=1FR"}, ["2017-08-04", "2017-09-01"], ["2017-08-11", "2017-08-03"]),
        ({"recurrence": "rrule:freq=monthly;bymonthday=-1"}, ["2016-02-29", "2017-02-28"], ["2016-02-28"]),
        ({"recurrence": "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24,25"}, ["2017-12-24", "2199-12-25"], ["2017-12-26"]),
        # Without `from`: counted from Monday 1996-01-01, of which Monday 2017-07-31 is 1126 weeks away.
        ({"recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}, ["2017-08-01", "2017-08-15"], ["2017-08-08"]),
        ({"recurrence": "FREQ=WEEKLY"}, ["2017-08-07"], ["2017-08-01"]),
        ({"recurrence": "FREQ=WEEKLY", "from_": "2017-08-01"}, ["2017-08-01", "2017-08-08"], ["2017-08-07"]),
        (
            {"recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "from_": "2017-08-08"},
            ["2017-08-08", "2017-08-22"],
            ["2017-08-01", "2017-08-15"],
        ),
        ({"recurrence": "FREQ=DAILY;COUNT=3", "from_": "2017-08-01"}, ["2017-08-01", "2017-08-03"], ["2017-08-04"]),
        ({"recurrence": "FREQ=DAILY;UNTIL=20170803"}, ["2017-08-01", "2017-08-03"], ["2017-08-04"]),
        (
            {"dates": ["2017-12-24..2017-12-26", "2017-12-31"]},
            ["2017-12-24", "2017-12-26", "2017-12-31"],
            ["2017-12-27"],
        ),
        ({"dates": ["2017-12-24..2017-12-26"], "weekdays": ["monday"]}, ["2017-12-25"], ["2017-12-24", "2017-12-18"]),
    ],
)
def test_days_that_recur_or_are_listed(written: dict[str, Any], included: list[str], excluded: list[str]) -> None:
    says, zone = schedule(**written), ZoneInfo(NEW_YORK)
    for wanted, days in ((True, included), (False, excluded)):
        noons = [datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone) for day in days]
        assert [says.runs(noon, zone) for noon in noons] == [wanted] * len(days)


def test_an_earlier_year_after_a_later_one() -> None:
    """A recurrence's days are found year by year; a replay asks for the years backwards."""
    says, zone = schedule(recurrence="FREQ=DAILY;COUNT=800", from_="2015-06-01"), ZoneInfo("UTC")
    assert says.runs(at("2017-08-08"), zone)  # the 800th day
    assert not says.runs(at("2017-08-09"), zone)
    assert says.runs(at("2015-06-01"), zone)
    assert not says.runs(at("2014-12-31"), zone)
    assert says.runs(at("2016-12-31"), zone)


def test_its_own_time_zone_counts() -> None:
    says = schedule(hours=["09:00-10:00"], time_zone=SAIGON)
    assert says.runs(at("2017-08-01T02:30"), ZoneInfo(NEW_YORK))
    assert not says.runs(at("2017-08-01T13:30"), ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ({}, ""),
        ({"weekdays": ["wednesday"]}, "only on wednesday; this was a tuesday"),
        ({"weekdays": ["sunday", "saturday"]}, "only on saturday, sunday; this was a tuesday"),
        ({"hours": ["09:00-12:00"]}, "only 09:00-12:00; this was 13:05"),
        ({"hours": ["09:00-12:00", "13:10-14:00"]}, "only 09:00-12:00, 13:10-14:00; this was 13:05"),
        ({"hours": ["09:00-12:00"], "weekdays": ["monday"]}, "only on monday; this was a tuesday"),
        ({"from_": "2017-08-05"}, "only from 2017-08-05 00:00 on; this was 2017-08-01 13:05"),
        (
            {"until": "2017-08-01T09:00", "time_zone": SAIGON},
            "only until 2017-08-01 09:00, exclusive; this was 2017-08-02 00:05 in Asia/Ho_Chi_Minh",
        ),
        ({"dates": ["2017-08-02..2017-08-04"]}, "only on 2017-08-02..2017-08-04; this was 2017-08-01"),
        (
            {"dates": ["2017-05-01", "2017-04-01", "2017-03-01", "2017-02-01"]},
            "only on 2017-02-01, 2017-03-01, 2017-04-01 and 1 more; this was 2017-08-01",
        ),
        (
            {"recurrence": "FREQ=MONTHLY;BYDAY=1FR"},
            "only on the days of FREQ=MONTHLY;BYDAY=1FR; this was 2017-08-01",
        ),
    ],
)
def test_why_it_does_not_run(written: dict[str, Any], shown: str) -> None:
    assert schedule(**written).why_not(TUESDAY, ZoneInfo(NEW_YORK)) == shown


def test_why_not_after_midnight_names_the_day_before() -> None:
    says = schedule(weekdays=["wednesday"], hours=["22:00-02:00"])
    night = datetime(2017, 8, 4, 1, 30, tzinfo=ZoneInfo(SAIGON))  # Friday
    assert says.why_not(night, ZoneInfo(SAIGON)) == "only on wednesday; this was a thursday night, 01:30"


@pytest.mark.parametrize(
    ("zone", "written", "after", "start"),
    [
        (NEW_YORK, {"weekdays": ["monday"], "hours": ["09:00-12:00"]}, "2017-08-01T17:05", "2017-08-07T13:00"),
        (NEW_YORK, {"weekdays": ["monday", "tuesday"]}, "2017-08-01T17:05", "2017-08-07T04:00"),
        (NEW_YORK, {"from_": "2017-08-05"}, "2017-08-01T17:05", "2017-08-05T04:00"),
        (NEW_YORK, {"from_": "2017-08-05"}, "2017-08-05T04:00", None),
        (NEW_YORK, {"from_": "2017-08-05", "weekdays": ["monday"]}, "2017-08-01T17:05", "2017-08-07T04:00"),
        (NEW_YORK, {"until": "2017-08-07", "weekdays": ["monday"]}, "2017-08-01T17:05", None),
        (NEW_YORK, {}, "2017-08-01T17:05", None),
        (NEW_YORK, {"dates": ["2022-07-31"]}, "2017-08-01T17:05", "2022-07-31T04:00"),
        (NEW_YORK, {"dates": ["2022-09-30"]}, "2017-08-01T17:05", None),  # more than five years ahead
        # Clocks go back from 02:00 to 01:00: what ran until 01:15 runs again at once.
        (NEW_YORK, {"hours": ["00:30-01:15"]}, "2017-11-05T05:15", "2017-11-05T06:00"),
        (NEW_YORK, {"hours": ["02:30-04:00"]}, "2017-03-12T06:00", "2017-03-12T07:00"),
        # Clocks go back from Sunday 00:01 to Saturday 23:01: Saturday comes back.
        (ST_JOHNS, {"dates": ["2010-11-06"]}, "2010-11-07T02:30", "2010-11-07T02:31"),
    ],
)
def test_when_it_starts_next(zone: str, written: dict[str, Any], after: str, start: str | None) -> None:
    found = schedule(**written).next_start(at(after), ZoneInfo(zone))
    assert (None if found is None else found.astimezone(UTC)) == (None if start is None else at(start))
    assert found is None or found.tzinfo == ZoneInfo(zone)


def test_days_on_which_it_cannot_run_are_told_apart() -> None:
    """In New York a local Wednesday is part of Wednesday and Thursday of UTC."""
    zone, week = ZoneInfo(NEW_YORK), [date(2017, 8, day) for day in range(1, 8)]
    assert [day.day for day in week if schedule(weekdays=["wednesday"]).may_run(day, zone)] == [2, 3]
    assert [day.day for day in week if schedule(from_="2017-08-05T20:00").may_run(day, zone)] == [6, 7]
    assert [day.day for day in week if schedule(until="2017-08-02T20:00").may_run(day, zone)] == [1, 2]
    assert all(schedule(hours=["09:00-10:00"]).may_run(day, zone) for day in week)
