"""Promise 3, checked: every committed record of the partners' topics has come to exactly one outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from aiokafka import TopicPartition
from pymongo.asynchronous.database import AsyncDatabase

from shared.runtime.store import Document

EFFECT: Final = "effects"
DUPLICATE: Final = "duplicates"
LETTER: Final = "dead letters"
WAITING: Final = "waiting"
_SHOWN: Final = 3

# Positions, `topic:partition:offset`, by outcome.
Outcomes = Mapping[str, set[str]]
Span = tuple[int, int]


async def outcomes(earn: AsyncDatabase[Document], prefix: str) -> dict[str, set[str]]:
    """Where the records stand that have each outcome. A replayed letter of a partner's record stays its outcome: the
    replay is a record of its own. A replayed letter of the ledger has its effect (or a new letter) under its position.
    """
    letters = earn["dead_letters"].find({}, {"origin": 1, "record.topic": 1, "status": 1})
    effects = {each["origin"] async for each in earn["journal"].find({"origin": {"$ne": None}}, {"origin": 1})}
    return {
        EFFECT: effects,
        DUPLICATE: {each["_id"] async for each in earn["duplicates"].find({}, {"_id": 1})},
        LETTER: {
            _key(each["origin"])
            async for each in letters
            if each["origin"]["topic"].startswith(prefix)
            and (not _sent(each, effects) or each["origin"]["topic"] == each["record"]["topic"])
        },
        WAITING: {_key(each["origin"]) async for each in earn["waiting"].find({"event": {"$ne": None}}, {"origin": 1})},
    }


def _sent(letter: Document, effects: Collection[str]) -> bool:
    """Whether it was replayed; of a replay that was broken off, whether its record had been published shows here."""
    return letter["status"] == "replayed" or (letter["status"] == "replaying" and _key(letter["origin"]) in effects)


def _key(origin: Mapping[str, object]) -> str:
    return f"{origin['topic']}:{origin['partition']}:{origin['offset']}"


@dataclass(frozen=True, slots=True)
class Account:
    """What the books know of the positions that the topics hold."""

    outcomes: Outcomes
    spans: Mapping[TopicPartition, Span]  # first offset that is still kept, and one past the last

    def gaps(self) -> dict[TopicPartition, Span]:
        """Spans of the partitions where not every offset has an outcome. There the records themselves must be looked
        at: a transaction leaves offsets behind that are no records."""
        known = self._known()
        return {place: (start, end) for place, (start, end) in self.spans.items() if len(known[place]) != end - start}

    def settled(self, real: Mapping[TopicPartition, set[int]]) -> tuple[bool, str]:
        """Whether all are accounted for, and in words. `real`: the committed records of the partitions with gaps."""
        known = self._known()
        lost: list[str] = []
        unknown: list[str] = []
        published = 0
        for place, (start, end) in self.spans.items():
            records = real.get(place)
            published += end - start if records is None else len(records)
            if records is not None:
                lost += _at(place, records - known[place])
                unknown += _at(place, known[place] - records)
        twice = self._twice()
        counts = " + ".join(f"{len(found)} {name}" for name, found in self.outcomes.items())
        faults = [
            f"{len(found)} {what} {', '.join(found[:_SHOWN])}"
            for what, found in (("without outcome:", lost), ("that are no records:", unknown), *twice)
            if found
        ]
        return not faults, "; ".join([f"{published} published = {counts}", *(faults or ["none is two of them"])])

    def _twice(self) -> list[tuple[str, list[str]]]:
        pairs = combinations(self.outcomes.items(), 2)
        return [(f"both {a} and {b}:", sorted(here & there)) for (a, here), (b, there) in pairs]

    def _known(self) -> Mapping[TopicPartition, set[int]]:
        """Offsets with an outcome, of those that the topics still keep."""
        found: dict[TopicPartition, set[int]] = defaultdict(set)
        for positions in self.outcomes.values():
            for position in positions:
                topic, partition, offset = position.rsplit(":", 2)
                place = TopicPartition(topic, int(partition))
                if place in self.spans and int(offset) >= self.spans[place][0]:
                    found[place].add(int(offset))
        return found


def _at(place: TopicPartition, offsets: Iterable[int]) -> list[str]:
    return [f"{place.topic}:{place.partition}:{offset}" for offset in sorted(offsets)]
