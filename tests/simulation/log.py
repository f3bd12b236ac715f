"""A broker in memory: topics with partitions, keys that choose one, offsets that only grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zlib import crc32

from shared.runtime.records import Record

Place = tuple[str, int]
Partitioner = Callable[[bytes, int], int]


def by_key(key: bytes, partitions: int) -> int:
    """The same key goes to the same partition: what the order of a member's records rests on."""
    return crc32(key) % partitions


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
        partition = self._partitioner(key, width)
        held = self.records[topic, partition]
        self._written += 1
        headers = (("kind", kind.encode()),) if kind else ()
        held.append(Record(topic, partition, len(held), value, key, self._written, headers))
        return held[-1]

    def places(self, wanted: Callable[[str], bool]) -> list[Place]:
        """Partitions of the topics that somebody reads, in a fixed order."""
        return sorted(place for place in self.records if wanted(place[0]))

    def of(self, topic: str) -> Iterator[Record]:
        """All records of a topic, partition by partition."""
        for (name, _), held in sorted(self.records.items()):
            if name == topic:
                yield from held

    def drop(self, keep: Callable[[str], bool]) -> None:
        """Forgets the topics that are not kept: what is left is what a replay from the beginning begins with."""
        self.records = {place: held for place, held in self.records.items() if keep(place[0])}
