"""Stacking groups whose rules do not agree how they share an event, and rules that never win in theirs."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told


def group(id_: str, how: str, priority: int, more: str = "", kind: str = "earn", mark: str = "", **then: str) -> str:
    stacking = {"how": how, "priority": str(priority)}
    stacking[mark] = "▶" + stacking.get(mark, "")
    whole = "▶" if mark == "whole" else ""
    body = f"{more}\nstacking: {whole}{{group: {'▶g' if mark == 'group' else 'g'}, how: {stacking['how']}, "
    return rule(id_, f"{body}priority: {stacking['priority']}}}", kind, then.get("then", "{fixed: 1}"))


def every_second(id_: str, begin: str, day: str, hours: str = "", mark: str = "", kind: str = "earn") -> str:
    times = f", hours: ['{hours}']" if hours else ""
    when = f"schedule: {{from: {begin}, recurrence: FREQ=WEEKLY;INTERVAL=2;BYDAY={day}{times}}}"
    return group(id_, "exclusive", 3, when, kind, mark)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            group("a", "exclusive", 1, "when: basket.total > 5") + group("b", "best", 2, mark="how"),
            "the group g is exclusive in a and best here; write the same in both",
        ),
        (
            group("a", "best", 1) + group("b", "best", 1, kind="bonus", mark="group"),
            "a is of kind earn: rules that earn and rules of campaigns are decided apart and never compete; give the",
        ),
        (
            group("a", "exclusive", 3, "when: basket.total > 5")
            + group("b", "exclusive", 3, "when: lines.count() > 5", mark="priority"),
            "a has the priority 3 too and both can apply to one event: a would win by the order of ids",
        ),
        (group("a", "best", 3) + group("b", "best", 3, mark="priority", then="{per_line: {give: 1}}"),
         "warning: a has the priority 3 too and both can give as much"),
        (
            group("a", "exclusive", 5) + group("b", "exclusive", 1, "when: basket.total > 5", mark="whole"),
            "it never wins: whenever it applies, a of its group applies too and wins; raise its priority",
        ),
        (
            group("a", "exclusive", 5, "when: basket.total > 5")
            + group("b", "exclusive", 1, "when: basket.total > 9", mark="whole"),
            "it never wins: whenever it applies, a of its group applies too and wins",
        ),
        (
            group("a", "best", 0, then="{fixed: 9}") + group("b", "best", 3, mark="whole", then="{fixed: 8}"),
            "it never wins: whenever it applies, a of its group applies too and wins; give more than 9 points or",
        ),
        (
            group("a", "best", 4, then="{fixed: 9}") + group("b", "best", 3, mark="whole", then="{fixed: 9}"),
            "it never wins: whenever it applies, a of its group applies too and wins; raise its priority or narrow",
        ),
        (
            group("a", "best", 1, then="{fixed: 50}")
            + group("b", "best", 2, mark="how", then="{wallet: miles, per_amount: {per: 0.10}}"),
            "a gives stars and this rule miles: points of different wallets cannot be compared; give points of one "
            "wallet, or write `how: exclusive` with priorities",
        ),
        (
            group("a", "best", 9, 'when: event.store == "b"', "bonus", "how", then="{tag: hot}")
            + group("b", "best", 1, kind="bonus"),
            "it gives no points, and `best` compares nothing else: b wins whenever both apply; write `how: exclusive`",
        ),
        (
            group("a", "best", 1, mark="how", then="[{fixed: 50}, {wallet: miles, fixed: 1}]"),
            "it gives points of stars and miles at once, which `best` cannot compare; give points of one wallet",
        ),
        (
            rule("a", "progress: {goal: 3}\nstacking: ▶{group: g, how: best}", "challenge"),
            "warning: a challenge is won when its goal is reached, and competes with nothing then",
        ),
    ],
)  # fmt: skip
def test_a_group_that_collides(text: str, words: str) -> None:
    assert told(text)[0].startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        group("a", "exclusive", 3, "when: basket.total > 5") + group("b", "exclusive", 3, "when: basket.total < 5"),
        group("a", "additive", 3, "on: signup") + group("b", "additive", 3),
        # Two of signups and two of purchases.
        group("a", "exclusive", 3, "on: signup\nwhen: member.age > 20") + group("b", "exclusive", 2, "on: signup")
        + group("c", "exclusive", 3, "when: basket.total > 5") + group("d", "exclusive", 2),
        group("a", "exclusive", 5, "limits: [{period: day, times: 1}]") + group("b", "exclusive", 1),
        group("a", "exclusive", 5, "when: basket.total > 9") + group("b", "exclusive", 1, "when: basket.total > 5"),
        group("a", "exclusive", 5, "schedule: {weekdays: [monday]}") + group("b", "exclusive", 1),
        group("a", "exclusive", 5, then="{per_amount: {per: 1.00}}") + group("b", "exclusive", 1),  # may give none
        group("a", "best", 0, then="{per_line: {give: 1}}") + group("b", "best", 3, then="{fixed: 10}"),
        group("a", "additive", 0) + group("b", "additive", 0),
        # Every second Monday each: 2026-06-01 and 2026-06-08 never come to the same day.
        every_second("a", "2026-06-01", "MO") + every_second("b", "2026-06-08", "MO"),
        # Monday's hours until 2 at night reach into Tuesday, and the other's Tuesday is a week later.
        every_second("a", "2026-06-01", "MO", "22:00-02:00") + every_second("b", "2026-06-08", "TU"),
        # 2026-06-08 is none of the first one's Mondays.
        every_second("a", "2026-06-01", "MO") + group("b", "exclusive", 3, "schedule: {dates: [2026-06-08]}"),
        # The recurrence of one is its campaign's.
        rule("c", "schedule: {from: 2026-06-01, recurrence: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO}", "campaign", "")
        + group("a", "exclusive", 3, "campaign: c", "bonus") + every_second("b", "2026-06-08", "MO", kind="bonus"),
    ],
)  # fmt: skip
def test_a_group_that_agrees(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        every_second("a", "2026-06-01", "MO") + every_second("b", "2026-06-15", "MO", mark="priority"),
        # The hours of a Monday until 2 at night are those of a Tuesday.
        every_second("a", "2026-06-01", "MO", "22:00-02:00") + every_second("b", "2026-06-02", "TU", mark="priority"),
        # Every 3 and every 7 weeks: 2026-06-01 + 21 weeks is the first common day, 2026-10-26.
        every_second("a", "2026-06-01", "MO").replace("INTERVAL=2", "INTERVAL=3")
        + every_second("b", "2026-07-20", "MO", mark="priority").replace("INTERVAL=2", "INTERVAL=7"),
        # In two zones: a Monday in New York is Tuesday in Saigon.
        every_second("a", "2026-06-01", "MO")
        + every_second("b", "2026-06-02", "TU", mark="priority").replace("{from", "{time_zone: Asia/Saigon, from"),
    ],
)
def test_recurrences_that_fall_on_one_day_collide(text: str) -> None:
    """That they are found at all is what keeps the days that are compared from being too few."""
    assert told(text)[0].startswith("a has the priority 3 too and both can apply to one event")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (group("a", "exclusive", 3, "on: signup") + group("b", "exclusive", 3, mark="group"), "purchase (a: signup)"),
        (group("a", "best", 3, "on: return", mark="group") + group("b", "best", 3, "when: basket.total > 5")
         + group("c", "best", 2, "when: basket.total < 3"),
         "return (b: purchase)"),
        (group("a", "best", 1, "on: signup", "bonus") + group("b", "best", 1, kind="bonus", mark="group"),
         "purchase (a: signup)"),
    ],
)  # fmt: skip
def test_a_rule_whose_event_no_other_of_its_group_looks_at(text: str, words: str) -> None:
    """Of rules of which each looks at an event of its own, the first is not told; of others the one that is alone."""
    [said] = told(text)
    assert said.startswith(f"warning: no other rule of the group g looks at its event, {words}: it never competes; ")


def test_a_definition_that_stands_twice_is_in_one_group_only() -> None:
    """Breaks without the question in `of_group` which of both is asked: the checker would end with a KeyError."""
    second = rule("a", "stacking: {group: other, how: additive}").replace("- id", "- ▶id")
    [words] = told(group("a", "exclusive", 1) + second)
    assert words.startswith("version 1 of a is written in")
