"""Which total of a budget counted when something was decided: that of the highest version that was seen by then. Pure.

Events come late, and versions are published for times past: the version by which a rule is told of an event is not
always the one whose total held it back. Which versions had been seen by then is in no journal; those that were not
published yet, or not in force yet, had not been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from shared.rules.as_known import Published
from shared.rules.bounds import Budget
from shared.rules.definition import Bounded, Definition
from shared.rules.spending import finest
from shared.rules.usage import Bound

_ALL: Final = datetime.max.replace(tzinfo=UTC)


class Total(NamedTuple):
    """A budget's total, in the smallest units that anybody counts it in. then: whether it is known to have counted when
    the event was decided; else it is the newest."""

    most: int
    then: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """versions: all of them; published: when each was, as far as it is known; decided: when the event was."""

    versions: Sequence[Definition] = ()
    published: Published = field(default_factory=dict)
    decided: datetime = _ALL

    def of(self, bound: Bound, newest: int | None, least: int) -> Total:
        """The total of a budget that held a rule back. newest: what counts by now, where that is known; least: so much
        of it must have been there, as it was given."""
        mine = list(self._same_counter(bound))
        seen = [(each, most) for each, most in mine if self._may_have_been_seen(each, bound)]
        if newest is not None:  # a version that nobody has seen by now was not seen then
            last = max((each.version for each, most in mine if most == newest), default=None)
            seen = [each for each in seen if last is None or each[0].version <= last]
        mosts = {most for _, most in seen if most >= least}
        if len(mosts) < 2:
            return Total(next(iter(mosts), finest(bound)[0].most), then=True)
        return Total(max(seen, key=lambda each: each[0].version)[1] if newest is None else newest, then=False)

    def _same_counter(self, bound: Bound) -> Iterator[tuple[Definition, int]]:
        """Versions that say how much of the same there is: a budget in another currency is another counter."""
        for each in self.versions:
            budget = each.budget if isinstance(each, Bounded) and each.id == bound.owner else None
            if budget is not None and _currency(budget) == _currency(bound.budget):
                yield each, budget.points or budget.in_millionths

    def _may_have_been_seen(self, each: Definition, bound: Bound) -> bool:
        if each.version == bound.version:
            return True
        if each.version < bound.version:  # the event may have been decided by it, where nobody knows otherwise
            return (bound.owner, bound.version) not in self.published
        published = self.published.get((each.id, each.version), each.effective)
        return max(published, each.effective) <= self.decided


def _currency(budget: Budget | None) -> str | None:
    return None if budget is None or budget.money is None else budget.money.currency
