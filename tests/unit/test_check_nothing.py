"""Rules that apply and never give anything, or never what they say: told; what may give something is let be."""

from __future__ import annotations

from itertools import product

import pytest

from tests.unit.marked import PROGRAMME, found, rule, told
from tests.unit.rulekit import Till, basket, book, line
from tests.unit.rulekit import rule as written

FUEL = PROGRAMME + "  not_eligible: department == 'FUEL'\n"


def never(under: str, over: str) -> list[str]:
    """What is told of a rule `over` that builds on `under`; each its own lines, with its effect."""
    return told(rule("under", under, then="") + rule("over", over, then=""))


@pytest.mark.parametrize(
    ("under", "over"),
    [
        ("schedule: {weekdays: [monday]}\nthen: {fixed: 5}",
         "schedule: {weekdays: [tuesday]}\nthen: {again: ▶[under]}"),
        ("when: basket.total < 5\nthen: {fixed: 5}",
         "when: basket.total > 10\nthen: {multiply: {rules: ▶[under], by: 2}}"),
        ("schedule: {hours: ['09:00-10:00']}\nthen: {fixed: 5}",
         "schedule: {hours: ['10:00-10:30']}\nthen: {again: ▶[under]}"),
        ("schedule: {until: 2017-06-01}\nthen: {fixed: 5}", "schedule: {from: 2017-06-01}\nthen: {again: ▶[under]}"),
    ],
)  # fmt: skip
def test_rules_that_never_apply_together(under: str, over: str) -> None:
    """Breaks where `building` compares wallets alone, and neither conditions nor the times of both."""
    [said] = never(under, over)
    assert said.startswith("it never applies to an event together with under: it gives nothing; change the condition")


@pytest.mark.parametrize(
    ("under", "over"),
    [
        ("schedule: {weekdays: [monday]}\nthen: {fixed: 5}",
         "schedule: {dates: [2017-03-06]}\nthen: {again: [under]}"),
        ("when: basket.total < 5\nthen: {fixed: 5}",
         "when: basket.total > 4.98\nthen: {multiply: {rules: [under], by: 2}}\nschedule: {until: 2018-01-01}"),
        ("schedule: {hours: ['09:00-10:00']}\nthen: {fixed: 5}",
         "schedule: {hours: ['09:59-10:30']}\nthen: {again: [under]}"),
    ],
)  # fmt: skip
def test_rules_that_may_apply_together(under: str, over: str) -> None:
    """Breaks where two schedules, or two conditions, that have a little in common are taken for apart."""
    assert never(under, over) == []


def test_one_of_several_rules_is_enough_to_build_on() -> None:
    """Breaks where a rule is refused as soon as one of those that it builds on never applies with it."""
    text = rule("monday", "schedule: {weekdays: [monday]}") + rule("always", "")
    over = rule("over", "schedule: {weekdays: [tuesday]}", then="{again: [monday, always]}")
    assert told(text + over) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("then: {per_amount: {per: 1.00, where: ▶department == 'FUEL' && amount > 5}}",
         "it gives nothing: every line that fits is `not_eligible` in shop, and counts nothing; change `where`"),
        ("then: {per_quantity: {give: 1, where: ▶department == 'FUEL'}}",
         "it gives nothing: every line that fits is `not_eligible` in shop, and counts nothing; change `where`, or "
         "write `of: all`"),
        ("then: {per_line: {give: 1, where: ▶department == 'FUEL' && quantity > 1}}",
         "it gives nothing: every line that fits is `not_eligible` in shop"),
        ("then: {wallet: miles, cashback: {percent: 5, unit: 0.01, where: ▶\"department in ['FUEL']\"}}",
         "it gives nothing: every line that fits is `not_eligible` in shop"),
        ("then: {per_amount: {per: 1.00, where: ▶amount < 1.00, round: line}}",
         "it gives nothing: no line that fits is enough for a point, and each is rounded (down) for itself; write"),
        ("then: {per_amount: {per: 1.00, where: ▶amount < 0.50, round: line, rounding: half_up}}",
         "it gives nothing: no line that fits is enough for a point, and each is rounded (half_up) for itself"),
        # 1 % of less than 1.00 is less than a cent.
        ("then: {cashback: {percent: 1, unit: 0.01, where: ▶amount < 1.00, round: line}}",
         "it gives nothing: no line that fits is enough for a point"),
        ("when: event.currency == 'EUR'\nthen: {per_amount: ▶{per: 1.00}}",
         "it gives nothing: the rule asks for amounts that are not in USD, the programme's currency; write `fixed`"),
        ("when: event.currency != 'USD'\nthen: [{wallet: miles, fixed: 1}, {cashback: ▶{percent: 1, unit: 0.01}}]",
         "it gives nothing: the rule asks for amounts that are not in USD"),
        ("when: lines.all(department == 'FUEL') && ▶basket.eligible > 3\nthen: {fixed: 1}",
         'never true together with `lines.all(department == "FUEL")`, as all these lines are `not_eligible` in the'),
        ("when: lines.none(department != 'FUEL') && ▶basket.eligible > 3\nthen: {fixed: 1}", "never true together"),
        ("when: member.is_birthday && ▶!has(member.birthday)\nthen: {fixed: 1}", "never true together with"),
        ("when: member.age >= 18 && ▶!has(member.birthday)\nthen: {fixed: 1}", "never true together with"),
        ("limits: [{period: day, points: 10}]\nthen: {per_line: {give: 2}, at_least: ▶20}",
         "it never gives 20: `limits` leaves 10 points a day; write 10 or less, or raise the limit"),
        ("limits: [▶{period: day, times: 3}, {period: week, times: 2}]\nthen: {fixed: 1}",
         "warning: it is never reached: 2 times a week are the most; leave it out, or write less than 2"),
        ("when: basket.total > 1\nlimits: [▶{period: day, times: 5}, {per: programme, period: day, times: 1}]\n"
         "then: {fixed: 1}",
         "warning: it is never reached: 1 time a day per programme is the most; leave it out"),
        ("limits: [{period: month, points: 2, per: programme}, ▶{period: day, points: 2}]\nthen: {fixed: 1}",
         "warning: it is never reached: 2 points a month per programme are the most; leave it out, or write less"),
        ("limits: [{period: day, times: 1}, ▶{period: day, points: 6}]\nthen: [{fixed: 5}, {wallet: miles, fixed: 3}]",
         "warning: `limits` adds points of miles and stars up as one number; write one definition for each wallet"),
        ("budget: ▶{points: 7}\nthen: [{fixed: 5}, {wallet: miles, fixed: 3}]",
         "warning: `budget` adds points of miles and stars up as one number; write one definition for each wallet"),
    ],
)  # fmt: skip
def test_what_never_gives_anything(body: str, words: str) -> None:
    """Breaks where effects and limits are not held against the programme, the condition and each other."""
    [said] = told(rule("x", body, then=""), FUEL)
    assert said.startswith(words)


@pytest.mark.parametrize(
    "body",
    [
        "then: {per_amount: {per: 1.00, of: basket.total, where: department == 'FUEL'}}",
        "then: {per_amount: {per: 1.00, where: department != 'DELI'}}",
        "then: {per_line: {give: 1, of: all, where: department == 'FUEL'}}",
        "then: {per_quantity: {give: 1, where: department != 'DELI'}}",
        "then: {per_amount: {per: 1.00, where: amount < 1.00}}",
        "then: {per_amount: {per: 1.00, where: amount < 1.00, round: line, rounding: up}}",
        "then: {per_amount: {per: 1.00, where: amount <= 0.50, round: line, rounding: half_up}}",
        "when: event.currency == 'EUR'\nthen: {fixed: 1}",
        "when: event.currency in ['EUR', 'USD']\nthen: {per_amount: {per: 1.00}}",
        "when: lines.any(department == 'FUEL') && basket.eligible > 3\nthen: {fixed: 1}",
        "when: lines.all(department == 'FUEL') && basket.eligible < 3\nthen: {fixed: 1}",
        "when: member.is_birthday || !has(member.birthday)\nthen: {fixed: 1}",
        "limits: [{period: week, points: 20}]\nthen: {per_line: {give: 2}, at_least: 20}",
        "limits: [{period: day, times: 2}, {period: week, times: 3}]\nthen: {fixed: 1}",
        "limits: [{period: day, points: 6}]\nbudget: {points: 7}\nthen: {fixed: 1}",
        "limits: [{period: day, times: 6}]\nthen: [{fixed: 5}, {wallet: miles, fixed: 3}]",
        # A week may be of two months; who is in a household may change; points are not times.
        "limits: [{period: week, times: 5}, {period: month, times: 2}]\nthen: {fixed: 1}",
        "limits: [{period: day, times: 5}, {period: day, per: household, times: 2}]\nthen: {fixed: 1}",
        "limits: [{period: day, times: 5}, {period: week, points: 2}]\nthen: {fixed: 1}",
    ],
)
def test_what_may_give_something(body: str) -> None:
    """Breaks where any of these checks says more than what it can prove."""
    assert told(rule("x", body, then=""), FUEL) == []


@pytest.mark.parametrize(
    ("multiply", "words"),
    [
        ("by: ▶1.1", "1.1 times 3 stars is less than one more, rounded (down) to none: it never gives any; write a"),
        ("by: ▶1.1, on: exact", "1.1 times 3 stars is less than one more, rounded (down) to none"),
        ("by: ▶1.1, rounding: half_up", "1.1 times 3 stars is less than one more, rounded (half_up) to none"),
        ("by: 1.1, rounding: up", ""),
        ("by: 1.17, rounding: half_up", ""),
        ("by: 1.5, rounding: half_even", ""),  # 4.5: together 4
        ("by: 1.34", ""),
        ("by: 1.1, compounding: true", ""),
    ],
)
def test_a_multiplier_of_too_few_fixed_points(multiply: str, words: str) -> None:
    """Breaks where nobody asks whether what comes on top is rounded to nothing. 3 × 0.34 is a whole point."""
    over = rule("over", "", then=f"{{multiply: {{rules: [under], {multiply}}}}}")
    said = told(rule("under", "", then="{fixed: 3}") + over)
    assert [each[: len(words)] for each in said] == ([words] if words else [])


def test_a_tag_that_only_its_own_holders_get() -> None:
    """Breaks where a tag counts as given, whoever can get it; another rule that gives it is enough."""
    own = rule("x", "when: '▶\"vip\" in member.tags && basket.total > 5'", "bonus", "{tag: vip}")
    assert told(own) == [
        "warning: only this rule gives the tag vip, and to nobody who does not have it; leave this out, or let "
        "another rule give it"
    ]
    free = own.replace("▶", "")
    assert told(free + rule("y", "", "bonus", "{tag: vip}")) == []
    assert told(free.replace("&&", "||")) == []
    assert told(rule("x", "when: '!(\"vip\" in member.tags)'", "bonus", "{tag: vip}")) == []


CLOSED = (
    "warning: the tags a and b are given only to who has one of them already, so nobody ever gets the first; leave "
    "this out, or let another rule give one of them"
)


def test_tags_that_are_only_given_to_who_has_the_other() -> None:
    """Told at both. Breaks where only a rule that asks for its own tag is told."""
    one = rule("x", "when: '▶\"b\" in member.tags && basket.total > 5'", "bonus", "{tag: a}")
    other = rule("y", "when: {all: ['▶\"a\" in member.tags']}", "challenge", "{tag: b}")
    other += "  progress: {goal: 2}\n"
    assert told(one + other) == [CLOSED, CLOSED]
    free = (one + other).replace("▶", "")
    assert told(free + rule("z", "", "bonus", "{tag: b}")) == []
    assert told(free.replace("&&", "||")) == []
    assert told(free.replace('\'"b" in', '\'!("b" in').replace("tags &&", "tags) &&")) == []


def test_tags_in_a_circle_by_segments_and_by_choice() -> None:
    """Told where the rule gives the tag, as it is the segment that asks. Breaks where segments are not looked into, or
    where only a tag that is surely needed counts."""
    segment = rule("has-b", "when: '\"b\" in member.tags'", "segment", "")
    one = rule("x", "segment: has-b", "bonus", "{tag: ▶a}")
    other = rule("y", "when: '▶\"a\" in member.tags'", "bonus", "{tag: b}")
    assert told(segment + one + other) == [CLOSED, CLOSED]
    three = rule("x", 'when: \'▶"b" in member.tags || "c" in member.tags\'', "bonus", "{tag: a}")
    three += rule("y", "when: '▶\"a\" in member.tags'", "bonus", "{tag: b}")
    three += rule("z", "when: '▶\"a\" in member.tags'", "bonus", "{tag: c}")
    [said, *rest] = told(three)
    assert said == CLOSED.replace("a and b", "a, b and c")
    assert rest == [said, said]


def test_tags_that_lead_to_each_other_and_can_be_had() -> None:
    """Breaks where a chain of tags is taken for a circle, or a rule that never applies makes its tag one."""
    chain = rule("x", "", "bonus", "{tag: a}") + rule("y", "when: '\"a\" in member.tags'", "bonus", "{tag: b}")
    chain += rule("z", 'when: \'"b" in member.tags || "c" in member.tags\'', "bonus", "{tag: c}")
    assert told(chain) == []
    never = rule("x", "when: basket.total > 5 && ▶basket.total < 3", "bonus", "{tag: a}")
    [said] = told(never + rule("y", "when: '\"a\" in member.tags'", "bonus", "{tag: b}"))
    assert said.startswith("never true together")


def test_what_is_said_to_give_nothing_gives_nothing() -> None:
    """All shapes and filters of these on some baskets: where a fault is told, no basket has a star. And some are."""
    filters = (
        "amount < 1.00",
        "amount < 0.50",
        "amount <= 0.50",
        "amount == 0",
        "department == 'FUEL'",
        "quantity > 1",
    )
    baskets = [
        basket(line("0.99"), line("0.50", 2), line("0.49", 3, department="FUEL")),
        basket(line("0.00"), line("7.00", 1, department="FUEL"), line("100.00", 2)),
    ]
    faults = 0
    for where, of, round_, way in product(
        filters, ("basket.eligible", "basket.total"), ("sum", "line"), ("down", "half_up", "half_even", "up")
    ):
        effect = f"per_amount: {{per: 1.00, where: {where}, of: {of}, round: {round_}, rounding: {way}}}"
        said, _ = found(rule("x", "", then=f"{{{effect}}}"), FUEL)
        faults += len(said)
        rules = book(written("r", f"then: {{{effect}}}"))
        assert not said or [Till(rules).points(each) for each in baskets] == [{}, {}], effect
    assert faults > 10


def test_a_campaign_adds_up_the_points_of_its_rules() -> None:
    """Breaks where only effects of one definition are looked at."""
    campaign = rule("c", "limits: [▶{period: day, points: 6}]\nbudget: ▶{points: 7}", "campaign", "")
    stars, miles = rule("a", "campaign: c"), rule("b", "campaign: c", then="{wallet: miles, fixed: 1}")
    said = "adds points of miles and stars up as one number; write one campaign for each wallet"
    assert told(campaign + stars + miles) == [f"warning: `limits` {said}", f"warning: `budget` {said}"]
    assert told(campaign.replace("▶", "") + stars) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("limits: [▶{per: programme, period: day, points: 6}]", ["limits"]),
        ("budget: ▶{points: 7}", ["budget"]),
        ("limits: [{per: member, period: day, points: 6}, {per: programme, period: ever, times: 5}]", []),
    ],
)
def test_a_referral_adds_up_the_points_of_both_sides(body: str, words: list[str]) -> None:
    """Breaks where only effects under `then` are looked at, or a limit that counts one side is told."""
    said = "adds points of miles and stars up as one number; write one definition for each wallet"
    sides = "advocate: {wallet: miles, fixed: 2}\nfriend: {fixed: 1}"
    assert told(rule("x", f"{body}\n{sides}", "referral", "")) == [f"warning: `{each}` {said}" for each in words]
    assert told(rule("x", f"{body}\n{sides}".replace("miles", "stars").replace("▶", ""), "referral", "")) == []
