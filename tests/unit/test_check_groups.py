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
            "it never wins: whenever it applies, a of its group applies too and wins",
        ),
        (
            group("a", "best", 1, then="{fixed: 50}")
            + group("b", "best", 2, mark="how", then="{wallet: miles, per_amount: {per: 0.10}}"),
            "a gives stars and this rule miles: points of different wallets cannot be compared; give points of one "
            "wallet, or write `how: exclusive` with priorities",
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
        group("a", "exclusive", 3, "on: signup") + group("b", "exclusive", 3),
        group("a", "exclusive", 5, "limits: [{period: day, times: 1}]") + group("b", "exclusive", 1),
        group("a", "exclusive", 5, "when: basket.total > 9") + group("b", "exclusive", 1, "when: basket.total > 5"),
        group("a", "exclusive", 5, "schedule: {weekdays: [monday]}") + group("b", "exclusive", 1),
        group("a", "exclusive", 5, then="{per_amount: {per: 1.00}}") + group("b", "exclusive", 1),  # may give none
        group("a", "best", 0, then="{per_line: {give: 1}}") + group("b", "best", 3, then="{fixed: 10}"),
        group("a", "additive", 0) + group("b", "additive", 0),
    ],
)
def test_a_group_that_agrees(text: str) -> None:
    assert told(text) == []
