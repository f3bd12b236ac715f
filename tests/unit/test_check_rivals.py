"""Rules of a group that are compared: none that may meet is left out, and of a thousand few are looked into."""

from __future__ import annotations

import random

import pytest

from shared.rules.checks import groups
from shared.rules.checks.checking import check
from shared.rules.checks.reach import asked, question
from shared.rules.checks.rivals import Rivals
from shared.rules.checks.shelf import Shelf
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
SCHEDULES = ["", "schedule: {weekdays: [monday]}", "schedule: {until: 2017-06-01}", "schedule: {from: 2017-06-01}",
             "schedule: {from: '2017-05-31T22:00:00Z'}", "schedule: {dates: [2017-05-31]}"]  # fmt: skip


def rules(random_: random.Random, number: int) -> Shelf:
    """A group of random rules."""
    texts = []
    for n in range(number):
        joined = random_.choice((" && ", " && ", " || ")).join(random_.sample(PARTS, random_.randint(1, 3)))
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


def test_of_many_rules_few_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: `Rivals`; without it 200 rules of one group for 200 stores are 19,900 questions."""
    asked_: list[str] = []
    can_meet = groups._can_meet

    def counted(one: Rule, other: Rule, shelf: Shelf) -> bool:
        asked_.append(one.id)
        return can_meet(one, other, shelf)

    monkeypatch.setattr(groups, "_can_meet", counted)
    stacking = "stacking: {group: g, how: exclusive, priority: 1}"
    text = "".join(rule(f"r{n}", f"when: 'event.store == \"{n}\"'\n{stacking}") for n in range(200))
    assert check([("r.yaml", PROGRAMME + text)]).faults == []
    assert len(asked_) == 0
    twins = text + rule("z", f"when: 'event.store == \"7\"'\n{stacking}")
    [fault] = check([("r.yaml", PROGRAMME + twins)]).faults
    assert fault.message.startswith("r7 has the priority 1 too") and len(asked_) == 1
