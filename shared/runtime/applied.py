"""Which of a member's numbered announcements a consumer has applied: exact dedupe at no write of its own."""

from __future__ import annotations

from shared.runtime.store import Document


def admit(document: Document, seq: int) -> bool:
    """Notes that announcement `seq` is applied, in the consumer's own member document; False if it was already.

    `high`: all up to it are applied; `ahead`: the few applied beyond a gap (a crashed worker's outbox is published a
    little later than what followed it).
    """
    high: int = document.setdefault("high", 0)
    ahead: list[int] = document.setdefault("ahead", [])
    if seq <= high or seq in ahead:
        return False
    ahead.append(seq)
    while high + 1 in ahead:
        high += 1
        ahead.remove(high)
    document["high"] = high
    return True
