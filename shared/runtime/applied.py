"""Which of a member's numbered announcements a consumer has applied: exact dedupe at no write of its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from shared.runtime.store import Document


def admit(document: Document, seq: int) -> bool:
    """Notes that announcement `seq` is applied, in the consumer's own member document; False if it was already.

    `high`: all up to it are applied; `ahead`: those applied beyond a gap, as [first, last] of each stretch, in order.
    Gaps come from a crashed worker's outbox, which is published a little later than what followed it, and from dead
    letters, which may stay for ever: so what follows one must not make the document grow.
    """
    high: int = document.setdefault("high", 0)
    ahead: list[list[int]] = document.setdefault("ahead", [])
    if not ahead and seq == high + 1:  # nearly always
        document["high"] = seq
        return True
    if ahead and not isinstance(ahead[0], list):
        ahead[:] = _stretches(ahead)
    at = bisect_right(ahead, seq, key=lambda stretch: stretch[0])
    if seq <= high or (at and seq <= ahead[at - 1][1]):
        return False
    ahead.insert(at, [seq, seq])
    _join(ahead, at)
    if ahead[0][0] == high + 1:
        document["high"] = ahead.pop(0)[1]
    return True


def applied(document: Mapping[str, Any], seq: int) -> bool:
    """Whether announcement `seq` is applied; changes nothing."""
    stretches: list[list[int]] = _stretches([each for each in document.get("ahead", []) if not isinstance(each, list)])
    stretches += [each for each in document.get("ahead", []) if isinstance(each, list)]
    return seq <= document.get("high", 0) or any(first <= seq <= last for first, last in stretches)


def _join(ahead: list[list[int]], at: int) -> None:
    """A stretch and the one that it now touches become one, on either side."""
    for left in (at, at - 1):
        if 0 <= left < len(ahead) - 1 and ahead[left][1] + 1 == ahead[left + 1][0]:
            ahead[left : left + 2] = [[ahead[left][0], ahead[left + 1][1]]]


def _stretches(numbers: list[int]) -> list[list[int]]:
    """Earlier releases kept each number by itself."""
    found: list[list[int]] = []
    for each in sorted(numbers):
        if found and found[-1][1] + 1 == each:
            found[-1][1] = each
        else:
            found.append([each, each])
    return found
