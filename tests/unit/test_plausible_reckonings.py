"""More of what marketers plausibly write: days that are reckoned, times of day, members' facts that are none, lines as
a fact, and fields by other names. The checker says what is meant, at the place of the slip, where that fits."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.syntax import ExpressionError
from shared.rules.schedule import Schedule
from tests.unit.marked import rule, told
from tests.unit.rulekit import basket, book, facts, line
from tests.unit.rulekit import rule as of_a_book

BOOK = book(of_a_book("one", "then: {fixed: 1}"))

_NO = "when: no fact is called"
_RECKONED = "when: dates are not calculated with; write"
_DAYS = "of dates, ask how many days ago they are, such as days_since(member.joined) == 1"
_NEVER = "no date of a member is after today: ask how many days ago it is, such as days_since(history.last(ever)) <= 30"
_BIRTHDAY = "of a birthday, ask member.is_birthday (today is the day)"
_EVENING = 'write calendar.hour >= 18, or `schedule: {hours: ["18:00-24:00"]}`'
_WHOLE = "hours are whole numbers from 0 to 23"
_MEMBER = (
    "there are member.tier, member.tiers, member.segments, member.tags, member.consents, member.household, "
    "member.joined, member.birthday …"
)
_LINES = (
    "ask its lines with lines.count() for how many there are, such as lines.count() > 3, and with lines.any(filter) "
    'for what one of them is, such as lines.any(category == "wine")'
)
_ANY = 'ask its lines, such as lines.any(category == "wine")'
_SINCE = "when: a window from a day on has it in brackets and quotes; write since"
_HOLIDAY = 'when: this is the name of a holiday, which is known on that day only; write has(calendar.holiday("DE"))'


@pytest.mark.parametrize(
    ("when", "said"),
    [
        # Days from today: `language/reckoned`. Those that are later are fewer days ago.
        ("history.last(ever) == ▶yesterday", f"{_NO} yesterday; write days_since(history.last(ever)) == 1"),
        ("▶yesterday <= member.joined", f"{_NO} yesterday; write days_since(member.joined) <= 1"),
        ("history.last(ever) == ▶tomorrow", f"{_NO} tomorrow; {_NEVER}"),
        ("calendar.date == ▶yesterday", f"{_NO} yesterday; {_DAYS}"),
        ("member.birthday == ▶tomorrow", f"{_NO} tomorrow; {_BIRTHDAY} or member.age"),
        ("member.joined >= ▶today - 30", f"{_RECKONED} days_since(member.joined) <= 30"),
        ("member.joined < ▶calendar.date - 30", f"{_RECKONED} days_since(member.joined) > 30"),
        ("▶today - 30 > history.last(ever)", f"{_RECKONED} days_since(history.last(ever)) > 30"),
        ("▶today - member.joined > 30", f"{_RECKONED} days_since(member.joined) > 30"),
        ("member.birthday <= ▶today - 7000", f"when: dates are not calculated with; {_BIRTHDAY} or member.age"),
        (
            "lines.any(product == ▶yesterday)",
            'when: no fact about a line is called yesterday; a text stands in quotes: write "yesterday"',
        ),
        # Times of day; those by their signs are below.
        ('▶calendar.time >= "18:00"', f"{_NO} calendar.time; {_EVENING}"),
        ('calendar.hour >= ▶"18"', f"when: the hour is a number; {_EVENING}"),
        (
            'history.count(ever, ▶calendar.time >= "18:00") > 1',
            f"{_NO} calendar.time; write calendar.hour >= 18",
        ),
        ('history.count(ever, ▶calendar.time > "18:00") > 1', f"{_NO} calendar.time; {_WHOLE}"),
        ("history.count(last_days(9), calendar.hour < 18▶:30) > 1", f"when: `:` cannot stand here; {_WHOLE}"),
        (
            "history.count(ever) > 1 && calendar.hour < 18▶:30",
            'when: `:` cannot stand here; write `schedule: {hours: ["00:00-18:30"]}`',
        ),
        ("▶calendar.time > 18", f"{_NO} calendar.time; did you mean calendar.hour?"),
        # Windows from a day on.
        ("history.count(since ▶2026-01-01) > 3", f'{_SINCE}("2026-01-01")'),
        ('history.sum(basket.total, since ▶"2026-02-01") > 3', f'{_SINCE}("2026-02-01")'),
        (
            "history.count(▶since(2026-01-01)) > 3",
            'when: write over which time: did you mean since("2026-01-01")?',
        ),
        # Days that the calendar does not have are not suggested.
        ("history.count(since ▶2026-13-45) > 3", f'{_SINCE}("2026-01-01")'),
        (
            "history.count(▶since(2026-13-45)) > 3",
            "when: write over which time: one of today, this_week, this_month, this_quarter, this_year, ever, "
            'last_days(30), since("2017-08-01")',
        ),
        # Members: a wallet, or what partners send; but not where it is spelt nearly like a fact.
        (
            "▶member.stars > 100",
            f"{_NO} member.stars; if stars is a wallet, write member.balance.stars; if partners send it, write "
            f"member.attributes.stars; {_MEMBER}",
        ),
        ("▶member.city == 'x'", f"{_NO} member.city; if partners send it, write member.attributes.city; {_MEMBER}"),
        ("▶member.name == 'x'", f"{_NO} member.name; if partners send it, write member.attributes.name; {_MEMBER}"),
        ("▶member.id == 'x'", f"{_NO} member.id; if partners send it, write member.attributes.id; {_MEMBER}"),
        ("▶member.email == 'x'", f"{_NO} member.email; if partners send it, write member.attributes.email; {_MEMBER}"),
        ("▶member.tag == 'x'", f"{_NO} member.tag; did you mean member.tags?"),
        ("▶member.tier_level == 'x'", f"{_NO} member.tier_level; did you mean member.tier?"),
        ("▶member.referal > 3", f"{_NO} member.referal; did you mean member.referrals?"),
        # Sets before a list.
        ('member.tags in ▶["vip"]', 'when: a set of texts stands behind `in`: write "vip" in member.tags'),
        (
            'member.tags in ▶["vip", "a"]',
            'when: a set of texts stands behind `in`: write ("vip" in member.tags || "a" in member.tags)',
        ),
        ("member.tags in ▶[1]", 'when: a set of texts is asked with `in`: "…" in member.tags'),
        # Lines.
        ("▶basket.lines > 3", f"{_NO} basket.lines; {_LINES}"),
        ('▶lines.contains("wine")', f"when: a basket is no text; {_ANY}"),
        ("▶basket.count > 3", f"{_NO} basket.count; did you mean lines.count(filter?)?"),
        ("▶len(lines) > 3", "when: no function is called len; did you mean lines.count()?"),
        ('▶calendar.holiday("DE")', _HOLIDAY),
        ('basket.total > 5 && ▶calendar.holiday("DE")', _HOLIDAY),
        ("▶event.store", "when: compare this with something: it is a text, not true or false"),
    ],
)
def test_a_condition_that_is_reckoned_or_named_as_elsewhere(when: str, said: str) -> None:
    """Breaks without the tables of `meant` or the reading of `reckoned`, or where a place moves."""
    assert told(rule("x", f"when: >-\n  {when}")) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "days_since(history.last(ever)) == 1",
        "days_since(member.joined) <= 30",
        "calendar.hour >= 18",
        'history.count(since("2026-01-01")) > 3',
        "member.balance.stars > 100",
        'member.attributes.city == "x"',
        "lines.count() > 3",
        'lines.any(category == "wine")',
        'has(calendar.holiday("DE"))',
        # What is spelt like a slip, and none: a fact that is compared with a written date.
        'calendar.date == "2026-12-24" && event.attributes.time == "18:00" && event.attributes.yesterday == 1',
    ],
)
def test_what_is_told_to_write_can_be_written(text: str) -> None:
    """Breaks where a hint shows a form that the language does not have, or what is right is refused."""
    condition(text)


# Each with the first and the last minutes of the spans that it means, and the minutes beside them.
_SPANS = [
    # An hour is compared as a whole: > 18 begins at 19:00, and <= 18 ends there.
    ('calendar.hour > "18"', "calendar.hour > 18", ["19:00-24:00"], "19:00 23:59", "00:00 18:00 18:59"),
    ('"18" < calendar.hour', "calendar.hour > 18", ["19:00-24:00"], "19:00 23:59", "00:00 18:00 18:59"),
    ('calendar.hour >= "18"', "calendar.hour >= 18", ["18:00-24:00"], "18:00 23:59", "00:00 17:59"),
    ('calendar.hour <= "18"', "calendar.hour <= 18", ["00:00-19:00"], "00:00 18:59", "19:00 23:59"),
    ("calendar.hour < 18:00", "calendar.hour < 18", ["00:00-18:00"], "00:00 17:59", "18:00 23:59"),
    ("calendar.hour > 18:00", "calendar.hour > 18", ["19:00-24:00"], "19:00 23:59", "18:00 18:59"),
    ("18:00 > calendar.hour", "calendar.hour < 18", ["00:00-18:00"], "00:00 17:59", "18:00 23:59"),
    ('calendar.hour == "6"', "calendar.hour == 6", ["06:00-07:00"], "06:00 06:59", "05:59 07:00"),
    ("hour != 06:00", "calendar.hour != 6", ["00:00-06:00", "07:00-24:00"], "05:59 07:00", "06:00 06:59"),
    ('calendar.hour != "0"', "calendar.hour != 0", ["01:00-24:00"], "01:00 23:59", "00:00 00:59"),
    ('calendar.hour != "23"', "calendar.hour != 23", ["00:00-23:00"], "00:00 22:59", "23:00 23:59"),
    # A time of day is compared to the minute.
    ('event.time >= "18:00"', "calendar.hour >= 18", ["18:00-24:00"], "18:00 23:59", "00:00 17:59"),
    ("calendar.time < 18:00", "calendar.hour < 18", ["00:00-18:00"], "00:00 17:59", "18:00 23:59"),
    ('event.time > "18:00"', "", ["18:01-24:00"], "18:01 23:59", "00:00 18:00"),
    ("event.time <= 18:00", "", ["00:00-18:01"], "00:00 18:00", "18:01 23:59"),
    ("calendar.time < 18:30", "", ["00:00-18:30"], "00:00 18:29", "18:30 23:59"),
    ('calendar.hour >= "18:30"', "", ["18:30-24:00"], "18:30 23:59", "00:00 18:29"),
    ('time == "18:30"', "", ["18:30-18:31"], "18:30", "18:29 18:31"),
    ("calendar.time != 18:30", "", ["00:00-18:30", "18:31-24:00"], "18:29 18:31", "18:30"),
    ('calendar.time != "23:59"', "", ["00:00-23:59"], "00:00 23:58", "23:59"),
]


@pytest.mark.parametrize(("when", "hour", "spans", "within", "outside"), _SPANS)
def test_a_time_of_day_is_told_with_its_sign(when: str, hour: str, spans: list[str], within: str, outside: str) -> None:
    """Mechanism: `clock._spans`, and the reading of mere text before and behind a time. Both forms that are told can be
    written, and hold within and not outside."""
    with pytest.raises(ExpressionError) as refused:
        condition(when)
    hours = ", ".join(f'"{each}"' for each in spans)
    asked = f"{hour}, or " if hour else ""
    assert str(refused.value).partition("; write ")[2] == f"{asked}`schedule: {{hours: [{hours}]}}`"
    assert told(rule("x", f"schedule: {{hours: [{hours}]}}")) == []
    schedule, holds = Schedule(hours=tuple(spans)), compile_test(condition(hour or "true"))
    for time in (within + " " + outside).split():
        bought = basket(line("1.00"), time=f"2017-03-01T{time}:00-05:00")
        assert schedule.runs(bought.time, ZoneInfo("America/New_York")) == (time in within)
        assert not hour or holds(facts(bought, BOOK)) == (time in within)


@pytest.mark.parametrize(
    "when",
    [
        # Nothing, or all of the day: neither is worth asking.
        'calendar.time < "00:00"', "calendar.hour < 0:00", 'calendar.hour >= "0"', 'calendar.hour > "23"',
        'calendar.hour <= "23"', 'calendar.time > "23:59"', 'calendar.time <= "23:59"',
        # No comparison of the clock alone.
        "basket.total > 18:00", "calendar.hour in [18:00, 19:00]", "1 + calendar.hour < 18:00",
        "calendar.hour < 18:00:30", "calendar.hour < 25:00", "9:00 < calendar.hour < 18:00",
    ],
)  # fmt: skip
def test_of_a_time_of_day_that_means_no_span_the_form_is_told(when: str) -> None:
    """Mechanism: `clock._spans` gives no span that is empty or all of the day; a sum is not taken for its last part."""
    with pytest.raises(ExpressionError, match=f"{_WHOLE}; for minutes write `schedule: {{hours: "):
        condition(when)


def test_a_set_before_a_list_is_told_in_brackets() -> None:
    """Mechanism: the brackets of `each_in`. Without, one whose tag is the second would pass with a small basket."""
    with pytest.raises(ExpressionError) as refused:
        condition('basket.total > 10 && member.tags in ["a", "b"]')
    said = str(refused.value).partition("write ")[2]
    holds = compile_test(condition(f"basket.total > 10 && {said}"))
    for amount, tag in ("9", "a"), ("9", "b"), ("11", "a"), ("11", "b"), ("11", "c"):
        assert holds(facts(basket(line(amount)), BOOK, {"tags": [tag]})) == (amount == "11" and tag != "c")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "limits: [{period: day, ▶count: 2}]\nthen: {fixed: 1}",
            ["`limits.0.count`: no such field; did you mean `times`?"],
        ),
        (
            "limits: [{period: day, ▶max: 2}]\nthen: {fixed: 1}",
            ["`limits.0.max`: no such field; did you mean `times`?"],
        ),
        (
            "limits: [▶{per: ▶day, times: 1}]\nthen: {fixed: 1}",
            [
                "`limits.0.period` is missing; write `period: day`",
                "limits.0.per: write one of member, household, programme; a span of time is its period: write "
                "`period: day`",
            ],
        ),
        (
            "limits: [{period: day, per: ▶day}]\nthen: {fixed: 1}",
            ["limits.0.per: write one of member, household, programme"],
        ),
        ("▶event: purchase\nthen: {fixed: 1}", ["`event`: no such field; write `on: purchase`"]),
        ("▶trigger: checkout\nthen: {fixed: 1}", ["`trigger`: no such field; did you mean `on`?"]),
        ("then: {▶double: [base]}", ["`then.double`: no such field; write `multiply: {rules: [base], by: 2}`"]),
        (
            "stacking: {group: a, ▶mode: best}\nthen: {fixed: 1}",
            ["`stacking.mode`: no such field; did you mean `how`?"],
        ),
        ("schedule: {▶tz: Asia/Tokyo}\nthen: {fixed: 1}", ["`schedule.tz`: no such field; did you mean `time_zone`?"]),
        ("▶timezone: Asia/Tokyo\nthen: {fixed: 1}", ["`timezone`: no such field; write `time_zone` within `schedule`"]),
        (
            "▶description: A\nthen: {fixed: 1}",
            [
                "`description`: no such field; `title` says what it is; take this out, or write it as a comment, "
                "behind #"
            ],
        ),
    ],
)
def test_a_field_by_the_name_that_others_have_for_it(body: str, said: list[str]) -> None:
    """Breaks without the tables of `meant_fields`, and where `whose` is not asked of a limit's `per`."""
    assert told(rule("x", body, "bonus", then="")) == said


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (
            "challenge",
            "progress: {count: days, goal: 3, ▶per: month}\nthen: {fixed: 1}",
            ["`progress.per`: no such field; did you mean `period`?"],
        ),
        (
            "challenge",
            "progress: {goal: 3}\n▶per: month\nthen: {fixed: 1}",
            ["`per`: no such field; write `period: month` within `progress`, or within `limits`"],
        ),
        (
            "referral",
            "advocate: {fixed: 1}\nfriend: {fixed: 1}\n▶then: {fixed: 1}",
            ["`then`: no such field; write `advocate` and `friend`: what each of the two is given"],
        ),
        # Not `segment`, which is spelt nearly so.
        (
            "referral",
            "advocate: {fixed: 1}\nfriend: {fixed: 1}\n▶event: purchase",
            [
                "`event`: no such field; there are: id, version, effective, owner, title, tags, schedule, segment, "
                "when, limits, budget, kind, advocate, friend"
            ],
        ),
    ],
)
def test_a_field_that_another_kind_has(kind: str, body: str, said: list[str]) -> None:
    """Breaks without `meant_fields._at_the_top`, or the table of `progress`."""
    assert told(rule("x", body, kind, then="")) == said


def test_a_definition_that_has_a_name_is_told_of_its_title() -> None:
    """Mechanism: the table of `meant_fields`; only where there is no title yet."""
    text = "▶- id: q\n  kind: segment\n  effective: 2017-01-01T00:00:00-05:00\n  ▶name: A\n  when: member.age > 3\n"
    assert told(text.replace("▶- id", "- ▶id")) == [
        "`title` is missing",
        "`name`: no such field; did you mean `title`?",
    ]
