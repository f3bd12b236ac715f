"""What limits and budgets that members share still allowed for an event that was posted. Pure.

Nobody but the journal remembers that: an entry says what was held back, and by which limit or budget. Of what campaigns
held back it says nothing; there the limits are told as they stand now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shared.ops.past import Won
from shared.rules import packs
from shared.rules.definition import Rule
from shared.rules.rulebook import Ruleset
from shared.rules.usage import Bound, Shared


class Remembered:
    """The shared uses before an entry.

    posted: what its rules gave; passed: what the journal says was held back; else: what answers for other limits.
    """

    def __init__(self, entry: Mapping[str, Any], posted: Iterable[Won], rules: Ruleset, otherwise: Shared) -> None:
        self._otherwise = otherwise
        self._left: dict[str, int] = {}
        campaign = {each.id: each.campaign for each in rules.of(Rule)}
        won = list(posted)
        for passed in entry.get("passed", ()):
            if passed["verdict"] == packs.MEASURE:
                self._left[passed["by"]] = _drawn(entry, passed["by"])
            elif passed["verdict"] in ("limit", "budget") and passed["by"] is not None:
                owner, _, measure, _ = passed["by"].split(":")
                mine = [each for each in won if owner in (each.rule, campaign.get(each.rule))]
                self._left[passed["by"]] = len(mine) if measure == "times" else sum(each.points for each in mine)

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        if bound.key in self._left:
            return min(want, self._left[bound.key])
        return self._otherwise.left(scope, bound, want)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """See `shared.rules.usage.Shared`."""
        if bound.key in self._left:
            self._left[bound.key] = max(0, self._left[bound.key] - amount)
        self._otherwise.use(scope, bound, amount)


def _drawn(entry: Mapping[str, Any], key: str) -> int:
    """What the entry's points took of a pack: where one was used up, so many were left of it."""
    _, partner, wallet = key.partition(":")[0].split(".")
    mine = (each for each in entry["postings"] if each["account"] == f"partner:{partner}:prepaid")
    return sum(-each["amount"] for each in mine if each["wallet"] == wallet)


class Granted:
    """The shared uses of campaigns: what was granted for the event was allowed; of the rest, how it stands now."""

    def __init__(self, granted: Iterable[Won], rules: Ruleset, now: Shared) -> None:
        campaign = {each.id: each.campaign for each in rules.of(Rule)}
        self._allowed = {owner for won in granted for owner in (won.rule, campaign.get(won.rule))}
        self._now = now

    def left(self, scope: str, bound: Bound, want: int) -> int:
        """See `shared.rules.usage.Shared`."""
        return want if bound.owner in self._allowed else self._now.left(scope, bound, want)

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """Nothing of now is used."""
