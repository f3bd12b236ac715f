"""Punch cards that rules share: one card has one number of punches, and gives the same when it is full."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.meeting import fall_together
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.windows import never_together
from shared.rules.definition import Rule
from shared.rules.rewards import Punch


def cards(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Where a rule says of a card what another (before it by id, or its own effect before) says otherwise."""
    mine = list(_punches(rule))
    for number, punch in mine:
        known = [(rule, other) for at, other in mine if at < number]
        known += [pair for pair in shelf.cards.get(punch.card, ()) if pair[0].id < rule.id]
        for other, said in known:
            different = [each for each in ("of", "points", "wallet") if getattr(said, each) != getattr(punch, each)]
            if different and (other is rule or _together(other, rule, shelf)):
                theirs = ", ".join(f"{each}: {getattr(said, each)}" for each in different)
                says = (
                    f"{other.id} fills the card {punch.card} with `{theirs}`; write the same in both, or name another"
                )
                yield Remark(("then", number, "punch", different[0]), f"{says} `card`", "card")
                break


def _together(one: Rule, other: Rule, shelf: Shelf) -> bool:
    return not never_together(one, other, shelf) and fall_together(one, other, shelf)


def _punches(rule: Rule) -> Iterator[tuple[int, Punch]]:
    for number, effect in enumerate(rule.then):
        punch = getattr(effect, "punch", None)
        if punch is not None:
            yield number, punch
