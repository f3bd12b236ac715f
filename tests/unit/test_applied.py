"""Which announcements were applied: each once, in any order, and a gap that stays costs nothing."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest

from shared.runtime.applied import admit


def applied(document: dict[str, Any]) -> set[int]:
    """All numbers that the document says are applied."""
    beyond = {seq for first, last in document["ahead"] for seq in range(first, last + 1)}
    return set(range(1, document["high"] + 1)) | beyond


@pytest.mark.parametrize("order", permutations(range(1, 6)), ids=str)
def test_each_once_in_any_order(order: tuple[int, ...]) -> None:
    document: dict[str, Any] = {}
    for number, seq in enumerate(order, 1):
        assert admit(document, seq)
        assert not any(admit(document, each) for each in order[:number])
        assert applied(document) == set(order[:number])
    assert document == {"high": 5, "ahead": []}


def test_a_gap_that_stays_costs_nothing_however_much_follows() -> None:
    """Breaks when each number beyond a dead letter's is kept: the document would grow, and every look be slow."""
    document: dict[str, Any] = {}
    for seq in range(1, 20_001):
        if seq not in (5, 900):
            assert admit(document, seq)
    assert document == {"high": 4, "ahead": [[6, 899], [901, 20_000]]}
    assert admit(document, 5), "a letter that is replayed"
    assert document == {"high": 899, "ahead": [[901, 20_000]]}


def test_random_orders_with_repetitions() -> None:
    random = Random(7)
    for _ in range(200):
        document: dict[str, Any] = {}
        seen: set[int] = set()
        for seq in random.choices(range(1, 25), k=60):
            assert admit(document, seq) == (seq not in seen)
            seen.add(seq)
            assert applied(document) == seen


def test_documents_of_earlier_releases_are_read() -> None:
    """They kept each number by itself, in the order of arrival."""
    document: dict[str, Any] = {"high": 4, "ahead": [9, 6, 7, 12]}
    assert not any(admit(document, seq) for seq in (1, 4, 6, 7, 9, 12))
    assert admit(document, 8)
    assert document == {"high": 4, "ahead": [[6, 9], [12, 12]]}
    assert admit(document, 5)
    assert document == {"high": 9, "ahead": [[12, 12]]}
