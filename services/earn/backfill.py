"""Counters that newly published definitions need, counted from a member's journal when they are next seen. Pure.

A definition that asks for history needs it from before it was published. A counter that a member's document lacks is
therefore counted from all their journal entries before anything else is decided about them, in the same transaction:
whoever reads the document later finds it there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.ledger.kin import Family
from shared.ledger.returned import standing
from shared.rules import membership
from shared.rules.history import Counter
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import led


def lacking(member: Mapping[str, Any], book: Rulebook) -> dict[str, Counter]:
    """Counters that the member's document does not have, of those that any version needs."""
    held = member.get("history", {})
    return {key: counter for key, counter in book.counters.items() if key not in held}


def needs_backfill(members: Iterable[Mapping[str, Any]], book: Rulebook) -> list[str]:
    """Members with a past that some counter has not counted. Who was merged into another is counted with the survivor,
    and nothing is decided about them: their entries must not be taken from there."""
    if not book.counters:
        return []
    return [each["_id"] for each in members if each["seq"] > 0 and led(each) is None and lacking(each, book)]


def backfill(member: dict[str, Any], past: Family, book: Rulebook) -> None:
    """Counts what lacks, from the entries of all who are the member; of purchases what is left after returns."""
    recount(member, lacking(member, book), past, book)


def recount(member: dict[str, Any], counters: Iterable[str], past: Family, book: Rulebook) -> None:
    """Counts some counters, by key, from nothing."""
    membership.recount_posted(member, counters, standing(*past), book)
