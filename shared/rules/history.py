"""History: what rules ask about a member's earlier events, counted by period in the member's document. Pure.

A counter follows from the definitions: whoever asks `history.sum(basket.eligible, this_month)` makes one. A member's
document holds, for each counter by its key, a bucket for each period that had something to count:

    count, sum     how many, or the sum in ten-thousandths (whole numbers: exact in any database)
    distinct       the different values, at most 1,000
    first, last    [earliest, latest] local date

An event counts in the period of its own local time, whenever it arrives. `count`, `sum`, `distinct` and `streak`
include the event that is being decided; `first` and `last` tell of those before it, and are unknown where a later day
is all that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.schedule import Period, period_key

if TYPE_CHECKING:
    from shared.rules.facts import Asked, Facts

Aggregate = Literal["count", "sum", "distinct", "dates"]
_SCALE: Final = 10_000
_MOST_VALUES: Final = 1_000
# How many buckets are kept behind the newest: what is older than any window asks for, with room for late events.
_KEPT: Final[Mapping[Period, int]] = {"day": 800, "week": 160, "month": 40, "quarter": 40, "year": 40, "ever": 1}


class OfLines(NamedTuple):
    """What `distinct` tells apart of the lines: the field, and its values on the lines that fit."""

    field: str
    values: Callable[[Facts], frozenset[str]]


@dataclass(frozen=True, eq=False)
class Counter:
    """Something that is counted: what, of which events (or of their lines: `spelt` is then a filter of lines), by which
    period, in which zone (None: the programme's)."""

    aggregate: Aggregate
    period: Period
    value: Asked | None
    where: Callable[[Facts], bool]
    spelt: str
    kinds: frozenset[str]
    zone: ZoneInfo | None
    asks: tuple[Asked, ...] = ()
    of_lines: OfLines | None = None

    @property
    def key(self) -> str:
        """What its buckets are filed under: the same for the same words, in every process and release."""
        of = self.value.label if self.value else self.of_lines.field if self.of_lines else ""
        said = f"{self.aggregate}|{of}|{self.period}|{self.spelt}|{self.zone or ''}"
        return blake2b(said.encode(), digest_size=6).hexdigest()

    def bucket(self, facts: Facts) -> str:
        """The period of the event."""
        return period_key(self.period, facts.today(self.zone))

    def part(self, facts: Facts) -> Any:
        """What the event adds: a number, values, a date; None when it is not counted."""
        if facts.kind not in self.kinds or not self.where(facts):
            return None
        if self.aggregate == "count":
            return 1
        if self.aggregate == "dates":
            return facts.today(self.zone).isoformat()
        if self.of_lines is not None:
            return tuple(sorted(self.of_lines.values(facts))) or None
        assert self.value is not None
        value = facts.get(self.value)
        if value is None:
            return None
        return (value,) if self.aggregate == "distinct" else int(value * _SCALE)


def note(history: MutableMapping[str, dict[str, Any]], counter: Counter, key: str, facts: Facts) -> None:
    """Counts the event in a member's history; an event that does not fit leaves the counter there, empty."""
    buckets = history.setdefault(key, {})
    part = counter.part(facts)
    if part is None or (part == 0 and counter.aggregate == "sum"):  # as what came back leaves no trace
        return
    bucket = counter.bucket(facts)
    buckets[bucket] = _added(counter.aggregate, buckets.get(bucket), part)
    if len(buckets) > _KEPT[counter.period] + 20:
        for old in sorted(buckets)[: -_KEPT[counter.period]]:
            del buckets[old]


def unnote(
    history: MutableMapping[str, dict[str, Any]], counter: Counter, key: str, was: Facts, now: Facts | None
) -> bool:
    """Takes back what an event that was counted does not say any more; now: what is left of it, None for nothing.

    False where that cannot be told from what is kept (whether another event has the same value, or the same day): then
    the counter has to be counted again.
    """
    part, left = counter.part(was), None if now is None else counter.part(now)
    if part == left:
        return True
    if counter.aggregate not in ("count", "sum"):
        return False
    buckets, bucket = history.setdefault(key, {}), counter.bucket(was)
    if part is not None and bucket not in buckets:
        return True  # older than all that is kept
    total = buckets.get(bucket, 0) - (part or 0) + (left or 0)
    if total:
        buckets[bucket] = total
    else:
        buckets.pop(bucket, None)
    return True


def _added(aggregate: Aggregate, held: Any, part: Any) -> Any:
    if aggregate in ("count", "sum"):
        return (held or 0) + part
    if aggregate == "distinct":
        values = list(held or ())
        values += [each for each in part if each not in values][: max(0, _MOST_VALUES - len(values))]
        return values
    first, last = held or (part, part)
    return [min(first, part), max(last, part)]


Window = Callable[[Mapping[str, Any], date], list[Any]]
"""The buckets that a window holds, of a counter, on a local day."""


def this(period: Period) -> Window:
    """The day's own period: this week, this month ..., ever."""

    def held(buckets: Mapping[str, Any], today: date) -> list[Any]:
        found = buckets.get(period_key(period, today))
        return [] if found is None else [found]

    return held


def days(number: int) -> Window:
    """The last so many days, today included."""

    def held(buckets: Mapping[str, Any], today: date) -> list[Any]:
        first, last = (today - timedelta(days=number - 1)).isoformat(), today.isoformat()
        return [part for day, part in buckets.items() if first <= day <= last]

    return held


def since(day: str) -> Window:
    """From a date on, to the day of the event."""

    def held(buckets: Mapping[str, Any], today: date) -> list[Any]:
        last = today.isoformat()
        return [part for each, part in buckets.items() if day <= each <= last]

    return held


def reader(counter: Counter, function: str, window: Window) -> Callable[[Facts], Any]:
    """Reads a counter over a window: what `history.count`, `sum`, `distinct`, `first` and `last` answer."""
    key = counter.key
    if function in ("first", "last"):

        def day(facts: Facts) -> str | None:
            today = facts.today(counter.zone)
            return _date(function, window(facts.member.history.get(key, {}), today), today.isoformat())

        return day

    def read(facts: Facts) -> Any:
        buckets = facts.member.history.get(key, {})
        part = counter.part(facts)
        if part is not None:
            mine = counter.bucket(facts)
            buckets = {**buckets, mine: _added(counter.aggregate, buckets.get(mine), part)}
        parts = window(buckets, facts.today(counter.zone))
        if counter.aggregate == "distinct":
            return len({value for values in parts for value in values})
        total = sum(parts)
        return total if counter.aggregate == "count" else Decimal(total) / _SCALE

    return read


def _date(function: str, parts: list[Any], today: str) -> str | None:
    """The day, where it is not after the event's own: of one that comes late nobody knows what was the last before."""
    if not parts:
        return None
    day: str = min(part[0] for part in parts) if function == "first" else max(part[1] for part in parts)
    return day if day <= today else None


def streak(counter: Counter) -> Callable[[Facts], int]:
    """How many of the counter's periods in a row, up to the event's, have something; one that the event itself does
    not add to may still be open, and is left out."""
    key = counter.key

    def read(facts: Facts) -> int:
        buckets, today = facts.member.history.get(key, {}), facts.today(counter.zone)
        length, day = 0, today
        mine = counter.bucket(facts)
        if counter.part(facts) is not None or mine in buckets:
            length += 1
        day = _before(counter.period, today)
        while period_key(counter.period, day) in buckets:
            length, day = length + 1, _before(counter.period, day)
        return length

    return read


def _before(period: Period, day: date) -> date:
    """A day of the period before."""
    if period == "day":
        return day - timedelta(days=1)
    if period == "week":
        return day - timedelta(days=7)
    return day.replace(day=1) - timedelta(days=1)
