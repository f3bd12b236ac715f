"""Files that are no YAML: each common mistake in plain words, at the place to mend, with what to write instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.rules.yamlfile import read
from tests.unit.marked import MARK
from tests.unit.test_rules_check_command import run


def told(text: str) -> tuple[str, str]:
    """What is wrong and what to write, of the one fault; its place must be the mark's."""
    before = text[: text.index(MARK)]
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    faults = read(text.replace(MARK, ""), "f.yaml").faults
    assert [(each.line, each.column) for each in faults] == [place], [str(each) for each in faults]
    return faults[0].message.removeprefix("not YAML: "), faults[0].hint


def field(line: str, after: str = "  kind: earn\n") -> str:
    return f"- id: a\n  {line}\n{after}"


@pytest.mark.parametrize(
    ("line", "wrong", "write"),
    [
        ('when: ▶"gold" in member.tiers', 'begins with " ends at the next "', "when: '\"gold\" in member.tiers'"),
        ("when: ▶'gold' in member.tiers", "begins with ' ends at the next '", "when: \"'gold' in member.tiers\""),
        ("when: ▶\"a\" in b && c == 'd'", "ends at the next \"", "when: '\"a\" in b && c == ''d'''"),
        ('when: ▶!("gold" in member.tiers)', "`!` at the beginning", "when: '!(\"gold\" in member.tiers)'"),
        ("when: ▶!has(member.age)  # young", "`!` at the beginning", "when: '!has(member.age)'"),
        ("when: ▶!basket.total >= 20", "`!` at the beginning", "when: '!(basket.total >= 20)'"),
        ("when: ▶! event.store in ['a']", "`!` at the beginning", "when: \"!(event.store in ['a'])\""),
        ("when: ▶!(basket.total >= 20) && a", "`!` at the beginning", "when: '!(basket.total >= 20) && a'"),
        ("title: ▶Summer: all double", "`: ` within a text begins a field", "title: 'Summer: all double'"),
        ("when: ▶a ? 1 : 2", "`: ` within a text begins a field", "when: 'a ? 1 : 2'"),
        ("title: ▶@home", "`@` at the beginning", "title: '@home'"),
        ("title: ▶`home`", "at the beginning", "title: '`home`'"),
        ("title: ▶%off", "`%` at the beginning", "title: '%off'"),
        ("title: ▶*VIP* day", "`*` at the beginning", "title: '*VIP* day'"),
        ("title: ▶*VIP", "`*` at the beginning", "title: '*VIP'"),
        ("title: ▶& more", "`&` at the beginning", "title: '& more'"),
        ("title: ▶- x", "`-` at the beginning", "title: '- x'"),
        ("when: ▶> 5", "`>` at the beginning", "when: '> 5'"),
        ("title: ▶[new] shoes", "begins with `[` ends with its `]`", "title: '[new] shoes'"),
        ("title: ▶'it's fine'", "ends at the apostrophe", 'title: "it\'s fine"'),
    ],
)  # fmt: skip
def test_a_value_that_wants_quotes_is_shown_in_them(line: str, wrong: str, write: str) -> None:
    """And what is shown is read."""
    said, hint = told(field(line))
    assert wrong in said
    assert hint.rpartition("in quotes: ")[2] == write or hint.rpartition("other quotes: ")[2] == write
    assert "yaml" not in {each.code for each in read(field(write), "f.yaml").faults}


@pytest.mark.parametrize(
    ("text", "wrong", "write"),
    [
        ("- id: a\n▶\tkind: earn\n", "a tab stands here", "indent with spaces"),
        (field("tags: ▶[a, b"), "a `[` is opened here and not closed", "write `]` where it ends"),
        (field("then: ▶{fixed: 1"), "a `{` is opened here and not closed", "write `}` where it ends"),
        (field("then: ▶{fixed: 1", ""), "a `{` is opened here and not closed", "write `}` where it ends"),
        (field("then: {fixed: 1▶]"), "the `{` of line 2 is closed by `]`", "write `}`"),
        (field("then: {fixed: 1}▶}"), "this `}` closes nothing", "take it away"),
        (field('title: ▶"Hello'), 'a text begins here with " and does not end', 'write " where it ends'),
        (field('title: ▶"Hello', '  when: "x"\n'), 'begins here with " and is not closed in this line', 'write "'),
        (field("then: {fixed: 1, wallet: a▶: b}"), "`: ` within a text begins a field", "in quotes"),
        (field("when: ▶! {any: [a]}"), "`!` at the beginning", "take it away, and to deny conditions write them under"),
        (field("when: {all: [▶!basket.total >= 2]}"), "`!` is a sign of YAML's own", "text that begins here in quotes"),
        (field("when: {any: [a, ▶! b]}"), "`!` is a sign of YAML's own", "text that begins here in quotes"),
        (field("title: x\n  ▶title: >\n    y"), "`title` is written twice", "keep one of them"),
        (field("x: [▶!(a), b]"), "`!` is a sign of YAML's own", "in quotes"),
        ("- id: a\n  kind: earn\n   ▶title: x\n", "indented by 3", "indent it like its neighbours"),
        ("- id: a\n  kind: earn\n ▶title: x\n", "indented by 1, and the items of this list begin in column 1, their "
                                               "fields in column 3", "indent it like its neighbours"),
        ("- id: a\n▶kind: earn\n", "a field cannot follow the items of a list", "indent it by 2 spaces"),
        ("id: a\nkind: earn\n  ▶title: x\n", "indented by 2", "indent it like its neighbours"),
        ("- id: a\n  ▶kind earn\n  title: x\n", "a field is a name, a colon and a space", "write `kind: earn`"),
        ("- id: a\n  ▶kind:earn\n  title: x\n", "a field is a name, a colon and a space", "write `kind: earn`"),
        (field("title: x\n  ▶title: y"), "`title` is written twice", "keep one of them"),
        (field('title: "a▶\\qb"'), "\\q means nothing in double quotes", "write \\\\q"),
    ],
)  # fmt: skip
def test_other_mistakes(text: str, wrong: str, write: str) -> None:
    said, hint = told(text)
    assert wrong in said
    assert write in hint


@pytest.mark.parametrize(("title", "sign"), [(" ▶&Co", "&"), ("▶ #1", "#")])
def test_a_sign_that_leaves_nothing_of_a_value(title: str, sign: str) -> None:
    text = f"id: a\nkind: earn\ntitle:{title}\nthen: {{fixed: 1}}\n"
    said, hint = told(text)
    assert said.startswith(f"title: nothing is written here: `{sign}` at the beginning")
    assert hint == f"put the whole value in quotes: title: '{title.replace(MARK, '').strip()}'"


@pytest.mark.parametrize(
    "line",
    ["schedule: {recurrence: FREQ=WEEKLY;BYDAY=MO,▶TU}", "then: {voucher: {title: Ten off, ▶really, valid_days: 3}}"],
)
def test_a_comma_that_ends_a_value_too_soon(line: str) -> None:
    then = "" if "then" in line else "then: {fixed: 1}\n"
    said, hint = told(f"id: a\nkind: earn\neffective: 2027-01-01T00:00:00Z\ntitle: A\n{then}{line}\n")
    assert said.endswith("no such field")
    assert hint.endswith("if this belongs to what is before it, put all of it in quotes")


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("then: {▶fixed:5}", ["fixed: 5"]),
        ("then: [{▶wallet:stars, ▶fixed:5}, {tag: vip}]", ["wallet: stars", "fixed: 5"]),
        ("then: {▶points:5}", ["points: 5"]),
        ("then: {fixed: 5}\nlimits: [{▶period:day}]", ["period: day"]),
        ("then: {cashback: {▶percent:5, ▶unit:0.01}}", ["percent: 5", "unit: 0.01"]),
        (
            "then: {fixed: 5}\nschedule: {▶from:2026-12-01, ▶until:2026-12-24}",
            ["from: 2026-12-01", "until: 2026-12-24"],
        ),
        ("then: {voucher: {title: Two, ▶tea:time, valid_days: 3}}", []),  # more likely a text with a comma
    ],
)
def test_a_colon_with_no_space_behind_it(line: str, writes: list[str]) -> None:
    """Each at its own place, and nothing is missing beside it. Mechanism: `yamlcolons`."""
    text = f"id: a\nkind: earn\neffective: 2027-01-01T00:00:00Z\ntitle: A\n{line}\n"
    faults = read(text.replace(MARK, ""), "f.yaml").faults
    places = [
        (number, at - before)
        for number, each in enumerate(text.split("\n"), 1)
        for before, at in enumerate(at for at, sign in enumerate(each, 1) if sign == MARK)
    ]
    assert [(each.line, each.column) for each in faults] == places
    wanted = [f"write a space after the colon: `{each}`" for each in writes]
    assert [each.hint for each in faults if "comma" not in each.hint] == wanted


@pytest.mark.parametrize(
    "line",
    [
        'then: {per_amount: {per: 1.00, where: category in ▶["a", "b"]}}',
        "then: {per_amount: {per: 1.00,\n  where: category == 'a' || brand in ▶['b'], give: 2}}",
        'when: {any: [event.store in ▶["1"], basket.total > 3]}',
    ],
)
def test_a_list_within_an_expression_that_wants_quotes(line: str) -> None:
    said, hint = told(field(line))
    assert said == "a `[` within a text begins something of YAML's own"
    assert hint == "put the whole text around it in quotes"


@pytest.mark.parametrize(
    ("line", "write"),
    [
        ("then: {fixed: 1,▶000}", "write 1000, without a comma in the number"),
        ("then: {fixed: 1,000,▶000}", "write 1000000, without a comma in the number"),
        ("then: {per_amount: {per: 12,▶500.50}}", "write 12500.50, without a comma in the number"),
        ("then: {per_amount: {per: 1,▶50}}", "write 1.50, with a point in the number"),
        ("then: {fixed: 1}\nlimits: [{period: day, points: 1,▶500}]", "write 1500, without a comma in the number"),
    ],
)
def test_a_number_with_commas_that_end_it(line: str, write: str) -> None:
    said, hint = told(f"id: a\nkind: earn\neffective: 2027-01-01T00:00:00Z\ntitle: A\n{line}\n")
    assert said.endswith("is cut at its comma")
    assert hint == write


def test_a_number_with_a_comma_in_a_list() -> None:
    line = "when: {all: [basket.total > 1,▶000, event.store == 'x']}"
    said, hint = told(f"id: a\nkind: earn\neffective: 2027-01-01T00:00:00Z\ntitle: A\n{line}\nthen: {{fixed: 1}}\n")
    assert said == "`000` cannot be read as a value"
    assert hint == "between [ and ] a comma ends a value: in a number write none, such as 1000"


def test_what_comes_after_a_value_that_cannot_be_read_is_told_too() -> None:
    """Days that do not exist, a number with a 0 in front, one value for two by an alias: each once, and all else.
    Mechanism: `Loader.amiss`; without it a slip in one field hides all that is below it."""
    text = (
        "- id: a\n  kind: earn\n  title: A\n  schedule: {dates: [&day 2026-02-30, *day]}\n  then: {fixed: 010}\n"
        "- id: b\n  kind: earn\n  title: B\n  effective: 2026-13-01T00:00:00Z\n  then: {fixed: 1}\n"
        "- {id: c, kind: earn, title: C, then: {fixed: 1}, when: basket.totl > 3}\n"
    )
    found = read(text, "f.yaml")
    assert [(each.line, each.column, each.code) for each in found.faults] == [
        (4, 22, "yaml"), (5, 17, "yaml"), (9, 14, "yaml"), (11, 57, "expression"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_told_beside_what_ends_the_reading() -> None:
    """A field that is written twice: nothing below it is read, and what is above it is not forgotten."""
    text = "- id: a\n  kind: earn\n  title: A\n  then: {fixed: 010}\n  limits: [{times: 1, times: 2}]\n"
    assert [(each.line, each.column) for each in read(text, "f.yaml").faults] == [(4, 17), (5, 23)]


def test_a_condition_that_the_comma_of_a_function_cuts() -> None:
    when = 'when: {any: [lines.sum(amount, category == "wine") >= 5, basket.total > 3]}'
    faults = read(f"id: a\nkind: earn\ntitle: A\nthen: {{fixed: 1}}\n{when}\n", "f.yaml").faults
    assert [(each.line, each.column, each.hint) for each in faults] == [
        (5, 14, "put the whole text in quotes"),
        (5, 32, "put the whole text in quotes"),
    ]
    whole = when.replace("lines.sum", "'lines.sum").replace(">= 5", ">= 5'")
    assert read(f"id: a\nkind: earn\ntitle: A\nthen: {{fixed: 1}}\n{whole}\n", "f.yaml").faults == []


def test_a_field_that_is_left_empty_is_no_rest_of_another() -> None:
    _, hint = told("id: a\nkind: earn\neffective: 2027-01-01T00:00:00Z\ntitle: A\nthen: {fixed: 1, ▶fixd: }\n")
    assert hint == "did you mean `fixed`?"


def test_editors_get_the_hint_and_the_whole_value(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(field('when: "gold" in member.tiers'))
    fault = json.loads(run(file, "--format", "json")[1])[0]
    assert (fault["line"], fault["column"], fault["end_column"], fault["code"]) == (2, 9, 31, "yaml")
    assert fault["hint"] == "put the whole value in quotes: when: '\"gold\" in member.tiers'"
