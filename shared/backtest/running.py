"""Runs a comparison: one pass over the entries; the draft is decided, the other side too or as it was posted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.backtest.costs import Costs
from shared.backtest.engine import Engine
from shared.backtest.entries import Entry
from shared.backtest.posting import Posted
from shared.backtest.tally import Alike, Tally
from shared.backtest.withheld import noted


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant on and up to another, by event time; None: from the first, to the last."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, time: datetime) -> bool:
        """Whether an event's time is within."""
        return (self.start is None or time >= self.start) and (self.end is None or time < self.end)


def merges_in(span: Span, merges: Iterable[datetime]) -> dict[str, int]:
    """How many of these merges were within a span, and how many before it; nothing where none were."""
    known = [each for each in merges if span.end is None or each < span.end]
    within = sum(span.holds(each) for each in known)
    return {"within": within, "before": len(known) - within} if known else {}


@dataclass(slots=True)
class Outcome:
    """What both sides came to, and what was counted: events, grants not among them, and their members."""

    draft: Tally
    other: Tally
    events: int = 0
    members: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    warmed_up: int = 0


def run(
    entries: Iterable[Entry],
    draft: Engine,
    other: Engine | None,
    span: Span,
    zone: ZoneInfo,
    costs: tuple[Costs, Costs],
    handing: Engine | None = None,
) -> Outcome:
    """Replays the entries under the draft; against another rulebook, or (None) against what the ledger posted.

    What goes back counts when its purchase did. What is outside of the span is replayed as well, for limits, history
    and progress, but not counted. costs: of the draft's points, and of the other side's. handing: decides anew the
    things that the rules of the time gave, as the ledger knows only points. Both sides' segments are the draft's, as
    they are when the entry comes.
    """
    found, always = Outcome(Tally(costs[0]), Tally(costs[1])), span.start is None and span.end is None
    both = Alike(found.draft, found.other)
    for entry in entries:
        posted, member, time = draft.take(entry), entry.member, entry.time
        counted = always or span.holds(time)
        segments = draft.segments(member, time)
        alike = counted and other is None and _is_alike(posted, entry)
        if alike:
            both.give(member, time, posted[0].day, entry.awards, segments)
        for each in posted:
            first = alike and each is posted[0]
            if first and not (each.held or each.handed):  # as nearly always
                continue
            if always or span.holds(each.time):
                of = segments if each.member == member else draft.segments(each.member, time)
                _count(found.draft, each, of, given=first)
        if counted:
            _note(found, entry)
        if other is not None:
            for each in other.take(entry):
                if span.holds(each.time):
                    _count(found.other, each, draft.segments(each.member, time))
            continue
        for each in handing.take(entry) if handing is not None else ():
            if each.handed and span.holds(each.time):
                found.other.hand(each.member, each.day, each.handed, draft.segments(each.member, time))
        if counted and entry.awards and not alike:
            day = posted[0].day if posted and entry.event is not None else time.astimezone(zone).date()
            found.other.give(member, time, day, entry.awards, segments)
        if counted and entry.passed:
            found.other.hold(noted(entry.passed, entry.awards))
        taken = entry.taken
        if taken is not None and taken.awards and (always or span.holds(taken.at)):
            day = taken.at.astimezone(zone).date()
            found.other.give(member, taken.at, day, taken.awards, segments)
    both.settle()
    return found


def _is_alike(posted: Sequence[Posted], entry: Entry) -> bool:
    """Whether what an event earns is, to the award, what the ledger posted."""
    return (
        entry.event is not None and bool(posted) and posted[0].awards == entry.awards and posted[0].time == entry.time
    )


def _count(tally: Tally, posted: Posted, segments: frozenset[str], *, given: bool = False) -> None:
    """given: its awards are counted already."""
    if posted.awards and not given:
        tally.give(posted.member, posted.time, posted.day, posted.awards, segments)
    if posted.handed:
        tally.hand(posted.member, posted.day, posted.handed, segments)
    if posted.held:
        tally.hold(posted.held)


def _note(found: Outcome, entry: Entry) -> None:
    if entry.event is None:
        return
    found.events += 1
    found.members.add(entry.member)
    time = entry.time
    if found.first is None or found.last is None:
        found.first = found.last = time
    elif time > found.last:  # as nearly always
        found.last = time
    elif time < found.first:
        found.first = time
