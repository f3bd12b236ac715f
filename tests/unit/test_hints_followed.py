"""Hints that are followed to the letter: what is told to write is put in the place of what was written, and then taken.
The place is that of the slip."""

from __future__ import annotations

import re

import pytest

from shared.rules.checks.checking import check
from shared.rules.language.checking import condition
from tests.unit.marked import MARK, PROGRAMME, rule, told

_SHOWN = re.compile(r"write `([^`]+)`")
_MENDED = re.compile(
    "fields in one line|a thing of its own|what has fields|a space is missing|compares with ==|in a list|begin with|"
    "a colon and a space"
)
_HEAD = "- id: x\n  kind: earn\n  effective: 2017-01-01T00:00:00-05:00\n  title: A title\n"


def faults(body: str) -> list[str]:
    text = f"{PROGRAMME}{_HEAD}{body}"
    above = text[: -len(body)].count("\n")
    found = check([("r.yaml", text)]).faults  # of tags that no rule gives there are warnings
    return [f"{each.line - above}:{each}" for each in found if each.severity == "error"]


@pytest.mark.parametrize(
    ("when", "said", "followed"),
    [
        ('lines.any(category▶:"wine")', 'write category == "wine"', 'lines.any(category == "wine")'),
        ('event.store▶:"31"', 'write event.store == "31"', 'event.store == "31"'),
        ("event.store▶:31", 'write event.store == "31"', 'event.store == "31"'),
        ("member.tags▶:vip", 'write "vip" in member.tags', '"vip" in member.tags'),
        ("member.age▶:18", "write member.age == 18", "member.age == 18"),
        ("member.joined▶:2026-01-01", 'write member.joined == "2026-01-01"', 'member.joined == "2026-01-01"'),
        ("calendar.weekday▶:Sat", 'write calendar.weekday == "saturday"', 'calendar.weekday == "saturday"'),
        ("basket.total▶:>5", "take it away: a comparison has one sign", "basket.total>5"),
        ('event.store ▶=! "31"', "write !=", 'event.store != "31"'),
        ("▶WEEKDAY(calendar.date) == 7",
         'write calendar.weekday == "sunday", or another of monday, tuesday, wednesday, '
         "thursday, friday, saturday, sunday: it is a text, as others number the days differently",
         'calendar.weekday == "sunday"'),
        ('▶DATEDIF(member.joined, calendar.date, "d") > 30',
         "write days_since(member.joined), which counts the days from a date to the event's",
         "days_since(member.joined) > 30"),
        ('▶DATEDIF(member.birthday, calendar.date, "y") > 30',
         "of a birthday, ask member.is_birthday (today is the day) or member.age", "member.age > 30"),
        ('▶LEFT(event.store, 2) == "31"', 'write event.store.startsWith("31")', 'event.store.startsWith("31")'),
        ("▶LEFT(event.store, 2) == 31", 'write event.store.startsWith("31")', 'event.store.startsWith("31")'),
        ('▶LEFT(event.store, 2) != "31"', 'write !(event.store.startsWith("31"))', '!(event.store.startsWith("31"))'),
        ('"31" == ▶RIGHT(event.store, 2)', 'write event.store.endsWith("31")', 'event.store.endsWith("31")'),
        ('▶MID(event.store, 2, 1) == "1"', "what stands in the middle of a text is not asked by its place; a text is "
         "compared with == and !=, or asked with startsWith, endsWith or contains", 'event.store.contains("1")'),
        ('▶FIND("31", event.store) > 0', 'write event.store.contains("31") alone', 'event.store.contains("31")'),
        ('▶ISNUMBER(SEARCH("31", event.store))', 'write event.store.contains("31") alone',
         'event.store.contains("31")'),
        ('▶contains(member.tags, "vip")', 'a set of texts is asked with `in`: "vip" in member.tags',
         '"vip" in member.tags'),
        ('▶UPPER(event.store) == "A"', "texts are compared as they stand, with their capital letters and spaces; for "
         'several ways to write it, write event.store in ["A", "a"]', 'event.store in ["A", "a"]'),
        ("▶SUMIF(product, 4711, amount) > 5", 'write lines.sum(amount, product == "4711")',
         'lines.sum(amount, product == "4711") > 5'),
        ("▶SUMIF(product == 4711) > 5", 'write lines.sum(amount, product == "4711")',
         'lines.sum(amount, product == "4711") > 5'),
        ("▶SUMIF(quantity, 2, amount) > 5", "write lines.sum(amount, quantity == 2)",
         "lines.sum(amount, quantity == 2) > 5"),
        ("▶LEN(event.store) > 2",
         "there is none: how long a text is cannot be asked; a text is compared with == and !=, "
         "or asked with startsWith, endsWith or contains", 'event.store.startsWith("a")'),
        ("member.tags ▶is empty", 'of a set of texts `is empty` cannot be asked, only whether it has one; write '
         '!("vip" in member.tags)', '!("vip" in member.tags)'),
        ("member.tags ▶is not empty",
         'of a set of texts `is not empty` cannot be asked, only whether it has one; write '
         '"vip" in member.tags', '"vip" in member.tags'),
        ("▶ISBLANK(member.tags)", 'of a set of texts only one can be asked for; write "vip" in member.tags, or '
         '!("vip" in member.tags)', '!("vip" in member.tags)'),
        ("member.age ▶is empty", "write !has(member.age) for `is empty`", "!has(member.age)"),
    ],
)  # fmt: skip
def test_of_a_condition(when: str, said: str, followed: str) -> None:
    """Mechanism: `colons`, `sheets`, `elsewhere._beside`, `spoken._of_a_set`."""
    [found] = told(rule("x", f"when: |-\n  {when}"))
    assert found.partition("; ")[2] == said or found.endswith(said)
    assert faults(f"  then: {{fixed: 1}}\n  when: |-\n    {followed}\n") == []


@pytest.mark.parametrize("when", ["calendar.hour >= 18:30", 'foo:"x"', "basket.total:cheap", "(2 + 3):4"])
def test_a_colon_of_which_nobody_knows_what_it_asks(when: str) -> None:
    with pytest.raises(ValueError, match="cannot stand here") as raised:
        condition(when)
    assert f"write {when.partition(':')[0]} ==" not in str(raised.value)


def test_of_a_function_that_nobody_knows_the_families_are_told() -> None:
    [said] = told(rule("x", "when: ▶VLOOKUP(event.store, 3) > 2"))
    assert said.endswith(
        "there are has(fact), days_since(date), calendar.holiday(country), those of a basket's lines such as lines.any "
        "and lines.sum, and those of the member's history such as history.count; all are listed in "
        "docs/capabilities/facts.md"
    )


@pytest.mark.parametrize(
    ("when", "said", "followed"),
    [
        ('calendar.weekday in [▶"Saturday", "Sunday"]',
         '"saturday" for "Saturday" and "sunday" for "Sunday"?',
         'calendar.weekday in ["saturday", "sunday"]'),
        ('calendar.weekday in ["monday", ▶"Saturday", "Sunday"]',
         '"saturday" for "Saturday" and "sunday" for "Sunday"?',
         'calendar.weekday in ["monday", "saturday", "sunday"]'),
        ('calendar.weekday in ["monday", ▶"Sundae", "xxxx"]', '"sunday" for "Sundae"? Write which is meant by "xxxx"',
         'calendar.weekday in ["monday", "sunday"]'),
        ("has(member.age) && calendar.month in [12, ▶13, 14]", "take them out of the list",
         "has(member.age) && calendar.month in [12]"),
    ],
)  # fmt: skip
def test_all_wrong_values_of_a_list_are_told_at_the_first(when: str, said: str, followed: str) -> None:
    """Mechanism: `OneOf.places`, `constants._at_value`, `saying.instead_of`."""
    [found] = told(rule("x", f"when: {when}"))
    assert found.endswith(said)
    assert told(rule("x", f"when: {followed}")) == []


@pytest.mark.parametrize(
    ("body", "followed"),
    [
        ("  then: ▶fixed: 5\n", "then: {fixed: 5}"),
        ("  then: ▶wallet: stars, fixed: 5  # five\n", "then: {wallet: stars, fixed: 5}"),
        ("  then: {fixed: 1}\n  when: ▶basket.quantity: 2\n", "when: basket.quantity == 2"),
        ("  then: {fixed: 1}\n  when: ▶member.tags: vip\n", "when: '\"vip\" in member.tags'"),
        ("  then: {fixed: 1}\n  when: ▶lines.any(category: \"wine\")\n", 'when: lines.any(category == "wine")'),
        ("  then: {fixed: 1}\n  limits: ▶period: week\n", "limits: [{period: week}]"),
        ("  ▶then:{fixed: 5}\n", "then: {fixed: 5}"),
        ("  then: {fixed: 1}\n  ▶schedule:{weekdays: [monday]}\n", "schedule: {weekdays: [monday]}"),
        ("  then: {fixed: 1}\n  ▶schedule:{weekdays: [monday], months: [5]}\n", None),
        ("  then: {fixed: 1}\n  ▶limits:[{period: week}]\n", "limits: [{period: week}]"),
        ("  then: ▶fixed:5\n", "then: {fixed: 5}"),
        ("  then: {fixed: 1}\n  limits: ▶[period: week, times: 1]\n", "limits: [{period: week, times: 1}]"),
        ("  then: {fixed: 1}\n  budget: ▶[points: 50, cost_per_point: 0.5]\n",
         "budget: {points: 50, cost_per_point: 0.5}"),
        ("  then: {fixed: 1}\n  stacking: ▶[group: a, how: best]\n", "stacking: {group: a, how: best}"),
        ("  then: ▶[wallet: stars, fixed: 5]\n", "then: [{wallet: stars, fixed: 5}]"),
        ("  then: ▶{fixed: 5}, {wallet: miles, fixed: 3}\n", "then: [{fixed: 5}, {wallet: miles, fixed: 3}]"),
        ("  then: ▶- fixed: 5\n", "then: {fixed: 5}"),
        ("  then: ▶- {wallet: miles, fixed: 5}\n", "then: {wallet: miles, fixed: 5}"),
        ("  then: {fixed: 1}\n  limits: ▶- period: week\n", "limits: [{period: week}]"),
        ("  then: ▶(wallet: miles, fixed: 5)\n", "then: {wallet: miles, fixed: 5}"),
        ("  then: {fixed: 1}\n  limits: ▶(period: week)\n", "limits: [{period: week}]"),
        ("  then: ▶fixed=5\n", "then: {fixed: 5}"),
        ("  then: ▶fixed=5, wallet = miles\n", "then: {fixed: 5, wallet: miles}"),
    ],
)  # fmt: skip
def test_of_a_line(body: str, followed: str | None) -> None:
    """Mechanism: `yamlcolons`, `yamlbraces`; the line that is shown is put in the place of the one that is wrong."""
    before = body[: body.index(MARK)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    column += body[body.index(MARK) + 1] == "["  # of a list, its first item
    [found] = faults(body.replace(MARK, ""))
    assert found.startswith(f"{line}:r.yaml:") and f":{column}: " in found
    shown = _SHOWN.search(found)
    assert shown is not None
    if followed is not None:
        assert shown[1] == followed
        assert faults("".join([*body.splitlines(keepends=True)[: line - 1], f"  {shown[1]}\n"])) == []


@pytest.mark.parametrize(
    ("written", "followed"),
    [
        ("  then:\n    ▶fixed:5\n", "fixed: 5"),
        ("  then:\n    fixed: 1\n  limits:\n    - ▶period:week\n", "period: week"),
        ("  then: {fixed: 1}\n  when: {all: [▶{member.age: 18}, basket.total > 5]}\n", "member.age == 18"),
        ("  then: {fixed: 1}\n  when:\n    ▶member.age: 18\n", "member.age == 18"),
        ("  then: {fixed: 1}\n  when: {any: [▶member.age: 18, basket.total > 5]}\n", "member.age == 18"),
    ],
)
def test_of_fields_that_are_a_text_or_a_condition(written: str, followed: str) -> None:
    """Mechanism: `yamlcolons.instead_of_fields`, `instead_of_a_condition`."""
    before = written[: written.index(MARK)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    [found] = faults(written.replace(MARK, ""))
    assert found.startswith(f"{line}:r.yaml:") and f":{column}: " in found
    assert f"write `{followed}`" in found
    wrong = re.sub(r".*▶(\{.*?\}|[^,\n]*).*", r"\1", written, flags=re.DOTALL)
    assert faults(written.replace(MARK + wrong, followed)) == []


def test_several_fields_in_lines_of_their_own() -> None:
    [found] = faults("  then:\n    wallet:stars\n    fixed:5\n")
    assert "write `then: {wallet: stars, fixed: 5}`" in found


@pytest.mark.parametrize(
    "body",
    [
        "  then: {fixed: 1}\n  title: Summer: all double\n",
        "  then: [fixed: 0, tag: vip]\n",
        "  then: {voucher: [title: a, value: 3]}\n",
        "  then: fixed:5 fixed:6\n",
        "  then: {fixed: 1}\n  when: member.tags: ''\n",
    ],
)
def test_what_braces_would_not_mend(body: str) -> None:
    found = faults(body)
    assert found and not any(_MENDED.search(each) for each in found)


@pytest.mark.parametrize(
    ("when", "followed"),
    [
        ("member.age ▶is empty", "!has(member.age)"),
        ("member.tags ▶is empty", '!("vip" in member.tags)'),
        ('member.tags ▶contains "vip"', '"vip" in member.tags'),
        ("member.tags▶:vip", '"vip" in member.tags'),
        ("▶ISBLANK(member.age)", "!has(member.age)"),
        ('▶LEFT(event.store, 2) != "31"', '!(event.store.startsWith("31"))'),
        ("▶gold == member.tier", '"gold" == member.tier'),
    ],
)
def test_a_value_that_would_begin_with_what_yaml_takes_for_its_own_is_told_to_stand_in_quotes(
    when: str, followed: str
) -> None:
    """Mechanism: `yamlwords.in_quotes_then`; without it the next that is told is that YAML does not take it."""
    [found] = told(rule("x", f"when: {when}"))
    assert found.endswith(", and put the whole value in single quotes")
    assert [each for each in faults(f"  then: {{fixed: 1}}\n  when: {followed}\n") if "not YAML" in each]
    assert [each for each in faults(f"  then: {{fixed: 1}}\n  when: '{followed}'\n") if "tier" not in each] == []


@pytest.mark.parametrize(
    "when",
    [
        "basket.total > 5 && member.age ▶is empty",
        "member.tier == ▶gold",
        "'member.age ▶is empty'",
        "▶LEFT(event.store, 2) == '31'",
    ],
)
def test_what_does_not_begin_the_value_needs_no_quotes(when: str) -> None:
    [found] = told(rule("x", f"when: {when}"))
    assert "single quotes" not in found


@pytest.mark.parametrize(
    ("body", "said", "followed"),
    [
        ("  then: {fixed=5}\n", "`fixed: 5`", "  then: {fixed: 5}\n"),
        ("  then: {fixed: 1}\n  schedule: {recurrence: FREQ=WEEKLY; BYDAY=MO}\n",
         "a recurrence has no spaces; write FREQ=WEEKLY;BYDAY=MO",
         "  then: {fixed: 1}\n  schedule: {recurrence: FREQ=WEEKLY;BYDAY=MO}\n"),
        ("  then: {voucher: {title: A, value: 5.00}}\n", 'such as `value: {amount: "5.00", currency: USD}`',
         '  then: {voucher: {title: A, value: {amount: "5.00", currency: USD}}}\n'),
        ("  then: {voucher: {title: A, value: 5 USD}}\n", 'such as `value: {amount: "5", currency: USD}`',
         '  then: {voucher: {title: A, value: {amount: "5", currency: USD}}}\n'),
        ("  then: {voucher: {title: A, value: much}}\n", 'such as `value: {amount: "5.00", currency: USD}`',
         '  then: {voucher: {title: A, value: {amount: "5.00", currency: USD}}}\n'),
        ("  then: {fixed: 1}\n  budget: {money: 100, cost_per_point: {amount: \"0.01\", currency: USD}}\n",
         'such as `money: {amount: "100", currency: USD}`', None),
    ],
)  # fmt: skip
def test_of_a_value(body: str, said: str, followed: str | None) -> None:
    """Mechanism: `yamlthings.equal`, `meant_parts.money`, `recurrence.parts_of`."""
    found = faults(body)
    assert any(each.endswith(said) for each in found), found
    assert followed is None or [each for each in faults(followed) if "bonus" not in each] == []


def test_of_a_referrals_points() -> None:
    """Mechanism: `_POINTS` of `meant_parts`."""
    given = "  advocate: {}\n  friend: {{fixed: 100}}\n"
    for written in ("200", "200 (referral)", "200 points"):
        [said] = _of_a_referral(given.format(written))
        assert said.endswith("; such as `advocate: {fixed: 200}`")
    assert _of_a_referral(given.format("{fixed: 200}")) == []


def _of_a_referral(body: str) -> list[str]:
    found = check([("r.yaml", PROGRAMME + _HEAD.replace("earn", "referral") + body)]).faults
    return [str(each) for each in found if each.severity == "error"]


@pytest.mark.parametrize(
    "body", ["  then: {fixed: 5}, {colour: 3}\n", "  then: - colour: 5\n", "  then: (colour: 5)\n", "  title: - a: b\n"]
)
def test_what_is_no_thing_of_its_field_is_told_as_a_text(body: str) -> None:
    """Mechanism: `yamlthings._is_thing`."""
    assert "put " in faults(body)[0]
    assert "in quotes" in faults(body)[0]
