"""How much of limits and budgets is used: by a member, in their document; by all who share, in documents apart.

A member's uses are `{key: {bucket: n}}` under `uses`, kept for the newest buckets only. What happened before all that
is kept counts as used up: a limit must never be exceeded because of a purchase that comes a year late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from shared.rules.bounds import Budget, Limit
from shared.rules.definition import Bounded
from shared.rules.facts import Facts
from shared.rules.language.questions import zone_info
from shared.rules.member import Member
from shared.rules.schedule import Period, period_key

_KEPT: Final[Mapping[Period, int]] = {"day": 100, "week": 60, "month": 40, "quarter": 20, "year": 20, "ever": 1}
_ROOM: Final = 20


class Bound(NamedTuple):
    """One limit (or budget) of one rule or campaign, for one event: what it is counted under, and the most.

    exact: counted in millionths of the budget's money, rather than in the points that it pays for (see `spending`).
    """

    owner: str
    per: str
    measure: str
    period: Period
    bucket: str
    most: int
    version: int
    budget: Budget | None = None
    exact: bool = False

    @property
    def key(self) -> str:
        """What it is counted under."""
        return f"{self.owner}:{self.per}:{self.measure}:{self.period}"


def bounds(of: Bounded, facts: Facts) -> Sequence[Bound]:
    """What holds a rule or campaign back for this event; found once, however many ask."""
    known = facts.bounds.get(id(of))
    if known is None:
        known = facts.bounds[id(of)] = of, tuple(_bounds(of, facts))  # with `of`, so that its id stays its own
    found: Sequence[Bound] = known[1]
    return found


def _bounds(of: Bounded, facts: Facts) -> Iterator[Bound]:
    for limit in of.limits:
        yield _bound(of, limit, facts)
    if of.budget is not None:
        budget, most = of.budget, of.budget.in_points
        exact = most is None
        most = budget.in_millionths if most is None else most
        yield Bound(of.id, "programme", "budget", "ever", "ever", most, of.version, budget, exact)


def _bound(of: Bounded, limit: Limit, facts: Facts) -> Bound:
    bucket = period_key(limit.period, facts.today(zone_info(of.schedule.time_zone)))
    return Bound(of.id, limit.per, limit.measure, limit.period, bucket, limit.most, of.version)


class Usage(Protocol):
    """What one event may still use, and uses."""

    def left(self, bound: Bound, want: int) -> int:
        """How much of `want` the bound still allows, from 0 to `want`."""
        ...

    def use(self, bound: Bound, amount: int) -> None:
        """So much is used."""
        ...


class Shared(Protocol):
    """What members share: a household's limits, a rule's in all, budgets. Where nothing is shared, `NoneShared`."""

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `Usage.left`; scope: `programme`, or a household."""
        ...

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `Usage.use`."""
        ...


@runtime_checkable
class Standings(Protocol):
    """What knows how much of what members share is used."""

    def used(self, scope: str, bound: Bound) -> tuple[int, int]:
        """How much is used in the bound's period, and of how much: a newer version may allow another most, also less
        than is used. In the smallest units that anybody counts the bound in (see `spending.finest`)."""
        ...


class Refunding(Protocol):
    """What members share, and may give back."""

    def unuse(self, scope: str, bound: Bound, amount: int) -> None:
        """So much is used no more; never more than was."""
        ...


class MemberUsage:
    """A member's usage, in their document. household: theirs, or the member, who is asked only where a bound asks."""

    __slots__ = ("_document", "_household", "_shared")

    def __init__(
        self, document: MutableMapping[str, Any], shared: Shared, household: str | Member | None = None
    ) -> None:
        self._document = document  # looked into where a bound asks: most events have none
        self._shared = shared
        self._household = household

    def left(self, bound: Bound, want: int) -> int:
        """See `Usage.left`."""
        scope = self._scope(bound)
        if scope is None:
            return left(self._document.get("uses", {}).get(bound.key, {}), bound, want)
        return self._shared.left(scope, bound, want)

    def use(self, bound: Bound, amount: int) -> None:
        """See `Usage.use`."""
        scope = self._scope(bound)
        if scope is None:
            use(self._document.setdefault("uses", {}).setdefault(bound.key, {}), bound, amount)
        else:
            self._shared.use(scope, bound, amount)

    def unuse(self, bound: Bound, amount: int, shared: Refunding) -> None:
        """So much is used no more; shared: what gives back what members share."""
        scope = self._scope(bound)
        if scope is not None:
            shared.unuse(scope, bound, amount)
        elif bound.key in (uses := self._document.get("uses", {})):
            unuse(uses[bound.key], bound, amount)
            if not uses[bound.key]:
                del uses[bound.key]

    def _scope(self, bound: Bound) -> str | None:
        """Who shares the bound; None: nobody. A member without a household is a household of one."""
        if bound.per == "programme":
            return "programme"
        if bound.per != "household":
            return None
        of = self._household
        household: str | None = of.profile("household") if isinstance(of, Member) else of
        return household


def left(buckets: Mapping[str, int], bound: Bound, want: int) -> int:
    """How much of `want` is left in a bucket; nothing in one that is older than all that are kept."""
    if bound.bucket not in buckets and len(buckets) >= _KEPT[bound.period] and bound.bucket < min(buckets):
        return 0
    return max(0, min(want, bound.most - buckets.get(bound.bucket, 0)))


def use(buckets: dict[str, int], bound: Bound, amount: int) -> None:
    """Notes a use, and forgets the oldest buckets."""
    buckets[bound.bucket] = buckets.get(bound.bucket, 0) + amount
    if len(buckets) > _KEPT[bound.period] + _ROOM:
        for old in sorted(buckets)[: -_KEPT[bound.period]]:
            del buckets[old]


class Ample:
    """Nothing is shared: for programmes without household limits, limits in all and budgets, and for tests."""

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """All of it."""
        return want

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """Nobody counts."""


def unuse(buckets: dict[str, int], bound: Bound, amount: int) -> None:
    """Takes back a use in the period of its event, as if there had been none; never more than was used."""
    left_over = max(0, buckets.get(bound.bucket, 0) - amount)
    if left_over:
        buckets[bound.bucket] = left_over
    else:
        buckets.pop(bound.bucket, None)
