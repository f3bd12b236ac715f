"""What the schema of definition files does not see and the checker does, as the page says; and what both refuse."""

from __future__ import annotations

import pytest
import yaml

from shared.rules.definition import DEFINITION
from shared.rules.yamlfile import DefinitionError, read_all
from tests.unit.test_definition_schema import VALIDATOR, plain

REWARDS = "advocate: {fixed: 1}\nfriend: {fixed: 1}\n"


def definition(kind: str, body: str) -> str:
    return f"id: x\nkind: {kind}\ntitle: X\neffective: 2017-01-01T00:00:00Z\n{body}\n"


def refused(text: str) -> list[str]:
    with pytest.raises(DefinitionError) as found:
        read_all([("f.yaml", text)])
    return [str(each) for each in found.value.faults]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("earn", "then: {fixed: 1}\nschedule: {hours: ['09:00-10:00'], time_zone: Asia/Hanoi}"),
        ("earn", "then: {per_line: {give: 1}, at_least: 5, at_most: 3}"),
        ("earn", "then: {fixed: 1}\nschedule: {until: 2200-01-01}"),
        ("earn", "then: {fixed: 1}\nschedule: {recurrence: every monday}"),
        ("challenge", "then: {fixed: 1}\nprogress: {goal: 3}\nlimits: [{period: month, times: 1}]"),
        ("referral", "advocate: {per_line: {give: 1}}\nfriend: {fixed: 1}"),
        ("bonus", "then: {voucher: {title: V, value: {amount: '5.00', currency: USD}, percent_off: 5}}"),
        ("message", "reason: custom\ntexts: {}"),
        ("message", "reason: custom\ntexts: {en: {subject: '{{ name', text: Hello}}"),
        ("ladder", "qualifying: [b]\ntiers: [{id: gold, title: G, from: 9}, {id: silver, title: S, from: 5}]"),
    ],
)
def test_what_only_the_checker_knows(kind: str, body: str) -> None:
    """The page lists these: breaks where the schema learns one, and the page does not."""
    text = definition(kind, body)
    assert list(VALIDATOR.iter_errors(plain(yaml.safe_load(text)))) == []
    assert refused(text)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("tags: [spring, easter, spring]", "f.yaml:6:24: tags.2: spring stands in the list twice; leave it out here"),
        ("schedule: {weekdays: [monday, monday]}",
         "f.yaml:6:31: schedule.weekdays.1: monday stands in the list twice; leave it out here"),
    ],
)  # fmt: skip
def test_what_a_file_lists_twice_is_told_at_the_second(body: str, said: str) -> None:
    """Mechanism: `part.Once`; the schema refuses it, too. What is published with it stays readable."""
    text = definition("earn", f"then: {{fixed: 1}}\n{body}")
    assert refused(text) == [said]
    assert list(VALIDATOR.iter_errors(plain(yaml.safe_load(text))))
    assert DEFINITION.validate_python(yaml.safe_load(text)).id == "x"
