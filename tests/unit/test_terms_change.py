"""Programmes change while they live: points keep the terms of the version in force when they were earned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit import clockkit
from tests.unit.clockkit import ANN, Books
from tests.unit.rulekit import book

HEAD = "- id: p\n  kind: programme\n  title: P\n  time_zone: Europe/Berlin\n  currency: EUR\n"
OLD = HEAD + "  effective: 2026-01-01T00:00:00+01:00\n  wallets: [{id: stars%s}]\n"
NEW = HEAD + "  version: 2\n  effective: 2026-07-01T00:00:00+02:00\n  wallets: [{id: stars%s}]\n"


def at(text: str) -> datetime:
    """A local time in summer or winter."""
    offset = "+02:00" if "-04-" < text[4:8] < "-10-" else "+01:00"
    return datetime.fromisoformat(text + offset)


def books(old: str, new: str) -> Books:
    """A programme whose one wallet has other terms from July on."""
    from shared.rules.rulebook import Rulebook
    from shared.rules.yamlfile import read_all

    first = book(clockkit.rule("stars"), programme=OLD % old).versions
    return Books(Rulebook([*first, *read_all([("new.yaml", NEW % new)], first)]))


def left(found: Books, moment: datetime) -> int:
    """What can be spent once the clock has swept."""
    found.sweep(moment)
    return lots.spendable(found.members[ANN], "stars", utc(moment))


LATER = (", expires: {after: 12 months}", ", expires: {after: 1 month}")


def test_points_keep_the_terms_they_were_earned_by() -> None:
    """10 in June for a year, 5 in July for a month: in August 10 are left, in the next June none."""
    found = books(*LATER)
    found.buy("stars", 10, at("2026-06-30T12:00:00"))
    found.buy("stars", 5, at("2026-07-01T12:00:00"))
    assert left(found, at("2026-08-01T12:00:00")) == 15
    assert left(found, at("2026-08-02T00:00:00")) == 10
    assert left(found, at("2027-06-30T23:59:59")) == 10
    assert left(found, at("2027-07-01T00:00:00")) == 0


def test_a_late_event_has_the_terms_of_its_own_time() -> None:
    found = books(*LATER)
    found.buy("stars", 5, at("2026-07-02T12:00:00"))
    found.buy("stars", 10, at("2026-06-30T12:00:00"))
    assert left(found, at("2026-09-01T12:00:00")) == 10


@pytest.mark.parametrize(
    ("old", "new", "then"),
    [
        ("", ", expires: {inactive: 1 month}", 10),  # what never ends does not begin to
        (", expires: {inactive: 12 months}", ", expires: {inactive: 1 month}", 10),  # each by its own span
        (", expires: {inactive: 1 month}", "", 5),  # and what ends goes on to
        (", expires: {inactive: 1 month}", ", expires: {inactive: 12 months}", 5),
    ],
)
def test_inactivity_ends_only_what_was_earned_under_it(old: str, new: str, then: int) -> None:
    """10 before and 5 after the change, then nothing for two months."""
    found = books(old, new)
    found.buy("stars", 10, at("2026-06-30T12:00:00"))
    found.buy("stars", 5, at("2026-07-01T12:00:00"))
    assert left(found, at("2026-09-02T12:00:00")) == then


def test_pending_points_stay_pending_when_activation_is_dropped() -> None:
    found = books(", activates: {after: 14 days}", "")
    found.buy("stars", 10, at("2026-06-30T12:00:00"))
    found.buy("stars", 5, at("2026-07-01T12:00:00"))
    assert left(found, at("2026-07-14T11:59:59")) == 5
    assert left(found, at("2026-07-14T12:00:00")) == 15


def test_a_wallet_that_is_dropped_still_expires() -> None:
    found = books(", expires: {after: 12 months}", "")
    found.buy("stars", 10, at("2026-06-30T12:00:00"))
    document: dict[str, Any] = found.members[ANN]
    document["lots"][0]["wallet"] = "gone"  # as if the programme had had one of that name
    document["balances"] = {"gone": 10}
    found.sweep(at("2027-07-01T00:00:00") + timedelta(hours=1))
    assert document["balances"] == {"gone": 0}
    assert document["lots"] == []
