"""Hints of the checker, by hand: what is nearly right is told what to write."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from shared.rules.language.checking import condition
from shared.rules.yamlfile import DefinitionError, read_all
from tests.unit.marked import PROGRAMME as MARKED_PROGRAMME
from tests.unit.marked import rule as marked
from tests.unit.marked import told
from tests.unit.rulekit import PROGRAMME, rule


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("when: 'member.tags == \"vip\"'", 'a set of texts is asked with `in`: "vip" in member.tags'),
        ("when: '\"vip\" == member.tags'", 'a set of texts is asked with `in`: "vip" in member.tags'),
        (
            "when: 'member.gender == \"f\"'",
            "no fact is called member.gender if partners send it, write "
            "member.attributes.gender; there are member.tier, member.tiers",
        ),
        ("when: member.kids_count >= 2", "if partners send it, write member.attributes.kids_count; there are"),
        ("when: 'event.coupon == \"x\"'", "if partners send it, write event.attributes.coupon; there are event.kind"),
        ("when: 'lines.exists(amount > 5)'", "did you mean lines.any(filter)?"),
        ("schedule: {time_zone: GMT+7, hours: ['09:00-10:00']}", "GMT+7 is an offset, not a time zone: name a place"),
        ("schedule: {from: 2026-13-01}", "there is no month 13 write year-month-day, such as 2026-01-13"),
        ("schedule: {dates: ['2026-00-05']}", "there is no month 00 write year-month-day, such as 2026-12-24"),
        ("schedule: {time_zone: Europe/Hanoi}", "such as Asia/Ho_Chi_Minh; all are in https://data.iana.org/"),
        ("schedule: {time_zone: Vietnam}", "such as Asia/Ho_Chi_Minh; all are in https://data.iana.org/"),
        ("schedule: {time_zone: Europe/Ho_Chi_Minh}", "did you mean Asia/Ho_Chi_Minh?"),
        ("schedule: {time_zone: New York}", "did you mean America/New_York?"),
        ("when: event.payment == app", 'no fact is called app a text stands in quotes: write "app"'),
        ("when: lines.any(category == wine)", 'a text stands in quotes: write "wine"'),
        ("when: 'lines.any(category in [wine, beer])'", 'a text stands in quotes: write "wine"'),
        ("when: lines.any(categry == brand)", 'a text stands in quotes: write "categry", or category'),
        ("when: category == 'wine'", 'it is a field of lines: write lines.any(category == "wine")'),
        ("when: amount > 3", "write basket.total, or lines.sum(amount, filter)"),
        ("when: event.store.startswith('1')", 'no method is called startswith write event.store.startsWith("…")'),
        ("when: event.store.beginsWith('1')", "a text has startsWith, endsWith, contains"),
        ("when: 'basket.total >= 1,000.00'", "numbers have no comma: write 1000.00"),
        ("when: 'basket.total >= 1,000,000'", "numbers have no comma: write 1000000"),
        ("when: 'basket.total >= 1.000,00'", "numbers have no comma: write 1000.00"),
        ("when: basket.total > basket.quantity", "compare a number of money with another, or with a number that is"),
        ("when: member.joined > event.store", 'write a date in quotes, such as "2017-08-01", or a fact that is a date'),
        (
            "when: 'history.sum(amount, this_year, category == \"wine\") > 100'",
            'write history.sum(lines.sum(amount, category == "wine"), this_year)',
        ),
        ("when: 'history.sum(quantity, last_days(30)) > 3'", "write history.sum(lines.sum(quantity), last_days(30))"),
        (
            "when: 'history.count(this_year, category == \"wine\" && amount > 5) > 1'",
            'write lines.any(category == "wine" && amount > 5)',
        ),
        (
            'when: \'history.count(ever, event.store == "1" && category == "wine") > 1\'',
            'no fact about an event is called category it is a field of lines: write lines.any(category == "wine")',
        ),
        ("when: event.total > 5", "no fact is called event.total did you mean basket.total?"),
        ("when: basket.amount > 5", "no fact is called basket.amount write basket.total, or lines.sum(amount, filter)"),
        ("when: event.category == 'wine'", 'it is a field of lines: write lines.any(category == "wine")'),
        ("when: basket.summ > 5", "there are basket.total, basket.paid_with_points, basket.eligible, basket.quantity"),
        ("when: event.stoer == '1'", "did you mean event.store?"),
        ("when: member.tags.contains('x')", 'a set of texts is asked with `in`: "x" in member.tags'),
        ("when: member.tags.has('x')", 'a set of texts is asked with `in`: "…" in member.tags'),
        (
            "when: '\"gold\" in member.tier'",
            'member.tier is one value: write member.tier == "gold", or "gold" in member.tiers',
        ),
        ("when: '\"1\" in event.store'", 'event.store is one value: write event.store == "1"'),
        ("when: lines.any('a' in category)", 'category is one value: write category == "a"'),
        ("when: event.store == '1' || '2'", 'to ask for one of several, write a fact in ["a", "b"]'),
        ("when: basket.total >= 50 USD", "an amount has no currency, it is in the programme's: write the number alone"),
        ("when: basket.total >= USD 50", "an amount has no currency"),
        ("when: basket.total >= 50USD", "an amount has no currency"),
        ("when: basket.total >= $50", "an amount has no currency"),
        ("when: basket.total >= 50 €", "an amount has no currency"),
        ("when: basket.total >= 1 000", "numbers have no spaces: write 1000"),
        ("when: basket.total >= 1 000 000.50", "numbers have no spaces: write 1000000.50"),
        ("when: '[1 000, 2]'", "numbers have no spaces: write 1000"),
        ("when: basket.total >= 1.000.000", "numbers have no dots between thousands: write 1000000"),
        ("when: 'basket.total >= 1.000.000,50'", "numbers have no comma: write 1000000.50"),
        ("when: basket.total >= 1_000", "numbers have no underscores: write 1000"),
        ("when: basket.total >= 1'000", "numbers have no apostrophes: write 1000"),
        ("when: basket.total >= 50 5", "`5` is left over an operator is missing before it"),
        ("when: lines.any(category == 'a' and amount > 5)", "write && for `and`"),
        ("when: lines.any(category == 'a' OR amount > 5)", "write || for `OR`"),
        ("when: (basket.total > 5 or basket.total < 3)", "write || for `or`"),
        ("when: history.count(this_month, event.store == '1' and event.channel == 'a') > 1", "write && for `and`"),
        ("when: basket.total > 5 And event.store == '1'", "write && for `And`"),
        ("when: event.store not in ['1']", "write !(…) around all of it for `not in`"),
        ("when: member.balance > 5", "write member.balance.<wallet>, such as member.balance.stars"),
        ("when: member.lifetime > 5", "write member.lifetime.<wallet>, such as member.lifetime.stars"),
        # What is written beside the sign does not help: texts have no order (`hints.refuse_order`).
        ("when: event.store >= 5", 'compared with == or != only, such as event.store == "5"'),
        ("when: 5 < event.store", 'compared with == or != only, such as event.store == "5"'),
        ("when: event.store >= '2'", "a text is compared with == or != only"),
        ("when: member.is_birthday > 3", "true or false is compared with == or != only"),
        ("when: basket.total >= '5'", "write it without quotes: 5"),
        ("when: history.count(ever) % 5 == 0", "write a punch card, `then: {punch: {card: fifth, of: 5, points: 10}}`"),
        ("when: basket.total / 2 > 3", "its results would not be exact multiply the other side"),
        ("when: event.store.contains()", 'give contains one text in quotes, such as contains("ab")'),
        ("budget: {money: {amount: '5.00'}}", 'write an amount with its currency, such as {amount: "5.00", currency:'),
        # What ends in a name of one's own: compared by what stands before it.
        ("when: member.lifetme.stars > 5", "did you mean member.lifetime.stars?"),
        ("when: member.balence.stars > 5", "did you mean member.balance.stars?"),
        ("when: member.atributes.kids == 2", "did you mean member.attributes.kids?"),
        ("when: member.atributes['eye colour'] == 2", 'did you mean member.attributes["eye colour"]?'),
        ("when: event.atributes.coupon == 'x'", "did you mean event.attributes.coupon?"),
        ("when: event.attribute.coupon == 'x'", "did you mean event.attributes.coupon?"),
        ("when: lines.any(atributes.organic == true)", "did you mean attributes.organic?"),
        ("when: member.balance.strs > 5", "the programme has no wallet strs did you mean stars?"),
        ("when: member.balance.points > 5", "the programme has no wallet points it has stars, miles, cash"),
        ("when: history.count(last_7_days) > 1", "write over which time: did you mean last_days(7)?"),
        ("when: history.count(last_week) > 1", "did you mean last_days(7)?"),
        ("when: history.streak(day, last_days(30)) > 1", "streak takes no window write history.streak(day)"),
        ("when: history.streak(week, this_year) > 1", "streak takes no window write history.streak(week)"),
        ("when: history.streak(week, last_7_days) > 1", "streak takes no window write history.streak(week)"),
        (
            "when: history.streak(day, ever, event.store == '1') > 1",
            'streak takes no window write history.streak(day, event.store == "1")',
        ),
        ("when: lines.max(price) > 5", "no function is called lines.max did you mean lines.dearest(filter?)?"),
        ("when: lines.min(price) > 5", "no function is called lines.min did you mean lines.cheapest(filter?)?"),
        ("when: lines.max(amount) <= 100", "no function is called lines.max write lines.all(amount <= 100)"),
        ("when: lines.max(amount) >= 100", "no function is called lines.max write lines.any(amount >= 100)"),
        ("when: lines.min(amount) < 20.50", "no function is called lines.min write lines.any(amount < 20.50)"),
        ("when: lines.min(quantity) >= 20", "no function is called lines.min write lines.all(quantity >= 20)"),
        ("when: 100 < lines.max(amount)", "no function is called lines.max write lines.any(amount > 100)"),
        (
            "when: lines.max(amount, brand == 'a' || brand == 'b') > 5",
            'write lines.any(amount > 5 && (brand == "a" || brand == "b"))',
        ),
        ("when: lines.min(amount, brand == 'a') >= 5", 'write lines.none(amount < 5 && brand == "a")'),
        (
            "when: lines.max(amount) == 5",
            "to ask for the largest, write lines.any(amount >= 5.00) for as much or more, lines.all(amount <= 5.00) "
            "for as much or less",
        ),
        (
            "when: lines.min(quantity) > basket.quantity",
            "to ask for the smallest, write lines.all(quantity >= 2) for as much or more, lines.any(quantity <= 2) "
            "for as much or less",
        ),
        (
            "when: history.avg(basket.total, ever) > 5",
            "no function is called history.avg there is no average, as it would not be exact; compare history.sum(…) "
            "and history.count(…), each with a number",
        ),
        ("when: lines.average(price) > 5", "compare lines.sum(…) and lines.count(…), each with a number"),
        (
            "when: member.birthday.month == calendar.month",
            "no fact is called member.birthday.month of a birthday, ask member.is_birthday (today is the day)",
        ),
        ("when: basket.total between 5 and 10", "write two comparisons for `between`"),
        ("when: basket.total => 5", "write >="),
        ("when: calendar.weekday == sat", 'a text stands in quotes: write "saturday"'),
        ("when: calendar.weekday == 'Sa'", 'did you mean "saturday"?'),
        ("schedule: {weekdays: [sat]}", "did you mean saturday?"),
        ("schedule: {weekdays: [Thurs]}", "did you mean thursday?"),
        ("schedule: {time_zone: '+07:00', hours: ['09:00-10:00']}", "+07:00 is an offset, not a time zone"),
    ],
)
def test_what_is_nearly_right(body: str, said: str) -> None:
    """Breaks without the hint for what stands here: `language/hints` and `language/slips`, `near`, and those of zones,
    dates and numbers."""
    faults = check([("rules.yaml", PROGRAMME + rule("r", f"{body}\nthen: {{fixed: 1}}"))]).faults
    assert said in " ".join(f"{each.message} {each.hint}" for each in faults)


@pytest.mark.parametrize(
    "text",
    [
        'history.sum(lines.sum(amount, category == "wine"), this_year) > 100.00',
        "history.sum(lines.sum(quantity), last_days(30)) > 3",
        'history.count(this_year, lines.any(category == "wine" && amount > 5)) > 1',
        'lines.any(category == "wine")',
        'event.store.startsWith("1")',
        "basket.total >= 1000.00",
    ],
)
def test_what_is_told_to_write_can_be_written(text: str) -> None:
    """Breaks where a hint shows a form that the language does not have."""
    condition(text)


@pytest.mark.parametrize("then", ["{wallet: mils, fixed: 1}", "{punch: {card: c, of: 3, points: 1, wallet: mils}}"])
def test_a_wallet_of_a_name_that_is_nearly_one_of_the_programmes(then: str) -> None:
    """Mechanism: `references.no_wallet`; without it all wallets are listed."""
    [fault] = check([("rules.yaml", PROGRAMME + rule("r", f"then: {then}", "bonus"))]).faults
    assert (fault.message, fault.hint) == ("the programme has no wallet mils", "did you mean miles?")


def test_a_rule_that_builds_on_nobody_is_not_told_to_build_on_itself() -> None:
    """Breaks where the rule itself is among those that are offered."""
    with pytest.raises(DefinitionError) as refused:
        read_all([("rules.yaml", PROGRAMME + rule("r", "then: {again: [nope]}") + rule("rs", "then: {fixed: 1}"))])
    assert [each.hint for each in refused.value.faults] == ["there are: rs"]
    with pytest.raises(DefinitionError) as refused:
        read_all([("rules.yaml", PROGRAMME + rule("r", "then: {again: [rr]}"))])
    assert [each.hint for each in refused.value.faults] == ["define a rule of this id, or take it out"]
    bonus = rule("b", "then: {fixed: 1}", "bonus")
    with pytest.raises(DefinitionError) as refused:
        read_all([("rules.yaml", PROGRAMME + rule("r", "then: {again: [b]}") + bonus)])
    assert [each.hint for each in refused.value.faults] == ["write `kind: bonus` for this rule"]


def test_a_window_of_a_streak_is_told_at_the_window() -> None:
    """Breaks where the whole call is shown, or what stands before the window."""
    [said] = told(marked("x", "when: basket.total > 3 && history.streak(day, ▶last_days(30)) > 1"))
    assert said == "when: streak takes no window; write history.streak(day)"


def test_an_empty_text_is_told_where_it_stands() -> None:
    """Mechanism: it is not taken for one that is missing, before the bracket that closes."""
    [said] = told(marked("x", "when: event.store.startsWith(▶'')"))
    assert (
        said == "when: the text is empty, and so in every text; write what event.store is to have, or has(event.store)"
    )


def test_a_cost_of_too_many_decimals_is_told_at_its_field_as_it_is_written() -> None:
    """Mechanism: `bounds._counted`; without it all of the budget is marked, and the number is 1E-7."""
    budget = "budget: {money: {amount: '5.00', currency: USD}, cost_per_point: ▶0.0000001}"
    [said] = told(marked("x", budget))
    assert said.startswith("budget.cost_per_point: 0.0000001 has more than 6 decimals: budgets count in millionths")


def test_why_amounts_are_not_known() -> None:
    """Breaks where two parts are only said never to hold together, and not why."""
    said = " in another currency than USD are unknown; change one of the two, or join them with ||"
    [told_] = told(marked("x", "when: event.currency == 'EUR' && ▶basket.total > 3"))
    assert told_ == f'never true together with `event.currency == "EUR"`, as amounts{said}'
    fuel = marked("x", "when: lines.all(department == 'FUEL') && ▶basket.eligible > 3")
    [told_] = told(fuel, MARKED_PROGRAMME + "  not_eligible: department == 'FUEL'\n")
    assert ", as all these lines are `not_eligible` in the programme; change" in told_
