"""Conditions as spreadsheets, forms and everyday words have them, by hand: what is told is at the place of the slip,
and can be written there."""

from __future__ import annotations

import pytest

from shared.rules.language.checking import condition
from shared.rules.language.syntax import ExpressionError

_FILTERED = 'lines.sum(amount, category == "wine")'
_BLANK = "no function is called ISBLANK; write !has(member.age)"
_EVER = "history.count(ever)"
_SPENT = "history.sum(basket.total, ever)"
_NUMBERED = "a text does not go with a number; weekdays are texts: write"
_DATED = "a date does not go with a number; write"
_SET = 'a set of texts is asked with `in`: "sms" in member.consents, or !("sms" in member.consents)'
_ORDER = "orders numbers and dates; a text is compared with == or != only"
_WEEKEND = 'calendar.weekday in ["saturday", "sunday"]'


def told(when: str) -> str:
    """What is wrong with a condition; its place must be the mark's."""
    at = when.index("▶")
    with pytest.raises(ExpressionError) as raised:
        condition(when.replace("▶", ""))
    assert raised.value.at == at, raised.value.message
    return raised.value.message


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("▶=basket.total >= 20", "`=` cannot stand here; take it away: a condition begins with what it asks for"),
        ("basket.total > ▶= 20", "`=` cannot stand here; write >= without a space between"),
        ("basket.total ! ▶= 20", "`=` cannot stand here; write != without a space between"),
        ("basket.total ▶= > 20", "`=` cannot stand here; write >="),
        ("basket.total >=▶= 20", "`=` cannot stand here; write >="),
        ("basket.total ▶is greater than 20", "write > for `is greater than`: basket.total > 20"),
        ("basket.total ▶Less Than or Equal to 20", "write <= for `Less Than or Equal to`: basket.total <= 20"),
        ("basket.total ▶is not more than 20", "write <= for `is not more than`: basket.total <= 20"),
        ("basket.total ▶at least 20 && member.age > 3", "write >= for `at least`: basket.total >= 20"),
        ('member.tier ▶is not "gold"', 'write != for `is not`: member.tier != "gold"'),
        # Only a part of the calculation would be shown.
        ("2 * basket.total ▶is over 20", "write > for `is over`"),
        ("basket.total ▶is over 20 * 2", "write > for `is over`"),
        ("lines.count() ▶is more than 3", "write > for `is more than`"),
        ("member.age ▶is null", "write !has(member.age) for `is null`"),
        ("member.age ▶is not empty", "write has(member.age) for `is not empty`"),
        ('event.store ▶is one of ["1"]', "write in for `is one of`"),
        ('event.store ▶is not in ["1"]',
         'write !(…) around all of it for `is not in`, such as !(event.store in ["1", "2"])'),
        ('event.store ▶not in ["1"]',
         'write !(…) around all of it for `not in`, such as !(event.store in ["1", "2"])'),
    ],
)  # fmt: skip
def test_comparisons_in_words_and_signs_apart(when: str, said: str) -> None:
    """Mechanism: `spoken.compared`, `slips._apart`."""
    assert told(when) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("▶purchase.amount > 5", "no fact is called purchase.amount; did you mean basket.total?"),
        ("▶transaction.amount > 5", "no fact is called transaction.amount; did you mean basket.total?"),
        ("▶basket.value > 5", "no fact is called basket.value; did you mean basket.total?"),
        ("▶basket.sum > 5", "no fact is called basket.sum; did you mean basket.total?"),
        ('▶event.type == "purchase"', "no fact is called event.type; did you mean event.kind?"),
        ("▶visits > 5", f"no fact is called visits; write {_EVER}"),
        ("▶member.visits > 5", f"no fact is called member.visits; write {_EVER}; if partners send it, write "
                               "member.attributes.visits"),
        ("▶member.total_spent > 5", f"no fact is called member.total_spent; write {_SPENT}; if partners send it, write "
                                    "member.attributes.total_spent"),
        ("▶member.consents.sms == true", f"no fact is called member.consents.sms; {_SET}"),
        ("▶member.consents.sms == false", f"no fact is called member.consents.sms; {_SET}"),
        ("member.is_birthday == ▶TRUE", "no fact is called TRUE; write true"),
        ("event.attributes.gift != ▶False", "no fact is called False; write false"),
        ("lines.any(attributes.organic == ▶TRUE)", "no fact about a line is called TRUE; write true"),
        ("event.channel == ▶TRUE", 'no fact is called TRUE; a text stands in quotes: write "TRUE"'),
    ],
)  # fmt: skip
def test_facts_by_other_names(when: str, said: str) -> None:
    """Mechanism: the tables of `meant`; `basket.sum` was told what there is, `member.visits` of wallets."""
    assert told(when) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("calendar.weekday == ▶5", f'{_NUMBERED} "friday" (1 is monday, 7 sunday)'),
        ("▶1 == calendar.weekday", f'{_NUMBERED} "monday" (1 is monday, 7 sunday)'),
        ("calendar.weekday in [▶7]", f'{_NUMBERED} "sunday" (1 is monday, 7 sunday)'),
        ("calendar.weekday == ▶0", f'{_NUMBERED} one, such as "sunday" (1 is monday, 7 sunday)'),
        ("calendar.weekday == ▶1.5", f'{_NUMBERED} one, such as "sunday" (1 is monday, 7 sunday)'),
        ("▶calendar.weekday >= 6", f"`>=` {_ORDER}: write {_WEEKEND}"),
        ("▶5 < calendar.weekday", f"`<` {_ORDER}: write {_WEEKEND}"),
        ("▶calendar.weekday > 7", f"`>` {_ORDER}, such as {_WEEKEND}"),
        ("history.last(ever) > ▶30", f"{_DATED} days_since(history.last(ever)) > 30"),
        ("▶30 < member.joined", f"{_DATED} days_since(member.joined) > 30"),
        ("member.joined > ▶2025", f'{_DATED} a day in quotes, such as "2025-01-01"'),
        ("member.joined > ▶20260101", f'{_DATED} it with hyphens, in quotes: "2026-01-01"'),
        ("member.joined > ▶2026-01-01", 'a date stands in quotes: write "2026-01-01"'),
        ("calendar.date > ▶2026-01-01", 'a date stands in quotes: write "2026-01-01"'),
        ("member.birthday > ▶30", "a date does not go with a number; of a birthday, ask member.is_birthday (today is "
                                  "the day) or member.age"),
        ("calendar.holiday(▶\"GER\") == 'x'", "no public holidays are known for GER; did you mean DE?"),
        ("has(calendar.holiday(▶'DEU'))", "no public holidays are known for DEU; did you mean DE?"),
        ("has(calendar.holiday(▶'XGR'))", "no public holidays are known for XGR; write two letters such as US or VN"),
    ],
)  # fmt: skip
def test_days_in_numbers_and_countries_in_three_letters(when: str, said: str) -> None:
    """Mechanism: `meant.of_a_weekday`, `reckoned._numbered`, the table of `holidays`: of GER, GR was the nearest."""
    assert told(when) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("▶IF(basket.total > 20, true, false)", "no function is called IF; a condition is not chosen by another: write "
                                                "the condition alone, without what follows from it"),
        ("▶SUM(amount) > 5", "no function is called SUM; write lines.sum(amount)"),
        ("▶SUM(basket.total) > 5", "no function is called SUM; it is one number: write basket.total alone"),
        ('▶SUMIF(category, "wine", amount) > 5', f"no function is called SUMIF; write {_FILTERED}"),
        ('▶SumIf(category == "wine") > 5', f"no function is called SumIf; write {_FILTERED}"),
        ('▶SUMIFS(quantity, category, "wine", brand, "a") > 5',
         'no function is called SUMIFS; write lines.sum(quantity, category == "wine" && brand == "a")'),
        # A comparison in a text would be another condition.
        ('▶SUMIF(price, ">5", amount) > 5', "no function is called SUMIF; write lines.sum with a filter, such as "
                                            'lines.sum(amount, department == "DELI") >= 20.00'),
        ('▶COUNTIF(category == "wine") > 2', 'no function is called COUNTIF; write lines.count(category == "wine")'),
        ("▶COUNT(lines) > 2", "no function is called COUNT; write lines.count()"),
        ("▶MAX(price) > 2", "no function is called MAX; did you mean lines.dearest(filter?)?"),
        ("basket.total > ▶MAX(2, 3)", "no function is called MAX; of several numbers none is chosen: compare each by "
                                      "itself, and join these with || or &&"),
        ("▶MIN(amount) > 2", "no function is called MIN; to ask for the smallest, write lines.all(amount >= 5.00) for "
                             "as much or more, lines.any(amount <= 5.00) for as much or less"),
        ("▶ROUND(basket.total) > 2", "no function is called ROUND; nothing is rounded here: write basket.total alone"),
        ("▶ISBLANK(member.age)", _BLANK),
        ("lines.any(▶isblank(brand))", "no function is called isblank; write !has(brand)"),
        ("lines.any(▶SUM(amount) > 2)", "no function is called SUM; a filter asks about the line's own fields, such as "
                                        'category == "wine"'),
        ('▶TODAY() == "2026-12-24"', "no function is called TODAY; did you mean calendar.date?"),
        ('▶basket.contains("wine")', 'a basket is no text; ask its lines, such as lines.any(category == "wine")'),
        ('▶basket.includes("4711")',
         'no function is called basket.includes; ask its lines, such as lines.any(product == "4711")'),
        ('▶basket.brands.contains("a")', 'a basket is no text; ask its lines, such as lines.any(brand == "a")'),
        ("▶AND(basket.total > 3, member.age > 3)",
         "`AND` stands between what it joins; write basket.total > 3 && member.age > 3"),
        ('▶OR(has(member.age) && member.age > 3, event.store in ["1", "2"])',
         '`OR` stands between what it joins; write (has(member.age) && member.age > 3) || event.store in ["1", "2"]'),
        ("has(member.age) && ▶OR(member.age > 3, basket.total > 3)",
         "`OR` stands between what it joins; write (member.age > 3 || basket.total > 3)"),
        ("!▶AND(member.age > 3, basket.total > 3)",
         "`AND` stands between what it joins; write (member.age > 3 && basket.total > 3)"),
        ("lines.any(▶AND(amount > 3, brand == 'a'))",
         "`AND` stands between what it joins; write amount > 3 && brand == 'a'"),
        ("▶AND(NOT(has(member.age)), basket.total > 3)",
         "`AND` stands between what it joins; write !(has(member.age)) && basket.total > 3"),
        ("▶AND(basket.total > 3, OR(member.age > 3, member.age < 2))",
         "`AND` stands between what it joins; write basket.total > 3 && (member.age > 3 || member.age < 2)"),
        ("▶OR(AND(basket.total > 3, has(member.age)), NOT(OR(member.age > 3, basket.total > 5)))",
         "`OR` stands between what it joins; write (basket.total > 3 && has(member.age)) || "
         "!(member.age > 3 || basket.total > 5)"),
        ("▶AND(basket.total > 3)", "`AND` of one condition is that condition; write basket.total > 3"),
        ("!▶OR(basket.total > 3)", "`OR` of one condition is that condition; write (basket.total > 3)"),
        # What is within is wrong itself, or is more than what it joins.
        ("▶AND(basket.total > 3, AND(has(member.age), member.age > 3) && member.age < 5)",
         "`AND` stands between what it joins; put && between them"),
        ("▶OR(basket.total > 3, (NOT has(member.age)))", "`OR` stands between what it joins; put || between them"),
        ("▶AND()", "`AND` stands between what it joins; put && between them"),
        ("▶lines.every(price > 3)", "no function is called lines.every; did you mean lines.all(filter)?"),
        ("▶lines.some(price > 3)", "no function is called lines.some; did you mean lines.any(filter)?"),
        ("▶member.balance > 100", "no fact is called member.balance; points are in wallets: write "
                                  "member.balance.<wallet>, such as member.balance.stars"),
        ("▶member.lifetime > 100", "no fact is called member.lifetime; points are in wallets: write "
                                   "member.lifetime.<wallet>, such as member.lifetime.stars"),
    ],
)  # fmt: skip
def test_functions_of_spreadsheets(when: str, said: str) -> None:
    """Mechanism: `elsewhere`; of nearly all of these, all functions that there are were listed."""
    assert told(when) == said


@pytest.mark.parametrize("asked", ["MONTH", "DAY", "WEEKDAY"])
def test_of_another_day_than_today_nothing_is_told_that_asks_of_today(asked: str) -> None:
    """Mechanism: `of_today` of `_of_a_sheet`; calendar.month is a good condition, and no birthday's."""
    assert "did you mean" not in told(f"▶{asked}(member.birthday) == 3")
    assert f"calendar.{asked.lower()}" in told(f"▶{asked}(today) == 3")
    assert "write calendar" not in told(f"▶{asked}(member.birthday) == 3")


@pytest.mark.parametrize(
    "text",
    [
        "basket.total > 20", 'member.tier != "gold"', f"{_EVER} > 5", f"{_SPENT} > 5", '"sms" in member.consents',
        '!("sms" in member.consents)', 'calendar.weekday == "friday"', _WEEKEND, "days_since(history.last(ever)) > 30",
        'member.joined > "2026-01-01"', 'has(calendar.holiday("DE"))', f"{_FILTERED} > 5", "lines.sum(amount) > 5",
        'lines.sum(quantity, category == "wine" && brand == "a") > 5', "!has(member.age)", "lines.any(!has(brand))",
        'lines.any(product == "4711")', "lines.dearest() > 2", "lines.count() > 2",
    ],
)  # fmt: skip
def test_what_is_told_can_be_written(text: str) -> None:
    condition(text)
