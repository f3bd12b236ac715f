"""Wallets' terms: what cannot be meant is told at its place, with what to write instead."""

from __future__ import annotations

import pytest

from tests.unit.marked import told

HEAD = (
    "- id: shop\n  kind: programme\n  effective: 2017-01-01T00:00:00-05:00\n  title: Shop\n"
    "  time_zone: America/New_York\n  currency: USD\n  wallets:\n    - stars\n"
)
VALUE = 'value: {amount: "0.01", currency: USD}'


@pytest.mark.parametrize(
    ("wallet", "words"),
    [
        ("{id: a, redemption: ▶{step: 5}}", "a till cannot tell what a point is worth; write its `value`"),
        ("{id: a, kind: status, redemption: ▶{}}", "status points cannot be spent; leave `redemption` out"),
        ('{id: a, value: {amount: "1", currency: ▶VND}}', "worth VND, and the programme is in USD; write it in USD"),
        (f"{{id: a, kind: status, {VALUE.replace(': {', ': ▶{', 1)}}}", "warning: status points are never spent"),
        (f"{{id: a, {VALUE}, redemption: {{at_least: ▶12, step: 5}}}}", "the fewest are 15; write `at_least: 15`"),
        ("{id: a, warn: ▶[2 weeks]}", "there is nothing to warn of; write when points expire"),
        ("{id: a, expires: {after: 3 months}, warn: [2 weeks, ▶2 weeks]}", "2 weeks is written twice; leave one out"),
        ("{id: a, expires: {after: 3 months}, warn: [2 weeks, ▶3 months]}", "a last 3 months: 3 months before"),
        ("{id: a, expires: {inactive: 30 days}, warn: [▶5 weeks]}", "points of a last 30 days: 5 weeks before"),
        ("{id: a, expires: {on: [12-31]}, warn: [▶13 months]}", "no point of a lasts so long: 13 months before"),
        ("{id: a, activates: {after: ▶5 weeks}, expires: {after: 30 days}}", "would expire before they are active"),
        ("{id: a, activates: {after: 30 days}, expires: ▶{on: [12-31]}}",
         "warning: points earned on 12-02, as on 30 days a year, expire before they are active; write `at_least`"),
        ("{id: a, activates: {on: ▶cancelled}}", "`cancelled` ends a purchase: its points go back; name another"),
        ("{id: a, activates: ▶{after: 1 day, on: delivered}}", "write either `after` (a span) or `on` (a milestone)"),
        ("{id: a, activates: {after: ▶3 dayz}}", "write a number and a unit, such as 12 months"),
        ("{id: a, expires: {after: ▶3 hours}}", "points expire at the end of a day: write days, weeks"),
        ("{id: a, expires: {on: [▶02-30]}}", "no such day; write month-day, such as 12-31"),
        ("{id: a, expires: {on: [▶3112]}}", "write a text, in quotes"),
        ("{id: a, expires: {on: [▶'31.12']}}", "write month-day, such as 12-31"),
        ("{id: a, expires: {after: 1 year, at_least: ▶3 days}}", "`at_least` belongs to `on`"),
        ("{id: a, expires: ▶{}}", "write one of `after`, `on` and `inactive`"),
        ("{id: a, ▶valu: 3}", "no such field; did you mean `value`?"),
        ("▶Big Stars", "write lower-case letters, digits and hyphens"),
        ("▶7", "write its fields: id, title"),
    ],
)  # fmt: skip
def test_it_is_told_where_it_stands(wallet: str, words: str) -> None:
    (said,) = told(f"    - {wallet}\n", programme=HEAD)
    assert words in said


@pytest.mark.parametrize(
    "wallet",
    [
        "{id: a, expires: {on: [06-30, 12-31], at_least: 30 days}, activates: {after: 2 weeks}, warn: [30 days]}",
        "{id: a, expires: {on: [02-29]}, warn: [11 months]}",
        "{id: a, expires: {inactive: 1 year}, activates: {after: 13 months}}",
        f"{{id: a, {VALUE}, redemption: {{at_least: 10, step: 5, at_most_percent: 50, too_much: clamp}}}}",
    ],
)
def test_what_can_be_meant_has_no_fault(wallet: str) -> None:
    assert told(f"    - {wallet}\n", programme=HEAD) == []
