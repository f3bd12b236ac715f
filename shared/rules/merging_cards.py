"""Punch cards of a member who is merged into another. Pure.

Punches are put on one card. A card that the survivor fills has taken what was brought before anything that is on the
next one, but for what was over (`over`: of the card before): a card's worth is never paid for twice, and no hole is
lost. What comes back is taken of what is over first: it pays for nothing yet. Of whom a part is spent, that part is as
on a card before: their old goods take no hole of new ones.
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
            _has_over(state, min(state.get("over", 0) - (back if since else 0), state["punches"]))
        _keeps(mine, back)


def spend(duplicate: Document, within: Iterable[Document]) -> None:
    """What the duplicate has no more, nobody who is merged into them brings back. within: their documents."""
    for inner in within:
        for card, mine in inner.get("cards", {}).items():
            _keeps(mine, min(mine["punches"], duplicate.get("cards", {}).get(card, _NO_CARD)["punches"]))


def _keeps(state: Document, left: int) -> None:
    if left < state["punches"]:
        state["punches"] = left
        state["filled"] += 1
        _has_over(state, left)


def _has_over(state: Document, number: int) -> None:
    if number > 0:
        state["over"] = number
    else:
        state.pop("over", None)


def unpunch(way: Way, card: str, number: int) -> int | None:
    """Takes a punch back that the first of these had, on their card of that number; how many the last has left. None
    where that card has been paid for by now, theirs or that of somebody by whom they came. way: see
    `merging_progress`."""
    cards, of_before = [each.get("cards", {}).get(card, _NO_CARD) for each in way], list[bool]()
    for each, held in zip(way, cards, strict=True):
        over = held["filled"] == number + 1 and held.get("over", 0) > 0
        if not held["punches"] or not (over or held["filled"] == number):
            return None
        of_before.append(over)
        number = each.get("lent", {}).get("filled", {}).get(card, number)  # which of the next one's it went on to
    for held, over in zip(cards, of_before, strict=True):
        held["punches"] -= 1
        _has_over(held, min(held.get("over", 0) - over, held["punches"]))
    left: int = cards[-1]["punches"]
    return left
