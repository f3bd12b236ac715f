"""Who was given a share without being made the leader joins once more; nobody joins for ever."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.coordinator.protocol import ConsumerProtocol

from shared.runtime.joining import Joining, bear_forgetting


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


async def test_who_was_forgotten_when_the_group_shared_out_has_nothing_and_lives_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Breaks without `bear_forgetting`: aiokafka cannot read the answer, and takes part in nothing any more. A share
    that has bytes is read as ever."""
    monkeypatch.setattr(ConsumerProtocol, "ASSIGNMENT", ConsumerProtocol.ASSIGNMENT)
    share = ConsumerProtocol.ASSIGNMENT(0, [("grocer", [0, 2])], b"").encode()
    with pytest.raises(ValueError, match="unpack requires"):
        ConsumerProtocol.ASSIGNMENT.decode(b"")
    bear_forgetting()
    assert ConsumerProtocol.ASSIGNMENT.decode(b"").partitions() == []
    assert ConsumerProtocol.ASSIGNMENT.decode(share).partitions() == [("grocer", 0), ("grocer", 2)]
