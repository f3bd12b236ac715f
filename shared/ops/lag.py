"""How far behind each consumer group is, and whether everything has come to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, KafkaError
from aiokafka.structs import OffsetAndMetadata
from pymongo import AsyncMongoClient

from shared.events.topics import ACCRUALS, ACTIVITIES, GRANTS, NOTIFICATIONS, OFFERS, PARTNER_PREFIX, TIERS
from shared.runtime.reading import committed_records, reader
from shared.runtime.service import database_name
from shared.runtime.store import OUTBOX, Document
from shared.settings import Settings

# Groups in the order in which events flow, so that a reading from first to last misses nothing on the move.
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "earn-intake": (PARTNER_PREFIX,),
    "earn-ledger": (ACTIVITIES, GRANTS, TIERS),
    "tiers": (ACCRUALS,),
    "campaigns": (ACCRUALS,),
    "earn-vouchers": (OFFERS,),
    "notify": (ACCRUALS, TIERS, OFFERS),
    "notify-delivery": (NOTIFICATIONS,),
}
# Records a second, meant to be more than any group settles: what is left takes at least so long, and if a group should
# be quicker, rest is only seen a little later.
_FASTEST: Final = 20_000
Span = tuple[int, int]
SERVICES: Final = ("earn", "tiers", "campaigns", "notify")


class Watch:
    """Open connections for asking again and again."""

    def __init__(self, settings: Settings, client: AsyncMongoClient[Document]) -> None:
        self._settings = settings
        self._client = client
        self._admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_url())
        self._consumer = reader(settings.kafka_url())
        self._topics: tuple[float, dict[str, list[TopicPartition]]] = (0.0, {})
        # By group and partition: the span that was left at the last look, and how many records it holds, once counted.
        self._left: dict[tuple[str, TopicPartition], tuple[Span | None, int | None]] = {}
        self.calm_since = 0.0  # monotonic seconds

    async def start(self) -> Watch:
        """Connects; where that fails, both are closed, or they would complain of it when they are forgotten."""
        try:
            await self._admin.start()
            await self._consumer.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def stop(self) -> None:
        """Disconnects."""
        await self._consumer.stop()
        await self._admin.close()

    async def topics(self, at_most_s_old: float = 0.0) -> dict[str, list[TopicPartition]]:
        """Partitions of every topic of this namespace; topics seldom change, so an answer may be kept for a while."""
        asked_at, known = self._topics
        if monotonic() - asked_at > at_most_s_old:
            described = await self._admin.describe_topics(sorted(await self._names()))
            known = {
                t["topic"]: [TopicPartition(t["topic"], p["partition"]) for p in t["partitions"]] for t in described
            }
            self._topics = (monotonic(), known)
        return known

    async def _names(self) -> set[str]:
        prefix = self._settings.prefix
        return {
            name for name in await self._admin.list_topics() if name.startswith(prefix) and not name.startswith("_")
        }

    async def ends(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """One past the last offset of each partition that is committed: what is in an open transaction is not yet."""
        return dict(await self._consumer.end_offsets(places)) if places else {}

    async def spans(self, places: list[TopicPartition]) -> dict[TopicPartition, Span]:
        """The offsets that each partition keeps: the first, and one past the last."""
        starts = dict(await self._consumer.beginning_offsets(places)) if places else {}
        return {place: (starts[place], end) for place, end in (await self.ends(places)).items()}

    async def lags(
        self, at_most_s_old: float = 0.0, *, exact: bool = False
    ) -> tuple[dict[str, int], dict[TopicPartition, int]]:
        """Records not settled yet by group, and the end offsets that were compared with.

        Offsets that are no records (transactions leave some behind) count as long as something moves; what is left as
        it was at the last look, or with `exact` everything, is counted record by record.
        """
        topics = await self.topics(at_most_s_old)
        lags: dict[str, int] = {}
        seen: dict[TopicPartition, int] = {}
        for group, reads in READS.items():
            names = [self._settings.prefix + each for each in reads]
            places = [
                place
                for topic, partitions in topics.items()
                if any(topic == n or (n.endswith(PARTNER_PREFIX) and topic.startswith(n)) for n in names)
                for place in partitions
            ]
            ends = await self.ends(places)
            lags[group] = await self.unread(group, ends, exact=exact)
            seen |= ends
        return lags, seen

    async def unread(self, group: str, ends: Mapping[TopicPartition, int], *, exact: bool = False) -> int:
        """Records before these offsets that a group has not settled yet; counted as `lags` does."""
        done = await self._committed(self._settings.prefix + group)
        left = {p: (max(0, done[p].offset if p in done else 0), end) for p, end in ends.items()}
        return await self._records_in(group, left, exact)

    async def _records_in(self, group: str, left: Mapping[TopicPartition, Span], exact: bool) -> int:
        left = {place: span for place, span in left.items() if span[0] < span[1]}
        before = {place: self._left.get((group, place), (None, None)) for place in left}
        stalled = {
            place: span
            for place, span in left.items()
            if (before[place][1] is None if before[place][0] == span else exact)
        }
        counted = {
            place: len(found) for place, found in (await committed_records(self._settings.kafka_url(), stalled)).items()
        }
        total = 0
        for place, span in left.items():
            known = before[place][1] if before[place][0] == span else None
            records = counted.get(place, known)
            self._left[group, place] = (span, records)
            total += span[1] - span[0] if records is None else records
        return total

    async def _committed(self, group: str, patience_s: float = 10.0) -> Mapping[TopicPartition, OffsetAndMetadata]:
        """How far a group has settled. A broker that no group ever used makes room for them when it is first asked."""
        until = monotonic() + patience_s
        while True:
            try:
                found: Mapping[TopicPartition, OffsetAndMetadata] = await self._admin.list_consumer_group_offsets(group)
                return found
            except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
                if monotonic() > until:
                    raise
                await asyncio.sleep(0.1)

    async def outboxes(self) -> int:
        """Outbox documents that are not published yet, over all services."""
        return sum(
            [await self._client[database_name(each, self._settings)][OUTBOX].count_documents({}) for each in SERVICES]
        )

    async def rest(self, timeout_s: float = 120.0, every_s: float = 0.25) -> bool:
        """Waits until no group lags, no outbox holds anything and, looked at once more, nothing has moved.

        `calm_since` is then when it was first seen so.
        """
        until = monotonic() + timeout_s
        before: dict[TopicPartition, int] | None = None
        while monotonic() < until:
            looked = monotonic()
            try:
                # While much is left the topics are not asked for anew: a look costs the broker what work could use.
                lags, ends = await self.lags(at_most_s_old=0.0 if before is not None else 5.0)
                left = sum(lags.values())
                calm = left == 0 and await self.outboxes() == 0
            except (KafkaError, OSError):
                left, calm, ends = 0, False, {}  # a broker that is being restarted is not at rest
            if calm and ends == before:
                return True
            if calm:
                self.calm_since = looked
            before = ends if calm else None
            await asyncio.sleep(max(every_s, min(2.0, left / _FASTEST)))
        return False
