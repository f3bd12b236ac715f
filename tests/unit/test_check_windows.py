"""Windows that are empty: by themselves, with their campaign, their next version or their draw."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import HEAD, PROGRAMME, rule, told

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


LATE = HEAD.replace("2017-01-01T", "2018-01-01T")
ENDED = "schedule: {until: 2017-06-01}"
SEGMENT = f"- id: s\n  kind: segment\n  {LATE}  when: has(member.household)\n"
MESSAGE = f"- id: m\n  kind: message\n  {LATE}  reason: custom\n  texts: {{en: {{subject: Hello, text: Hello}}}}\n"
DRAW = f"- id: d\n  kind: draw\n  {LATE}  draws_at: 2018-12-24T12:00:00Z\n  prizes: [{{title: Mug}}]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SEGMENT + rule("x", f"segment: ▶s\n{ENDED}"), "s"),
        (SEGMENT + f"- id: c\n  kind: campaign\n  {HEAD}  segment: ▶s\n  {ENDED}\n", "s"),
        (MESSAGE + rule("x", ENDED, "bonus", "{message: ▶m}"), "m"),
        (DRAW + rule("x", ENDED, "bonus", "{tickets: {draw: ▶d}}"), "d"),
    ],
)
def test_what_a_rule_needs_that_comes_when_it_has_ended(text: str, what: str) -> None:
    """Mechanism: `_too_late`; without it such a rule never gives anything, and nobody is told."""
    said = f"{what} is `effective` from 2018-01-01T00:00:00-05:00, when this runs no longer; end `schedule` later, or"
    assert told(text)[0].startswith(said)
    assert told(text.replace("2017-06-01", "2018-01-02").replace("▶", "")) == []


def test_a_programme_that_begins_when_a_rule_has_ended() -> None:
    """Mechanism: as above."""
    [said] = told(rule("x", "schedule: ▶{until: 2017-06-01}"), PROGRAMME.replace("2017-01-01T", "2018-01-01T"))
    assert said.startswith("shop is `effective` from 2018-01-01T00:00:00-05:00, when this runs no longer")


def test_of_what_has_an_older_version_nothing_is_said() -> None:
    """A second version that comes late takes over from a first one, which is not among what is checked."""
    second = SEGMENT.replace("  kind: segment\n", "  kind: segment\n  version: 2\n")
    assert told(second + rule("x", f"segment: s\n{ENDED}")) == []


def test_of_what_a_draft_replaces_an_older_version_is_in_force() -> None:
    """Mechanism: `Shelf.first`; else a draft that takes over later would be told not to be there before."""
    folder = PROGRAMME + SEGMENT.replace("2018-01-01T", "2017-01-01T") + rule("x", f"segment: s\n{ENDED}")
    assert check([("draft.yaml", SEGMENT)], [("r.yaml", folder)]).faults == []


OPEN = f"- id: d\n  kind: draw\n  {HEAD}  draws_at: 2017-12-24T12:00:00Z\n  prizes: [{{title: Mug}}]\n"


@pytest.mark.parametrize(
    ("more", "runs_on"),
    [
        ("", True),
        ("schedule: {until: 2017-12-24T07:00}", False),  # of New York: the very instant
        ("schedule: {until: 2017-12-24T07:01}", True),
        ("schedule: {weekdays: [sunday]}", True),
        ("campaign: summer", False),
        ("schedule: {from: 2017-06-01}\ncampaign: summer", False),
    ],
)
def test_tickets_for_a_draw_that_is_over(more: str, runs_on: bool) -> None:
    """Mechanism: `_runs_on`; without it whoever publishes hears nothing, and members are congratulated on nothing."""
    where = "▶d" if runs_on else "d"
    text = OPEN + CAMPAIGN.replace("▶", "") + rule("x", more, "bonus", f"{{tickets: {{draw: {where}}}}}")
    said = told(text)
    assert len(said) == runs_on
    for each in said:
        assert each.startswith("warning: the rule runs on after d is drawn (2017-12-24T12:00:00+00:00), and gives")
