"""What members share of limits and budgets, read and written with a batch: households' uses, and leased quotas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from shared.rules import budgets, packs
from shared.rules.compiled import Compiled
from shared.rules.facts import Facts
from shared.rules.quotas import Quota, Quotas
from shared.rules.spending import in_money
from shared.rules.usage import Bound, bounds, left, unuse, use
from shared.runtime.quotas import QUOTAS, read_quotas
from shared.runtime.records import Decision
from shared.runtime.store import Document, Unit

HOUSEHOLDS: Final = "households"


class Wanted(NamedTuple):
    """What one record may touch: its lane, its member's households, and the rules that time and event allow."""

    lane: int
    households: Iterable[str]
    candidates: Iterable[Compiled]
    facts: Facts


class SharedUsage:
    """The shared uses of one batch. packs: whether partners' packs were read; where nobody has, they are ample."""

    def __init__(self, households: dict[str, Document], quotas: Quotas, *, packs: bool = False) -> None:
        self._households = households
        self._packs = packs
        self._known = frozenset(households)
        self._touched: set[str] = set()
        self._quotas = quotas

    def lane(self, number: int) -> Lane:
        """As a record of a partition sees it."""
        return Lane(self, number)

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        if scope == "programme":
            if bound.measure == packs.MEASURE and not self._packs:
                return want
            counter = quota(bound)
            return self._quotas.left(counter, want * counter.step) // counter.step
        return left(self._households.get(scope, {}).get(bound.key, {}), bound, want)

    def used(self, scope: str, bound: Bound) -> tuple[int, int]:
        """See `shared.rules.usage.Standings`; of a budget in money whatever step it is taken in."""
        if scope == "programme":
            counter = quota(bound)
            return self._quotas.used(counter), self._quotas.total(counter)[1]
        buckets = self._households.get(scope, {}).get(bound.key, {})
        return max(buckets.get(bound.bucket, 0), bound.most - left(buckets, bound, bound.most)), bound.most

    def use(self, scope: str, bound: Bound, amount: int, lane: int) -> None:
        """See `shared.rules.usage.Shared`."""
        if scope == "programme":
            if bound.measure == packs.MEASURE and not self._packs:
                return
            counter = quota(bound)
            self._quotas.take(counter, lane, amount * counter.step)
            return
        document = self._households.setdefault(scope, {"_id": scope})
        use(document.setdefault(bound.key, {}), bound, amount)
        self._touched.add(scope)

    def unuse(self, scope: str, bound: Bound, amount: int, lane: int) -> None:
        """See `shared.rules.usage.Refunding`."""
        if scope == "programme":
            counter = quota(bound)
            self._quotas.give_back(counter, lane, amount * counter.step)
        elif scope in self._households and bound.key in self._households[scope]:
            unuse(self._households[scope][bound.key], bound, amount)
            self._touched.add(scope)

    def draw(self, bound: Bound, amount: int, lane: int) -> int:
        """Takes up to an amount, of what all members share; returns how much."""
        return self._quotas.take(quota(bound), lane, amount)

    def give_back(self, bound: Bound, amount: int, lane: int) -> int:
        """Gives back what was drawn; returns how much: never more than was."""
        return self._quotas.give_back(quota(bound), lane, amount)

    def remaining(self, bound: Bound) -> int:
        """How much is left now."""
        return self._quotas.remaining(quota(bound))

    def bought(self, bound: Bound) -> int:
        """How much there ever was."""
        return self._quotas.total(quota(bound))[1]

    def write(self, decision: Decision) -> None:
        """Adds the documents that changed, each once."""
        for id_ in sorted(self._touched):
            (decision.replace if id_ in self._known else decision.insert)(HOUSEHOLDS, self._households[id_])
        inserts, replaces = self._quotas.changes()
        for document in inserts:
            decision.insert(QUOTAS, document)
        for document in replaces:
            decision.replace(QUOTAS, document)


class Lane:
    """The shared uses as one partition's records see them."""

    __slots__ = ("_number", "_shared")

    def __init__(self, shared: SharedUsage, number: int) -> None:
        self._shared, self._number = shared, number

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        return self._shared.left(scope, bound, want)

    def used(self, scope: str, bound: Bound) -> tuple[int, int]:
        """See `shared.rules.usage.Standings`."""
        return self._shared.used(scope, bound)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`."""
        self._shared.use(scope, bound, amount, self._number)

    def unuse(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Refunding`."""
        self._shared.unuse(scope, bound, amount, self._number)


def quota(bound: Bound) -> Quota:
    """The quota that a bound in all is counted by; of a budget in money, its money."""
    if bound.measure == packs.MEASURE:
        return pack_quota(bound)
    budget = bound.budget
    if budget is not None and budget.money is not None:
        money, cost = budget.money, None if bound.exact else budget.cost_per_point
        return budgets.money(bound.owner, bound.version, "ever", money.value, money.currency, cost)
    return Quota(bound.owner, f"{bound.measure}:{bound.period}", bound.bucket, bound.most, bound.version)


def pack_quota(bound: Bound, version: int = 0, total: int = 0) -> Quota:
    """The counter of a pack; version and total are those of a purchase: a draw leaves them as they are."""
    return Quota(bound.owner, bound.measure, bound.bucket, total, version)


async def read_shared(
    unit: Unit, wanted: Iterable[Wanted], sharers: int, drawn: Iterable[tuple[int, Bound]] = ()
) -> SharedUsage:
    """What the batch's records may touch; one round trip a collection, and none where no rule shares anything.

    drawn: what records may draw on besides their rules' limits (partners' packs), with their lanes.
    """
    quotas: dict[Quota, int | None] = {}
    households: set[str] = set()
    lanes: set[int] = set()
    for lane, bound in drawn:
        quotas[quota(bound)] = None
        lanes.add(lane)
    for each in wanted:
        for compiled in each.candidates:
            if not compiled.bounded:
                continue
            for of in compiled.of:
                for bound in bounds(of, each.facts):
                    if bound.per == "programme":
                        quotas[quota(in_money(bound, compiled.worth))] = None
                        lanes.add(each.lane)
                    elif bound.per == "household":
                        households.update(each.households)
    found: dict[str, Any] = await unit.get(HOUSEHOLDS, sorted(households)) if households else {}
    read = await read_quotas(unit, quotas, sorted(lanes), sharers) if quotas else Quotas({}, 1)
    return SharedUsage(found, read, packs=True)
