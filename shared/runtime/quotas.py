"""Reads the quotas that a batch may need: one round trip, and a second only where a quota nears its end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from shared.rules.quotas import Quota, Quotas, further, keys
from shared.runtime.store import Unit

QUOTAS: Final = "quotas"  # the collection of main documents and leases


async def read_quotas(unit: Unit, wanted: Mapping[Quota, int | None], lanes: Collection[int], sharers: int) -> Quotas:
    """The quotas, ready to be taken from within this unit.

    wanted: the quotas that the batch may touch, with the most units that all its records together can want (None where
    nobody knows: all lanes' leases are read then). lanes: the partitions that the records came from. sharers: how
    many partitions there are.
    """
    found = await unit.get(QUOTAS, list(dict.fromkeys(id_ for quota in wanted for id_ in keys(quota, lanes))))
    most: dict[str, int | None] = {}  # two versions of a rule may be in force in one batch, and share a counter
    for quota, of_this in wanted.items():
        before = most.get(quota.id, 0)
        most[quota.id] = None if before is None or of_this is None else before + of_this
    more = {id_ for quota in wanted for id_ in further(quota, found, most[quota.id])}
    if more:
        found = {**found, **await unit.get(QUOTAS, sorted(more))}
    return Quotas(found, sharers)
