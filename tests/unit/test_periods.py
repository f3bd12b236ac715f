"""Periods of local dates: their names and their bounds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.schedule import Period, period_bounds, period_key

DATES = st.dates(date(2000, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("period", "day", "key", "first", "after"),
    [
        ("day", "2017-01-31", "2017-01-31", "2017-01-31", "2017-02-01"),
        ("week", "2017-01-01", "2016-W52", "2016-12-26", "2017-01-02"),
        ("week", "2017-01-31", "2017-W05", "2017-01-30", "2017-02-06"),
        ("week", "2020-12-31", "2020-W53", "2020-12-28", "2021-01-04"),
        ("month", "2016-02-29", "2016-02", "2016-02-01", "2016-03-01"),
        ("month", "2017-12-31", "2017-12", "2017-12-01", "2018-01-01"),
        ("quarter", "2017-03-31", "2017-Q1", "2017-01-01", "2017-04-01"),
        ("quarter", "2017-07-01", "2017-Q3", "2017-07-01", "2017-10-01"),
        ("quarter", "2017-12-31", "2017-Q4", "2017-10-01", "2018-01-01"),
        ("year", "2017-07-04", "2017", "2017-01-01", "2018-01-01"),
        ("ever", "2017-07-04", "ever", "0001-01-01", "9999-12-31"),
    ],
)
def test_keys_and_bounds(period: Period, day: str, key: str, first: str, after: str) -> None:
    for local in (date.fromisoformat(day), datetime.fromisoformat(f"{day}T23:59")):
        assert period_key(period, local) == key
        assert period_bounds(period, local) == (date.fromisoformat(first), date.fromisoformat(after))


@given(st.sampled_from(get_args(Period)), DATES)
def test_bounds_hold_the_days_with_one_key_and_no_other(period: Period, day: date) -> None:
    first, after = period_bounds(period, day)
    key = period_key(period, day)
    assert first <= day < after
    if period != "ever":
        inside = {period_key(period, first + timedelta(days=each)) for each in range((after - first).days)}
        assert inside == {key}
        assert period_key(period, first - timedelta(days=1)) != key
        assert period_key(period, after) != key
        assert period_bounds(period, after)[0] == after


@given(st.sampled_from(get_args(Period)), DATES, DATES)
def test_keys_are_in_the_order_of_time(period: Period, one: date, other: date) -> None:
    """A member's counters are kept by key and read in order."""
    one, other = sorted((one, other))
    assert period_key(period, one) <= period_key(period, other)
