"""What holds a rule back: each limit and budget for one event, how much of it is used, and by which events. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.rules.compiled import Compiled
from shared.rules.facts import Facts
from shared.rules.language.questions import zone_info
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.schedule import Period, period_bounds
from shared.rules.usage import Bound, Usage, bounds

UsedBy = Mapping[tuple[str, str], Sequence[str]]
"""The events that used a bound, oldest first: by the bound's key and bucket."""
_PERIODS: dict[Period, Phrase] = {
    "day": Phrase.IN_DAY,
    "week": Phrase.IN_WEEK,
    "month": Phrase.IN_MONTH,
    "quarter": Phrase.IN_QUARTER,
    "year": Phrase.IN_YEAR,
    "ever": Phrase.IN_EVER,
}
_OF: Final[Mapping[str, Phrase]] = {"member": Phrase.OF_MEMBER, "household": Phrase.OF_HOUSEHOLD}
_MOST_NAMED: Final = 3
_ANY: Final = 2**62  # more than anybody uses: what allows none of it allows none whatever the limit is


@dataclass(frozen=True, slots=True)
class Held:
    """One limit or budget as it stood before the event.

    owner: the rule's or campaign's id; per: member, household or programme; measure: times, points or budget; used: of
    `most`; by: the member's own events that used it, where they are known; again: the first day on which a new period
    begins; forgotten: the period is older than all that are kept, and counts as used.
    """

    key: str
    owner: str
    per: str
    measure: str
    period: Period
    bucket: str
    most: int
    used: int
    by: tuple[str, ...] = ()
    again: date | None = None
    forgotten: bool = False

    @property
    def left(self) -> int:
        """How much it still allowed."""
        return self.most - self.used

    def so_far(self) -> Saying:
        """How much of it was used before the event."""
        if self.measure == "budget":
            return say(Phrase.LIMIT_BUDGET, used=self.used, most=self.most)
        what = Phrase.LIMIT_POINTS if self.measure == "points" else Phrase.LIMIT_TIMES
        period, of = say(_PERIODS[self.period]), say(_OF.get(self.per, Phrase.OF_ALL))
        return say(what, of=of, period=period, used=self.used, most=self.most)

    def why(self) -> Saying:
        """Why it allows no more."""
        said = self._said()
        return said if self.again is None or self.forgotten else say(Phrase.AGAIN_FROM, reason=said, start=self.again)

    def _said(self) -> Saying:
        period, events = say(_PERIODS[self.period]), self._events()
        if self.forgotten:
            return say(Phrase.TOO_OLD)
        if self.measure == "budget":
            return say(Phrase.BUDGET_SPENT, count=self.most)
        if self.per == "programme":
            return say(Phrase.ALL_USED, period=period)
        alone = self.measure == "times" and len(self.by) >= self.used  # all that was used, the member used
        if self.per == "household" and not alone:
            return say(Phrase.HOUSEHOLD_USED, period=period)
        if self.measure == "points":
            what = Phrase.POINTS_USED_BY if events else Phrase.POINTS_USED
        else:
            what = Phrase.USED_BY if events else Phrase.USED
        return say(what, count=self.most, period=period, **({"events": events} if events else {}))

    def _events(self) -> tuple[Value, ...]:
        """The latest of them, by the ids that their senders gave them."""
        named = [each.partition("|")[2] or each for each in dict.fromkeys(self.by)]
        return (*(["…"] if len(named) > _MOST_NAMED else []), *named[-_MOST_NAMED:])


def held(compiled: Compiled, facts: Facts, usage: Usage, by: UsedBy) -> tuple[Held, ...]:
    """Every limit and budget of a rule and its campaign."""
    return tuple(
        holding(bound, facts, usage, by, gate.of.schedule.time_zone)
        for gate in compiled.gates
        for bound in bounds(gate.of, facts)
    )


def holding(bound: Bound, facts: Facts, usage: Usage, by: UsedBy, zone: str | None) -> Held:
    """One of them. zone: the definition's own."""
    used = bound.most - usage.left(bound, bound.most)
    again = None
    if bound.period != "ever":
        again = period_bounds(bound.period, facts.today(zone_info(zone)))[1]
    events = tuple(by.get((bound.key, bound.bucket), ()))
    return Held(
        bound.key, bound.owner, bound.per, bound.measure, bound.period, bound.bucket, bound.most, used, events, again,
        bound.per == "member" and usage.left(bound._replace(most=_ANY), 1) < 1,
    )  # fmt: skip
