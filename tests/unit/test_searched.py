"""Parts of texts as spreadsheets look for them, by hand: what asks the same is told, or only what there is."""

from __future__ import annotations

import pytest

from shared.rules.language.checking import condition
from tests.unit.test_elsewhere import told

_ONLY = "a text is compared with == and !=, or asked with startsWith, endsWith or contains"
_AT_A_PLACE = f"at which place a part of a text stands is not asked; {_ONLY}"
_CASES = "texts are compared as they stand, with their capital letters and spaces"
_THERE, _NOT_THERE = 'event.store.contains("31")', '!(event.store.contains("31"))'


@pytest.mark.parametrize(
    ("when", "followed"),
    [
        ('▶ISERROR(FIND("31", event.store))', _NOT_THERE),
        ('▶ISERROR(SEARCH("31", event.store))', _NOT_THERE),
        ('▶ISERROR(FIND("31", event.store)) == true', _NOT_THERE),
        ('▶ISERROR(FIND("31", event.store)) == false', _THERE),
        ('▶ISERROR(FIND("31", event.store)) != TRUE', _THERE),
        ('▶ISNUMBER(FIND("31", event.store))', _THERE),
        ('▶ISNUMBER(FIND("31", event.store)) == false', _NOT_THERE),
        ('▶ISNUMBER(FIND("31", event.store)) == FALSE', _NOT_THERE),
        ('▶ISNUMBER(FIND("31", event.store)) != false', _THERE),
        ('▶FIND("31", event.store) == 0', _NOT_THERE),
        ('0 == ▶FIND("31", event.store)', _NOT_THERE),
        ('▶FIND("31", event.store) < 1', _NOT_THERE),
        ('▶FIND("31", event.store) <= 0', _NOT_THERE),
        ('1 > ▶FIND("31", event.store)', _NOT_THERE),
        ('▶FIND("31", event.store) > 0', _THERE),
        ('▶FIND("31", event.store) >= 1', _THERE),
        ('▶FIND("31", event.store) != 0', _THERE),
        ('0 < ▶FIND("31", event.store)', _THERE),
        ('▶SEARCH("x", event.store) == 1', 'event.store.startsWith("x")'),
        ('▶indexOf(event.store, "31") == -1', _NOT_THERE),
        ('▶indexOf(event.store, "31") < 0', _NOT_THERE),
        ('▶indexOf(event.store, "31") >= 0', _THERE),
        ('▶indexOf(event.store, "31") > -1', _THERE),
        ('▶indexOf(event.store, "31") == 0', 'event.store.startsWith("31")'),
        ('▶REGEXMATCH(event.store, "31")', _THERE),
        ('▶REGEXMATCH(event.store, "31") == false', _NOT_THERE),
        ('▶REGEXMATCH(event.store, "^31")', 'event.store.startsWith("31")'),
        ('▶REGEXMATCH(event.store, "31$")', 'event.store.endsWith("31")'),
        ('▶REGEXMATCH(event.store, "^31$")', 'event.store == "31"'),
    ],
)
def test_whether_a_part_is_there_is_told_as_it_is_asked(when: str, followed: str) -> None:
    """Mechanism: `searched._placed`, `_true_or_false`; `ISERROR(FIND(…))` was told to be contains."""
    assert told(when).partition("; ")[2] == f"write {followed} alone"
    condition(followed)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('▶FIND("31", event.store) == 3', _AT_A_PLACE),
        ('▶FIND("31", event.store) > 1', _AT_A_PLACE),
        ('▶FIND("31", event.store) <= 1', _AT_A_PLACE),
        ('▶FIND("31", event.store) != 1', _AT_A_PLACE),
        ('▶FIND("31", event.store) >= 0', _AT_A_PLACE),
        ('▶FIND("31", event.store) == -1', _AT_A_PLACE),
        ('▶FIND("31", event.store) == member.age', _AT_A_PLACE),
        ('▶ISNUMBER(FIND("31", event.store, 3))', _AT_A_PLACE),
        ('▶FIND("31", UPPER(event.store)) > 0', _AT_A_PLACE),
        ('▶SEARCH("3?", event.store) == 1', f"there are no patterns; {_ONLY}"),
        ('▶REGEXMATCH(event.store, "3.*")', f"there are no patterns; {_ONLY}"),
        ('▶REGEXMATCH(event.store, "(1|2)")', f"there are no patterns; {_ONLY}"),
        ('▶REGEXMATCH(member.tags, "^vip")', f"there are no patterns; {_ONLY}"),
        ('▶LEFT(event.store, 2) > "3"', f"a part of a text is not compared; {_ONLY}"),
        ('▶LEFT(event.store, 2) == "3"', f"of 2 letters none is compared with more or fewer; {_ONLY}"),
    ],
)
def test_where_nothing_asks_the_same_only_what_there_is_is_told(when: str, said: str) -> None:
    """Mechanism: `searched._nothing_so`, the pattern of `patterns.matched`."""
    assert told(when).partition("; ")[2] == said


@pytest.mark.parametrize(
    ("when", "said", "followed"),
    [
        ('▶LEFT(event.store, 1) in ["1", "2"]', "write {}",
         '(event.store.startsWith("1") || event.store.startsWith("2"))'),
        ('▶RIGHT(event.store, 1) in [7]', "write {}", 'event.store.endsWith("7")'),
        ('▶ISERROR(FIND("vip", member.tags))', "a set of texts is asked with `in`: {}", '!("vip" in member.tags)'),
        ('▶UPPER(event.channel) == "APP"', f"{_CASES}; for several ways to write it, write {{}}",
         'event.channel in ["APP", "app", "App"]'),
        ('▶LOWER(event.channel) != "app"', f"{_CASES}; for several ways to write it, write {{}}",
         '!(event.channel in ["app", "APP", "App"])'),
        ('▶UPPER(calendar.weekday) == "SUNDAY"', f"{_CASES}; write {{}}", 'calendar.weekday == "sunday"'),
        ('▶UPPER(event.store) == "31"', f"{_CASES}; write {{}}", 'event.store == "31"'),
        ('▶DATEDIF(member.joined, TODAY(), "m") >= 6',
         "days are counted, not months: with 180 days for 6 months, write {}", "days_since(member.joined) >= 180"),
        ('1 > ▶DATEDIF(member.joined, TODAY(), "Y")',
         "days are counted, not years: with 365 days for 1 year, write {}", "days_since(member.joined) < 365"),
        ('▶DATEDIFF(month, member.joined, NOW()) < 2',
         "days are counted, not months: with 60 days for 2 months, write {}", "days_since(member.joined) < 60"),
    ],
)  # fmt: skip
def test_lists_letters_and_months(when: str, said: str, followed: str) -> None:
    """Mechanism: `searched._cut`, `_spelt`, `sheets._days_since`."""
    assert told(when).partition("; ")[2] == said.format(followed)
    condition(followed)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('▶DATEDIF(member.joined, TODAY(), "m") > 6',
         "days are counted, not months: days_since(date) has the days from a date to the event's"),
        ('▶DATEDIF(member.joined, TODAY(), "md") >= 6',
         "only whole days are counted: days_since(date) has the days from a date to the event's"),
        ('▶TRIM(event.channel) == "app"', f"{_CASES}: compare event.channel with the text as partners send it"),
    ],
)  # fmt: skip
def test_what_nobody_can_say_in_days_or_letters(when: str, said: str) -> None:
    """Mechanism: `sheets._days_since`: seven months are more than six."""
    assert told(when).partition("; ")[2] == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('event.store ▶matches "3.*"', f"there are no patterns; {_ONLY}"),
        ('event.store ▶matches "^31"', 'write event.store.startsWith("31")'),
        ('event.store ▶matches "31"', f"write {_THERE}"),
        ('event.store ▶does not match "31"', f"write {_NOT_THERE}"),
        ('member.tags ▶matches "vip"', f"there are no patterns; {_ONLY}"),
    ],
)
def test_patterns_in_words(when: str, said: str) -> None:
    """Mechanism: `spoken._matched`."""
    assert told(when) == said
