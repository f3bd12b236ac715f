"""Faults that a definition has as a whole: each at the field that is wrong, all at once, and none that only follows."""

from __future__ import annotations

import pytest

from shared.rules.reading import readable
from shared.rules.yamlfile import read
from tests.unit.marked import MARK

HEAD = "id: x\ntitle: X\n"


def told(text: str) -> list[str]:
    """What is wrong; each fault must be where a mark stands, in order."""
    places: list[tuple[int, int]] = []
    lines: list[str] = []
    for number, line in enumerate((HEAD + text).split("\n"), 1):
        while MARK in line:
            places.append((number, line.index(MARK) + 1))
            line = line.replace(MARK, "", 1)
        lines.append(line)
    faults = read("\n".join(lines), "f.yaml").faults
    assert sorted((each.line, each.column) for each in faults) == places, [str(each) for each in faults]
    assert all(each.advice for each in faults)
    return [str(each).split(": ", 1)[1] for each in faults]


def test_templates_of_all_languages_at_the_very_word() -> None:
    first, second, third = told(
        "kind: message\nreason: custom\ntexts:\n"
        "  en: {subject: 'Hi {{ ▶nme }}', text: ok}\n  vi: {subject: ok, text: 'x ▶{% if %}'}\n"
        "  fr: {subject: '{{ ▶points }}', text: ok}\n"
    )
    assert first.startswith("texts.en.subject: a custom message does not know nme; did you mean name? It knows formal,")
    assert second.startswith("texts.vi.text: not a template; close each {{ with }} and each {% with %}")
    assert third.startswith("texts.fr.subject: a custom message does not know points; ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "kind: challenge\nprogress: {count: days, goal: ▶8}\nlimits: [▶{period: week, times: 1}]\n"
            "then: {fixed: 1}\n",
            [
                "limits.0: a challenge is won once a `progress.period`; leave limits per member out",
                "progress.goal: no week has 8 days; lower the `goal`",
            ],
        ),
        (
            "kind: earn\nthen: [{fixed: 1}, {tag: ▶a}, {voucher: ▶{title: V}}]\n",
            [
                "then.1.tag: an earn rule gives points only; make the tag a rule of kind bonus",
                "then.2.voucher: an earn rule gives points only; make the voucher a rule of kind bonus",
            ],
        ),
        (
            "kind: earn\nschedule: {hours: [▶'25:00-26:00']}\nthen: {fixed: 1}\n",
            ["schedule.hours.0: write a time of day from and until, such as \"09:00-12:00\" or \"22:00-02:00\""],
        ),
        ("kind: earn\nschedule: {hours: ▶[]}\nthen: {fixed: 1}\n", ["schedule.hours: write at least 1"]),
        ("kind: earn\nwhen: {all: ▶[]}\nthen: {fixed: 1}\n", ["when.all: write at least one condition"]),
        ("kind: earn\nthen: {multiply: {rules: ▶[], by: 2}}\n", ["then.multiply.rules: write at least one rule"]),
        (
            "kind: bonus\nthen: {gift: {title: x}, ▶at_least: 20}\n",
            ["`then.at_least` is for points, and a thing stands beside it; take it out"],
        ),
        (
            "kind: bonus\nthen: {▶fixed: 1, tag: x}\n",
            ["`then.fixed` gives points, and beside it stands a thing; write a list of both: [{fixed: …}, {…}]"],
        ),
        (
            "kind: bonus\nthen: [{fixed: 1}, {tag: a}, ▶{fixed: 2}, {wallet: miles, fixed: 1}]\n",
            ["then.2: two effects give points of one wallet: make two rules of them"],
        ),
        (
            "kind: earn\nlimits: [{period: day}, {period: day, points: 5}, {period: ▶day, times: 3}]\n"
            "then: {fixed: 1}\n",
            ["limits.2.period: two limits are about the same period; keep the smaller"],
        ),
        (
            "kind: earn\nthen: {per_line: {give: 1}, at_least: ▶9, at_most: 5}\n",
            ["then.at_least: it is more than `at_most`, 5: no number of points fits; lower it, or raise `at_most`"],
        ),
        (
            "kind: earn\nthen: {multiply: {rules: [base, more, ▶base, ▶base], by: 2}}\n",
            [
                "then.multiply.rules.2: base stands in the list twice, and its points would count twice; leave it out "
                "here",
                "then.multiply.rules.3: base stands in the list twice, and its points would count twice; leave it out "
                "here",
            ],
        ),
        (
            "kind: earn\nthen: [{fixed: 1}, {wallet: miles, again: [base, ▶base]}]\n",
            ["then.1.again.1: base stands in the list twice, and its points would count twice; leave it out here"],
        ),
        (
            "kind: earn\nthen: [{fixed: 1}, {wallet: miles, fixed: 10, at_most: ▶5}]\n",
            ["then.1.at_most: `fixed` points need no `at_least` or `at_most`; leave it out"],
        ),
        (
            "kind: referral\nadvocate: {per_amount: ▶{per: 1.00}}\nfriend: {again: ▶[a]}\n",
            ["advocate.per_amount: a referral's rewards are `fixed` points; write `fixed` here",
             "friend.again: a referral's rewards are `fixed` points; write `fixed` here"],
        ),
        (
            "kind: referral\nlimits: [{period: day}, {period: day, per: ▶household}]\n"
            "advocate: {fixed: 1}\nfriend: {fixed: 1}\n",
            ["limits.1.per: whose household the advocate is of is not known when the friend buys; write `member` or "
             "`programme`"],
        ),
    ],
)  # fmt: skip
def test_the_field_that_is_wrong(text: str, said: list[str]) -> None:
    """Breaks where a model tells its faults of itself as a whole: then they stand at `id`, or at the list."""
    assert told(text) == said


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("kind: earn\n", "write `then: {wallet: …, fixed: 10}`"),
        ("kind: earn\nthen: {fixed: 0}\n", "write 1 or more"),
        ("kind: earn\nthen: {fixed: 1}\nsegmnt: x\n", "did you mean `segment`?"),
    ],
)
def test_editors_are_always_told_what_to_write(text: str, advice: str) -> None:
    assert [each.advice for each in read(HEAD + text, "f.yaml").faults] == [advice]


def test_what_an_older_release_published_with_a_rule_named_twice_is_still_read() -> None:
    """Breaks where such a rule would be lost by an upgrade, and decide past events otherwise than it did."""
    body = {"id": "x", "kind": "earn", "title": "X", "then": {"again": ["base", "base"]}}
    assert readable(body) is not None


def test_all_that_is_wrong_with_one_expression_is_told_at_once() -> None:
    """Each comparison and both of its sides, also within a function. Mechanism: `together`; without it each run of the
    checker tells one more."""
    said = told(
        "kind: earn\nthen: {wallet: s, fixed: 1}\n"
        "when: ▶baskt.total > 3 && ▶event.stor == ▶event.kin || !lines.any(▶departmnt == 'X' && ▶amout > 2)\n"
    )
    assert [each.partition("did you mean ")[2] for each in said] == [
        "basket.total?", "event.store?", "event.kind?", "department?", "amount?",
    ]  # fmt: skip
