"""Schedules against a model that looks at a clock every minute, around the days on which clocks are moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.rules.schedule import Schedule
from tests.model.schedules import NAMES, RECURRENCES, minutes, running

# A zone and the local day on which its clocks are moved (Asia/Ho_Chi_Minh: never).
MOVES = [
    ("America/New_York", "2017-03-12"),
    ("America/New_York", "2017-11-05"),
    ("Europe/Berlin", "2017-03-26"),
    ("Europe/Berlin", "2017-10-29"),
    ("Asia/Ho_Chi_Minh", "2017-03-12"),
    ("Australia/Lord_Howe", "2017-04-02"),  # half an hour back
    ("Australia/Lord_Howe", "2017-10-01"),  # half an hour on
    ("America/St_Johns", "2010-11-07"),  # at 00:01, so that the day before comes back for 59 minutes
    ("America/Sao_Paulo", "2017-10-15"),  # midnight itself does not occur
    ("America/Havana", "2017-11-05"),  # midnight occurs twice
    ("Pacific/Apia", "2011-12-30"),  # this whole day did not occur
]
CLOCKS = [f"{hour:02d}:{minute:02d}" for hour in (0, 1, 2, 3, 12, 22, 23) for minute in (0, 15, 30, 45)]
BEFORE, AFTER = timedelta(hours=40), timedelta(hours=54)


@st.composite
def cases(draw: st.DrawFn) -> tuple[ZoneInfo, datetime, dict[str, Any]]:
    """A programme's zone, the midnight of UTC of a day on which clocks are moved, and a schedule around it."""
    name, written = draw(st.sampled_from(MOVES))
    middle = datetime.fromisoformat(written).replace(tzinfo=UTC)
    near = [(middle + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    clock = st.sampled_from(CLOCKS)
    local = st.builds("{}T{}".format, st.sampled_from(near), clock)
    moment = st.one_of(st.sampled_from(near), local, local.map("{}:00-04:00".format), local.map("{}:00+00:00".format))
    hours = st.tuples(clock, st.one_of(clock, st.just("24:00"))).filter(lambda two: two[0] != two[1]).map("-".join)
    ranges = st.tuples(st.sampled_from(near), st.sampled_from(near)).map(lambda two: "..".join(sorted(two)))
    fields = {
        "from": moment,
        "until": moment,
        "hours": st.lists(hours, min_size=1, max_size=2),
        "weekdays": st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
        "dates": st.lists(st.one_of(st.sampled_from(near), ranges), min_size=1, max_size=2),
        "recurrence": st.sampled_from(sorted(RECURRENCES)),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4))
    schedule = {field: draw(fields[field]) for field in chosen}
    if "COUNT" in schedule.get("recurrence", ""):
        schedule.setdefault("from", near[0])
    if draw(st.booleans()):
        return ZoneInfo("Asia/Ho_Chi_Minh"), middle, {**schedule, "time_zone": name}
    return ZoneInfo(name), middle, schedule


@settings(max_examples=80, deadline=None)
@given(cases())
def test_it_runs_when_the_model_does(case: tuple[ZoneInfo, datetime, dict[str, Any]]) -> None:
    """Every minute of four days: whether it runs, why not, and what the day's index says of it."""
    zone, middle, written = case
    expected = running(written, zone, middle - BEFORE, middle + AFTER)
    bounds = [written[name] for name in ("from", "until") if name in written]
    try:
        schedule = Schedule.model_validate(written)
    except ValidationError:
        event("refused")
        if "time_zone" not in written and any("-04:00" not in each and "+00:00" not in each for each in bounds):
            # Local times of a zone that is not known yet are compared as they are written: by clocks never moved.
            expected = running(written, ZoneInfo("UTC"), middle - BEFORE, middle + AFTER)
        assert not any(expected), "what runs must not be refused"
        return
    walked = minutes(middle - BEFORE, middle + AFTER)
    assert [schedule.runs(moment, zone) for moment in walked] == expected
    assert [schedule.why_not(moment, zone) == "" for moment in walked[::7]] == expected[::7]
    for moment, runs in zip(walked, expected, strict=True):
        assert not runs or schedule.may_run(moment.date(), zone)
    bounded = {"from", "until"} <= written.keys() and "time_zone" in written
    assert any(expected) or not bounded, "what never runs must be refused"


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 93))
def test_it_next_starts_when_the_model_does(case: tuple[ZoneInfo, datetime, dict[str, Any]], hour: int) -> None:
    zone, middle, written = case
    try:
        schedule = Schedule.model_validate(written)
    except ValidationError:
        return
    begin, end = middle - BEFORE, middle + AFTER
    expected = running(written, zone, begin - timedelta(minutes=1), end)
    after = begin + timedelta(hours=hour)
    starts = [
        moment
        for moment, before, now in zip(minutes(begin, end), expected, expected[1:], strict=False)
        if now and not before and moment > after
    ]
    found = schedule.next_start(after, zone)
    if starts:
        assert found is not None and found.astimezone(UTC) == starts[0]
    else:
        assert found is None or found >= end
