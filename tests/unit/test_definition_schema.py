"""The schema of definition files serves editors: it takes what the rules take, marks what is wrong, explains fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from shared.rules.definition import KINDS
from shared.rules.yamlfile import parse
from shared.rules.yamlloader import Loader
from tests.unit.rules_page import examples

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "events" / "definition-file.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
HEAD = "id: x\nkind: earn\ntitle: X\n"
EARN = HEAD + "then: {fixed: 1}\n"


def plain(value: Any) -> Any:
    """YAML's values as an editor has them: times are texts."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else float(value) if isinstance(value, Decimal) else value


def read(text: str) -> list[Any]:
    return [plain(each) for each in yaml.load_all(text, Loader)]


FILES = sorted(ROOT.glob("programs/*/definitions/**/*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parents[1].name}-{file.stem}")
def test_the_programmes_fit(file: Path) -> None:
    for each in read(file.read_text(encoding="utf-8")):
        VALIDATOR.validate(each)


@pytest.mark.parametrize("text", [each.yaml for each in examples()])
def test_the_examples_of_the_page_fit(text: str) -> None:
    for each in read(text):
        VALIDATOR.validate(each)


@pytest.mark.parametrize(
    "more",
    [
        "when: basket.total >= 1\n",
        "when: {all: [basket.total >= 1, {not: {any: [has(event.store)]}}]}\n",
        "schedule: {from: 2017-01-01, until: 2017-02-01T09:00, hours: [09:00-12:00], dates: [2017-01-05]}\n",
        "limits: [{period: day}, {per: household, period: ever, points: 5}]\n",
        "budget: {money: {amount: '5.00', currency: USD}, cost_per_point: 0.01}\n",
        "effective: 2017-01-01T00:00:00-05:00\nversion: 2\nowner: acme\ntags: [a, b]\n",
        "then: {fixed: 5, at_most: null}\n",
        "then: {per_amount: {per: '1.00'}, at_least: 1, at_most: 3}\n",
        "then: {per_amount: {per: '0.05'}}\n",
        "then: {cashback: {percent: '10', unit: '0.010'}}\n",
        "limits: [{period: day, times: 1}, {period: day, points: 1}]\n",
    ],
)
def test_what_is_right_fits(more: str) -> None:
    text = (HEAD if more.startswith("then") else EARN) + more
    assert parse(text, "f.yaml")[1] == []
    VALIDATOR.validate(read(text)[0])


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("kind: earning\n", ["kind"]),
        ("id: x\ntitle: X\n", []),
        (HEAD, []),
        (EARN + "limit: []\n", []),
        (EARN.replace("id: x", "id: My Rule"), ["id"]),
        (EARN + "on: buying\n", ["on"]),
        (EARN + "effective: tomorrow\n", ["effective"]),
        (EARN + "when: {all: []}\n", ["when"]),
        (EARN + "when: {all: [{fact: basket.total}]}\n", ["when"]),
        (EARN + "when: 5\n", ["when"]),
        (EARN + "when:\n", ["when"]),
        (EARN + "segment:\n", ["segment"]),
        (EARN + "budget:\n", ["budget"]),
        (HEAD + "then: {voucher: {title: v}}\n", ["then"]),
        (EARN + "campaign:\n", ["campaign"]),
        (HEAD + "then: {}\n", ["then"]),
        (HEAD + "then: []\n", ["then"]),
        (HEAD + "then: {fixed: 1, again: [base]}\n", ["then"]),
        (HEAD + "then: {fixed: 0}\n", ["then"]),
        (HEAD + "then: [{fixed: 1}, {per_amount: {per: 1, roundig: up}}]\n", ["then", 1]),
        (HEAD + "then: {per_amount: {per: 1, rounding: sideways}}\n", ["then"]),
        (HEAD + "then: {tickets: {count: 1}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: much}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '1,00'}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '01.00'}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '.5'}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '1e2'}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '0.00'}}\n", ["then"]),
        (HEAD + "then: {per_amount: {per: '-1'}}\n", ["then"]),
        (HEAD + "then: {cashback: {percent: five, unit: 0.01}}\n", ["then"]),
        (HEAD + "then: {fixed: 5, at_most: 3}\n", ["then"]),
        (HEAD + "then: [{fixed: 5, at_least: 3}]\n", ["then", 0, "at_least"]),
        (EARN + "limits: [{period: day, times: 1}, {period: day, times: 1}]\n", ["limits"]),
        (EARN + "budget: {money: {amount: '5.00', currency: USD}, cost_per_point: 0}\n", ["budget"]),
        (EARN + "budget: {money: {amount: '5.00', currency: USD}, cost_per_point: cheap}\n", ["budget"]),
        (EARN + "schedule: {weekdays: [fryday]}\n", ["schedule"]),
        (EARN + "schedule: {hours: [9-12]}\n", ["schedule"]),
        (EARN + "schedule: {from: tomorrow}\n", ["schedule"]),
        (EARN + "limits: [{per: everybody, period: day}]\n", ["limits"]),
        (EARN + "limits: [{period: fortnight}]\n", ["limits"]),
        (EARN + "limits: [{period: day, times: 1, points: 1}]\n", ["limits"]),
        (EARN + "budget: {points: 1, money: {amount: '5.00', currency: USD}}\n", ["budget"]),
        (EARN + "budget: {money: {amount: '5.00'}, cost_per_point: 0.01}\n", ["budget"]),
        (EARN + "stacking: {group: g, how: worst}\n", ["stacking"]),
        ("id: x\nkind: challenge\ntitle: X\nthen: {fixed: 1}\nprogress: {count: miles, goal: 3}\n", ["progress"]),
        ("id: x\nkind: segment\ntitle: X\n", []),
        ("id: x\nkind: message\ntitle: X\nreason: birthday\ntexts: {en: {subject: a, text: b}}\n", ["reason"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_marked(text: str, path: list[str | int]) -> None:
    """Where it stands, as far down as an editor is sure; within alternatives it marks the field that has them."""
    assert parse(text, "f.yaml")[1], "the rules refuse it too"
    [one] = read(text)
    found = best_match(VALIDATOR.iter_errors(one))
    assert found is not None
    assert list(found.absolute_path)[: len(path)] == path
    in_list = best_match(VALIDATOR.iter_errors([{"id": "y", "kind": "segment", "title": "Y", "when": "true"}, one]))
    assert in_list is not None and in_list.absolute_path[0] == 1


def test_every_kind_has_its_fields() -> None:
    definition = SCHEMA["$defs"]["Definition"]
    assert sorted(definition["properties"]["kind"]["enum"]) == sorted(KINDS)
    assert len(definition["allOf"]) == len(KINDS)


def test_every_field_says_what_it_is_for() -> None:
    silent = [f"{name}.{field}" for name, part in SCHEMA["$defs"].items()
              for field, said in part.get("properties", {}).items() if not said.get("description")]  # fmt: skip
    assert silent == []


def test_nothing_but_what_an_editor_needs() -> None:
    """Titles that a library makes of names, and nulls as defaults, would be shown to people."""
    words = set(_keys(SCHEMA["$defs"]))
    assert "discriminator" not in words
    assert not [each for each in _values(SCHEMA["$defs"]) if each.get("default", 0) is None]


def test_the_words_for_fields_are_those_that_editors_show() -> None:
    assert "basket.total >= 10.00" in SCHEMA["$defs"]["Earn"]["properties"]["when"]["description"]
    assert SCHEMA["$defs"]["Stacking"]["properties"]["how"]["enum"] == ["additive", "best", "exclusive", "ordered"]


def test_the_page_says_how_to_attach_it() -> None:
    page = (ROOT / "docs" / "capabilities" / "rules.md").read_text(encoding="utf-8")
    attached = page.partition("# yaml-language-server: $schema=")[2].splitlines()[0]
    assert (ROOT / "programs" / "journey" / "definitions" / attached).resolve() == FILE


def _values(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _values(each)


def _keys(value: Any) -> Iterator[str]:
    for each in _values(value):
        yield from each


def test_a_budget_in_money_of_a_rule_that_earns_needs_the_cost_of_a_point() -> None:
    """That of a bonus depends on what it gives: `rules check` tells."""
    [one] = read(EARN + "budget: {money: {amount: '5.00', currency: USD}}\n")
    found = best_match(VALIDATOR.iter_errors(one))
    assert found is not None and "cost_per_point" in found.message
    VALIDATOR.validate({**one, "kind": "bonus"})
