"""Values of which what is told to write was once refused, or was another: each is followed. By hand."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import PROGRAMME, rule, told


@pytest.mark.parametrize(
    ("body", "said", "followed"),
    [
        ('when: ▶"event.store == "31""', "put it in the other quotes: when: 'event.store == \"31\"'",
         "when: 'event.store == \"31\"'"),
        ('when: ▶"event.store in ["31", "32"]"', "put it in the other quotes: when: 'event.store in [\"31\", \"32\"]'",
         "when: 'event.store in [\"31\", \"32\"]'"),
        ('when: ▶"31" == event.store || event.store == "a"', "put the whole value in quotes: when: "
         "'\"31\" == event.store || event.store == \"a\"'", "when: '\"31\" == event.store || event.store == \"a\"'"),
        ("schedule:\n  recurrence: ▶|\n    FREQ=MONTHLY\n    BYDAY=1FR", "write FREQ=MONTHLY;BYDAY=1FR",
         "schedule: {recurrence: FREQ=MONTHLY;BYDAY=1FR}"),
        ("schedule: {recurrence: ▶FREQ=MONTHLY BYDAY=1FR}", "write FREQ=MONTHLY;BYDAY=1FR",
         "schedule: {recurrence: FREQ=MONTHLY;BYDAY=1FR}"),
        ("schedule: {from: ▶2026-12-05T24:00:00+01:00}",
         "there is no hour 24: a day ends where the next begins; write 2026-12-06T00:00:00+01:00",
         "schedule: {from: 2026-12-06T00:00:00+01:00}"),
        ('schedule: {from: ▶"2026-12-31T24:00"}',
         "there is no hour 24: a day ends where the next begins; write 2027-01-01T00:00:00",
         "schedule: {from: 2027-01-01T00:00:00}"),
        ("schedule: {from: ▶2026-12-05T23:00:00+25:00}",
         "there is no offset +25:00; write one such as +01:00 or -04:00",
         "schedule: {from: 2026-12-05T23:00:00+01:00}"),
        ("schedule: {from: ▶2026-12-05T25:00:00}", "there is no hour 25; hours are written from 00 to 23",
         "schedule: {from: 2026-12-05T23:00:00}"),
        ("schedule: {from: ▶2026-12-05T12:75:00}", "there is no minute 75; minutes are written from 00 to 59",
         "schedule: {from: 2026-12-05T12:45:00}"),
        ("schedule: {hours: [▶17.00-19.30]}", '"17:00-19:30"', 'schedule: {hours: ["17:00-19:30"]}'),
        ("schedule: {hours: [▶17:00–19:30]}", '"17:00-19:30"', 'schedule: {hours: ["17:00-19:30"]}'),
        ("when: ▶{or: [member.age > 30, member.age < 20]}", "write `any` for `or`",
         "when: {any: [member.age > 30, member.age < 20]}"),
        ("when: ▶{and: [member.age > 20, has(member.household)]}", "write `all` for `and`",
         "when: {all: [member.age > 20, has(member.household)]}"),
        ("limits: [{per: ▶family, period: month, times: 1}]", "; did you mean household?",
         "limits: [{per: household, period: month, times: 1}]"),
        ("limits: [{period: ▶lifetime, times: 1}]", "; did you mean ever?", "limits: [{period: ever, times: 1}]"),
        ("limits: [{period: ▶annual, times: 1}]", "; did you mean year?", "limits: [{period: year, times: 1}]"),
    ],
)  # fmt: skip
def test_of_a_value(body: str, said: str, followed: str) -> None:
    """Mechanism, in turn: `yamlwords._twice`, `recurrence.parts_of`, `written_times.no_such_time`,
    `meant_parts._HOURS`, `conditions._otherwise`, `meant_fields.whose`, `meant_fields.period_meant`."""
    [found] = told(rule("x", body))
    assert found.endswith(said)
    assert told(rule("x", followed)) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("5.00", '{amount: "5.00", currency: EUR}'),
        ("much", '{amount: "5.00", currency: EUR}'),
        ("5 USD", '{amount: "5", currency: USD}'),
        ("5 VND", '{amount: "5", currency: VND}'),
    ],
)
def test_an_amount_is_shown_in_the_programmes_currency(value: str, shown: str) -> None:
    """Mechanism: `wording.in_its_currency`; what is written is kept."""
    euros = PROGRAMME.replace("currency: USD", "currency: EUR")
    voucher = "{{voucher: {{title: A, value: {0}}}}}"
    [said] = told(rule("x", "", "bonus", voucher.format(f"▶{value}")), euros)
    assert said.endswith(f"such as `value: {shown}`")
    assert told(rule("x", "", "bonus", voucher.format('{amount: "5.00", currency: EUR}')), euros) == []


@pytest.mark.parametrize(("field", "points"), [("give", "5 points"), ("points", "5"), ("award", "5")])
def test_points_at_the_top_are_what_is_given(field: str, points: str) -> None:
    """Mechanism: `meant_fields._GIVEN`; else it was told to be a part of what there is none of."""
    faults = [str(each) for each in check([("r.yaml", PROGRAMME + rule("x", f"{field}: {points}", then=""))]).faults]
    assert faults[-1].endswith(f"`{field}`: no such field; write `then: {{fixed: 5}}`")
    assert told(rule("x", "then: {fixed: 5}", then="")) == []
