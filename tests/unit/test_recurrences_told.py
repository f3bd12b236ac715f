"""Recurrences as members read them: the commonest in words, others as they are written."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shared.rules.saying.speaking import spoken
from shared.rules.schedule import Schedule
from shared.rules.timing import timing_at

ZONE = ZoneInfo("America/New_York")
WEDNESDAY = datetime(2017, 3, 1, 12, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("recurrence", "english", "vietnamese"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", "the last Friday of each month", "thứ Sáu cuối cùng của mỗi tháng"),
        ("FREQ=MONTHLY;BYDAY=2MO", "the second Monday of each month", "thứ Hai lần thứ hai của mỗi tháng"),
        ("FREQ=MONTHLY;BYDAY=1SA,3SA", "the first Saturday of each month, the third Saturday of each month",
         "thứ Bảy đầu tiên của mỗi tháng, thứ Bảy lần thứ ba của mỗi tháng"),
        ("FREQ=WEEKLY;BYDAY=SA,MO", "Monday, Saturday", "thứ Hai, thứ Bảy"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "Tuesday of every second week", "thứ Ba cách tuần"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU;WKST=SU", "Tuesday of one week in 3", "thứ Ba của một tuần trong mỗi 3 tuần"),
        # It counts from 1996-01-01, a Monday.
        ("FREQ=WEEKLY;INTERVAL=2", "Monday of every second week", "thứ Hai cách tuần"),
        ("FREQ=DAILY;INTERVAL=4", "one day in 4", "một ngày trong mỗi 4 ngày"),
        ("FREQ=MONTHLY;BYMONTHDAY=5,-1;UNTIL=20171231", "day 5 of each month, the last day of each month",
         "ngày 5 của mỗi tháng, ngày cuối cùng của mỗi tháng"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2", "day 2 of month 3 of each year", "ngày 2 tháng 3 hằng năm"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "day 15 of each month", "ngày 15 của mỗi tháng"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "the last day of each month", "ngày cuối cùng của mỗi tháng"),
        ("FREQ=MONTHLY;BYDAY=-2FR", "the days of FREQ=MONTHLY;BYDAY=-2FR", "các ngày theo FREQ=MONTHLY;BYDAY=-2FR"),
        ("FREQ=YEARLY;BYWEEKNO=20", "the days of FREQ=YEARLY;BYWEEKNO=20", "các ngày theo FREQ=YEARLY;BYWEEKNO=20"),
    ],
)  # fmt: skip
def test_a_recurrence_in_words(recurrence: str, english: str, vietnamese: str) -> None:
    why = timing_at(Schedule(recurrence=recurrence), WEDNESDAY, ZONE).why
    assert why is not None
    assert spoken(why).startswith(f"only on {english}; this was 2017-03-01; again from ")
    assert spoken(why, "vi").startswith(f"chỉ vào {vietnamese}; lần này là 01/03/2017; ")


def test_what_a_recurrence_leaves_to_its_first_day() -> None:
    """2017-02-14 was a Tuesday, and so is 2017-03-14, four weeks later; 2017-03-01 a Wednesday."""
    schedule = Schedule.model_validate({"recurrence": "FREQ=WEEKLY;INTERVAL=2", "from": "2017-02-14"})
    why = timing_at(schedule, WEDNESDAY, ZONE).why
    assert why is not None
    assert spoken(why) == (
        "only on Tuesday of every second week; this was 2017-03-01; again from Tuesday 2017-03-14 00:00"
    )


def test_the_end_of_a_recurrence_that_is_over_is_told() -> None:
    """Or it would read as if a Wednesday were no Wednesday."""
    why = timing_at(Schedule(recurrence="FREQ=WEEKLY;BYDAY=WE;UNTIL=20170222"), WEDNESDAY, ZONE).why
    assert why is not None
    assert spoken(why) == (
        "only on the days of FREQ=WEEKLY;BYDAY=WE;UNTIL=20170222; this was 2017-03-01; it does not run again"
    )
