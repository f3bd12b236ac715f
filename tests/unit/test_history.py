"""History, by hand and against a list of events: windows, filters, late events, streaks; counters that come later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.earn.backfill import backfill, lacking, needs_backfill
from shared.events.light import Occurrence
from shared.ledger.kin import Family
from shared.rules.matching import facts_of
from tests.unit.rulekit import Till, basket, book, event, line, rule

# In New York: a Monday of one week, three days of the next, the first of a month, a day of another year.
DAYS = ["2017-02-20", "2017-02-27", "2017-02-28", "2017-03-01", "2017-04-15", "2018-01-02"]
AMOUNTS = ["10.00", "20.00", "5.50", "4.50", "100.00", "1.00"]
STORES = ["a", "b", "a", "c", "a", "b"]


def shopped(days: list[str] = DAYS) -> list[Occurrence]:
    """A basket a day."""
    return [
        basket(line(amount, department="DELI" if store == "a" else "WINE"), time=f"{day}T12:00:00-05:00", store=store)
        for day, amount, store in zip(days, AMOUNTS, STORES, strict=True)
    ]


def answers(text: str, events: list[Occurrence]) -> list[bool]:
    """For which of the events a condition holds, decided one after the other."""
    till = Till(book(rule("x", f"when: '{text}'\nthen: {{fixed: 1}}")))
    return [bool(till.points(each)) for each in events]


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("history.count(ever)", [1, 2, 3, 4, 5, 6]),
        ("history.count(today)", [1, 1, 1, 1, 1, 1]),
        ("history.count(this_week)", [1, 1, 2, 3, 1, 1]),
        ("history.count(this_month)", [1, 2, 3, 1, 1, 1]),
        ("history.count(this_quarter)", [1, 2, 3, 4, 1, 1]),
        ("history.count(this_year)", [1, 2, 3, 4, 5, 1]),
        ("history.count(last_days(8))", [1, 2, 2, 3, 1, 1]),
        ("history.count(last_days(10))", [1, 2, 3, 4, 1, 1]),
        ('history.count(since("2017-02-28"))', [0, 0, 1, 2, 3, 4]),
        ('history.count(ever, event.store == "a")', [1, 1, 2, 2, 3, 3]),
        ('history.count(ever, lines.any(department == "WINE"))', [0, 1, 1, 2, 2, 3]),
        ("history.count(this_year, basket.total >= 10)", [1, 2, 2, 2, 3, 0]),
        ("history.sum(basket.eligible, this_month)", ["10", "30", "35.5", "4.5", "100", "1"]),
        ('history.sum(lines.sum(amount, department == "WINE"), ever)', ["0", "20", "20", "24.5", "24.5", "25.5"]),
        ("history.sum(basket.quantity, ever)", [1, 2, 3, 4, 5, 6]),
        ("history.distinct(event.store, ever)", [1, 2, 2, 3, 3, 3]),
        ("history.distinct(event.store, this_week)", [1, 1, 2, 3, 1, 1]),
        ("history.distinct(calendar.date, this_month)", [1, 2, 3, 1, 1, 1]),
        ("history.streak(day)", [1, 1, 2, 3, 1, 1]),
        ("history.streak(week)", [1, 2, 2, 2, 1, 1]),
        ("history.streak(month)", [1, 1, 1, 2, 3, 1]),
        ("days_since(history.last(ever))", [None, 7, 1, 1, 45, 262]),
        ("days_since(history.first(ever))", [None, 7, 8, 9, 54, 316]),
        ("days_since(history.first(this_month))", [None, 7, 8, None, None, None]),
        ('days_since(history.last(ever, event.store == "b"))', [None, None, 1, 2, 47, 309]),
    ],
)
def test_each_window_and_filter(value: str, values: list[Any]) -> None:
    """One rule for each distinct answer: it applies exactly where that is the answer."""
    events = shopped()
    for wanted in {each for each in values if each is not None}:
        assert answers(f"{value} == {wanted}", events) == [each == wanted for each in values], (value, wanted)
    assert answers(f"!has({value})", events) == [each is None for each in values]


def test_a_signup_is_no_purchase_unless_the_filter_asks_for_it() -> None:
    signups = "when: 'history.count(ever, event.kind == \"signup\") == 1'\nthen: {fixed: 1}"
    till = Till(book(rule("x", "when: history.count(ever) == 1\nthen: {fixed: 1}"), rule("y", signups)))
    till.points(event("signup", "2017-02-01T12:00:00-05:00"))
    assert till.points(shopped()[0]) == {"x": 1, "y": 1}


def test_a_late_event_counts_in_its_own_period() -> None:
    events = shopped()
    late = [events[4], events[0], events[1]]  # April first; then February
    assert answers("history.count(this_month) == 2", late) == [False, False, True]
    assert answers("history.count(this_year) == 3", late) == [False, False, True]


def test_days_are_those_of_the_definitions_zone() -> None:
    """Noon and ten in the evening are one day in New York, and two in Ho Chi Minh City."""
    events = [basket(line("1.00"), time=f"2017-03-01T{hour}:00:00-05:00") for hour in ("11", "22")]
    here = Till(book(rule("x", "when: history.count(today) == 2\nthen: {fixed: 1}")))
    there = Till(book(rule("x", "when: history.count(today) == 2\nthen: {fixed: 1}\n"
                                "schedule: {time_zone: Asia/Ho_Chi_Minh}")))  # fmt: skip
    assert [bool(here.points(each)) for each in events] == [False, True]
    assert [bool(there.points(each)) for each in events] == [False, False]


START = date(2017, 1, 1)
PURCHASES = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 23), st.integers(0, 9_999), st.sampled_from("abc")), max_size=25
)


@given(PURCHASES, st.integers(1, 40))
@settings(max_examples=150)
def test_history_agrees_with_the_list_of_events(purchases: list[tuple[int, int, int, str]], days: int) -> None:
    """An obvious model: all events so far are kept in a list, and looked through."""
    texts = {
        "count": f'history.count(last_days({days}), event.store != "c")',
        "sum": "history.sum(basket.total, this_month)",
        "distinct": "history.distinct(event.store, this_week)",
        "streak": "history.streak(day)",
    }
    till = Till(book(*(rule(f"r-{name}", f"when: '{text} >= 1'\nthen: {{fixed: 1}}") for name, text in texts.items())))
    seen: list[tuple[date, Decimal, str]] = []
    for number, hour, cents, store in purchases:
        day = START + timedelta(days=number)
        moment = datetime(day.year, day.month, day.day, hour).isoformat() + "-05:00"
        happened = basket(line(f"{Decimal(cents) / 100:.2f}"), time=moment, store=store)
        local = happened.time.astimezone(till.rules.at(happened.time).zone).date()
        seen.append((local, Decimal(cents) / 100, store))
        ruleset = till.rules.at(happened.time)

        asked = facts_of(happened, till.document, ruleset)
        found = {each.rule.id: asked.get(fact.asked) for each in ruleset.rules("earn", "purchase")
                 for term in each.terms for fact in _facts(term)}  # fmt: skip
        month, week = (local.year, local.month), local.isocalendar()[:2]
        window = [each for each in seen if local - timedelta(days=days) < each[0] <= local]
        run = 0
        while any(each[0] == local - timedelta(days=run) for each in seen):
            run += 1
        assert found == {
            "r-count": sum(each[2] != "c" for each in window),
            "r-sum": sum((each[1] for each in seen if (each[0].year, each[0].month) == month), Decimal(0)),
            "r-distinct": len({each[2] for each in seen if each[0].isocalendar()[:2] == week}),
            "r-streak": run,
        }
        till.decide(happened)


def _facts(term: Any) -> Any:
    from shared.rules.language.terms import facts_in

    return facts_in(term)


def test_a_counter_that_comes_later_is_counted_from_the_journal() -> None:
    """A definition that asks for history, published when the member has one already: the document afterwards is the
    same as if it had been there from the beginning. Fails when `backfill` counts nothing."""
    asking = book(rule("x", "when: 'history.sum(basket.total, this_month, event.store == \"a\") >= 1 && "
                            "history.streak(week) >= 1 && has(history.first(ever))'\nthen: {fixed: 1}"))  # fmt: skip
    events = shopped()
    always = Till(asking)
    for each in events:
        always.decide(each)
    member: dict[str, Any] = {"_id": "m", "seq": len(events)}
    assert set(lacking(member, asking)) == set(asking.counters)
    assert needs_backfill([member], asking) == ["m"]
    backfill(member, Family([journal_entry(n, each) for n, each in enumerate(events, 1)], []), asking)
    assert member["history"] == always.document["history"]
    assert needs_backfill([member], asking) == []


def journal_entry(seq: int, happened: Occurrence) -> dict[str, Any]:
    """A purchase as the journal keeps it: with the activity's bytes."""
    data = {
        "store": happened.data.store,
        "currency": happened.data.currency,
        "lines": [{"product": x.product, "quantity": x.quantity, "amount": f"{x.amount:f}", "department": x.department}
                  for x in happened.data.lines],
    }  # fmt: skip
    said = {"id": f"e-{seq}", "source": happened.source, "type": "loyalty.purchase.v1",
            "time": happened.time.isoformat(), "data": data}  # fmt: skip
    activity = {"type": "loyalty.activity.v1", "data": {
        "member": "m", "hash": "", "origin": {"topic": "t", "partition": 0, "offset": seq}, "event": said}}  # fmt: skip
    return {"_id": happened.key, "seq": seq, "kind": "purchase", "event": orjson.dumps(activity)}


def test_one_fact_in_two_zones_has_two_answers_for_campaigns() -> None:
    """What earn tells campaigns is filed by fact and zone; under the fact alone, one answer would stand for both."""
    body = "when: history.count(today) == 2\nthen: {fixed: 1}"
    here = rule("x", body, kind="bonus")
    there = rule("y", f"{body}\nschedule: {{time_zone: Asia/Ho_Chi_Minh}}", kind="bonus")
    till = Till(book(here, there), kind="bonus")
    morning, evening = (basket(line("1.00"), time=f"2017-03-01T{hour}:00:00-05:00") for hour in ("11", "22"))
    till.decide(morning)
    rules = till.rules.at(evening.time)
    asked = facts_of(evening, till.document, rules)
    answers = {each.key: asked.get(each) for each in rules.told["purchase"]}
    assert answers == {"history.count(today)": 2, "history.count(today) in Asia/Ho_Chi_Minh": 1}


@pytest.mark.parametrize(
    ("days", "late", "since"),
    [
        ([20], 10, set()),  # the first there was, heard of last
        ([5, 20], 10, {"first-5"}),  # whether there was one in between nobody has kept
        ([5, 8], 10, {"first-5", "last-2"}),
        ([10], 10, {"first-0", "last-0"}),
    ],
)
def test_days_after_an_event_that_comes_late_are_not_before_it(days: list[int], late: int, since: set[str]) -> None:
    """Days since then, of a purchase of that day of March. Mechanism: `_date`; without it they would be fewer than
    none, and whoever asks for at most so many would be given."""
    rules = [
        rule(f"{name}-{n}", f"when: days_since(history.{name}(ever)) {is_} {max(n, 0)}\nthen: {{fixed: 1}}")
        for name in ("first", "last") for n in (*range(11), -1) for is_ in ["==" if n >= 0 else "<"]
    ]  # fmt: skip
    till = Till(book(*rules))
    for day in days:
        till.decide(basket(line("1.00"), time=f"2017-03-{day:02d}T12:00:00-05:00"))
    found = till.decide(basket(line("1.00"), time=f"2017-03-{late:02d}T12:00:00-05:00"))
    assert {each.rule.id for each in found.outcomes} == since
