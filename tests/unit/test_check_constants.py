"""Comparisons that say nothing, each at its place with what to write instead; and none where something is said."""

from __future__ import annotations

import pytest

from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from tests.unit.marked import found, rule, told
from tests.unit.rulekit import basket, book, facts, line

DAYS = "monday, tuesday, wednesday, thursday, friday, saturday or sunday"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        # A number out of its range.
        ("▶basket.quantity >= 0", "always true: basket.quantity is 0 pieces or more; leave it out, or write a value"),
        ("▶0 <= basket.quantity", "always true: basket.quantity is 0 pieces or more; leave it out, or write a value"),
        ("▶basket.total < 0", "never true: basket.total is 0 or more; write a value within that"),
        ("▶lines.count() < 0", "never true: lines.count() is 0 times or more; write a value within that"),
        ("▶calendar.hour > 23", "never true: calendar.hour is from 0 to 23; write a value within that"),
        ("▶calendar.hour <= 23", "always true: calendar.hour is from 0 to 23; leave it out, or write a value within"),
        ("calendar.month in [▶13]", "never true: calendar.month is from 1 to 12; write a value within that"),
        ("calendar.month in [12, ▶13]", "never true of 13: calendar.month is from 1 to 12; take it out of the list"),
        ("▶calendar.day == 0", "never true: calendar.day is from 1 to 31; write a value within that"),
        ("▶history.distinct(calendar.weekday, ever) > 7",
         "never true: history.distinct(calendar.weekday, ever) is from 0 to 7; write a value within that"),
        ("▶days_since(history.last(ever)) < 0",
         "never true: days_since(history.last(ever)) is 0 days or more; write a value within that"),
        ("▶lines.count() == 1.5", "never true: lines.count() is a whole number; write one"),
        ("▶history.count(this_week) + 2 >= 2", "always true: history.count(this_week) is 0 times or more; leave it"),
        ("▶10 - basket.total > 10", "never true: basket.total is 0 or more; write a value within that"),
        ("▶basket.total * 2 < -1", "never true: basket.total is 0 or more; write a value within that"),
        ('▶member.birthday > "2300-01-01"', "never true: member.birthday is a day of the years 1900 to 2200; write"),
        ("▶member.age > 200", "never true: member.age is from 0 to 150; write a value within that"),
        # True of every value, and not where nobody knows one: in a basket without wine.
        ('▶lines.cheapest(category == "wine") >= 0',
         'true whenever it is known: lines.cheapest(category == "wine") is 0 or more, and unknown in a basket without '
         'such a line; write lines.any(category == "wine") where that is meant, or a value within that'),
        ("▶lines.dearest() >= 0", "true whenever it is known: lines.dearest() is 0 or more, and unknown of a purchase "
         "in another currency than the programme's; write has(lines.dearest()) where that is meant"),
        ("▶member.age >= 0", "true whenever it is known: member.age is from 0 to 150, and unknown in some events; "
         "write has(member.age) where that is meant"),
        ("▶basket.total >= 0", "true whenever it is known: basket.total is 0 or more, and unknown of a purchase in "
         "another currency than the programme's; write has(basket.total) where that is meant"),
        ("▶lines.count() >= 0", "always true: lines.count() is 0 times or more; leave it out"),
        ("▶basket.quantity >= 0", "always true: basket.quantity is 0"),
        # A text that is never sent.
        ('▶calendar.weekday == "fridy"', f'never true: calendar.weekday is {DAYS}; did you mean "friday"?'),
        ('▶calendar.weekday != "fridy"', f'always true: calendar.weekday is {DAYS}; did you mean "friday"?'),
        ('calendar.weekday in ["friday", ▶"sun"]', f'never true of "sun": calendar.weekday is {DAYS}; did you'),
        ('▶event.partner == "Grocer"', 'never true: event.partner is never "Grocer"; did you mean "grocer"?'),
        ('▶event.currency == "usd"', 'never true: event.currency is three capitals; did you mean "USD"?'),
        ('▶event.store == " 12"', 'never true: event.store is never " 12"; write what can be sent'),
        # Lines that are told by their amounts are not known in another currency; others are, of every basket.
        ("▶lines.count(amount > 2) >= 0", "true whenever it is known: lines.count(amount > 2) is 0 times or more, and "
         "unknown of a purchase in another currency than the programme's; write has(lines.count(amount > 2)) where"),
        ("▶lines.sum(amount) >= 0", "true whenever it is known: lines.sum(amount) is 0 or more, and unknown of a "
         "purchase in another currency than the programme's; write has(lines.sum(amount)) where that is meant"),
        ('▶lines.count(brand == "a") >= 0', 'always true: lines.count(brand == "a") is 0 times or more; leave it out'),
        ("▶lines.sum(quantity) >= 0", "always true: lines.sum(quantity) is 0 pieces or more; leave it out"),
        # More pieces than the contract of purchases lets a line have; and no fact at all.
        ("lines.any(▶quantity > 10000001)", "never true: quantity is from 0 to 10000000; write a value within that"),
        ("▶2 + 2 == 4", "always true: `(2 + 2) == 4` asks no fact; compare a fact with it, or leave it out"),
        ("▶2 + 2 > 4", "never true: `(2 + 2) > 4` asks no fact; compare a fact with it, or leave it out"),
        # What is always known, always so, or compared with itself.
        ("▶has(event.partner)", "always true: event.partner is always known here; leave it out"),
        ("▶true", "always true: leave it out"),
        ("▶calendar.day >= calendar.day", "always true: calendar.day is compared with itself; compare it with"),
        ("▶calendar.day != calendar.day", "never true: calendar.day is compared with itself; compare it with"),
        # What is unknown equals nothing, itself neither.
        ("▶basket.total >= basket.total", "true whenever it is known: basket.total is compared with itself, and "
         "unknown of a purchase in another currency than the programme's; write has(basket.total) where that is "
         "meant, or compare it with something else"),
        ("▶event.store == event.store", "true whenever it is known: event.store is compared with itself, and unknown "
         "in some events; write has(event.store) where that is meant, or compare it with something else"),
        ("▶event.store != event.store", "true only where it is unknown: event.store is compared with itself, and "
         "unknown in some events; write !has(event.store) where that is meant"),
        ("▶basket.total > basket.total", "never true: basket.total is compared with itself; compare it with"),
        ("lines.any(▶brand == brand)", "true whenever it is known: brand is compared with itself, and unknown of some "
         "lines; write has(brand) where"),
        ("▶basket.total + 1 == basket.total + 1", "true whenever it is known: (basket.total + 1) is compared with "
         "itself, and unknown in some events; compare it with"),
        # Within filters.
        ("lines.any(▶quantity < 0)", "never true: quantity is from 0 to 10000000; write a value within that"),
        ("lines.count(amount >= 5 && ▶amount < 2) > 1", "never true together with `amount >= 5`; change one of"),
        ('history.count(ever, ▶event.kind == "purchas") > 3', "never true: event.kind is signup, purchase, referral"),
        ("history.count(ever, ▶lines.count() > 0) > 3", "always true: lines.count() is 1 time or more; leave it out"),
        ('history.sum(basket.total, ever, ▶calendar.hour > 30) > 3', "never true: calendar.hour is from 0 to 23"),
        # Parts that contradict each other.
        ("basket.total >= 10 && ▶basket.total < 5", "never true together with `basket.total >= 10`; change one of the"),
        ("basket.total > 5 && ▶basket.total < 5.00", "never true together with `basket.total > 5`; change one of the"),
        ("lines.count() > 5 && ▶lines.count() < 6", "never true together with `lines.count() > 5`; change one of the"),
        ('event.store == "a" && ▶event.store == "b"', 'never true together with `event.store == "a"`; change one of'),
        ('event.store == "ab" && ▶event.store.startsWith("b")', 'never true together with `event.store == "ab"`'),
        ('has(event.store) && ▶!has(event.store)', "never true together with `has(event.store)`; change one of"),
        ("member.is_birthday && ▶!member.is_birthday", "never true together with `member.is_birthday`; change one of"),
        ('lines.any(brand == "a") && basket.total > 3 && ▶!lines.any(brand == "a")', "never true together with"),
        ('basket.total < basket.eligible * 2 && ▶!(basket.total < basket.eligible * 2)', "never true together with"),
        ('calendar.date > "2017-01-01" && ▶calendar.date < "2017-01-02"', "never true together with"),
        ('event.attributes.x == "5" && ▶event.attributes.x == 5', "never true together with"),
        ("event.attributes.x in [1, 0] && ▶event.attributes.x in [true, false]", "never true together with"),
        ("▶(basket.total < 1 || basket.total > 9) && basket.total > 3 && basket.total < 5",
         "never true: these 3 parts contradict each other; change one of them"),
        # Parts that say the same.
        ('▶event.store == "a" || event.store != "a"', "always true: one of these parts holds whatever happens; change"),
        ("basket.total >= 10 && ▶basket.total >= 5", "warning: `basket.total >= 5` makes no difference: the other"),
        ("basket.total >= 10 || ▶basket.total >= 15", "warning: `basket.total >= 15` makes no difference: another"),
        ('▶has(event.store) && event.store == "b"', "warning: `has(event.store)` makes no difference: the other parts"),
    ],
)  # fmt: skip
def test_a_comparison_that_says_nothing(when: str, said: str) -> None:
    quoted = when.replace("'", "''")
    [words] = told(rule("x", f"when: '{quoted}'"))
    assert words.startswith(said) and ("; " in words or ": leave" in words)


@pytest.mark.parametrize(
    "when",
    [
        "basket.quantity > 0",
        "basket.total > 5 && basket.total < 5.01",
        "lines.count() > 5 && lines.count() < 7",
        'event.store == "a" || event.store == "b"',
        'event.store != "a" && event.store != "b"',
        'event.store.startsWith("a") && event.store.endsWith("a")',
        'has(event.store) && event.store != "a"',  # what is unknown is not "a" either
        "!(basket.total < 5)",
        "days_since(member.joined) < 0",
        "member.balance.stars < 0",
        "basket.total > basket.eligible",
        'event.attributes.x == "5" || event.attributes.x == 5 || event.attributes.x == true',
        "event.attributes.x in [1, true]",
        'event.attributes.x in ["yes", 0, false] && event.attributes.x != false',
        "event.attributes.x in [true] || event.attributes.x in [1.00]",
        'lines.any(brand == "a") && !lines.any(brand == "b")',
        'lines.any(brand == "a" && category == "c") && lines.none(brand == "a" && category == "d")',
        'lines.any(product == "4711") && lines.all(price < 10 || quantity >= 12)',
        "calendar.month in [6, 7, 8] && calendar.day <= 7",
        'history.count(ever, event.kind == "signup" || event.kind == "purchase") >= 3',
        'calendar.holiday("VN") == "International Labor Day"',
    ],
)
def test_a_comparison_that_says_something(when: str) -> None:
    assert told(rule("x", f"when: '{when}'")) == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (
            "when:\n  all:\n    - basket.total >= 10\n    - not: event.store == '1'\n    - ▶basket.total < 5",
            "never true together with `basket.total >= 10`",
        ),
        (
            "when:\n  all:\n    - any: [basket.total > 9, basket.total < 1]\n"
            "    - all: [basket.total < 5, ▶basket.total > 3]",
            "",
        ),
        (
            "when:\n  ▶any:\n    - event.store == '1'\n    - not: event.store == '1'",
            "always true: one of these parts holds whatever happens",
        ),
        (
            "when:\n  all:\n    - event.kind == 'purchase'\n    - all: [{not: {not: ▶event.kind == 'purchse'}}]",
            "never true: event.kind is signup, purchase, referral or return",
        ),
    ],
)
def test_a_tree_is_looked_through(when: str, said: str) -> None:
    faults, places = found(rule("x", when))
    if said:
        errors = [each for each in faults if each.severity == "error"]
        assert [(each.line, each.column) for each in errors] == places
        assert errors[0].message.startswith(said)
    else:
        assert [each.code for each in faults] == ["contradiction"]


def test_a_part_that_is_wrong_by_itself_is_told_once() -> None:
    """What only follows from it would be noise."""
    when = "calendar.hour > 23 && basket.total > 5 && basket.total < 3"
    assert [each.code for each in found(rule("x", f"when: {when}"))[0]] == ["never"]


def test_filters_of_effects_and_of_the_programme_are_looked_at_too() -> None:
    programme = (
        "- id: shop\n  kind: programme\n  effective: 2017-01-01T00:00:00-05:00\n  title: Shop\n"
        "  time_zone: America/New_York\n  currency: USD\n  wallets: [stars, miles]\n"
        "  not_eligible: ▶quantity < 0\n"
    )
    then = "{per_amount: {per: 1.00, where: '▶amount < 0'}}"
    assert [each.partition(":")[0] for each in told(rule("x", "", then=then), programme)] == ["never true"] * 2


def test_what_is_told_to_ask_whether_amounts_are_known_is_accepted() -> None:
    """Breaks where the hint is refused, too."""
    assert told(rule("x", "when: has(lines.count(amount > 2)) && has(lines.sum(amount))")) == []


def test_what_is_true_whenever_it_is_known_does_not_hold_in_another_currency() -> None:
    """Decided by the rules' own closures: what the checker says of these is so."""
    for text in ("basket.total >= basket.eligible", "lines.count(amount > 2) >= 0", "lines.sum(amount) >= 0"):
        test = compile_test(condition(text))
        dollars, euros = (facts(basket(line("5.00"), currency=each), book()) for each in ("USD", "EUR"))
        assert (test(dollars), test(euros)) == (True, False)
