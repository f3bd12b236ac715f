"""Fields of several parts that somebody wrote as one value: what they are told to write, and that it is right."""

from __future__ import annotations

import re

import pytest

from shared.rules.checks.checking import check
from shared.rules.meant_parts import hours, weekdays
from tests.unit.marked import PROGRAMME, rule, told

WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MORE = rule("base", "when: basket.total >= 1.00", "bonus") + (
    "- {id: summer, kind: draw, effective: 2017-01-01T00:00:00-05:00, title: Summer, "
    "draws_at: 2117-01-01T00:00:00Z, prizes: [{title: A mug}]}\n"
)
SUCH = re.compile(r"`([a-z_]+: .*)`")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("budget: 10000", "budget: {points: 10000}"),
        ("budget: all", "budget: {points: 10000}"),
        ("limits: 3", "limits: [{per: member, period: month, times: 3}]"),
        ("limits: {per: member, times: 3}", "limits: [{per: member, period: month, times: 3}]"),
        ("stacking: exclusive", "stacking: {group: sale, how: exclusive}"),
        ("stacking: some", "stacking: {group: sale, how: best}"),
        ("schedule: weekends", "schedule: {weekdays: [saturday, sunday]}"),
        ("schedule: {weekdays: friday}", "weekdays: [friday]"),
        ("schedule: {weekdays: friday - monday}", "weekdays: [friday, saturday, sunday, monday]"),
        ("schedule: {weekdays: daily}", "weekdays: [saturday, sunday]"),
        ("schedule: {hours: 18-21}", 'hours: ["18:00-21:00"]'),
        ("schedule: {hours: happy}", 'hours: ["18:00-21:00"]'),
        ("schedule: {dates: 2026-12-24}", 'dates: ["2026-12-24"]'),
        ("schedule: {dates: christmas}", 'dates: ["2026-12-24", "2026-12-26..2026-12-31"]'),
        ("tags: summer-2026", "tags: [summer-2026]"),
        ("tags: Summer!", "tags: [summer]"),
        ("then: {cashback: 5%}", "cashback: {percent: 5, unit: 0.01}"),
        ("then: {cashback: 2.5}", "cashback: {percent: 2.5, unit: 0.01}"),
        ("then: {per_amount: 10}", "per_amount: {per: 10, give: 1}"),
        ("then: {per_quantity: each}", "per_quantity: {per: 1, give: 1}"),
        ("then: {multiply: 3}", "multiply: {rules: [base], by: 3}"),
        # What would be refused is not told to be written.
        ("budget: 10.5", "budget: {points: 10000}"),
        ("budget: -5", "budget: {points: 10000}"),
        ('budget: "007"', "budget: {points: 7}"),
        ("schedule: {dates: 2026-02-30..2026-03-01}", 'dates: ["2026-12-24", "2026-12-26..2026-12-31"]'),
        ("then: {tickets: 2.5}", "tickets: {draw: summer, count: 1}"),
        ("then: {cashback: 0}", "cashback: {percent: 5, unit: 0.01}"),
        ("then: {cashback: 150}", "cashback: {percent: 5, unit: 0.01}"),
        ("then: {multiply: 1}", "multiply: {rules: [base], by: 2}"),
        ("then: {per_quantity: 1.5}", "per_quantity: {per: 1, give: 1}"),
        ("schedule: {hours: 9-5pm}", 'hours: ["09:00-17:00"]'),
        ("schedule: {hours: 22-24:30}", 'hours: ["18:00-21:00"]'),
        ("then: {voucher: Five off}", 'voucher: {title: Five off, value: {amount: "5.00", currency: EUR}}'),
        ("then: {gift: mug}", "gift: {title: A mug}"),
        ("then: {tickets: 2}", "tickets: {draw: summer, count: 2}"),
        ("then: {punch: coffees}", "punch: {card: coffees, of: 10, points: 40}"),
    ],
)
def test_what_is_told_is_right(wrong: str, said: str) -> None:
    """Written where the wrong one stood, in a programme that has what it names, nothing is wrong any more. Mechanism of
    the numbers: `meant_parts._numbered`; without it `budget: {points: 10.5}` was told."""
    then = "" if wrong.startswith("then") else "{fixed: 5}"
    given = PROGRAMME.replace("USD", "EUR")
    faults = [str(each) for each in check([("a.yaml", given + MORE + rule("fresh", wrong, "bonus", then))]).faults]
    assert [SUCH.findall(each) for each in faults] == [[said]]
    name = said.partition(":")[0]
    mended = re.sub(rf"{name}: [^}}]*", said, wrong) if "{" + name in wrong else said
    faults_left = check([("a.yaml", given + MORE + rule("fresh", mended, "bonus", then))]).faults
    assert not [each for each in faults_left if each.severity == "error"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("monday-friday", WEEK[:5]), ("mon-fri", WEEK[:5]), ("weekend", WEEK[5:]), ("weekdays", WEEK[:5]),
        ("sat", ["saturday"]), ("sunday to monday", ["sunday", "monday"]), ("saturday..sunday", WEEK[5:]),
        ("s", []), ("everyday", []), ("", []), ("monday-", []), ("monday-someday", []),
    ],
)  # fmt: skip
def test_weekdays(said: str, meant: list[str]) -> None:
    assert list(weekdays(said)) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("6pm-9pm", "18:00-21:00"), ("6-9pm", "18:00-21:00"), ("12am - 12pm", "00:00-12:00"), ("18-21", "18:00-21:00"),
        ("9:30 to 11:45", "09:30-11:45"), ("10am-2pm", "10:00-14:00"), ("22..24", "22:00-24:00"),
        ("9-5pm", "09:00-17:00"), ("10-2pm", "10:00-14:00"), ("11-12pm", "11:00-12:00"), ("12-3pm", "12:00-15:00"),
        ("10-2am", "22:00-02:00"), ("11-12am", "23:00-00:00"), ("14-5pm", "14:00-17:00"), ("9-5:15pm", "09:00-17:15"),
        ("9am-5", "09:00-17:00"), ("9pm-5", "21:00-05:00"), ("6pm-21", "18:00-21:00"), ("22-2", "22:00-02:00"),
        ("9-5", ""), ("22-24:30", ""), ("24-6", ""), ("6-6pm", ""),
        ("13pm-2pm", ""), ("18-18", ""), ("25-26", ""), ("9:75-10", ""), ("evening", ""),
    ],
)  # fmt: skip
def test_hours(said: str, meant: str) -> None:
    assert hours(said) == meant


@pytest.mark.parametrize(
    ("progress", "goal"), [("1.5", 3), ("0", 3), ("-2", 3), ("5", 5), ('"5"', 5), ("true", 3)]
)  # fmt: skip
def test_the_goal_of_a_challenge(progress: str, goal: int) -> None:
    [said] = told(rule("c", f"progress: ▶{progress}", "challenge"))
    assert said.endswith(f"such as `progress: {{count: times, period: month, goal: {goal}}}`")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("limits: [{per: ▶all, period: day, times: 5}]", "of all together, write programme"),
        ("▶valid_from: 2026-01-01", "write `from` within `schedule`"),
        ("▶expires: 2026-01-01", "write `until` within `schedule`"),
        ("limits: [{per: ▶customer, period: day}]", "write one of member, household, programme; did you mean member?"),
        ("limits: [▶{per: member, times: 3}]", "`limits.0.period` is missing; write `period: month`"),
        ("limits: [{period: day, times: ▶'3'}]", "limits.0.times: write it without quotes: 3"),
        ("limits: [{period: day, times: ▶'ten'}]", "limits.0.times: write a whole number"),
        ("▶active: true", "what is published is in force: end it with `schedule: {until: …}`, or leave this out"),
        ("▶enabled: false", "what is published is in force: end it with `schedule: {until: …}`, or leave this out"),
        ("▶audience: vip", "did you mean `segment`?"),
        ("when: event.store == ▶12", 'write it in quotes: "12"'),
        ("when: 'calendar.month == ▶\"december\"'", "months are numbers: write 12"),
        ("when: 'calendar.month == ▶\"Sept\"'", "months are numbers: write 9"),
        ("when: 'calendar.month == ▶\"ma\"'", "write a number, such as 10.00"),
        ("when: 'basket.total >= ▶\"20.00\"'", "write it without quotes: 20.00"),
        ('schedule: {hours: [▶"6pm-9pm"]}', 'write a time of day from and until: "18:00-21:00"'),
    ],
)
def test_values(body: str, said: str) -> None:
    [fault] = told(rule("fresh", body))
    assert said in fault


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("{fixed: ▶'10'}", "then.fixed: write it without quotes: 10"),
        ("{fixed: 10, ▶max: 20}", "`then.max`: no such field; `fixed` points need no most; leave it out"),
        ("{per_amount: {per: 1.00}, ▶max: 20}", "`then.max`: no such field; did you mean `at_most`?"),
        ("{cashback: ▶{percent: 5}}", "`then.cashback.unit` is missing; write `unit: 0.01`"),
        ("{gift: ▶{value: {amount: '5', currency: USD}}}", "`then.gift.title` is missing; write `title: …`"),
        (
            "{voucher: {title: Tea, ▶expires: 60}}",
            "write `valid_days: 60`, for how many days it is valid",
        ),
        ("{voucher: {title: Tea, ▶valid_until: 2027-01-01}}", "write `valid_days: 30`, for how many days it is valid"),
    ],
)
def test_what_is_given(then: str, said: str) -> None:
    """Mechanism: `meant_parts.missing`, the tables of `meant_fields`."""
    [fault] = told(rule("fresh", "on: purchase", "bonus", then))
    assert said in fault


def test_what_is_missing_under_another_name_is_told_there_alone() -> None:
    """Else `period: month` were to be written beside the field that is told to be `period: day`."""
    missing, other = told(rule("fresh", "limits: [▶{▶every: day, times: 1}]"))
    assert missing == "`limits.0.period` is missing"
    assert other == "`limits.0.every`: no such field; did you mean `period`?"


def test_a_switch_where_there_is_no_schedule() -> None:
    text = "- id: q\n  kind: segment\n  effective: 2017-01-01T00:00:00-05:00\n  title: A\n  ▶active: true\n"
    assert told(text + "  when: member.age > 3\n") == [
        "`active`: no such field; what is published is in force: leave this out"
    ]
