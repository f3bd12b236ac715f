"""Expressions: what holds for which basket, what is refused and where. Expectations are written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.parser import parse
from shared.rules.language.syntax import ExpressionError
from shared.rules.language.terms import written
from tests.unit.rulekit import basket, book, event, facts, line, rule

BOOK = book(rule("one", "then: {fixed: 1}"))
# Three lines of 12.50, 3.00 (two pieces) and 40.00 of fuel, which earns nothing: total 55.50, eligible 15.50.
BASKET = basket(
    line("12.50", product="1", department="PRODUCE", brand="Acme", attributes={"organic": True}),
    line("3.00", 2, product="2", department="DELI", category="wine"),
    line("40.00", 10, product="3", department="FUEL"),
    store="north-12",
    payment="card",
    attributes={"coupon": "X1", "stamps": 2, "gift": True},
)
MEMBER: dict[str, Any] = {
    "known": {
        "kids_count": ["", "", "2"],
        "visits": ["", "", 7],
        "profile.birthday": ["", "", "2000-02-29"],
        "profile.consents": ["", "", ["sms", "email"]],
    },
    "joined": "2016-12-30T04:59:00+00:00",  # the 29th in New York
    "balances": {"stars": 500},
    "lifetime": {"stars": 900},
    "tiers": {"ladder": "gold"},
    "tags": ["wine-club"],
    "referrals": 3,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("basket.total == 55.50", True),
        ("basket.eligible == 15.50", True),
        ("basket.eligible > 15.50", False),
        ("basket.quantity == 13", True),
        ("basket.total - basket.eligible == 40.00", True),
        ("basket.eligible * 2 == 31", True),
        ("0.1 + basket.eligible == 15.6", True),  # exact: no float would be
        ('event.kind == "purchase" && event.partner == "grocer" && event.payment == "card"', True),
        ('event.channel == "online"', False),
        ('event.channel != "online"', True),  # what is unknown equals nothing
        ("has(event.channel)", False),
        ("!has(event.channel)", True),
        ('event.store.startsWith("north-") && event.store.endsWith("2") && event.store.contains("th-1")', True),
        ('event.store in ["north-12", "south-1"]', True),
        ('!(event.store in ["south-1"])', True),
        ('event.attributes.coupon == "X1"', True),
        ("event.attributes.stamps >= 2", True),
        ('event.attributes.stamps >= 2 && event.attributes.stamps != "2"', True),  # a number is no text
        ("event.attributes.gift == true", True),
        ("event.attributes.gift == 1", False),
        ("event.attributes.stamps in [1, 2]", True),
        ("event.attributes.gift in [1]", False),
        ("event.attributes.gift in [1, true]", True),  # two values: breaks where the list is compared as Python does
        ('event.attributes.gift in ["yes", 1, false]', False),
        ("event.attributes.stamps in [true, 2, false, 0]", True),
        ("event.attributes.coupon > 3", False),
        ('lines.any(department == "PRODUCE")', True),
        ('lines.all(department == "PRODUCE")', False),
        ('lines.none(category == "tobacco")', True),
        ('lines.count(department == "PRODUCE" || category == "wine") == 2', True),
        ("lines.count() == 3", True),
        ('lines.sum(amount, department != "FUEL") == 15.50', True),
        ("lines.sum(quantity) == 13", True),
        ("lines.sum(quantity, price < 2.00) == 2", True),
        ("lines.distinct(department) == 3", True),
        ("lines.distinct(category) == 1", True),  # what has none is no category
        ("lines.cheapest() == 1.50", True),
        ("lines.dearest(department != 'FUEL') == 12.50", True),
        ("lines.cheapest(brand == 'Nobody') < 5", False),
        ("lines.any(attributes.organic == true)", True),
        ('calendar.weekday == "wednesday" && calendar.date == "2017-03-01" && calendar.hour == 12', True),
        ("calendar.day == 1 && calendar.month in [3, 4]", True),
        ('has(calendar.holiday("US"))', False),
        ('member.tier == "gold" && "gold" in member.tiers', True),
        ('"wine-club" in member.tags && !("beer-club" in member.tags)', True),
        ('"sms" in member.consents', True),
        ("member.balance.stars >= 500 && member.lifetime.stars == 900", True),
        ("member.balance.miles == 0", True),
        ('member.attributes.kids_count == "2"', True),
        ('member.attributes["kids_count"] != "0"', True),
        ("member.attributes.visits > 6.5", True),
        ("has(member.household)", False),
        ('member.joined == "2016-12-29"', True),
        ("days_since(member.joined) == 62", True),
        ("member.age == 17", True),
        ("member.referrals == 3", True),
        ('member.birthday < "2000-03-01"', True),
        ("member.is_birthday", False),
        ("true || basket.total > 1000", True),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert compile_test(condition(text))(facts(BASKET, BOOK, MEMBER)) is holds


@pytest.mark.parametrize(
    ("day", "age", "kept"),
    [("2017-02-27", 16, False), ("2017-02-28", 17, True), ("2020-02-28", 19, False), ("2020-02-29", 20, True)],
)
def test_a_birthday_on_the_29th_is_kept_on_the_28th_of_other_years(day: str, age: int, kept: bool) -> None:
    asked = facts(basket(line("1.00"), time=f"{day}T12:00:00-05:00"), BOOK, MEMBER)
    assert compile_test(condition(f"member.age == {age}"))(asked)
    assert compile_test(condition("member.is_birthday"))(asked) is kept


def test_a_holiday_has_its_name() -> None:
    asked = facts(basket(line("1.00"), time="2017-07-04T12:00:00-04:00"), BOOK)
    assert compile_test(condition('calendar.holiday("US") == "Independence Day"'))(asked)


def test_the_calendar_is_that_of_the_definitions_zone() -> None:
    late = basket(line("1.00"), time="2017-03-01T20:00:00-05:00")  # the 2nd, eight in the morning, in Ho Chi Minh City
    there = compile_test(condition('calendar.weekday == "thursday" && calendar.hour == 8', "event", "Asia/Ho_Chi_Minh"))
    assert there(facts(late, BOOK))
    assert compile_test(condition('calendar.weekday == "wednesday"'))(facts(late, BOOK))


def test_amounts_in_another_currency_are_unknown() -> None:
    """Ten dong are no ten dollars: nothing that asks for money holds, and what does not ask for it is as ever."""
    dong = facts(basket(line("250000", department="DELI"), currency="VND"), BOOK)
    for text in ("basket.total >= 10", "basket.eligible >= 10", "lines.sum(amount) >= 10", "lines.any(amount > 1)"):
        assert not compile_test(condition(text))(dong), text
    assert compile_test(condition('lines.any(department == "DELI") && basket.quantity == 1'))(dong)


def test_an_event_without_a_basket_has_no_sums() -> None:
    signup = facts(event("signup", "2017-03-01T12:00:00Z"), BOOK)
    assert not compile_test(condition("basket.total >= 0"))(signup)
    assert not compile_test(condition('lines.all(department == "X")'))(signup)


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("basket.totl > 3", 0, "no fact is called basket.totl; did you mean basket.total?"),
        ("total > 3", 0, "no fact is called total; did you mean basket.total?"),
        ('lines.any(departmnt == "X")', 10, "no fact about a line is called departmnt; did you mean department?"),
        ("lines.some(amount > 3)", 0, "no function is called lines.some; did you mean lines.any(filter)?"),
        ("basket.total > history.count(ever)", 15, "a number of money does not go with a number of times"),
        ("basket.total + history.count(ever) > 1", 15, "a number of money does not go with a number of times"),
        ('basket.total == "10"', 16, "a number of money does not go with a text; write it without quotes: 10"),
        ("event.store == 2", 15, 'a text does not go with a number; write it in quotes: "2"'),
        ('event.store > "2"', 0, "`>` orders numbers and dates; a text is compared with == or !="),
        ('calendar.date == "2017-02-30"', 17, "the day 2017-02-30 does not exist: 2017-02 has 28 days; write one of"),
        ('calendar.date == "2017-2-3"', 17, '"2017-2-3" is no date; write it as year-month-day'),
        ("basket.total >= 50.", 19, "a number does not end with its point: write 50 or 50.00"),
        ("basket.total >= 5.5. && has(member.age)", 21, "a number does not end with its point: write 5.5"),
        ("basket.total > 5,50", 16, "numbers have no comma: write 5.50 for decimals, or 550 for thousands"),
        ("basket.total > 50,000", 17, "numbers have no comma: write 50.000 for decimals, or 50000 for thousands"),
        ("basket.total", 0, "compare this with something: it is a number of money, not true or false"),
        ("member.attributes.x", 0, "compare the attribute with something, such as == true"),
        ("1 == 1", 0, "both sides are written values: one must be a fact"),
        ("basket.total = 3", 13, "`=` cannot stand here; write == to compare"),
        ("basket.total > 3 and event.store == 'x'", 17, "write && for `and`"),
        ("not event.store == 'x'", 0, "write !(…) for `not`, with brackets around all that is denied"),
        ("1 < basket.total < 3", 17, "a comparison has two sides: join two comparisons with &&"),
        ("basket.total / 2 > 3", 13, "`/` is not part of the language: its results would not be exact"),
        ("basket.total * basket.quantity > 3", 0, "one side of `*` must be a number that is written"),
        ('event.store == "x', 15, 'a text begins here and does not end; close it with "'),
        ("(basket.total > 3", 17, "`)` is missing to close the bracket"),
        ("basket.total >", 14, "something is missing at the end: a fact, a number or a text in quotes"),
        ("", 0, "something is missing at the end"),
        ("event.store in []", 15, "the list is empty: nothing is in it"),
        ('event.store in ["a", "a"]', 21, "this stands in the list twice"),
        ("event.attributes.vip in [1, true, 1.0]", 34, "this stands in the list twice"),
        ("event.attributes.vip in [true, 1, true]", 34, "this stands in the list twice"),
        ('member.tags == "x"', 0, 'a set of texts is asked with `in`: "x" in member.tags'),
        ("has(3)", 4, "has() asks for a fact"),
        ("lines.sum(price) > 3", 10, "write amount or quantity here"),
        ("history.count(this_moth) > 3", 14, "write over which time: did you mean this_month?"),
        ("basket.total <> 3", 13, "write != for `<>`"),
        ("basket.total == null", 16, "there is no null; ask has(fact) whether it is known"),
        ("history.count(last_days(0)) > 3", 24, "write a whole number of days, from 1 to 730"),
        ("history.count(ever, member.age > 3) > 3", 20, "member.age is about the member now"),
        ("history.count(ever, history.count(ever) > 2) > 3", 20, "a filter of history cannot ask"),
        ('lines.any(basket.total > 3)', 10, "no fact about a line is called basket.total"),
        ('lines.any(lines.any(amount > 3))', 10, "lines.any cannot stand in a filter of lines"),
        ('calendar.holiday("XX") == "x"', 17, "no public holidays are known for XX"),
        ("basket.total > “3”", 15, '`“` cannot stand here; write straight quotes: "'),
        ("basket.total > 3x", 16, "put a space or an operator between 3 and x"),
        ("!!!(basket.total > 3)", 0, "`!` stands here 3 times; once is enough"),
        ("a." * 3 + "b()" , 0, "no function is called a.a.a.b"),
    ],
)  # fmt: skip
def test_what_is_refused_has_its_place_and_a_remedy(text: str, at: int, said: str) -> None:
    with pytest.raises(ExpressionError) as error:
        condition(text)
    assert error.value.message.startswith(said), error.value.message
    assert error.value.at == at


@pytest.mark.parametrize("text", ["(" * 60 + "basket.total > 1" + ")" * 60, "x" * 3_000, "1" * 40 + " < basket.total"])
def test_there_is_a_bound_on_everything(text: str) -> None:
    with pytest.raises(ExpressionError):
        condition(text)


@given(st.text(alphabet="abel.linesum(),\"'=<>!&|+-*[]0123456789 {}é\n", max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Whatever is written: a tree, or an error with a place within the text."""
    try:
        parse(text)
    except ExpressionError as error:
        assert 0 <= error.at <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        'lines.sum(amount,department=="DELI")>=20.00&&(event.store=="1"||!(event.store in ["a","b"]))',
        "has( member.household ) && 3*basket.total + 1 > basket.eligible",
        'history.count(last_days(30), lines.any(brand == "A")) >= 3',
        'event.attributes["a b"].contains("\\"x\\\\")',
    ],
)
def test_one_spelling_reads_as_the_same(text: str) -> None:
    """What a term is written as means the same again: its spelling is what counters are filed under."""
    once = written(condition(text))
    assert written(condition(once)) == once


def test_lists_of_two_sorts_are_two_conditions() -> None:
    """Mechanism: `OneOf.sorts`. As Python compares them, true is 1: whoever knows a condition by what it says would
    take the one for the other."""
    one, other = (condition(f"event.attributes.vip in [{value}]") for value in ("true", "1.00"))
    assert one != other
    assert len({one, other, condition("event.attributes.vip in [true]")}) == 2
