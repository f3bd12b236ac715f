"""Stacking: of a group whose rules exclude each other one wins. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:  # matching asks who wins
    from shared.rules.matching import Outcome


def compete(outcomes: list[Outcome]) -> list[Outcome]:
    """What becomes of the rules of a group: one of those that apply wins, the others say which.

    The rules come in the order of their priority, then id: the first of equals wins.
    """
    applying = [each for each in outcomes if each.verdict == "applies"]
    if len(applying) < 2:
        return outcomes
    stacking = applying[0].rule.stacking
    assert stacking is not None
    winner = max(applying, key=lambda each: each.points) if stacking.how == "best" else applying[0]
    return [each if each is winner or each.verdict != "applies" else _lost(each, winner) for each in outcomes]


def _lost(outcome: Outcome, winner: Outcome) -> Outcome:
    return replace(
        outcome, verdict="stacking", wanted=outcome.points, by=winner.rule.id, awards=(), amounts=(), bound=None,
        gate=None,
    )  # fmt: skip
