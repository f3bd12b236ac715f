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
        ("FREQ=MONTHLY;BYDAY=2MO", "Monday number 2 of each month", "thứ Hai lần thứ 2 của mỗi tháng"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "day 15 of each month", "ngày 15 của mỗi tháng"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "the last day of each month", "ngày cuối cùng của mỗi tháng"),
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2", "the days of FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2",
         "các ngày theo FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2"),
    ],
)  # fmt: skip
def test_a_recurrence_in_words(recurrence: str, english: str, vietnamese: str) -> None:
    why = timing_at(Schedule(recurrence=recurrence), WEDNESDAY, ZONE).why
    assert why is not None
    assert spoken(why).startswith(f"only on {english}; this was 2017-03-01; again from ")
    assert spoken(why, "vi").startswith(f"chỉ vào {vietnamese}; lần này là 01/03/2017; ")
