"""A broker in memory: topics with partitions, keys that choose one, offsets that only grow."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from shared.runtime.records import Record

Place = tuple[str, int]
Partitioner = Callable[[str, bytes, int], int]


def by_key(topic: str, key: bytes, partitions: int) -> int:
    """The same key goes to the same partition: what the order of a member's records rests on."""
    return crc32(key) % partitions


START_MS = 1_798_761_600_000  # 2027: after all that these histories tell of, which would else be in the future


class Log:
    """All topics of one world. A topic comes into being when it is first written to."""

    def __init__(self, *, partitions: int = 3, partner_partitions: int = 2, partitioner: Partitioner = by_key) -> None:
        self._partitions, self._partner_partitions = partitions, partner_partitions
        self._partitioner = partitioner
        self._written = 0
        self.records: dict[Place, list[Record]] = {}

    def append(self, topic: str, key: bytes, value: bytes, kind: str = "") -> Record:
        """One record at the end of its partition. Its timestamp counts all appends: the order of a single observer."""
        width = self._partner_partitions if topic.startswith("partner.") else self._partitions
        for each in range(width):
            self.records.setdefault((topic, each), [])
        partition = self._partitioner(topic, key, width)
        held = self.records[topic, partition]
        self._written += 1
        headers = (("kind", kind.encode()),) if kind else ()
        held.append(Record(topic, partition, len(held), value, key, START_MS + self._written, headers))
        return held[-1]

    def places(self, wanted: Callable[[str], bool]) -> list[Place]:
        """Partitions of the topics that somebody reads, in a fixed order."""
        return sorted(place for place in self.records if wanted(place[0]))

    def copy(self, keep: Callable[[str], bool]) -> Log:
        """A log with the same records at the same positions, of the topics that are kept: what a replay begins with."""
        other = Log(
            partitions=self._partitions, partner_partitions=self._partner_partitions, partitioner=self._partitioner
        )
        other._written = self._written
        other.records = {place: list(held) for place, held in self.records.items() if keep(place[0])}
        return other
