"""A worker that took a killed one's place in its group: whether somebody shares out what has come since.

And one that was forgotten when the group shared out: a broker tells it so by an answer without a byte in it, which
aiokafka 0.14 cannot read (noida-db 0.2.3 sends it now and then, where two join at once).
"""

from __future__ import annotations

from typing import Any

from aiokafka.coordinator.protocol import ConsumerProtocol, ConsumerProtocolMemberAssignment

from shared.logs import log


class _Share:
    """Reads what of the group's partitions a worker is given; forgotten: none."""

    @staticmethod
    def decode(data: bytes) -> Any:
        if data == b"":
            log.info("forgotten when the group shared out")
            return ConsumerProtocolMemberAssignment(0, [], b"")
        return ConsumerProtocolMemberAssignment.decode(data)


def bear_forgetting() -> None:
    """Of all clients in this process: who was forgotten has no share, asks again (see `Joining`), and lives on."""
    ConsumerProtocol.ASSIGNMENT = _Share


class Joining:
    """Asks its group to share out anew where it may be the one who has to.

    A restarted worker gets back, at once and unasked, what its number had (static membership). If its number was the
    group's leader, the broker still holds it for the leader, and it does not know: nobody looks at what partitions
    there are. A topic of a partner that was made before the restart, and not seen until then, is read by nobody until
    somebody joins or leaves. When a leader joins once more the group shares out anew; when another member does,
    nothing happens: so whoever was not made the leader joins once more.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked_as: str | None = None

    def assigned(self, client: Any) -> None:
        """Called with a Kafka client (aiokafka's) that has been given its share."""
        coordinator = client._coordinator
        leads, member = coordinator._group_subscription is not None, coordinator.member_id
        if not leads and member != self._asked_as:
            self._asked_as = member
            log.info("joining once more: the group may be ours to share out", consumer=self._name)
            coordinator.request_rejoin()
