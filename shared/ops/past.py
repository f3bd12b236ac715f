"""A member's past, as it is rebuilt: what each service knew of them, and which events used what of limits. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.rules.member import Member
from shared.rules.merging import add
from shared.rules.spending import finest
from shared.rules.usage import Bound, MemberUsage, Shared, left, use


class Tally:
    """What the member themselves used of what members share: more than that nobody can tell from their journal."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], dict[str, int]] = {}

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        fine, unit = finest(bound)
        return left(self._used.get((scope, bound.key), {}), fine, want * unit) // unit

    def used(self, scope: str, bound: Bound) -> int:
        """How much that is, in the smallest units that anybody counts the bound in."""
        return self._used.get((scope, bound.key), {}).get(bound.bucket, 0)

    def add(self, other: Tally, sign: int = 1) -> None:
        """What somebody else used, who is one with the member from now on; with -1, no more."""
        for key, buckets in other._used.items():
            add(self._used.setdefault(key, {}), buckets, sign)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`."""
        fine, unit = finest(bound)
        use(self._used.setdefault((scope, bound.key), {}), fine, amount * unit)


class Counted:
    """Usage that notes which event used what."""

    def __init__(self, document: dict[str, Any], shared: Shared, household: str | None, side: Side, event: str) -> None:
        self._usage, self._side, self._event = MemberUsage(document, shared, household), side, event

    def left(self, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Usage`."""
        return self._usage.left(bound, want)

    def use(self, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Usage`."""
        self._usage.use(bound, amount)
        by = self._side.by.setdefault((bound.key, bound.bucket), {})
        by[self._event] = by.get(self._event, 0) + amount

    def less(self, bound: Bound, amount: int, event: str) -> None:
        """So much is used no more by an event that came back; one of which nothing is left used nothing."""
        self._usage.use(bound, -amount)
        lessen(self._side.by.get((bound.key, bound.bucket), {}), event, amount)


def lessen(by: dict[str, int], event: str, amount: int) -> None:
    """An event used so much less; nothing is kept of one that used nothing."""
    if by.get(event, 0) > amount:
        by[event] -= amount
    else:
        by.pop(event, None)


@dataclass(slots=True)
class Side:
    """What one service (earn, or campaigns) knows: its document of the member, and which events used what.

    by: of each bound (its key and bucket) how much each event used, oldest first.
    """

    document: dict[str, Any]
    tally: Tally = field(default_factory=Tally)
    by: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def used_by(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """As it is now, see `holding.UsedBy`: an event that used a limit in times twice is there twice."""
        return {
            key: tuple(event for event, n in by.items() for _ in range(n if key[0].split(":")[2] == "times" else 1))
            for key, by in self.by.items()
        }

    def usage(self, event: str, household: str | None, shared: Shared | None = None) -> Counted:
        """As an event finds it."""
        return Counted(self.document, shared or self.tally, household, self, event)


@dataclass(slots=True)
class Past:
    """Everything before an event. merged: those who were merged into the member, as they were then, also those who came
    along with others; entries: the member's and theirs, as far as they are past."""

    earn: Side
    campaigns: Side
    merged: dict[str, Past] = field(default_factory=dict)
    entries: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def member(self) -> Member:
        """The member as rules saw them."""
        return Member(self.earn.document)

    @property
    def household(self) -> str | None:
        """Theirs, where it is known."""
        found: str | None = self.member.profile("household")
        return found


@dataclass(frozen=True, slots=True)
class Won:
    """What a rule gave for one event, as it was posted: points of all wallets, by the version of that time."""

    rule: str
    version: int
    points: int
