"""What holds a rule back: each limit and budget for one event, how much of it is used, and by which events. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, Literal

from shared.rules.budgets import DIGITS
from shared.rules.compiled import Compiled, Gate
from shared.rules.facts import Facts
from shared.rules.language.questions import zone_info
from shared.rules.resuming import Resuming, resuming
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.schedule import Period, period_bounds
from shared.rules.spending import finest, in_money
from shared.rules.timing import in_zone
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
_UNTOLD: Final = "?"
_EVER: Final = datetime.max.replace(tzinfo=UTC)
_ANY: Final = 2**62  # more than anybody uses: what allows none of it allows none whatever the limit is


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a budget in money is used, in units of its currency; things: what those of the rule are worth."""

    most: Decimal
    used: Decimal
    currency: str
    things: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Held:
    """One limit or budget as it stood before the event.

    owner: the rule's or campaign's id; per: member, household or programme; measure: times, points or budget; used: of
    `most`; by: the member's own events that used it, where they are known; again, again_at, ended, until and zone: when
    the rule can give in a new period, see `Resuming`; forgotten: the period is older than all that are kept, and counts
    as used. money: of a budget in money, what it is and how much of it is used; `used` and `most` are then in points
    or, where a rule gives things that are worth some of it, in millionths. counted: what `used` is of what members
    share: all of it before the event (as everything of the member's own is), all of it by now, or the member's own part
    alone.
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
    money: Spent | None = None
    ended: bool = False
    until: datetime | None = None
    counted: Literal["before", "now", "own"] = "before"
    again_at: datetime | None = None
    zone: str | None = None

    @property
    def left(self) -> int:
        """How much it still allowed."""
        return self.most - self.used

    def so_far(self) -> Saying:
        """How much of it was used before the event, or by now; a part of it is never told as if it were all."""
        used = self.used if self.money is None else self.money.used
        if self.counted == "own":
            return say(Phrase.OWN_PART, said=self._of_most(_UNTOLD), used=used)
        return say(Phrase.BY_NOW, said=self._of_most(used)) if self.counted == "now" else self._of_most(used)

    def _of_most(self, used: Value) -> Saying:
        if self.money is not None:
            return say(Phrase.LIMIT_MONEY, used=used, most=self.money.most, currency=self.money.currency)
        if self.measure == "budget":
            return say(Phrase.LIMIT_BUDGET, used=used, most=self.most)
        what = Phrase.LIMIT_POINTS if self.measure == "points" else Phrase.LIMIT_TIMES
        period, of = say(_PERIODS[self.period]), say(_OF.get(self.per, Phrase.OF_ALL))
        return say(what, of=of, period=period, used=used, most=self.most)

    def why(self) -> Saying:
        """Why it allows no more."""
        said = self._said()
        return said if self.forgotten else self.resuming(said)

    def resuming(self, said: Saying) -> Saying:
        """What is said of a bound that is used up, and from when the rule can give again."""
        if self.ended:
            end = self.until
            return say(Phrase.RUNS_NO_MORE, reason=said) if end is None else (
                in_zone(say(Phrase.AGAIN_NEVER, reason=said, end=end), self.zone))  # fmt: skip
        return said if self.again is None else in_zone(say(Phrase.AGAIN_FROM, reason=said, start=self.again), self.zone)

    def _said(self) -> Saying:
        period, events = say(_PERIODS[self.period]), self._events()
        if self.forgotten:
            return say(Phrase.TOO_OLD)
        if self.money is not None:
            amount, currency = self.money.most, self.money.currency
            left_over = amount - self.money.used
            if 0 < left_over < self.money.things:
                return say(Phrase.MONEY_SHORT, amount=amount, currency=currency, left=left_over)
            return say(Phrase.MONEY_SPENT, amount=amount, currency=currency)
        if self.measure == "budget":
            return say(Phrase.BUDGET_SPENT, count=self.most)
        if self.measure == "points" and not self.used:  # it is less than the rule would give at once
            return say(Phrase.POINTS_MOST, count=self.most, period=period)
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
    """Every limit and budget of a rule and its campaign, in the order of `counted_in`."""
    return tuple(_holding(bound, facts, usage, by, compiled, gate) for gate, bound in counted_in(compiled, facts))


def counted_in(compiled: Compiled, facts: Facts) -> list[tuple[Gate, Bound]]:
    """Every limit and budget of a rule and its campaign, as the rule is counted by them."""
    return [(gate, in_money(bound, compiled.worth)) for gate in compiled.gates for bound in bounds(gate.of, facts)]


def by_now(each: Held, bound: Bound, used: int, most: int, worth: Mapping[str, int]) -> Held:
    """As it stands now, by the newest version; why it held a rule back stays as it was said. used, most: in the
    smallest units that anybody counts it in; what is left is rounded down to what the rule can use of it."""
    unit, money = finest(bound)[1], _spent(bound, used, worth, 1)
    if money is not None:
        money = replace(money, most=in_units(most, money.most))
    lasts = max(0, most - used) // unit - max(0, used - most) // unit
    return replace(each, used=most // unit - lasts, most=most // unit, money=money, counted="now")


def of_total(each: Held, bound: Bound, most: int, given: int, worth: Mapping[str, int]) -> Held:
    """The same of another total, in the smallest units: as much was left of it, and at least what was given, which the
    first total may never have allowed."""
    unit = finest(bound)[1]
    left, money = max(each.left, given) * unit, _spent(bound, 0, worth)
    if money is not None:
        total = in_units(most, money.most)
        money = replace(money, most=total, used=in_units(most - left, total))
    return replace(each, most=most // unit, used=(most - left) // unit, money=money)


def own_part(each: Held, bound: Bound, used: int, worth: Mapping[str, int]) -> Held:
    """What the member used of it, where nobody knows of the others."""
    return replace(each, used=used, money=_spent(bound, used, worth), counted="own")


def alone(bound: Bound, used: int) -> Held:
    """A limit or budget by itself, of which so much is used."""
    money = _spent(bound, used, {})
    named = (bound.key, bound.owner, bound.per, bound.measure, bound.period, bound.bucket)
    return Held(*named, bound.most, used, money=money)


def _holding(bound: Bound, facts: Facts, usage: Usage, by: UsedBy, compiled: Compiled, gate: Gate) -> Held:
    used = bound.most - usage.left(bound, bound.most)
    then = Resuming()
    if bound.period != "ever":
        zone = zone_info(gate.of.schedule.time_zone)
        day = period_bounds(bound.period, facts.today(zone))[1]
        then = resuming(day, zone or facts.zone, [each.of.schedule for each in compiled.gates], facts.zone)
    events = tuple(by.get((bound.key, bound.bucket), ()))
    return Held(
        bound.key, bound.owner, bound.per, bound.measure, bound.period, bound.bucket, bound.most, used, events,
        then.again, bound.per == "member" and usage.left(bound._replace(most=_ANY), 1) < 1,
        _spent(bound, used, compiled.worth), then.ended, then.until, again_at=then.at, zone=then.zone,
    )  # fmt: skip


def lasting(by: Held, bounds: Sequence[Held]) -> Held:
    """What held a rule back, with the time from which none does: a day's limit says nothing of tomorrow where the
    week's is used, too."""
    spent = [each for each in bounds if each.left <= 0 and each is not by]
    if by.again is None or not spent:
        return by
    longest = max((by, *spent), key=_in_time)
    return replace(
        by, again=longest.again, again_at=longest.again_at, ended=longest.ended, until=longest.until, zone=longest.zone
    )


def _in_time(each: Held) -> tuple[bool, datetime]:
    """When none is told, it is never. By instants: a campaign's day may be of another zone than the rule's."""
    return (True, _EVER) if each.again_at is None else (False, each.again_at)


def _spent(bound: Bound, used: int, worth: Mapping[str, int], unit: int | None = None) -> Spent | None:
    """Of a budget in money. unit: how many millionths one of what is used is; points that are used took their cost."""
    budget = bound.budget
    if budget is None or budget.money is None:
        return None
    most, currency = budget.money.value, budget.money.currency
    spent = in_units(used * (finest(bound)[1] if unit is None else unit), most)
    return Spent(most, spent, currency, Decimal(worth.get(currency, 0)).scaleb(-DIGITS).normalize())


def in_units(millionths: int, like: Decimal) -> Decimal:
    """Of a currency, with as many decimals as another amount of it."""
    return _as_written(Decimal(millionths).scaleb(-DIGITS).normalize(), like)


def _as_written(amount: Decimal, like: Decimal) -> Decimal:
    """With as many decimals as another amount is written with; more where it needs them."""
    return amount.quantize(like) if amount == amount.quantize(like) else amount.normalize()
