"""Proposals that once passed when they were followed, and asked something else than was meant. By hand: what is told,
and that what is told asks that; of what nothing asks, that no other thing is proposed."""

from __future__ import annotations

import re

import pytest

from tests.unit.marked import rule, told

_PATTERNS = "there are no patterns; a text is compared with == and !=, or asked with startsWith, endsWith or contains"
_AHEAD = "nothing looks ahead, and days_since counts back; "
_COUNTED = "days_since(date) has the days from a date to the event's"


@pytest.mark.parametrize(
    ("when", "followed"),
    [
        # `language/unlike`: days for another unit, each of which is as many.
        ("▶weeks_since(member.joined) >= 8", "days_since(member.joined) >= 56"),
        ("▶weeks_since(member.joined) < 1", "days_since(member.joined) < 7"),
        ("8 <= ▶weeks_since(history.last(ever))", "days_since(history.last(ever)) >= 56"),
        ("▶months_since(member.joined) >= 6", "days_since(member.joined) >= 180"),
        ("▶yearsSince(member.joined) >= 2", "days_since(member.joined) >= 730"),
        ('▶days_until("2026-12-24") <= 7', 'calendar.date >= "2026-12-17" && calendar.date <= "2026-12-24"'),
        ('▶days_before("2026-12-24") < 7', 'calendar.date > "2026-12-17" && calendar.date <= "2026-12-24"'),
        ("▶history.max(basket.total, ever) >= 100", "history.count(ever, basket.total >= 100) >= 1"),
        ("100 < ▶history.maximum(basket.total, this_year)", "history.count(this_year, basket.total > 100) >= 1"),
        ("▶history.min(basket.total, last_days(30)) <= 5", "history.count(last_days(30), basket.total <= 5) >= 1"),
        ("▶history.max(amount, ever) >= 100", "history.count(ever, lines.any(amount >= 100)) >= 1"),
        (
            '▶history.max(basket.total, ever, event.store == "1" || event.store == "2") >= 9',
            'history.count(ever, basket.total >= 9 && (event.store == "1" || event.store == "2")) >= 1',
        ),
        ('▶lines.any(category == "wine") >= 2', 'lines.count(category == "wine") >= 2'),
        ('2 <= ▶lines.any(category == "wine")', 'lines.count(category == "wine") >= 2'),
        ('▶lines.exists(category == "wine") >= 2', 'lines.count(category == "wine") >= 2'),
        ("▶history.days_since(ever) >= 90", "days_since(history.last(ever)) >= 90"),
        ("90 <= ▶history.daysSinceLast(ever, basket.total > 5)",
         "days_since(history.last(ever, basket.total > 5)) >= 90"),
        ("▶history.days_since_first(this_year) > 9", "days_since(history.first(this_year)) > 9"),
        ("▶history.days_since_last_purchase() >= 90", "days_since(history.last(ever)) >= 90"),
        ("▶history.weeks_since(ever) >= 3", "days_since(history.last(ever)) >= 21"),
        # `patterns.wildcard`: what stands beside a wildcard, and not the sign.
        ('▶COUNTIF(category, "wine*") >= 2', 'lines.count(category.startsWith("wine")) >= 2'),
        ('▶COUNTIF(category, "*wine") >= 2', 'lines.count(category.endsWith("wine")) >= 2'),
        ('▶COUNTIF(category == "*wine*") >= 2', 'lines.count(category.contains("wine")) >= 2'),
        ('▶COUNTIF(category != "wine*") >= 2', 'lines.count(!(category.startsWith("wine"))) >= 2'),
        # `language/tilde`
        ('event.store ▶=~ "^31"', 'event.store.startsWith("31")'),
        ('event.store ▶=~ "31$"', 'event.store.endsWith("31")'),
        ('event.store ▶=~ "31"', 'event.store.contains("31")'),
        ("event.store ▶=~ /^31/", 'event.store.startsWith("31")'),
        ('event.store ▶~ "^31$"', 'event.store == "31"'),
        ('event.store !▶~ "^31"', '!(event.store.startsWith("31"))'),
        # `searched._cut`: from the first place on.
        ('▶MID(event.store, 1, 2) == "31"', 'event.store.startsWith("31")'),
        ('▶SUBSTRING(event.store, 0, 2) != "31"', '!(event.store.startsWith("31"))'),
        # Semicolons as commas: `parser._apart_by_semicolons`.
        ("▶AND(basket.total > 5; OR(member.age > 3; has(member.household)))",
         "basket.total > 5 && (member.age > 3 || has(member.household))"),
    ],
)  # fmt: skip
def test_what_is_told_asks_what_was_meant(when: str, followed: str) -> None:
    """Each breaks without what is named above it: then nothing, or the nearest by its letters, is told."""
    [said] = told(rule("x", f"when: |-\n  {when}"))
    shown = said.rpartition("write ")[2].removesuffix(" alone")
    assert followed in (shown, f"{shown} >= 2")  # of a function, what stands beside it is left
    assert told(rule("x", f"when: |-\n  {followed}")) == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        # Of whole weeks, `> 8` is nine; of hours no number of days is told.
        ("▶weeks_since(member.joined) > 8", f"days are counted, not weeks: {_COUNTED}"),
        ("▶hours_since(history.last(ever)) >= 8", f"days are counted, not hours: {_COUNTED}"),
        ("▶weeks_since(member.joined) + 1 >= 8", f"days are counted, not weeks: {_COUNTED}"),
        ("▶history.weeks_since(ever) > 3", f"days are counted, not weeks: {_COUNTED}"),
        ("▶history.days_since(basket.total) >= 3", "days_since(history.last(window, filter)) has the days since then"),
        ("▶weeks_since(member.age) >= 8", f"days are counted, not weeks: {_COUNTED}"),
        ("▶years_since(member.birthday) >= 18",
         "of a birthday, ask member.is_birthday (today is the day) or member.age"),
        ("▶days_until(member.birthday) <= 7", f"{_AHEAD}of a birthday, ask member.is_birthday (today is the day)"),
        ("▶days_till(member.birthday) <= 7", f"{_AHEAD}of a birthday, ask member.is_birthday (today is the day)"),
        ("▶days_before(member.joined) <= 7", f"{_AHEAD}compare calendar.date with a day that is written"),
        ('▶days_until("2026-12-24") >= 7', f"{_AHEAD}compare calendar.date with that day"),
        ("▶history.min(basket.total, ever) >= 100",
         "nothing tells the smallest of past events; history.count(window, filter) counts those that a filter fits"),
        ("▶history.max(basket.total) >= 100",
         "nothing tells the largest of past events; history.count(window, filter) counts those that a filter fits"),
        ('▶COUNTIF(category, "w*e") >= 2', _PATTERNS),
        ('▶COUNTIF(category, "win?") >= 2', _PATTERNS),
        ('event.store ▶=~ "3.*"', _PATTERNS),
        ('event.store ▶~= "31"', _PATTERNS),
        ("▶MID(event.store, 1, 2)", "what stands in the middle of a text is not asked by its place; a text is compared "
         "with == and !=, or asked with startsWith, endsWith or contains"),
        ('▶MID(event.store, 3, 2) == "31"', "what stands in the middle of a text is not asked by its place; a text is "
         "compared with == and !=, or asked with startsWith, endsWith or contains"),
        ("basket.total > 5▶; member.age > 3",
         "write a comma between what a function or a list has; join conditions with && or ||"),
        ("history.sum(basket.total▶; ever) > 5", "write a comma for it"),
        ('event.store in ["1" ▶"2"]', 'a comma is missing before `"2"`'),
        ("calendar.month in [1 ▶000]", "numbers have no spaces: write 1000"),
    ],
)  # fmt: skip
def test_of_what_nothing_asks_no_other_thing_is_proposed(when: str, said: str) -> None:
    """Mechanism: as above, `sheets.in_days`, and what is told of it instead of the nearest."""
    [found] = told(rule("x", f"when: |-\n  {when}"))
    assert found.endswith(said)
    assert found.removesuffix(said).endswith(("; ", "when: "))


@pytest.mark.parametrize(
    ("when", "followed"),
    [
        ('▶event.shop == "31"', 'event.store == "31"'),
        ('▶event.branch == "31"', 'event.store == "31"'),
        ('▶event.location == "31"', 'event.store == "31"'),
        ('▶event.merchant == "grocer"', 'event.partner == "grocer"'),
        ("▶wallet.stars > 3", "member.balance.stars > 3"),
        ("▶member.referrals.count > 3", "member.referrals > 3"),
        ("▶calendar.is_weekend", 'calendar.weekday in ["saturday", "sunday"]'),
        ("lines.any(▶organic)", "lines.any(attributes.organic == true)"),
        ("lines.any(▶organic == true)", "lines.any(attributes.organic == true)"),
        ("lines.any(▶discount > 0)", "lines.any(attributes.discount > 0)"),
        ("lines.any(▶qty > 1)", "lines.any(quantity > 1)"),
        ("lines.any(▶quantiti > 1)", "lines.any(quantity > 1)"),
    ],
)
def test_a_fact_by_another_name(when: str, followed: str) -> None:
    """Mechanism: the tables of `meant`, and `meant.own_line_field`: the nearest would be `amount`, `price`,
    `event.payment`, `member.consents`."""
    [said] = told(rule("x", f"when: |-\n  {when}"))
    hint = said.split("; ")[1].removeprefix("if partners send it, ")
    shown = hint.removeprefix("did you mean ").removeprefix("write ").removesuffix("?")
    assert re.sub(r"▶[\w.]+", shown, when) == followed
    assert told(rule("x", f"when: |-\n  {followed}")) == []


def test_in_which_language_a_member_reads_is_not_asked() -> None:
    """Mechanism: `meant._ANSWERED`; else an attribute was told that nobody sends."""
    [said] = told(rule("x", 'when: |-\n  ▶member.language == "en"'))
    assert said.endswith("; in which language a member reads says their signup's profile, which rules do not ask")
