"""Which rules a publication for a time past is said to change; by hand."""

from __future__ import annotations

import pytest

from shared.ops.retroactive import affected
from shared.publishing.edition import NewVersion
from shared.rules.definition import Definition, as_data
from tests.unit.rulekit import book, rule

KNOWN = book(
    rule("plain", "then: {fixed: 1}"),
    rule("twice", "then: {again: [inside]}"),
    rule("inside", "campaign: spring\nthen: {fixed: 2}"),
    rule("asks", "when: '\"us\" in member.segments'\nthen: {fixed: 3}"),
    rule("through", "when: {not: {any: ['\"vip\" in member.segments', 'basket.total > 9']}}\nthen: {fixed: 4}"),
    rule("theirs", "segment: us\nthen: {fixed: 5}"),
    rule("other", "when: '\"others\" in member.segments'\nthen: {fixed: 6}"),
    rule("spring", "segment: vip", "campaign"),
    rule("autumn", "budget: {points: 9}", "campaign"),
    rule("us", "when: member.balance.stars > 9", "segment"),
    rule("vip", "when: '\"us\" in member.segments && member.balance.stars > 99'", "segment"),
    rule("others", "when: member.balance.stars > 9", "segment"),
    rule("brought", "when: '\"us\" in member.segments'\nadvocate: {fixed: 1}\nfriend: {fixed: 1}", "referral"),
).versions


def again(each: Definition) -> NewVersion:
    """The same for a time past."""
    return NewVersion(each.id, each.kind, 2, each.effective, as_data(each), "h", None, None)


def changed(id_: str) -> list[str]:
    return [each.rule for each in affected([again(each) for each in KNOWN if each.id == id_], KNOWN)[0]]


@pytest.mark.parametrize(
    ("published", "rules"),
    [
        ("spring", ["inside", "twice"]),
        ("autumn", []),
        ("us", ["asks", "brought", "inside", "theirs", "through", "twice"]),
        ("vip", ["inside", "through", "twice"]),
        ("others", ["other"]),
        ("inside", ["inside", "twice"]),
    ],
)
def test_what_names_a_definition_is_changed_by_it(published: str, rules: list[str]) -> None:
    """Mechanism: `retroactive._touched`. Without its branch a campaign decides nothing; without `_asking` only
    `theirs` is changed by `us`."""
    assert changed(published) == rules


def test_a_campaign_without_rules_is_said_to_decide_nothing() -> None:
    found, elsewhere = affected([again(each) for each in KNOWN if each.id in ("autumn", "spring")], KNOWN)
    assert ([each.because for each in found], elsewhere) == (["spring v2", "spring v2"], ["autumn v2 (campaign)"])
