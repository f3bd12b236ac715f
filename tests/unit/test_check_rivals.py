"""Rules of a group that are compared: none that may meet is left out, and of a thousand few are looked into."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from shared.rules.checks import groups, meeting
from shared.rules.checks.checking import check
from shared.rules.checks.reach import asked, question
from shared.rules.checks.rivals import Rivals
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.wider import Scope
from shared.rules.definition import Rule
from shared.rules.yamlfile import parse
from tests.unit.marked import PROGRAMME, rule

PARTS = [
    *(f'event.store == "{value}"' for value in "abc"),
    'event.store in ["a", "b"]',
    'event.attributes.x == "1"',
    "event.attributes.x == 1",
    "event.attributes.x == true",
    "event.attributes.x > 0",
    *(f"basket.total {sign} {value}" for sign in ("<", ">=", "==", "!=") for value in (5, 10)),
    "basket.quantity * 2 > 6",
    'lines.any(brand == "a")',
    'lines.any(brand == "b")',
    "member.age < 18",
    "member.age >= 60",
]
RELATED = [
    "basket.eligible >= 10", "basket.total < 10", "lines.sum(amount) >= 10", 'event.currency == "USD"',
    "lines.count() >= 2", "lines.any()", "lines.none()", "basket.quantity >= 3", "lines.sum(quantity) >= 3",
    "history.count(today) >= 2", "history.count(this_month) >= 2", "calendar.day == 31", "calendar.month == 2",
    "calendar.weekday == 'monday'", "calendar.date < '2017-06-01'", "member.balance.stars >= 10", "member.age >= 10",
]  # fmt: skip
SCHEDULES = ["", "schedule: {weekdays: [monday]}", "schedule: {until: 2017-06-01}", "schedule: {from: 2017-06-01}",
             "schedule: {from: '2017-05-31T22:00:00Z'}", "schedule: {dates: [2017-05-31]}"]  # fmt: skip


def rules(random_: random.Random, number: int, parts: list[str] = PARTS) -> Shelf:
    """A group of random rules."""
    texts = []
    for n in range(number):
        joined = random_.choice((" && ", " && ", " || ")).join(random_.sample(parts, random_.randint(1, 3)))
        joined = joined.replace("'", '"')
        texts.append(rule(f"r{n}", f"when: '{joined}'\n{random_.choice(SCHEDULES)}"))
    return Shelf(parse(PROGRAMME + "".join(texts), "r.yaml")[0])


def test_no_two_rules_that_may_meet_are_kept_apart() -> None:
    random_, apart = random.Random(11), 0
    for _ in range(12):
        shelf = rules(random_, 24)
        all_ = sorted(shelf.of(Rule), key=lambda each: each.id)
        rivals = Rivals([(each, [each], asked([each], shelf)) for each in all_], shelf.zone)
        for one in all_:
            near = {each.id for each in rivals.near(one)}
            for other in all_:
                gates = [one, other]
                if other is not one and other.id not in near:
                    apart += 1
                    assert not question([*gates], one, shelf).can_hold(*asked([*gates], shelf)), (one.when, other.when)
    assert apart > 500


def test_where_one_rule_surely_applies_without_another_the_whole_question_says_so_too() -> None:
    """Of related facts (a part and its whole, windows of history, dates) too. Breaks where `kin` parts what belongs
    together: then a rule that never wins would not be found."""
    random_, sure, asked_ = random.Random(12), 0, 0
    for parts in (PARTS, RELATED, RELATED, RELATED, PARTS + RELATED) * 2:
        shelf = rules(random_, 24, parts)
        all_ = sorted(shelf.of(Rule), key=lambda each: each.id)
        scopes: dict[str, Scope] = {}
        for one, other in permutations(all_, 2):
            mine, theirs = (groups._scope(each, scopes, shelf) for each in (one, other))
            asked_ += 1
            if mine.reaches(theirs):
                sure += 1
                assert not groups._implies(one, other, shelf), (one.when, other.when)
    assert asked_ / 4 < sure < asked_


def test_of_many_rules_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: `Rivals`; without it 200 rules of one group for 200 stores are 19,900 questions."""
    asked_: list[str] = []
    collide = meeting.collide

    def counted(one: Rule, other: Rule, shelf: Shelf) -> bool:
        asked_.append(one.id)
        return collide(one, other, shelf)

    monkeypatch.setattr(groups, "collide", counted)
    stacking = "stacking: {group: g, how: exclusive, priority: 1}"
    text = "".join(rule(f"r{n}", f"when: 'event.store == \"{n}\"'\n{stacking}") for n in range(200))
    assert check([("r.yaml", PROGRAMME + text)]).faults == []
    assert len(asked_) == 0
    twins = text + rule("z", f"when: 'event.store == \"7\"'\n{stacking}")
    [fault] = check([("r.yaml", PROGRAMME + twins)]).faults
    assert fault.message.startswith("r7 has the priority 1 too") and len(asked_) == 1


def test_of_a_thousand_rules_that_can_all_meet_few_pairs_are_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    """From another amount and for another number of pieces each; the one of more has the higher priority. Breaks
    without `Scope.reaches`: then each two of 300 are, 44,850 pairs."""
    looked: list[str] = []

    def counted(one: Rule, other: Rule, shelf: Shelf) -> bool:
        looked.append(one.id)
        return implies(one, other, shelf)

    implies = groups._implies
    monkeypatch.setattr(groups, "_implies", counted)
    texts = [
        rule(f"r{n:04d}", f"when: basket.total >= {n + 1} && basket.quantity >= {n % 7 + 1}\n"
                          f"stacking: {{group: g, how: exclusive, priority: {n}}}")
        for n in range(300)
    ]  # fmt: skip
    assert check([("r.yaml", PROGRAMME + "".join(texts))]).faults == []
    assert len(looked) < 300
