"""Progress that has won for somebody else: a survivor whom its member was merged into. And how progress is kept. Pure.

Spent, it is there no more, also when the merge is undone; and when goods of that time come back, nothing of what has
been counted since goes with them. `spent` of a document says of each challenge and period when the merge was undone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.rules.challenges import Less, withhold, won_periods
from shared.rules.definition import Rule

Document = dict[str, Any]


def spend(document: Document, rule: str, period: str, at: datetime | None) -> None:
    """What was counted has won for somebody else."""
    if counts := counts_of(document, rule, period):
        keep(document, rule, period, type(counts)())
        withhold(document, rule, period, 0)
        document.setdefault("spent", {}).setdefault(rule, {})[period] = "" if at is None else at.isoformat()


def dated(documents: Iterable[Document], at: datetime) -> None:
    """When the merge was undone by which these have something that is spent, where that was heard of later."""
    for each in documents:
        for periods in each.get("spent", {}).values():
            periods |= {period: at.isoformat() for period, said in periods.items() if not said}


def is_spent(buyer: Document, rule: Rule, gone: Less, posted: datetime | None) -> bool:
    """Whether what a purchase counted has won for somebody else before it comes back."""
    at = buyer.get("spent", {}).get(rule.id, {}).get(gone.period)
    return bool(at) and posted is not None and posted <= datetime.fromisoformat(at)


def counts_of(document: Mapping[str, Any], rule: str, period: str) -> Any:
    """What was counted: a number, or how often each day."""
    held = document.get("progress", {}).get(rule, {}).get(period)
    if not isinstance(held, list):
        return held or 0
    again = document.get("again", {}).get(rule, {}).get(period, {})
    return Counter({day: 1 + again.get(str(day), 0) for day in held})


def keep(document: Document, rule: str, period: str, counts: Any) -> None:
    """Keeps what `counts_of` tells."""
    days = isinstance(counts, Counter)
    again = {str(day): times - 1 for day, times in counts.items() if times > 1} if days else {}
    document.setdefault("progress", {}).setdefault(rule, {})[period] = list(counts) if days else counts
    if again:
        document.setdefault("again", {}).setdefault(rule, {})[period] = again
    else:
        document.get("again", {}).get(rule, {}).pop(period, None)


def forget(document: Document, rule: str, periods: Iterable[str]) -> None:
    """Of these periods those of which nothing is counted or won any more: others have their places."""
    held: dict[str, Any] = document.get("progress", {}).get(rule, {})
    for period in periods:
        if not held.get(period) and period not in won_periods(document).get(rule, ()):
            held.pop(period, None)
