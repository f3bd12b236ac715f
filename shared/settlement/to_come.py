"""A date to come: holds that are open now will have ended by then, one way or the other. Pure.

What a till does until then nobody knows; what is known is that after its `until` a hold holds nothing. Its points are
told where they go by themselves: back in their lots, which may have ended by that date.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from shared.ledger import lots, moves, spared
from shared.settlement.liability import Cell


def given_back(member: Mapping[str, Any], at: str, those: Collection[str]) -> Iterator[Cell]:
    """What the ends of a member's holds (their ids) by then will have moved. at: the instant as text in UTC."""
    due = sorted((hold["until"], id_) for id_, hold in member.get("holds", {}).items() if id_ in those)
    then = copy.deepcopy(dict(member))
    before = moves.standing(then)
    for until, id_ in due:
        if until <= at:
            hold = then["holds"].pop(id_)
            came = lots.back(then, hold["wallet"], hold["slices"], until)
            spared.take_late(then, hold.get("since", spared.NEVER), then, hold["wallet"], came, until)
    after = moves.standing(then)
    for key in after | before:
        points = after.get(key, 0) - before.get(key, 0)
        if points:
            wallet, state, activates, expires = key
            yield Cell(wallet, state, activates is None or activates <= at, expires, points)
