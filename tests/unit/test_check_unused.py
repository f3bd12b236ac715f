"""What a whole programme has and nothing uses: told of a programme's folder, not of single files. By hand."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import PROGRAMME, rule

STACKED = "stacking: {group: %s, how: exclusive, priority: %d}"


def told(text: str, *, whole: bool = True) -> list[str]:
    return [str(each) for each in check([("f", PROGRAMME + text)], whole=whole).faults]


def test_a_group_of_one_rule_whose_name_is_nearly_anothers() -> None:
    """Each of the two stands alone in a group then: both give, and nobody competes. Of names that are numbered each is
    meant, and what is far from all others too; `additive` groups do not compete."""
    two = rule("a", STACKED % ("offers", 1)) + rule("b", f"when: basket.total > 5\n{STACKED % ('offers', 2)}")
    slip = two + rule("c", STACKED % ("ofers", 3))
    assert told(slip) == [
        "f:26:21: warning: no other rule is in the group ofers, which is exclusive; did you mean offers?"
    ]
    assert told(slip, whole=False) == []
    assert told(two + rule("c", STACKED % ("welcome", 3))) == []
    assert told(rule("a", STACKED % ("week-1", 1)) + rule("b", STACKED % ("week-2", 1))) == []
    assert told(two + rule("c", "stacking: {group: ofers}")) == []


def test_a_campaign_without_rules() -> None:
    campaign = rule("spring", "", "campaign", "")
    [said] = told(campaign)
    assert said == (
        "f:8:7: warning: no rule belongs to this campaign; write `campaign: spring` in its rules, or take it out"
    )
    assert told(campaign, whole=False) == []
    assert told(campaign + rule("a", "campaign: spring")) == []


@pytest.mark.parametrize(
    "user",
    [
        rule("a", "segment: adults"),
        rule("a", "when: '\"adults\" in member.segments'"),
        rule("c", "segment: adults", "campaign", "") + rule("a", "campaign: c"),
        rule("all", "when: {any: ['\"adults\" in member.segments']}", "segment", "") + rule("a", "segment: all"),
    ],
)
def test_a_segment_that_nothing_asks_for(user: str) -> None:
    """Whether by name or within a condition, of a rule, a campaign or another segment."""
    adults = rule("adults", "when: member.age >= 18", "segment", "")
    assert told(adults + user) == []
    assert told(adults) == [
        "f:8:7: warning: nothing asks for this segment; write `segment: adults` where it is meant, or take it out"
    ]
    assert told(adults, whole=False) == []


def test_while_something_cannot_be_read_nothing_is_unused() -> None:
    """What cannot be read yet may be what uses it."""
    [said] = told(rule("adults", "when: member.age >= 18", "segment", "") + rule("a", "segment: adults\nnonsense: 1"))
    assert "nonsense" in said
