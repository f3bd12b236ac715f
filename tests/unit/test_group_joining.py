"""Who was given a share without being made the leader joins once more; nobody joins for ever."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from shared.runtime.joining import Joining


class Group:
    """A client's side of its group, as `Joining` sees it."""

    def __init__(self) -> None:
        self.asked = 0

    def given(self, joining: Joining, *, leads: bool, member: str) -> int:
        """How often it has asked to join again, now that it was given its share."""
        watched = {"grocer"} if leads else None
        coordinator: Any = SimpleNamespace(_group_subscription=watched, member_id=member, request_rejoin=self._ask)
        joining.assigned(SimpleNamespace(_coordinator=coordinator))
        return self.asked

    def _ask(self) -> None:
        self.asked += 1


@pytest.mark.parametrize(
    ("shares", "asked"),
    [
        ([(True, "a")], [0]),
        ([(False, "a"), (True, "a"), (True, "a")], [1, 1, 1]),  # a leader that came back
        ([(False, "a"), (False, "a"), (False, "a")], [1, 1, 1]),  # another is the leader: asked once
        ([(False, "a"), (False, "b")], [1, 2]),  # it had lost its membership: whose place it took now, it knows not
    ],
)
def test_whoever_may_be_a_leader_unawares_asks_once(shares: list[tuple[bool, str]], asked: list[int]) -> None:
    """Breaks when it asks each time: members that are no leaders would never come to read."""
    joining, group = Joining("earn-intake"), Group()
    assert [group.given(joining, leads=leads, member=member) for leads, member in shares] == asked
