"""What marketers plausibly write, by hand: the checker says what is meant, at the place of the slip, and only where
that fits."""

from __future__ import annotations

import pytest

from shared.rules.language.checking import condition
from tests.unit.marked import rule, told

_NO_FACT = "when: no fact is called"
_DATES = "when: of dates, ask how many days ago they are; "
_DAYS = "when: a window of days has their number in brackets; write last_days"
_WRITTEN = (
    "when: days_since takes a fact that is a date, not one that is written; compare calendar.date with that day, such "
    'as calendar.date >= "2026-12-01"'
)
_LIKE = "when: there is no `like`; write startsWith, endsWith, contains or ==, such as"
_TAGS = 'a set of texts is asked with `in`: "vip" in member.tags'
_LETTERS = "names of facts have the letters a to z without accents"
_THEN = (
    "there are: wallet, fixed, per_amount, per_quantity, per_line, again, multiply, cashback, at_least, at_most, "
    "voucher, gift, tag, tickets, punch, message"
)
_LISTED = (
    "a list does not say how many of its conditions must hold; write them under `all:` for all, under `any:` for one"
)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        # Names: `language/meant`.
        (
            "▶member.points >= 100",
            f"{_NO_FACT} member.points; points are in wallets: write member.balance.<wallet>, such as "
            "member.balance.stars",
        ),
        ('▶member.status == "gold"', f"{_NO_FACT} member.status; did you mean member.tier?"),
        (
            "▶history.purchases(this_month) >= 3",
            "when: no function is called history.purchases; did you mean history.count(window, filter?)?",
        ),
        ("▶history.purchases >= 3", f"{_NO_FACT} history.purchases; did you mean history.count(window, filter?)?"),
        (
            "▶history.spent(this_year) > 5",
            "when: no function is called history.spent; did you mean history.sum(fact, window, filter?)?",
        ),
        (
            "member.birthday == ▶today",
            f"{_NO_FACT} today; of a birthday, ask member.is_birthday (today is the day)",
        ),
        (
            "▶calendar.today == member.birthday",
            f"{_NO_FACT} calendar.today; of a birthday, ask member.is_birthday (today is the day)",
        ),
        ('▶today == "2026-12-24"', f"{_NO_FACT} today; did you mean calendar.date?"),
        ('▶calendar.today == "2026-12-24"', f"{_NO_FACT} calendar.today; did you mean calendar.date?"),
        (
            '▶days_since("2026-12-01") >= 0',
            _WRITTEN,
        ),
        # No sign is guessed: these are before that day, and until 30 days behind it.
        ('▶days_since("2026-12-01") < 0', _WRITTEN),
        ('▶days_since("2026-12-01") <= 30', _WRITTEN),
        ("▶member.points.stars >= 100", f"{_NO_FACT} member.points.stars; did you mean member.balance.stars?"),
        ("▶member.wallet.stars >= 100", f"{_NO_FACT} member.wallet.stars; did you mean member.balance.stars?"),
        (
            '▶member.points["gold-stars"] >= 100',
            f'{_NO_FACT} member.points.gold-stars; did you mean member.balance["gold-stars"]?',
        ),
        # Only where it can be asked: a filter of history knows no member, one of lines no day.
        (
            "history.count(ever, ▶member.points > 3) > 3",
            "when: no fact about an event is called member.points; a filter of history asks about events, not about "
            "the member now",
        ),
        (
            "lines.any(▶today == 'x')",
            "when: no fact about a line is called today; there are product, category, department, brand, quantity, "
            "amount, price, attributes.<name>",
        ),
        ("event.store == ▶today", f'{_NO_FACT} today; a text stands in quotes: write "today"'),
        ("▶days_since('soon') >= 0", "when: write days_since(date), for example days_since(member.joined) <= 30"),
        # Windows: `language/spoken`.
        ("history.count(7 ▶days) > 1", f"{_DAYS}(7)"),
        ("history.count(last ▶7 days) > 1", f"{_DAYS}(7)"),
        ("history.count(last_days ▶7) > 1", f"{_DAYS}(7)"),
        ("history.count(last_days(7 ▶days)) > 1", f"{_DAYS}(7)"),
        ("history.sum(basket.total, past ▶2 weeks) > 1", f"{_DAYS}(14)"),
        ("history.count(last ▶month) > 1", f"{_DAYS}(30)"),
        (
            "history.count(7▶days) > 1",
            "when: a number has no unit: write 7 alone, or last_days(7) for a window",
        ),
        ("history.count(this ▶month) > 1", "when: a window is one word; write this_month"),
        ("history.count(this ▶day) > 1", "when: a window is one word; write today"),
        (
            "history.count(last ▶3 years) > 1",
            "when: a window has at most 730 days; write last_days(730), or ever",
        ),
        # No window stands there, or nobody knows of how many days.
        ("lines.count(7 ▶days) > 1", "when: `)` is missing after what the function is given"),
        ("history.streak(7 ▶days) > 1", "when: `)` is missing after what the function is given"),
        ("history.count(7 ▶visits) > 1", "when: `)` is missing after what the function is given"),
        (
            "history.count(ever, event.store == 'a' ▶7 days) > 1",
            "when: `)` is missing after what the function is given",
        ),
        # Databases' words.
        ('lines.any(category ▶like "wine%")', 'when: there is no `like`; write category.startsWith("wine")'),
        ('lines.any(category ▶LIKE "%wine")', 'when: there is no `like`; write category.endsWith("wine")'),
        ('lines.any(category ▶like "%wine%")', 'when: there is no `like`; write category.contains("wine")'),
        ('event.store ▶like "12"', 'when: there is no `like`; write event.store == "12"'),
        (
            'event.store ▶like "1%2"',
            f'{_LIKE} category.contains("wine"); {_TAGS}',
        ),
        # `_` is any letter, and a set has no texts that begin so.
        ('lines.any(category ▶like "w_ne")', f'{_LIKE} category.contains("wine"); {_TAGS}'),
        ('lines.any(category ▶like "w_ne%")', f'{_LIKE} category.contains("wine"); {_TAGS}'),
        ('member.tags ▶like "vip%"', f'{_LIKE} category.startsWith("wine"); {_TAGS}'),
        ('member.tags ▶like "vip"', f"when: there is no `like`; {_TAGS}"),
        ('lines.any(category in ▶("a", "b"))', 'when: a list is written in square brackets; write ["a", "b"]'),
        ("calendar.month in ▶(6, 7)", "when: a list is written in square brackets; write [6, 7]"),
        (
            'member.tags ▶contains "vip"',
            'when: `contains` is no operator; a set of texts is asked with `in`: "vip" in member.tags',
        ),
        (
            'member.tags.contains ▶"vip"',
            "when: what `contains` is given stands in brackets; a set of texts is asked with `in`: "
            '"vip" in member.tags',
        ),
        (
            'event.store.startsWith ▶"1"',
            'when: what `startsWith` is given stands in brackets; write event.store.startsWith("1")',
        ),
        ("lines.any(category ▶contains wine)", 'when: `contains` is no operator; write category.contains("wine")'),
        (
            'member.tags ▶does not contain "vip"',
            'when: `contain` is no operator; a set of texts is asked with `in`: !("vip" in member.tags)',
        ),
        (
            'event.store ▶does not start with "1"',
            'when: `start` is no operator; write !(event.store.startsWith("1"))',
        ),
        ('member.tags ▶does not equal "vip"', "when: `does` is left over; an operator is missing before it"),
        ("event.store ▶starts with '1'", 'when: `starts` is no operator; write event.store.startsWith("1")'),
        ("basket.total ▶contains 5", "when: `contains` is left over; an operator is missing before it"),
        # Dates, of which those that are later are fewer days ago.
        ("member.joined >= 30 ▶days ago", f"{_DATES}write days_since(member.joined) <= 30"),
        ("member.joined < 2 ▶weeks ago", f"{_DATES}write days_since(member.joined) > 14"),
        ("30 ▶days ago <= member.joined", f"{_DATES}write days_since(member.joined) <= 30"),
        (
            'history.last(ever, event.store == "1") <= 3 ▶months ago',
            f'{_DATES}write days_since(history.last(ever, event.store == "1")) >= 90',
        ),
        ("member.joined >= 30 ▶days", f"{_DATES}compare days_since(member.joined) with 30"),
        (
            "basket.total >= 30 ▶days ago",
            "when: `ago` is not part of the language; ask how long ago it was, such as days_since(member.joined) <= 30",
        ),
        ("member.age >= 18 ▶years", "when: a number has no unit; write 18 alone"),
        ("days_since(member.joined) >= 3 ▶months", "when: a number has no unit; write 90 alone"),
        (
            "days_since(member.joined) >= 30 ▶days ago",
            "when: `ago` is not part of the language; write days_since(member.joined) >= 30",
        ),
        (
            "days_since(member.joined) < 2 ▶weeks ago",
            "when: `ago` is not part of the language; write days_since(member.joined) < 14",
        ),
        ("lines.count() >= 3 ▶items", "when: a number has no unit; write 3 alone"),
        ("lines.count(amount > 5) >= 3 ▶lines", "when: a number has no unit; write 3 alone"),
        ("basket.total >= 3 ▶items", "when: `items` is left over; an operator is missing before it"),
        # Letters: `language/accents`.
        ("basket.t▶ótal > 5", f"when: `ó` cannot stand here; {_LETTERS}: did you mean basket.total?"),
        ("lines.any(cat▶égory == 'a')", f"when: `é` cannot stand here; {_LETTERS}: did you mean category?"),
        ("member.balance.▶điểm > 5", f"when: `đ` cannot stand here; {_LETTERS}: did you mean member.balance.diem?"),
        ("event.store == H▶à Nội", f"when: `à` cannot stand here; {_LETTERS}; put a text in quotes"),
        ("basket.total ▶× 2 > 5", "when: `×` cannot stand here; take it away, or put a text in quotes"),
    ],
)
def test_a_condition_that_is_a_plausible_slip(when: str, said: str) -> None:
    """Breaks without the table or the reading of what stands here, or where its place moves."""
    assert told(rule("x", f"when: >-\n  {when}")) == [said]


@pytest.mark.parametrize(
    "text",
    [
        'category.startsWith("wine")',
        'category.endsWith("wine")',
        'category.contains("wine")',
        'category == "wine"',
        'category in ["a", "b"]',
    ],
)
def test_what_is_told_to_write_of_lines_can_be_written(text: str) -> None:
    """Breaks where a hint shows a form that the language does not have."""
    condition(text, "line")


@pytest.mark.parametrize(
    "text",
    [
        "member.balance.stars >= 100",
        "history.count(last_days(7)) > 1",
        '"vip" in member.tags',
        '!("vip" in member.tags)',
        '!(event.store.startsWith("1"))',
        'member.balance["gold-stars"] >= 100',
        "days_since(member.joined) <= 30",
        'days_since(history.last(ever, event.store == "1")) >= 90',
        'calendar.date >= "2026-12-01"',
        "member.is_birthday",
        'event.store in (["1", "2"])',
        "event.attributes.contains == 1 && event.attributes.days == 7 && event.attributes.like == 2",
    ],
)
def test_what_is_told_to_write_can_be_written(text: str) -> None:
    """Breaks where a hint shows a form that the language does not have, or a word of a slip is refused as a name."""
    condition(text)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("then: {▶per_euro: 2}", "`then.per_euro`: no such field; write `per_amount: {per: 1, give: 2}`"),
        ("then: {▶per_dollar: 2}", "`then.per_dollar`: no such field; write `per_amount: {per: 1, give: 2}`"),
        ("then: {▶per_vnd: 2}", "`then.per_vnd`: no such field; write `per_amount: {per: 1, give: 2}`"),
        ("then: {▶per_spend: {per: 1}}", "`then.per_spend`: no such field; did you mean `per_amount`?"),
        ("then: {▶per_item: 3}", "`then.per_item`: no such field; write `per_quantity: {per: 1, give: 3}`"),
        (
            "then: {▶points: 10}",
            "`then.points`: no such field; write {wallet: stars, fixed: 10}, with the wallet that the points are of",
        ),
        ("then: {wallet: miles, ▶points: 5}", "`then.points`: no such field; write `fixed: 5`"),
        (
            "then: [{tag: vip, ▶points: 5}]",
            "`then.0.points`: no such field; write a list of both: [{tag: …}, {wallet: stars, fixed: 5}]",
        ),
        (
            "then: {▶miles: 10}",
            f"`then.miles`: no such field; if miles is a wallet, write {{wallet: miles, fixed: 10}}; {_THEN}",
        ),
        (
            "then: {▶cash: 10}",
            "`then.cash`: no such field; if cash is a wallet, write {wallet: cash, fixed: 10}; did you mean "
            "`cashback`?",
        ),
        # No wallets: the effect says already what it gives, or the field is only misspelt.
        ("then: {fixed: 1, ▶reason: 1}", f"`then.reason`: no such field; {_THEN}"),
        ("then: {▶fix: 1}", "`then.fix`: no such field; did you mean `fixed`?"),
        ("▶condition: basket.total > 5\nthen: {fixed: 1}", "`condition`: no such field; did you mean `when`?"),
        ("▶if: basket.total > 5\nthen: {fixed: 1}", "`if`: no such field; did you mean `when`?"),
        (
            "▶where: basket.total > 5\nthen: {fixed: 1}",
            "`where`: no such field; did you mean `when`? Of lines, write it within `then.per_amount` or "
            "`then.per_quantity` or `then.per_line`",
        ),
        (
            "schedule: {▶start: 2026-01-01T00:00:00Z}\nthen: {fixed: 1}",
            "`schedule.start`: no such field; did you mean `from`?",
        ),
        (
            "schedule: {▶end: 2026-01-01T00:00:00Z}\nthen: {fixed: 1}",
            "`schedule.end`: no such field; did you mean `until`?",
        ),
        (
            "schedule: {▶to: 2026-01-01T00:00:00Z}\nthen: {fixed: 1}",
            "`schedule.to`: no such field; did you mean `until`?",
        ),
        ("▶end: 2026-01-01T00:00:00Z\nthen: {fixed: 1}", "`end`: no such field; write `until` within `schedule`"),
        ("when:\n  ▶- basket.total > 5\n  - member.age > 3\nthen: {fixed: 1}", f"when: {_LISTED}"),
        ("when:\n  all:\n  - ▶[basket.total > 5, member.age > 3]\nthen: {fixed: 1}", f"when.all.0: {_LISTED}"),
        ("when: ▶[]\nthen: {fixed: 1}", "when: write a condition, such as basket.total >= 10.00"),
        ("when: ▶[1, 2]\nthen: {fixed: 1}", "when: write a condition, such as basket.total >= 10.00"),
    ],
)
def test_a_field_that_is_a_plausible_slip(body: str, said: str) -> None:
    """Breaks without the table of `meant_fields`, the words of `conditions` for a list, or where a place moves."""
    assert told(rule("x", body, "bonus", then="")) == [said]
