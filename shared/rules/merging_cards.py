"""Punch cards of a member who is merged into another. Pure.

Punches are put on one card. A card that the survivor fills has taken what was brought before anything that is on the
next one, but for what was over: a card's worth is never paid for twice, and no hole is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

Document = dict[str, Any]
Way = Sequence[Document]
_NO_CARD: Final = {"punches": 0, "filled": 0}


def pour(duplicate: Document, survivor: Document, lent: Document) -> None:
    """The survivor has what the duplicate has. lent: is told how many cards they had filled by then."""
    for card, state in duplicate.get("cards", {}).items():
        mine = survivor.setdefault("cards", {}).setdefault(card, dict(_NO_CARD))
        mine["punches"] += state["punches"]
        lent.setdefault("filled", {}).setdefault(card, mine["filled"])


def draw(duplicate: Document, survivor: Document, filled: Mapping[str, int]) -> None:
    """What is left of it is the duplicate's alone. filled: how many cards the survivor had filled when it came."""
    for card, mine in duplicate.get("cards", {}).items():
        state = survivor.get("cards", {}).get(card, _NO_CARD)
        since = state["filled"] > filled.get(card, state["filled"])
        back = min(mine["punches"], state["punches"], state.get("over", 0) if since else state["punches"])
        if back:
            state["punches"] -= back
        mine["punches"] = back


def spend(duplicate: Document, within: Iterable[Document]) -> None:
    """What the duplicate has no more, nobody who is merged into them brings back. within: their documents."""
    for inner in within:
        for card, mine in inner.get("cards", {}).items():
            mine["punches"] = min(mine["punches"], duplicate.get("cards", {}).get(card, _NO_CARD)["punches"])


def unpunch(way: Way, card: str, number: int) -> int | None:
    """Takes a punch back that the first of these had, on their card of that number; how many the last has left. None
    where that card is full by now, theirs or that of somebody by whom they came. way: see `merging_progress`."""
    cards = [each.get("cards", {}).get(card, _NO_CARD) for each in way]
    for each, held in zip(way, cards, strict=True):
        if held["filled"] != number or not held["punches"]:
            return None
        number = each.get("lent", {}).get("filled", {}).get(card, number)  # which of the next one's it went on to
    for held in cards:
        held["punches"] -= 1
    left: int = cards[-1]["punches"]
    return left
