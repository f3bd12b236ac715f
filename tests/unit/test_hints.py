"""Hints of the checker, by hand: what is nearly right is told what to write."""

from __future__ import annotations

import pytest

from shared.rules.yamlfile import DefinitionError, read_all
from tests.unit.rulekit import PROGRAMME, rule


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("when: 'member.tags == \"vip\"'", 'a set of texts is asked with `in`: "vip" in member.tags'),
        ("when: '\"vip\" == member.tags'", 'a set of texts is asked with `in`: "vip" in member.tags'),
        ("when: 'lines.exists(amount > 5)'", "did you mean lines.any(filter)?"),
        ("schedule: {time_zone: GMT+7, hours: ['09:00-10:00']}", "GMT+7 is an offset, not a time zone: name a place"),
        ("schedule: {time_zone: '+07:00', hours: ['09:00-10:00']}", "+07:00 is an offset, not a time zone"),
    ],
)
def test_what_is_nearly_right(body: str, said: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        read_all([("rules.yaml", PROGRAMME + rule("r", f"{body}\nthen: {{fixed: 1}}"))])
    assert said in " ".join(f"{each.message} {each.hint}" for each in refused.value.faults)
