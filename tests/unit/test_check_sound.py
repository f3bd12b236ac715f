"""The checker says never only of what never holds: random conditions, decided by the rules' own closures on events."""

from __future__ import annotations

import random
from typing import Any

import yaml

from shared.rules.checks.constants import examined
from shared.rules.checks.pieces import in_pieces
from shared.rules.checks.solving import Question
from shared.rules.facts import Facts
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.terms import Term, written
from shared.rules.matching import facts_of
from tests.model.rules.conditions import tree
from tests.model.rules.world import World
from tests.unit import marked
from tests.unit.rulekit import Till, basket, book, event, facts, line, rule

BOOK = book()
STORES = ("a", "ab", "b")
LEAVES = [
    *(f"basket.total {sign} {value}" for sign in ("<", "<=", "==", "!=", ">", ">=") for value in ("0", "5", "10.50")),
    *(f"lines.count() {sign} {value}" for sign in ("<", "==", ">=") for value in (0, 1, 2)),
    *(f"basket.quantity * 2 - 1 {sign} 3" for sign in ("<", "<=", "!=", ">")),
    *(f'event.store {sign} "{value}"' for sign in ("==", "!=") for value in STORES),
    *(f'event.store.{test}("{value}")' for test in ("startsWith", "endsWith", "contains") for value in ("a", "b")),
    'event.store in ["a", "b"]',
    "has(event.store)",
    "has(basket.total)",
    'event.kind == "signup"',
    'event.kind != "purchase"',
    "event.attributes.x == 1",
    'event.attributes.x == "1"',
    "event.attributes.x > 0",
    "has(event.attributes.x)",
    "event.attributes.x == true",
    "basket.total < basket.eligible + 1",
    'lines.any(brand == "a")',
    'lines.none(brand == "a")',
    'lines.all(brand == "a")',
    'lines.any(brand == "b")',
    'lines.all(brand in ["a", "c"])',
    'lines.none(department == "FUEL")',
    'lines.dearest(brand == "b") > 2',
    'calendar.weekday == "wednesday"',
    'calendar.date > "2017-03-01"',
    'calendar.date <= "2017-03-01"',
    'calendar.date == "2017-03-02"',
    *(f"calendar.day {sign} {value}" for sign in ("==", ">") for value in (1, 2, 30)),
    *(f"calendar.month == {value}" for value in (2, 3)),
    *(f"basket.eligible {sign} {value}" for sign in ("<", "==", ">=", ">") for value in ("0", "5", "10.50")),
    *(f'lines.count(brand == "a") {sign} {value}' for sign in ("<", "==", ">=") for value in (0, 1, 2)),
    *(f'lines.sum(amount, brand == "a") {sign} {value}' for sign in ("<", "==", ">") for value in ("0", "5")),
    *(f'lines.sum(quantity, brand == "a") {sign} {value}' for sign in ("<", "==", ">") for value in (0, 2)),
    "lines.any(amount > 5)",
    "lines.any(amount >= 10.50)",
    "lines.any(quantity > 1)",
    "basket.quantity < 2",
    "lines.dearest() >= 10.50",
    'lines.cheapest(brand == "a") > 5',
    "lines.none(amount > 5)",
    "lines.all(amount > 5)",
    'event.currency == "USD"',
    'event.currency == "EUR"',
    'event.currency != "USD"',
    "!has(event.currency)",
    'has(calendar.holiday("US"))',
    'calendar.holiday("US") != "Christmas Day"',
    'member.tier == "gold"',
    'member.tier in ["silver", "gold"]',
    "has(member.tier)",
    '"gold" in member.tiers',
    '"silver" in member.tiers',
]


def expression(random_: random.Random, depth: int) -> str:
    """A random condition."""
    if depth == 0 or random_.random() < 0.3:
        leaf = random_.choice(LEAVES)
        return f"!({leaf})" if random_.random() < 0.3 else leaf
    parts = [expression(random_, depth - 1) for _ in range(random_.randint(2, 3))]
    joined = random_.choice((" && ", " || ")).join(f"({each})" for each in parts)
    return f"!({joined})" if random_.random() < 0.2 else joined


TIERS: tuple[dict[str, str], ...] = (
    {},
    {"a": "gold"},
    {"a": "silver", "b": "gold"},
    {"b": "gold"},
    {"a": "gold", "b": "silver"},
    {"b": "silver"},
)


def events() -> list[Facts]:
    """Events at and around every value that the conditions name."""
    found = []
    for number, amount in enumerate(("0.00", "4.99", "5.00", "5.01", "10.50", "11.00")):
        for store in (None, *STORES, "c"):
            lines = [line(amount, number % 4, brand="a" if number % 2 else "b")]
            lines += [line("0.00", 1, brand="a")] * (number % 3)
            lines += [line("3.00", 1, brand="b", department="FUEL")] * (number % 2)
            more = {} if store is None else {"store": store}
            attributes = {} if number == 0 else {"x": (1, "1", True, 0, -1)[number - 1]}
            time = f"2017-03-0{1 + number % 3}T12:00:00-05:00"
            found.append(basket(*lines, time=time, attributes=attributes, **more))
    found.append(basket(line("7.00"), currency="EUR"))
    found += [event(kind, "2017-03-01T12:00:00-05:00") for kind in ("signup", "return")]
    return [facts(each, BOOK, {"tiers": TIERS[number % len(TIERS)]}) for number, each in enumerate(found)]


EVENTS = events()


def remarks(term: Term) -> set[str]:
    return {each.code for each in examined(in_pieces(term, ()), Question())}


def test_what_is_said_never_to_hold_never_holds() -> None:
    random_, said = random.Random(5), 0
    for number in range(6_000):
        text = expression(random_, 2)
        term = condition(text)
        fuel = condition('department == "FUEL"', "line") if number % 3 else None
        question = Question(currency="USD" if number % 2 else None, not_eligible=fuel)
        test = compile_test(term)
        if not question.can_hold(term):
            said += 1
            assert not any(test(each) for each in EVENTS), text
        if not question.can_hold(but_not=[term]):
            said += 1
            assert all(test(each) for each in EVENTS), text
    assert said > 100


WINDOWS = ("today", "this_week", "this_month", "this_quarter", "this_year", "ever", "last_days(1)", "last_days(9)",
           "last_days(40)", 'since("2017-03-10")', 'since("2017-05-01")')  # fmt: skip
COUNTED = (
    *(f"history.count({window})" for window in WINDOWS),
    *(f'history.count({window}, lines.any(brand == "a"))' for window in WINDOWS),
    *(f"history.sum(basket.total, {window})" for window in WINDOWS),
    *(f"days_since(history.{end}({window}))" for window in WINDOWS for end in ("first", "last")),
)


def test_what_is_said_of_windows_holds_for_random_histories_that_come_in_any_order() -> None:
    """Two comparisons of counts, at each event of members whose events arrive shuffled."""
    random_, said = random.Random(7), 0
    pairs = []
    for _ in range(1_500):
        one, other = (
            f"{random_.choice(COUNTED)} {random_.choice(('<', '<=', '==', '>=', '>'))} {random_.choice((1, 2, 4, 9))}"
            for _ in range(2)
        )
        pairs.append(condition(f"{one} && {other}"))
    never = [(term, compile_test(term)) for term in pairs if not Question("purchase").can_hold(term)]
    rules = book(*(rule(f"r{n}", f"when: '{text} >= 0'\nthen: {{fixed: 1}}") for n, text in enumerate(COUNTED)))
    for member in range(12):
        till = Till(rules)
        for number in range(20):
            day = f"2017-0{random_.randint(1, 6)}-{random_.randint(1, 28):02d}T12:00:00-04:00"
            bought = basket(line("2.00", brand=random_.choice("ab")), time=day, id_=f"{member}-{number}")
            asked = facts_of(bought, till.document, rules.at(bought.time))
            for term, test in never:
                assert not test(asked), (written(term), till.document)
                said += 1
            till.decide(bought)
    assert len(never) > 100 and said > 1_000


def test_what_is_said_of_single_parts_is_so() -> None:
    """`never` and `always` of one comparison: with every value that is known."""
    for text in LEAVES:
        term = condition(text)
        codes, test = remarks(term), compile_test(term)
        if "never" in codes:
            assert not any(test(each) for each in EVENTS), text
        if "always" in codes:
            known = [each for each in EVENTS if each.event.kind == "purchase" and not each.foreign]
            assert all(test(each) for each in known), text


def test_a_part_that_makes_no_difference_makes_none() -> None:
    random_, said = random.Random(6), 0
    for _ in range(2_000):
        parts = [condition(expression(random_, 1)) for _ in range(3)]
        if not Question().can_hold(*parts[1:], but_not=parts[:1]):
            said += 1
            first, *others = [compile_test(each) for each in parts]
            assert not any(all(test(e) for test in others) and not first(e) for e in EVENTS), parts
    assert said > 100


def test_whole_numbers_and_decimals_are_told_apart() -> None:
    assert not Question().can_hold(condition("lines.count() > 1 && lines.count() < 2"))
    assert Question().can_hold(condition("basket.total > 1 && basket.total < 1.0001"))


def test_too_many_alternatives_are_taken_to_hold_somewhere() -> None:
    """Twenty choices before the two that never go together: nobody waits for a million combinations."""
    choices = [f"(event.attributes.a{n} == 1 || event.attributes.a{n} == 2)" for n in range(20)]
    last = ["(basket.total == 1 || basket.total == 2)", "(basket.total == 3 || basket.total == 4)"]
    assert Question().can_hold(condition(" && ".join([*choices[:10], *last, *choices[10:]])))
    assert not Question().can_hold(condition(" && ".join([*choices[:3], *last])))


KINDS = ("purchase", "signup", "return")
ALIKE = [  # what events of one kind often answer alike, and what they do not
    *(f"lines.count() {sign}" for sign in ("< 1", "== 0", "<= 0", ">= 1", "> 0", "!= 0", "== 1", "> 1", "< 2")),
    *(f"history.count({window}) {sign}" for window in ("today", "this_month", "ever", "last_days(9)",
      "since(\"2017-03-10\")") for sign in ("< 1", "== 0", ">= 1", "> 0", "== 1", "> 1", "< 2")),
    'event.kind == "purchase"', 'event.kind != "signup"', 'event.kind in ["purchase", "signup"]',
    "basket.total >= 5", "basket.total < 5", 'lines.none(brand == "a")', 'lines.any(brand == "a")',
    "lines.sum(quantity, amount >= 5) > 0", 'event.store == "a"', "has(event.store)",
]  # fmt: skip


def nested(random_: random.Random, depth: int) -> Any:
    """A random condition, as text or as a tree, with many negations and alternatives."""
    drawn = random_.random()
    if depth == 0 or drawn < 0.2:
        return random_.choice(ALIKE)
    if drawn < 0.45:
        of = nested(random_, depth - 1)
        return f"!({of})" if isinstance(of, str) else {"not": of}
    parts = [nested(random_, depth - 1) for _ in range(2)]
    every = random_.random() < 0.5
    if random_.random() < 0.7 and all(isinstance(each, str) for each in parts):
        return (" && " if every else " || ").join(f"({each})" for each in parts)
    return {"all" if every else "any": parts}


def world(random_: random.Random) -> World:
    """An event of a member with a few others before it."""
    happened: list[dict[str, Any]] = []
    for number in range(random_.randint(1, 4)):
        kind = random_.choice(KINDS)
        items = [line(random_.choice(("0.00", "4.99", "5.00")), random_.randint(0, 2), brand=random_.choice("ab"))
                 for _ in range(random_.randint(1, 3))]  # fmt: skip
        store = {"store": random_.choice("ab")} if random_.random() < 0.7 else {}
        data = {"currency": "USD", "lines": items, **store} if kind == "purchase" else {}
        time = f"2017-03-{random_.choice((1, 2, 9, 10, 20)):02d}T12:00:00-05:00"
        happened.append({"id": f"e{number}", "source": "/partners/grocer", "type": f"loyalty.{kind}.v1", "time": time,
                         "data": data})  # fmt: skip
    *earlier, event_ = happened
    return World(event_, {"id": "m"}, earlier, {"currency": "USD", "time_zone": "America/New_York"})


def test_a_rule_that_is_said_to_be_unreachable_never_applies() -> None:
    """Breaks when what events of a kind always answer counts as never true under `!`, or beside another alternative."""
    random_, said = random.Random(11), 0
    worlds = [world(random_) for _ in range(400)]
    for number in range(800):
        on, when = KINDS[number % 5 % 3], nested(random_, 3)
        faults, _ = marked.found(marked.rule("x", yaml.safe_dump({"on": on, "when": when}, width=10_000)))
        if any(each.code == "unreachable" and each.severity == "error" for each in faults):
            said += 1
            assert not any(tree(when, each) for each in worlds if each.kind == on), (on, when)
    assert said > 100
