"""Counters that many members share (a rule's uses, its budget in points or money): exact, with no hot document.

A quota is one main document and one lease document a lane (the Kafka partition a record came from). A lane uses up its
lease without touching what others write, leases another slice when it is short, and takes over what other lanes leave
unused when the main document has no more: nothing is overrun, and nobody is refused while a unit is left.

Documents are read and written in the batch's snapshot transaction: two batches that write one of them conflict, and the
second decides again. Which change writes what, and so why no interleaving overruns: see `leases`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.rules.leases import Pool, lease_id

Document = dict[str, Any]
MOST: Final = 2**63 - 1  # what the database keeps as an integer


@dataclass(frozen=True, slots=True)
class Quota:
    """A counter: what it counts for which rule and period, and how much the rule's `version` allows.

    `total` and all amounts are whole units of the measure. `step`: units are taken in multiples of it (the cost of one
    point, where money is counted), so that a remainder that buys nothing is left alone. Two quotas with the same rule,
    measure and period are one counter; the total of the highest version that was ever seen counts.
    Raises ValueError.
    """

    rule: str
    measure: str
    period: str
    total: int
    version: int
    step: int = 1

    def __post_init__(self) -> None:
        """Keys that would meet another's, and numbers that mean nothing."""
        if any("|" in part for part in (self.rule, self.measure, self.period)):
            raise ValueError(f"rule, measure and period must be free of `|`: {self.id}")
        if not 0 <= self.total <= MOST or self.step < 1:
            raise ValueError(f"{self.id}: total must be from 0 to {MOST} and step at least 1")

    @property
    def id(self) -> str:
        """The main document's id."""
        return f"quota|{self.rule}|{self.measure}|{self.period}"


def keys(quota: Quota, lanes: Collection[int]) -> list[str]:
    """Ids of the documents that a batch from these lanes must read: the main document and their own leases."""
    return [quota.id, *(lease_id(quota.id, lane) for lane in lanes)]


def further(quota: Quota, documents: Mapping[str, Document], most: int | None = None) -> list[str]:
    """Ids of other lanes' leases that must be read too, after `keys` were; none while there is plenty.

    `most`: the most units that the whole batch can want; None where nobody knows.
    """
    pool = Pool(quota.id, quota.version, quota.total, documents, 1)
    pool.left(MOST if most is None else most, quota.step)
    return sorted(pool.wanted)


class Quotas:
    """The quotas of one batch. Changes nothing that it is given; a batch that is decided again makes a new one.

    `documents`: what was found of `keys` and `further`, by id. `sharers`: how many lanes there are, for the size of
    slices; correctness does not depend on it. Negative amounts raise ValueError.
    """

    def __init__(self, documents: Mapping[str, Document], sharers: int) -> None:
        self._documents = documents
        self._sharers = max(1, sharers)
        self._pools: dict[str, Pool] = {}

    def left(self, quota: Quota, want: int) -> int:
        """How much of `want` could be taken now, by any lane, in whole steps."""
        return self._pool(quota, want).left(want, quota.step)

    def take(self, quota: Quota, lane: int, amount: int) -> int:
        """Takes up to `amount`, in whole steps; returns how much."""
        return self._pool(quota, amount).take(lane, amount, quota.step)

    def give_back(self, quota: Quota, lane: int, amount: int) -> int:
        """Returns units that were taken (of a returned purchase, by the quota of its time); how many: never more than
        were used. What was taken and not needed after all goes back in the same way."""
        return self._pool(quota, amount).give_back(lane, amount)

    def allow(self, quota: Quota) -> None:
        """Writes the total down, before anything is taken: of counters whose total no definition tells."""
        self._pool(quota, 0).allow()

    def total(self, quota: Quota) -> tuple[int, int]:
        """The version and the total that count."""
        main = self._pool(quota, 0).main
        return main.version, main.total

    def remaining(self, quota: Quota) -> int:
        """How much is left in all documents that were read; changes nothing."""
        return self._pool(quota, 0).seen

    def used(self, quota: Quota) -> int:
        """How much is used: more than the total where that was lowered since. Leases that were not read count whole."""
        return self._pool(quota, 0).used

    @property
    def unread(self) -> frozenset[str]:
        """Leases that would have had to be read. Unless empty, the answers so far may be too small: read these too,
        in the same transaction, and decide again. Cannot happen where `further` was told the most."""
        return frozenset().union(*(pool.wanted for pool in self._pools.values()))

    def changes(self) -> tuple[list[Document], list[Document]]:
        """Documents to insert and to replace, each once. Raises RuntimeError while there is something `unread`."""
        if self.unread:
            raise RuntimeError(f"decided without having read {', '.join(sorted(self.unread))}")
        found = [pool.changes() for pool in self._pools.values()]
        return [each for inserts, _ in found for each in inserts], [each for _, replaces in found for each in replaces]

    def _pool(self, quota: Quota, amount: int) -> Pool:
        if amount < 0:
            raise ValueError(f"{quota.id}: {amount} is less than nothing")
        pool = self._pools.get(quota.id)
        if pool is None:
            pool = Pool(quota.id, quota.version, quota.total, self._documents, self._sharers)
            self._pools[quota.id] = pool
        pool.revise(quota.version, quota.total)
        return pool
