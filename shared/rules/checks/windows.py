"""Windows that are empty: a schedule that never runs while its version is in force, or never with its campaign's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Expression, Path, expressions, nodes
from shared.rules.checks.reach import question
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.times import timeless
from shared.rules.definition import (
    Base,
    Bonus,
    Bounded,
    Campaign,
    Challenge,
    Definition,
    Draw,
    Earn,
    Rule,
)
from shared.rules.language.syntax import Call, Literal
from shared.rules.localtime import first_instant
from shared.rules.rewards import Thing
from shared.rules.schedule import Schedule
from shared.rules.timetable import BEGIN, END, Timetable
from shared.rules.unsaid import UNSAID

# So many beginnings of a schedule are compared with the other's; if none is common, nobody knows and nothing is said.
_MOST_BEGINNINGS: Final = 400
# A count that begins so long after its rule is a slip of the pen.
_FAR: Final = timedelta(days=50 * 366)


def windows(each: Definition, shelf: Shelf) -> list[Remark]:
    """Of a rule, campaign, referral or draw."""
    found: list[Remark] = []
    until = shelf.until(each)
    if isinstance(each, Bounded):
        found += list(_in_force(each, each.schedule, until, shelf)) or _too_late(each, until, shelf)
    if isinstance(each, Earn | Bonus | Challenge | Campaign) and not found:
        found += _counts_later(each, until, shelf)
    if isinstance(each, Rule) and not found:
        campaign = shelf.campaign(each)
        if campaign is not None:
            found += _with_campaign(each, campaign, until, shelf)
        found += _tickets(each, shelf)
    if isinstance(each, Draw) and each.draws_at <= begin_of(each):
        said = "the draw is over before it is `effective`: no ticket counts; write a later `draws_at`"
        found.append(Remark(("draws_at",), said, "window"))
    return found


def begin_of(each: Base) -> datetime:
    """From when on it is in force; where the publication is to say that, any time is possible."""
    return BEGIN if each.effective == UNSAID else each.effective


def timetable_of(schedule: Schedule, shelf: Shelf) -> Timetable | None:
    """A schedule in its zone; None where nobody knows which that is."""
    zone = shelf.zone if schedule.time_zone is None else ZoneInfo(schedule.time_zone)
    return None if zone is None else schedule.timetable(zone)


def _in_force(each: Definition, schedule: Schedule, until: datetime | None, shelf: Shelf) -> Iterator[Remark]:
    timetable = None if timeless(schedule) else timetable_of(schedule, shelf)
    begins = begin_of(each)
    if timetable is None or _starts(timetable, begins, until or END):
        return
    if shelf.zone is not None and (gap := schedule.skipped(shelf.zone)):
        yield Remark(("schedule",), gap, "window")
        return
    begin = f"it is `effective` from {begins.isoformat()}"
    if until is not None and _starts(timetable, begins, END):
        said = f"it never runs while this version is in force: the next one takes over at {until.isoformat()}"
        yield Remark(("schedule",), f"{said}; change `schedule` or `effective`", "window")
    else:
        yield Remark(("schedule",), f"it never runs: {begin}; end `schedule` later or begin earlier", "window")


def _too_late(each: Bounded, until: datetime | None, shelf: Shelf) -> Iterator[Remark]:
    """What it needs and what is in force only when it runs no longer: the programme itself, whom it is for, and what it
    gives."""
    timetable = timetable_of(each.schedule, shelf)
    for path, id_ in _needed(each, shelf):
        other = shelf.newest.get(id_)
        # Before its version that is among these, an older one may be in force.
        if timetable is None or other is None or not shelf.first(other):
            continue
        begins = begin_of(other)
        if begins > begin_of(each) and not _starts(timetable, begins, until or END):
            said = f"{id_} is `effective` from {begins.isoformat()}, when this runs no longer"
            yield Remark(path, f"{said}; end `schedule` later, or let {id_} be `effective` earlier", "window")
            return


def _needed(each: Bounded, shelf: Shelf) -> Iterator[tuple[Path, str]]:
    if shelf.programme is not None:
        yield ("schedule",), shelf.programme.id
    if each.segment is not None:
        yield ("segment",), each.segment
    for number, effect in enumerate(each.then if isinstance(each, Rule) else ()):
        if isinstance(effect, Thing) and effect.message is not None:
            yield ("then", number, "message"), effect.message
        if isinstance(effect, Thing) and effect.tickets is not None:
            yield ("then", number, "tickets", "draw"), effect.tickets.draw


def _counts_later(each: Earn | Bonus | Challenge | Campaign, until: datetime | None, shelf: Shelf) -> Iterator[Remark]:
    """Of history counted since a date on which the rule runs no longer, or to which nobody looks ahead."""
    zone, timetable = shelf.zone, timetable_of(each.schedule, shelf)
    if each.schedule.time_zone is not None:
        zone = ZoneInfo(each.schedule.time_zone)
    if zone is None or timetable is None:
        return
    known = [one.effective for one in (each, shelf.programme) if one is not None and one.effective != UNSAID]
    for text in expressions(each):
        for node, day in _since(text):
            first = first_instant(datetime(day.year, day.month, day.day), zone)
            span = (node.at, node.end)
            if not _starts(timetable, max(first, begin_of(each)), until or END):
                said = f"nothing is ever counted: the rule does not run on {day} or later; write an earlier date"
                yield Remark(text.path, said, "never", "error", span)
            elif known and first > known[0] + _FAR:
                said = f"nothing is counted before {day}, more than 50 years ahead; write an earlier date"
                yield Remark(text.path, said, "window", "warning", span)


def _since(text: Expression) -> Iterator[tuple[Call, date]]:
    for node in nodes(text.tree) if text.scope == "event" else ():
        if isinstance(node, Call) and node.function == "since" and isinstance(node.arguments[0], Literal):
            yield node, date.fromisoformat(str(node.arguments[0].value))


def _starts(timetable: Timetable, begin: datetime, end: datetime) -> bool:
    """Whether it runs at some time from one instant to another."""
    return timetable.runs(begin) or timetable.next_start(begin, end) is not None


def _with_campaign(rule: Rule, campaign: Campaign, until: datetime | None, shelf: Shelf) -> Iterator[Remark]:
    one, other = timetable_of(rule.schedule, shelf), timetable_of(campaign.schedule, shelf)
    if one is None or other is None:
        return
    begin, end = max(begin_of(rule), begin_of(campaign)), until or END
    meet = begin < end and question([campaign, rule], rule, shelf).can_hold()
    if meet and _common(one, other, begin, end) is not False:
        return
    said = f"it never runs while its campaign {campaign.id} does; change the `schedule` of one of them"
    yield Remark(("campaign",) if timeless(rule.schedule) else ("schedule",), said, "window")


def _common(one: Timetable, other: Timetable, begin: datetime, end: datetime) -> bool | None:
    """Whether both run at some time; None where that cannot be told. They begin to run together when one begins."""
    if one.runs(begin) and other.runs(begin):
        return True
    for mine, theirs in ((one, other), (other, one)):
        after = begin
        for _ in range(_MOST_BEGINNINGS):
            found = mine.next_start(after, end)
            if found is None:
                break
            if theirs.runs(found):
                return True
            after = found
        else:
            return None
    return False


def never_together(one: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether it is sure that the two never run at the same time."""
    mine, theirs = timetable_of(one.schedule, shelf), timetable_of(other.schedule, shelf)
    if mine is None or theirs is None:
        return False
    ends = [each for each in (shelf.until(one), shelf.until(other)) if each is not None]
    begin, end = max(begin_of(one), begin_of(other)), min(ends, default=END)
    return begin >= end or _common(mine, theirs, begin, end) is False


def _tickets(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, Thing) or effect.tickets is None:
            continue
        draw, where = shelf.newest.get(effect.tickets.draw), ("then", number, "tickets", "draw")
        timetable = timetable_of(rule.schedule, shelf)
        if not isinstance(draw, Draw) or timetable is None:
            continue
        drawn = draw.draws_at.isoformat()
        if not _starts(timetable, begin_of(rule), draw.draws_at):
            said = f"{draw.id} is drawn at {drawn}, before the rule runs; begin earlier"
            yield Remark(where, said, "window")
        elif _runs_on(rule, timetable, draw.draws_at, shelf):
            said = (
                f"the rule runs on after {draw.id} is drawn ({drawn}), and gives tickets that count for nothing; end "
                "it with `schedule.until`"
            )
            yield Remark(where, said, "window", "warning")


def _runs_on(rule: Rule, timetable: Timetable, since: datetime, shelf: Shelf) -> bool:
    """Whether it runs at some time from then on, and its campaign does."""
    end, campaign = shelf.until(rule) or END, shelf.campaign(rule)
    other = None if campaign is None else timetable_of(campaign.schedule, shelf)
    if since >= end or (other is not None and not _starts(other, since, end)):
        return False
    return _starts(timetable, since, end)
