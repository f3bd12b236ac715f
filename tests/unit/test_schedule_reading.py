"""How schedules are written: what is read, what travels, and what is refused with a word on what to write instead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from shared.rules.definition import Rule
from shared.rules.schedule import Schedule
from shared.rules.yamlfile import parse

NEW_YORK = "America/New_York"
SAIGON = "Asia/Ho_Chi_Minh"
RULE = "id: x\nkind: earn\neffective: 2026-01-01T00:00:00Z\ntitle: X\nthen: {fixed: 1}\n"


def schedule(**written: Any) -> Schedule:
    return Schedule.model_validate({("from" if name == "from_" else name): value for name, value in written.items()})


def test_what_is_written_is_what_travels() -> None:
    """A version's hash must not change with the release that reads it, nor with how YAML spells a time."""
    written = {"from": "2017-08-01T00:00:00-04:00", "until": "2017-09-16T00:00:00Z", "weekdays": ["monday", "friday"]}
    travels = {**written, "weekdays": ["friday", "monday"]}
    dumped = Schedule.model_validate(written).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert dumped == travels
    local = schedule(
        from_=date(2017, 8, 1), until=datetime(2017, 8, 9, 9), dates=[date(2017, 8, 2), "2017-08-04..2017-08-05"],
        hours=["09:00-12:00"], recurrence="FREQ=DAILY", time_zone=SAIGON,
    )  # fmt: skip
    dumped = local.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert dumped == {
        "from": "2017-08-01", "until": "2017-08-09T09:00:00", "dates": ["2017-08-02", "2017-08-04..2017-08-05"],
        "hours": ["09:00-12:00"], "recurrence": "FREQ=DAILY", "time_zone": SAIGON,
    }  # fmt: skip
    assert Schedule.model_validate(dumped) == local


def test_a_copy_with_another_field_is_read_anew() -> None:
    says, zone = schedule(weekdays=["tuesday"]), ZoneInfo(NEW_YORK)
    tuesday = datetime(2017, 8, 1, 17, 5, tzinfo=UTC)
    assert says.runs(tuesday, zone)
    assert not says.model_copy(update={"weekdays": frozenset({"monday"})}).runs(tuesday, zone)


def refusal(**written: Any) -> str:
    with pytest.raises(ValidationError) as error:
        schedule(**written)
    [first, *_] = error.value.errors()
    return first["msg"].removeprefix("Value error, ")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ({"from_": "soon"}, "write a date such as 2017-08-01, a local time such as 2017-08-01T09:00, or one with its"),
        ({"from_": 20170801}, "write a date such as"),
        ({"from_": "1501560000"}, "write a date such as"),
        ({"until": "1999-12-31"}, "the year must be from 2000 to 2199"),
        ({"until": "2017-02-30"}, "the day 2017-02-30 does not exist: 2017-02 has 28 days; write one of them"),
        (
            {"until": "2017-13-01"},
            "the day 2017-13-01 does not exist: there is no month 13; write year-month-day, such",
        ),
        ({"until": "2017-1-1"}, "write a date such as"),
        ({"hours": ["9-12"]}, 'write a time of day from and until, such as "09:00-12:00" or "22:00-02:00"'),
        ({"hours": ["09:00-09:00"]}, '"09:00-09:00" is empty; for the whole day write "00:00-24:00"'),
        ({"hours": "09:00-12:00"}, "write a list: [...]"),
        ({"hours": []}, "Tuple should have at least 1 item"),
        ({"dates": ["2017-02-30"]}, "the day 2017-02-30 does not exist: 2017-02 has 28 days; write one of them"),
        ({"dates": ["2017-04-29..2017-04-31"]}, "the day 2017-04-31 does not exist: 2017-04 has 30 days"),
        ({"dates": ["24.12."]}, "write a date such as 2017-12-24, or the first and last: 2017-12-24..2017-12-26"),
        ({"dates": ["2017-12-26..2017-12-24"]}, "2017-12-26..2017-12-24 ends before it begins: write 2017-12-24..2017"),
        ({"time_zone": "America/NewYork"}, "no such time zone: America/NewYork; did you mean America/New_York?"),
        ({"time_zone": "the moon"}, "no such time zone: the moon; write an IANA name such as Asia/Ho_Chi_Minh"),
        ({"time_zone": "localtime"}, "no such time zone: localtime"),
    ],
)
def test_times_that_cannot_be_read(written: dict[str, Any], shown: str) -> None:
    assert refusal(**written).startswith(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("soon", "`soon` is no recurrence; write such as FREQ=WEEKLY;BYDAY=MO or FREQ=MONTHLY;BYDAY=1FR"),
        ("every monday", "`every monday` is no recurrence; did you mean FREQ=WEEKLY;BYDAY=MO?"),
        ("Mondays and Fridays", "`Mondays and Fridays` is no recurrence; did you mean FREQ=WEEKLY;BYDAY=MO,FR?"),
        (
            "every second Tuesday",
            "`every second Tuesday` is no recurrence; did you mean FREQ=WEEKLY;INTERVAL=2;BYDAY=TU?",
        ),
        ("every other week", "`every other week` is no recurrence; did you mean FREQ=WEEKLY;INTERVAL=2?"),
        (
            "first friday of the month",
            "`first friday of the month` is no recurrence; did you mean FREQ=MONTHLY;BYDAY=1FR?",
        ),
        ("last sunday", "`last sunday` is no recurrence; did you mean FREQ=MONTHLY;BYDAY=-1SU?"),
        ("every 3 days", "`every 3 days` is no recurrence; did you mean FREQ=DAILY;INTERVAL=3?"),
        ("Monthly", "`Monthly` is no recurrence; did you mean FREQ=MONTHLY?"),
        # A word that is not understood: no guess, which somebody would take by its word.
        ("every year on december 25", "`every year on december 25` is no recurrence; write such as"),
        ("every friday 13th", "`every friday 13th` is no recurrence; write such as"),
        ("second and fourth saturday", "`second and fourth saturday` is no recurrence; write such as"),
        ("weekly on the first working day", "`weekly on the first working day` is no recurrence; write such as"),
        ("last day of the month", "`last day of the month` is no recurrence; did you mean FREQ=MONTHLY;BYMONTHDAY=-1?"),
        ("monthly on the 15th", "`monthly on the 15th` is no recurrence; did you mean FREQ=MONTHLY;BYMONTHDAY=15?"),
        ("FREQ=MONTHLY;BYDAYS=1FR", "`BYDAYS=1FR` is no part of a recurrence; did you mean BYDAY=?"),
        ("BYDAY=FR", "begin with how often: FREQ=DAILY"),
        ("FREQ=HOURLY", "FREQ=HOURLY: a recurrence names days; write the times of day in `hours`"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR=9: a recurrence names days; write the times of day in `hours`"),
        ("FREQ=OFTEN", "FREQ=OFTEN: write FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0: write a whole number from 1 to 999"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX: write MO, TU"),
        ("FREQ=WEEKLY;BYDAY=1FR", "a numbered BYDAY such as 1FR belongs to FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYDAY=6FR", "BYDAY=6FR: number the days from 1 to 5"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not go with FREQ=WEEKLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO goes only with FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS chooses among other parts"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ is written twice"),
        ("FREQ=DAILY;UNTIL=20170803T000000Z", "UNTIL=20170803T000000Z: write the last day, such as UNTIL=20171231"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20170803", "write COUNT or UNTIL, not both"),
        ("FREQ=DAILY;COUNT=2", "COUNT in `recurrence` counts from `from`: write `from`, or leave COUNT out"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the recurrence FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 never occurs"),
        ("FREQ=DAILY;UNTIL=19991230", "the recurrence FREQ=DAILY;UNTIL=19991230 never occurs"),
    ],
)
def test_recurrences_that_make_no_sense(text: str, shown: str) -> None:
    assert refusal(recurrence=text).startswith(shown)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ({"dates": ["2017-12-24..2017-12-26"], "weekdays": ["friday"]}, "`dates` and `weekdays`"),
        ({"from_": "2017-08-01", "dates": ["2017-07-31"], "hours": ["09:00-10:00"]}, "`from` and `dates`"),
        ({"from_": "2017-08-01T00:00:00Z", "dates": ["2017-07-30"]}, "`from` and `dates`"),
        ({"until": "2017-08-01", "dates": ["2017-08-01"]}, "`until` and `dates`"),
        (
            {"from_": "2017-08-01T09:00", "until": "2017-08-01T10:00", "hours": ["14:00-15:00"]},
            "`from`, `until` and `hours`",
        ),
    ],
)
def test_what_never_runs_is_refused_with_what_to_change(written: dict[str, Any], names: str) -> None:
    assert refusal(**written) == f"it never runs: {names} have no time in common; change one of them"


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ({"from_": "2017-03-12T02:15", "until": "2017-03-12T02:45"}, "2017-03-12 02:15"),
        ({"from_": "2017-03-12T02:15", "until": "2017-03-12T03:00"}, "2017-03-12 02:15"),
        ({"dates": ["2017-03-12"], "hours": ["02:00-03:00"]}, "2017-03-12 02:00"),
        ({"dates": ["2017-03-12", "2018-03-11"], "hours": ["02:15-02:45"], "weekdays": ["sunday"]}, "2017-03-12 02:15"),
        ({"from_": "2017-03-12T00:00:00-05:00", "until": "2017-03-12T12:00", "hours": ["02:00-02:30"]},
         "2017-03-12 02:00"),
    ],
)  # fmt: skip
def test_a_window_within_the_hour_that_clocks_skip_is_told_so(written: dict[str, Any], first: str) -> None:
    """Breaks without `gaps.in_a_gap`: then `until` is said not to be later than `from`."""
    assert refusal(**written, time_zone=NEW_YORK) == (
        f"it never runs: the local time {first} does not exist in America/New_York (clocks go forward then, from 02:00 "
        "to 03:00); write times from 2017-03-12 03:00 on, or of another day"
    )


def test_a_day_that_a_zone_skipped_is_told_so() -> None:
    """Samoa had no 30th of December 2011."""
    assert (
        "2011-12-30 00:00 does not exist in Pacific/Apia (clocks go forward then, from 2011-12-30 00:00 to 2011-12-31"
        in (refusal(dates=["2011-12-30"], time_zone="Pacific/Apia"))
    )


@pytest.mark.parametrize(
    "written",
    [
        {"dates": ["2017-03-12"], "hours": ["02:00-03:01"]},
        {"dates": ["2017-03-12..2017-03-13"], "hours": ["02:00-03:00"]},
        {"from_": "2017-03-12T02:15", "until": "2017-03-12T03:15"},
    ],
)
def test_a_window_that_is_only_partly_skipped_is_one(written: dict[str, Any]) -> None:
    schedule(**written, time_zone=NEW_YORK)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            {"recurrence": "FREQ=MONTHLY;BYMONTHDAY=1", "dates": ["2017-08-02..2017-08-31"]},
            "`dates` and `recurrence` have no time in common; the recurrence falls on 2017-09-01, a friday, first: ",
        ),
        (
            {"recurrence": "FREQ=WEEKLY;BYDAY=MO,TH", "weekdays": ["tuesday"]},
            "`recurrence` and `weekdays` have no time in common; the recurrence falls on monday, thursday: write such ",
        ),
        (
            {"from_": "2017-08-02", "until": "2017-08-30", "recurrence": "FREQ=MONTHLY;BYMONTHDAY=1"},
            "`from`, `until` and `recurrence` have no time in common; the recurrence falls on 2017-09-01, a friday, ",
        ),
        (
            {"from_": "2017-08-01", "recurrence": "FREQ=DAILY;COUNT=1", "weekdays": ["monday"]},
            "`from`, `recurrence` and `weekdays` have no time in common; the recurrence falls on tuesday: write such ",
        ),
        (
            {"from_": "2017-08-01", "recurrence": "FREQ=DAILY;COUNT=1", "dates": ["2017-08-02"]},
            "`from`, `dates` and `recurrence` have no time in common; change one of them",
        ),
    ],
)
def test_what_never_runs_for_its_recurrence_is_told_where_that_falls(written: dict[str, Any], said: str) -> None:
    """Breaks without `emptiness._hint`."""
    assert refusal(**written).startswith(f"it never runs: {said}")


@pytest.mark.parametrize(
    "written",
    [
        {"from_": "2017-08-02", "until": "2017-08-01"},
        {"from_": "2017-08-01", "until": "2017-08-01T00:00"},
        {"from_": "2017-08-01T00:00:00Z", "until": "2017-07-31T20:00:00-04:00"},
        {"from_": "2017-08-02", "until": "2017-08-01T00:00:00Z"},  # in no zone is that later
    ],
)
def test_a_window_without_a_time_in_it(written: dict[str, Any]) -> None:
    assert refusal(**written) == "the window is empty: `until` must be later than `from`"


@pytest.mark.parametrize(
    "written",
    [
        {"from_": "2017-08-01T09:00", "until": "2017-08-01T00:00:00Z"},  # 09:00 in Auckland is earlier
        {"from_": "2017-08-01T00:00:00Z", "dates": ["2017-07-31"]},  # still the 31st in New York
        {"from_": "2017-08-02", "hours": ["22:00-02:00"], "dates": ["2017-08-01"]},  # the night before
        {"recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "weekdays": ["monday"]},  # 2016, then 2044
    ],
)
def test_what_runs_somewhere_is_not_refused(written: dict[str, Any]) -> None:
    schedule(**written)


def test_the_examples_of_the_page_are_read() -> None:
    """One for each field at least: an editor's user copies them from there."""
    page = (Path(__file__).parents[2] / "docs" / "capabilities" / "rules.md").read_text(encoding="utf-8")
    examples = page.partition("## Schedules")[2].partition("```yaml\n")[2].partition("```")[0]
    fields: set[str] = set()
    for each in f"\n{examples}".split("\n- ")[1:]:
        indented = each if each.startswith("{") else "\n    " + each.replace("\n", "\n  ")
        found, faults = parse(f"{RULE}schedule: {indented}\n", "rules.md")
        assert faults == []
        [rule] = found
        assert isinstance(rule, Rule)
        fields |= rule.schedule.model_fields_set
    assert fields == set(Schedule.model_fields)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{from: 2017-08-01, until: 2017-07-01}", "6:11: schedule: the window is empty: `until` must be later than"),
        ("{hours: [09:00-12:00, 9-12]}", '6:33: schedule.hours.1: write a time of day from and until: "09:00-12:00"'),
        ("{dates: []}", "6:19: schedule.dates: write at least 1"),
        ("{from: 2017-08-01T9}", "6:18: schedule.from: write a date such as 2017-08-01"),
        ("{recurrence: FREQ=DAILLY}", "6:24: schedule.recurrence: FREQ=DAILLY: write FREQ=DAILY"),
        ("{time_zone: Mars}", "6:23: schedule.time_zone: no such time zone: Mars"),
        ("{hour: [09:00-12:00]}", "6:12: `schedule.hour`: no such field; did you mean `hours`?"),
    ],
)
def test_a_fault_of_a_schedule_has_its_place(written: str, shown: str) -> None:
    [fault] = parse(f"{RULE}schedule: {written}\n", "f.yaml")[1]
    assert str(fault).startswith(f"f.yaml:{shown}")
