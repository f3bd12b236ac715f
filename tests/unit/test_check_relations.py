"""Conditions whose facts never go together, though each may be so; and some that look alike and do. By hand."""

from __future__ import annotations

import pytest

from shared.rules.language.checking import condition
from shared.rules.language.terms import written
from tests.unit.marked import PROGRAMME, rule, told

PAIRS = [
    ('lines.any(category == "a")', 'lines.none(category == "a")'),
    ('lines.all(category == "a")', 'lines.none(category == "a")'),
    ('lines.any(category == "a")', 'lines.count(category == "a") == 0'),
    ('event.currency == "EUR"', "basket.total > 5"),
    ('event.currency != "USD" && has(event.currency)', "lines.sum(amount) > 5"),
    ("calendar.month == 2", "calendar.day == 30"),
    ("calendar.month in [4, 6]", "calendar.day > 30"),
    ('calendar.date == "2026-03-01"', 'calendar.weekday == "monday"'),
    ("history.count(ever) == 1", "history.count(this_month) >= 2"),
    ("history.count(last_days(30)) < 2", "history.count(last_days(7)) >= 2"),
    ("history.sum(basket.total, this_year) < 10", "history.sum(basket.total, this_quarter) >= 10"),
    ('history.count(since("2017-02-01")) < 3', 'history.count(since("2017-03-01")) >= 3'),
    ("basket.eligible >= 200", "basket.total < 150"),
    ('lines.sum(amount, category == "a") > 50', "basket.total <= 50"),
    ('lines.count(category == "a") == 3', "lines.count() < 3"),
    ('lines.cheapest(category == "a") > 5', 'lines.dearest(category == "a") < 4'),
    ("lines.cheapest() > 5", 'lines.dearest(category == "a") < 4'),
    ('lines.dearest(category == "a") > 5', "lines.dearest() < 5"),
    ("member.age < 18", 'member.birthday < "1970-01-01"'),
    ("member.age >= 30", 'member.birthday > "2175-01-01"'),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_pair_that_never_holds_is_told_at_the_second(one: str, other: str) -> None:
    """Mechanism: `relations.agree`; without it each pair passes."""
    joined = " && " in one
    text = f"▶{one} && {other}" if joined else f"{one} && ▶{other}"
    [said] = told(rule("x", f"when: '{text}'"))
    assert said.startswith("never true")


@pytest.mark.parametrize(
    "when",
    [
        'lines.any(category == "a") && lines.none(category == "b")',
        'lines.any(category == "a") && !lines.all(category == "a")',
        'event.currency == "USD" && basket.total > 5',
        'event.currency == "EUR" && lines.any(brand == "a")',
        "calendar.month == 2 && calendar.day == 29",
        'calendar.date > "2026-03-01" && calendar.weekday == "monday"',
        "history.count(ever) == 2 && history.count(this_month) >= 2",
        "history.count(this_week) >= 3 && history.count(this_month) == 1",  # a week may lie in two months
        'history.count(ever) == 1 && history.count(this_month, event.kind == "signup") >= 2',
        "basket.eligible >= 200 && basket.total < 250",
        "basket.total >= 200 && basket.eligible < 150",
        'lines.cheapest(category == "a") > 5 && lines.dearest(category == "b") < 4',
        'lines.cheapest(category == "a") > 5 && lines.cheapest() < 5',
        "lines.cheapest() < lines.dearest()",
        'lines.cheapest(category == "a") > lines.dearest(category == "b")',
        'member.age < 18 && member.birthday < "2005-01-01"',
        'member.age > 18 && member.birthday < "1970-01-01"',
        '!(member.age >= 18) && member.birthday < "1970-01-01"',  # of who is born after the event no age is known
        "days_since(history.last(last_days(30))) >= 29",
        "days_since(history.last(last_days(30))) <= 30",  # says that there is one
        "days_since(history.last(ever)) >= 30",
        "days_since(history.first(this_month)) >= 30",
        "days_since(history.last(today)) <= 0",  # says that there is one
        "member.birthday < calendar.date",
        "basket.eligible < basket.total",
        "basket.eligible == basket.total",
        "history.count(this_week) > history.count(this_month)",  # a week may lie in two months
    ],
)
def test_what_may_go_together_is_let_be(when: str) -> None:
    assert told(rule("x", f"when: '{when}'")) == []


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('▶member.age < 18 && member.birthday < "1990-01-01"', "never holds while this version is in force: it is"),
        ("▶days_since(history.last(last_days(30))) >= 30", "last(last_days(30))) is from 0 to 29"),
        ("▶days_since(history.last(today)) >= 1", "last(today)) is 0 here"),
        ("▶days_since(history.first(this_week)) > 6", "first(this_week)) is from 0 to 6"),
        ('▶days_since(history.last(this_year, event.store == "a")) == 366', "is from 0 to 365"),
        ("▶days_since(history.first(last_days(7))) == 7", "first(last_days(7))) is from 0 to 6"),
        ("▶member.birthday == calendar.date",
         "warning: a birthday has its year, so this holds only for who was born on the very day of the event; "
         "did you mean member.is_birthday?"),
        ("▶calendar.date != member.birthday",
         "this holds for all but who was born on the very day of the event; did you mean !member.is_birthday?"),
        ("▶days_since(member.birthday) == 0", "did you mean member.is_birthday?"),
    ],
)  # fmt: skip
def test_what_people_write_of_days_and_birthdays_and_what_is_never_so(when: str, words: str) -> None:
    """Rules of these tests are effective from 2017: who was born before 1990 was 27 then."""
    [said] = told(rule("x", f"when: '{when}'"))
    assert words in said


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("schedule: {weekdays: [monday, tuesday]}\nprogress: {goal: ▶3}",
         "a week has at most 2 days for it (monday, tuesday), so 3 are never reached; lower the `goal`, or let it run"),
        ('when: calendar.weekday == "friday"\nprogress: {period: month, goal: ▶6}',
         "a month has at most 5 days for it (friday), so 6 are never reached; "),
        ("campaign: c\nprogress: {goal: ▶2}", "a week has at most 1 day for it (sunday), so 2 are never reached"),
    ],
)  # fmt: skip
def test_a_challenge_that_asks_for_more_days_than_there_are(body: str, words: str) -> None:
    campaign = rule("c", "schedule: {weekdays: [sunday]}", "campaign", "")
    [said] = told(campaign + rule("x", body, "challenge"))
    assert said.startswith(words)


def test_a_challenge_at_night_has_the_day_after_too() -> None:
    """From Monday ten in the evening to two on Tuesday: two days."""
    body = "schedule: {weekdays: [monday], hours: ['22:00-02:00']}\nprogress: {goal: 2}"
    assert told(rule("x", body, "challenge")) == []


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('lines.cheapest(category == "a") > lines.dearest(category == "a")',
         'never true: lines.cheapest(category == "a") is never more than lines.dearest(category == "a"); turn'),
        ('lines.dearest(category == "a") < lines.cheapest()',
         'never true: lines.cheapest() is never more than lines.dearest(category == "a"); turn it round'),
        ("basket.eligible > basket.total", "never true: basket.eligible is never more than basket.total"),
        # In another currency than the programme's neither is known, and the comparison does not hold.
        ("basket.total >= basket.eligible", "true whenever both are known: basket.eligible is never more than basket."
         "total, and unknown of a purchase in another currency than the programme's; write has(basket.eligible) where"),
        ('basket.total >= lines.sum(amount, brand == "a")', "true whenever both are known: lines.sum(amount, brand =="),
        ("lines.count() >= lines.count(amount > 2)", "true whenever both are known: lines.count(amount > 2) is never"),
        ('lines.count() >= lines.count(brand == "a")', 'always true: lines.count(brand == "a") is never more than'),
        ('lines.cheapest(brand == "a") <= lines.dearest(brand == "a")', "true whenever both are known: lines.cheapest("
         'brand == "a") is never more than lines.dearest(brand == "a"), and unknown in a basket without such a line; '
         'write lines.any(brand == "a") where that is meant, or compare with something else'),
        ("history.count(today) <= history.count(ever)", "always true: history.count(today) is never more than history"),
        ("lines.sum(quantity, brand == \"a\") <= basket.quantity", "always true: lines.sum(quantity, brand"),
        ("history.count(today) > history.count(ever)", "never true: history.count(today) is never more than history."),
    ],
)  # fmt: skip
def test_two_facts_of_which_one_is_never_more_than_the_other(when: str, words: str) -> None:
    """Breaks where a comparison of two facts is never looked into: `relations.at_most`; and where it is not asked
    whether both are known (Mechanism: `saying.where_both_are_known`)."""
    [said] = told(rule("x", f"when: '▶{when}'"))
    assert said.startswith(words)


LADDER = PROGRAMME + rule("ladder", "qualifying: [base]\ntiers: [{id: gold, title: G, from: 1}]", "ladder", "")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('member.tier == "gold" && ▶!("gold" in member.tiers)', ["never true together with"]),
        ('"gold" in member.tiers && ▶!has(member.tier)', ["never true together with"]),
        ('member.tier == "gold" && ▶"gold" in member.tiers', ['warning: `"gold" in member.tiers` makes no difference']),
        # On another ladder.
        ('member.tier != "gold" && "gold" in member.tiers', []),
        ('has(member.tier) && !("gold" in member.tiers)', []),
        (
            '!has(member.tier) && ▶!("gold" in member.tiers)',
            ['warning: `!("gold" in member.tiers)` makes no difference'],
        ),
    ],
)
def test_who_holds_a_tier_has_it_among_all_tiers(when: str, said: list[str]) -> None:
    """Mechanism: `tiers.agree`; without it none of these is told."""
    words = told(rule("base", "") + rule("x", f"when: '{when}'"), LADDER)
    assert [each[: len(begin)] for each, begin in zip(words, said, strict=True)] == said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("basket.total < 20", "lines.any(amount >= 50)"),
        ("basket.total < 20", "lines.any(amount >= 20)"),
        ("basket.total * 3 < 20", "lines.any(amount >= 6.67)"),
        ("basket.total < 20", "lines.dearest() >= 50"),
        ("basket.total < 20", 'lines.cheapest(brand == "a") >= 20'),
        ("basket.quantity < 3", "lines.any(quantity > 3)"),
    ],
)
def test_no_line_is_more_than_the_whole_basket(one: str, other: str) -> None:
    """Mechanism: `baskets._within`, and prices among what is a part of `basket.total` (`relations._WHOLES`)."""
    [said] = told(rule("x", f"when: '{one} && ▶{other}'"))
    assert said.startswith(f"never true together with `{written(condition(one))}`")


@pytest.mark.parametrize(
    "when",
    [
        "basket.total < 20 && lines.any(amount >= 19.99)",
        "basket.total < 20 && lines.none(amount >= 15)",
        "basket.total <= 20 && lines.dearest() >= 20",
        "basket.quantity <= 3 && lines.any(quantity == 3)",
    ],
)
def test_a_line_may_be_all_of_the_basket(when: str) -> None:
    assert [each for each in told(rule("x", f"when: '{when}'")) if not each.startswith("warning")] == []
