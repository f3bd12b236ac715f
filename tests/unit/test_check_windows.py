"""Windows that are empty: by themselves, with their campaign, their next version or their draw."""

from __future__ import annotations

import pytest

from tests.unit.marked import HEAD, rule, told

CAMPAIGN = f"- id: summer\n  kind: campaign\n  {HEAD}  schedule: {{from: 2017-06-01, until: 2017-09-01}}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rule("x", "schedule: ▶{until: 2016-12-01}"), "it never runs: it is `effective` from 2017-01-01T00:00:00"),
        (
            CAMPAIGN + rule("x", "campaign: summer\nschedule: ▶{from: 2017-10-01}"),
            "it never runs while its campaign summer does; change the `schedule` of one of them",
        ),
        (
            f"- id: c\n  kind: campaign\n  {HEAD}  schedule: {{weekdays: [monday]}}\n"
            + rule("x", "campaign: c\nschedule: ▶{weekdays: [friday]}"),
            "it never runs while its campaign c does",
        ),
        (
            rule("x", "schedule: ▶{from: 2017-05-01, until: 2017-06-01}")
            + rule("x", "version: ▶2").replace("2017-01-01T", "2017-03-01T"),
            "it never runs while this version is in force: the next one takes over at 2017-03-01T00:00:00-05:00",
        ),
        (
            f"- id: d\n  kind: draw\n  {HEAD}  draws_at: ▶2016-12-24T12:00:00Z\n  prizes: [{{title: Mug}}]\n",
            "the draw is over before it is `effective`: no ticket counts; write a later `draws_at`",
        ),
        (
            f"- id: d\n  kind: draw\n  {HEAD}  draws_at: 2017-12-24T12:00:00Z\n  prizes: [{{title: Mug}}]\n"
            + rule("x", "schedule: {from: 2018-01-01}", "bonus", "{tickets: {draw: ▶d}}"),
            "d is drawn at 2017-12-24T12:00:00+00:00, before the rule runs; begin earlier",
        ),
    ],
)  # fmt: skip
def test_a_window_that_is_empty(text: str, words: str) -> None:
    assert told(text)[0].startswith(words)


def test_windows_that_meet() -> None:
    weekly = f"- id: c\n  kind: campaign\n  {HEAD}  schedule: {{weekdays: [monday], hours: [09:00-12:00]}}\n"
    assert told(weekly + rule("x", "campaign: c\nschedule: {recurrence: FREQ=MONTHLY;BYMONTHDAY=13}")) == []
    assert told(CAMPAIGN + rule("x", "campaign: summer\nschedule: {from: 2017-08-31}")) == []
