"""The checker says never only of what never holds: random conditions, decided by the rules' own closures on events."""

from __future__ import annotations

import random

from shared.rules.checks.constants import examined
from shared.rules.checks.pieces import in_pieces
from shared.rules.checks.solving import Question
from shared.rules.facts import Facts
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.terms import Term, written
from shared.rules.matching import facts_of
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
