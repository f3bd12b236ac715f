"""What limits and budgets that members share still allowed for an event that was posted. Pure.

Nobody but the journal remembers that: an entry says what was held back, and by which limit or budget. Of what campaigns
held back it says nothing; their own record of a purchase does (`shared.ops.recorded`), and of what they keep no record
it is found out from what was granted, and from how the limits stand now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from typing import Any

from shared.ops.past import Won
from shared.rules import packs
from shared.rules.definition import Rule
from shared.rules.rulebook import Ruleset
from shared.rules.spending import cost_of_point, finest, worth
from shared.rules.usage import Bound, Shared, Standings


class _Given:
    """What rules gave, and what of it was taken of each limit or budget of theirs or of their campaign."""

    def __init__(self, won: Iterable[Won], rules: Ruleset) -> None:
        known = {each.id: each for each in rules.of(Rule)}
        self._won = [(each, known.get(each.rule)) for each in won]
        self.owners = {owner for each, rule in self._won for owner in (each.rule, rule.campaign if rule else None)}

    def taken(self, bound: Bound) -> int:
        """In the smallest units that anybody counts the bound in: times, points, or millionths of its money."""
        mine = [(won, rule) for won, rule in self._won if bound.owner in (won.rule, rule.campaign if rule else None)]
        if bound.measure == "times":
            return len(mine)
        fine, unit = finest(bound)
        budget = fine.budget
        currency = budget.money.currency if budget is not None and budget.money is not None else ""
        things = sum(worth(rule.things).get(currency, 0) for _, rule in mine if rule is not None)
        points = sum(won.points for won, _ in mine)
        return points * (_cost(fine) if fine.exact else unit) + (things if fine.exact else 0)


def _cost(bound: Bound) -> int:
    return cost_of_point(bound.budget) or 0


class Remembered:
    """The shared uses before an entry.

    posted: what its rules gave; passed: what the journal says was held back; else: what answers for other limits.
    """

    def __init__(self, entry: Mapping[str, Any], posted: Iterable[Won], rules: Ruleset, otherwise: Shared) -> None:
        self._otherwise = otherwise
        self._given = _Given(posted, rules)
        self._told = set[str]()
        self._left: dict[str, int] = {}
        for passed in entry.get("passed", ()):
            if passed["verdict"] == packs.MEASURE:
                self._left[passed["by"]] = _drawn(entry, passed["by"])
            elif passed["verdict"] in ("limit", "budget") and passed["by"] is not None:
                self._told.add(passed["by"])

    def knows(self, key: str) -> bool:
        """Whether the journal says how much all had left for the entry."""
        return key in self._told or key in self._left

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        if bound.key in self._told:
            self._left.setdefault(bound.key, self._given.taken(bound))
        if bound.key in self._left:
            return min(want, self._left[bound.key] // finest(bound)[1])
        return self._otherwise.left(scope, bound, want)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`."""
        if bound.key in self._left:
            self._left[bound.key] = max(0, self._left[bound.key] - amount * finest(bound)[1])
        self._otherwise.use(scope, bound, amount)


def _drawn(entry: Mapping[str, Any], key: str) -> int:
    """What the entry's points took of a pack: where one was used up, so many were left of it."""
    _, partner, wallet = key.partition(":")[0].split(".")
    mine = (each for each in entry["postings"] if each["account"] == f"partner:{partner}:prepaid")
    return sum(-each["amount"] for each in mine if each["wallet"] == wallet)


class Stood(IntEnum):
    """How the limits that members share may have stood for what was granted, the likeliest first.

    ample: they allowed all of it. short: those that are used up by now allowed just what was granted. tight: all did.
    """

    AMPLE = 0
    SHORT = 1
    TIGHT = 2


class Granted:
    """The shared uses of campaigns: what was granted for the event was allowed; of the rest, how it stands now.

    cut: keys of limits and budgets of which it is on record that they cut something: no more was left of them.
    """

    def __init__(
        self,
        granted: Iterable[Won],
        rules: Ruleset,
        now: Shared,
        stood: Stood = Stood.AMPLE,
        cut: Collection[str] = (),
    ) -> None:
        self._given = _Given(granted, rules)
        self._now, self._stood, self._cut = now, stood, cut
        self._left: dict[tuple[str, str], int] = {}

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        if bound.owner not in self._given.owners:
            return self._now.left(scope, bound, want)
        key = scope, bound.key
        if key not in self._left:
            spent = self._stood is Stood.SHORT and self._now.left(scope, bound, want) < want
            if not spent and self._stood is not Stood.TIGHT and bound.key not in self._cut:
                return want
            self._left[key] = self._given.taken(bound)
        return min(want, self._left[key] // finest(bound)[1])

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """Of what was granted, so much is used; nothing of now is."""
        key = scope, bound.key
        if key in self._left:
            self._left[key] = max(0, self._left[key] - amount * finest(bound)[1])


class Refused:
    """The shared uses of campaigns where one bound is known to have refused a rule: of that nothing was left, or too
    little for things that are worth some of it; of the rest, how it stands now."""

    def __init__(self, by: str, now: Shared) -> None:
        self._by, self._now = by, now

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`; how much was too little nobody knows: it is told by what is left now."""
        left = self._now.left(scope, bound, want)
        if bound.key != self._by:
            return left
        return min(left, 1) if bound.exact and isinstance(self._now, Standings) else 0

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`; nothing of now is used."""


class Whole:
    """The shared uses where nobody has used anything yet: no rule ever gives more than these allow."""

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        return min(want, bound.most)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`; what is asked once more counts nothing."""
