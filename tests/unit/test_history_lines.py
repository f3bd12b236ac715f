"""How many different products, categories … a member bought: of lines of the past, by hand."""

from __future__ import annotations

import pytest

from shared.events.light import Occurrence
from shared.rules.history import note, unnote
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.syntax import ExpressionError
from shared.rules.language.terms import facts_in
from shared.rules.matching import facts_of
from shared.rules.saying.named import Called
from shared.rules.saying.speaking import written
from tests.unit.rulekit import Till, basket, book, line, rule


def till(when: str) -> Till:
    return Till(book(rule("x", f"when: '{when}'\nthen: {{fixed: 1}}")))


def bought(
    day: str, *products: str, currency: str = "USD", category: str | None = "tea", amount: str = "2.00"
) -> Occurrence:
    lines = [line(amount, product=each, category=category) for each in products]
    return basket(*lines, time=f"2017-{day}T12:00:00-05:00", id_=day, currency=currency)


@pytest.mark.parametrize(
    ("when", "gives"),
    [
        ("history.distinct(product, last_days(30)) >= 3", [False, False, True, True, False]),
        ("history.distinct(product, this_month) == 2", [False, True, False, False, False]),
        ("history.distinct(product, ever) >= 4", [False, False, False, True, True]),
        ('history.distinct(category, ever, product == "d") == 1', [False, False, False, True, True]),
        ('history.distinct(product, ever, category == "tea") >= 3', [False, False, True, True, True]),
        ("history.distinct(product, today) == 2", [False, True, False, False, False]),
        ("history.distinct(brand, ever) >= 1", [False] * 5),
    ],
)
def test_lines_of_the_past_are_told_apart(when: str, gives: list[bool]) -> None:
    """a; a and b; c; d, no tea; a, two months later. Each counts with the event itself."""
    member = till(when)
    days = [
        bought("03-01", "a"), bought("03-08", "a", "b"), bought("03-15", "c"), bought("03-20", "d", category="soap"),
        bought("05-20", "a"),
    ]  # fmt: skip
    assert [member.points(each) == {"x": 1} for each in days] == gives


def test_a_filter_of_amounts_counts_nothing_in_a_foreign_currency() -> None:
    member = till("history.distinct(product, ever, amount >= 1) >= 2")
    assert member.points(bought("03-01", "a", currency="EUR")) == {}
    assert member.points(bought("03-02", "b")) == {}
    assert member.points(bought("03-03", "c")) == {"x": 1}


def test_a_counter_that_is_made_later_counts_the_same_and_what_came_back_is_counted_anew() -> None:
    """Noted one by one, or all at once from what the journal kept; a return cannot be told from what is kept."""
    rules = book(rule("x", "when: 'history.distinct(product, ever) >= 2'\nthen: {fixed: 1}"))
    [(key, counter)] = rules.counters.items()
    days = [bought("03-01", "a", "b"), bought("03-02", "b", "c")]
    facts = [facts_of(each, {}, rules.at(each.time)) for each in days]
    history: dict[str, dict[str, object]] = {}
    for each in facts:
        note(history, counter, key, each)
    assert history == {key: {"ever": ["a", "b", "c"]}}
    assert unnote(history, counter, key, facts[0], None) is False
    assert unnote(history, counter, key, facts[0], facts[0]) is True
    asked = facts_of(bought("03-03", "c"), {"history": history}, rules.at(days[0].time))
    assert compile_test(condition("history.distinct(product, ever) == 3"))(asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("history.distinct(product) >= 2", "write history.distinct(fact | product | category | department | brand"),
        ("history.distinct(amount, ever) >= 2", "no fact about an event is called amount"),
        ("history.distinct(product, ever, event.store == 'a') >= 2", "event.store"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(text: str, said: str) -> None:
    with pytest.raises(ExpressionError, match=said.replace("(", r"\(").replace("|", r"\|")):
        condition(text)


def test_it_is_told_in_words() -> None:
    label = facts_in(condition('history.distinct(product, last_days(30), category == "tea") >= 3'))[0].asked.label
    assert written(Called(label)) == "the number of different products bought in the last 30 days with category tea"
    assert written(Called(label), "vi") == "số sản phẩm khác nhau đã mua trong 30 ngày gần đây có loại hàng tea"
