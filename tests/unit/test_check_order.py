"""Multipliers that build on each other in an order that nobody has written: told; where something says it, let be."""

from __future__ import annotations

import pytest

from tests.unit.marked import PROGRAMME, found, rule, told


def test_two_multipliers_whose_order_nobody_has_written() -> None:
    """Breaks where an ordered group's ties are not looked into; without `compounding` the order makes no difference."""

    def pair(compounding: str, priority: int, mark: str = "") -> str:
        group = "stacking: {group: g, how: ordered, priority: "
        one = rule("a", f"{group}1}}", then="{multiply: {rules: [base], by: 2}}")
        then = f"{{multiply: {{rules: [base], by: 3, compounding: {compounding}}}}}"
        return rule("base", "") + one + rule("b", f"{group}{mark}{priority}}}", then=then)

    assert told(pair("true", 1, "▶")) == [
        "warning: a has the priority 1 too, and `compounding` builds on what comes before: a would come first by the "
        "order of ids; give them different priorities"
    ]
    assert told(pair("true", 2)) == told(pair("false", 1)) == []


def test_two_multipliers_of_no_group() -> None:
    """Renaming one would change what both give. Told once, at the later by id, whichever of them compounds."""

    def pair(one: str, other: str) -> list[str]:
        then = "{{multiply: {{rules: [base], by: {}}}}}"
        rules = [rule("base", ""), rule("c", "", then=then.format(one)), rule("zz", "", then="▶" + then.format(other))]
        return told("".join(rules))

    said = (
        "warning: c is of no group either, and `compounding` builds on what comes before: c would come first by the "
        "order of ids; write both in one group with `how: ordered`, and give them different priorities"
    )
    assert pair("3, compounding: true", "2") == pair("3", "2, compounding: true") == [said]
    assert told(rule("base", "") + rule("zz", "", then="{multiply: {rules: [base], by: 2, compounding: true}}")) == []


@pytest.mark.parametrize(
    ("one", "other", "told_"),
    [
        ("{group: g, how: additive}", "{group: g, how: additive}", True),
        ("{group: g, how: ordered, priority: 1}", "{group: h, how: ordered, priority: 1}", True),
        ("{group: g, how: ordered}", "", True),
        ("", "{group: g, how: best}", True),
        ("{group: g, how: additive, priority: 1}", "{group: g, how: additive}", False),
        ("{group: g, how: ordered, priority: 9}", "", False),
        ("{group: g, how: exclusive, priority: 1}", "{group: g, how: exclusive, priority: 2}", False),  # one gives
    ],
)
def test_two_multipliers_of_one_priority_in_whatever_groups(one: str, other: str, told_: bool) -> None:
    """Breaks where only groups that are `ordered`, or none, are looked into: priorities count beyond groups."""

    def put(stacking: str) -> str:
        return f"stacking: {stacking}" if stacking else ""

    rules = [
        rule("base", ""), rule("a", put(one), then="{multiply: {rules: [base], by: 2}}"),
        rule("b", put(other), then="{multiply: {rules: [base], by: 3, compounding: true}}"),
    ]  # fmt: skip
    said = [str(each) for each in found("".join(rules), PROGRAMME)[0]]
    assert any("builds on what comes before" in each for each in said) == told_, said
