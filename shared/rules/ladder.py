"""Where a member stands on a ladder: a pure function of the points of each year and of the time asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.rules.definition import Ladder
from shared.rules.inside import Tier
from shared.rules.schedule import year_start


@dataclass(frozen=True, slots=True)
class Standing:
    """A status and what decided it; no tier when the member is below the lowest."""

    tier: Tier | None
    qualifying: int
    until: datetime


class Qualified(NamedTuple):
    """What an accrual came to on a ladder.

    before, after: the tier held (its id), different where the status changed, which it did at `since`; now: all about
    the standing; reached: tiers that were reached for the first time ever, from the lowest.
    """

    before: str | None
    after: str | None
    since: datetime
    now: Standing
    reached: list[str]


def qualify(ladders: dict[str, Any], ladder: Ladder, points: int, at: datetime, zone: ZoneInfo) -> Qualified:
    """Adds qualifying points to what is kept of a member's ladders, by id.

    A late event counts in its own year, but status is never told for a time that has passed. Tiers are reached by the
    points of the event's own year: one that late events reach for a year gone by is reached too.
    """
    state = state_of(ladders, ladder.id)
    year = str(at.astimezone(zone).year)
    state["years"][year] = state["years"].get(year, 0) + points
    return _counted(state, ladder, highest(ladder, state["years"][year]), at, zone)


def lapse(ladders: dict[str, Any], ladder: Ladder, to: datetime, zone: ZoneInfo) -> Iterator[Qualified]:
    """Ends what is kept of a status that has run out by an instant, at the instant at which it did: a lower one may be
    left, which may have run out as well."""
    state = ladders.get(ladder.id)
    while state is not None and (end := ending(state)) is not None and end <= to:
        lapsed = _told(state, ladder, end, zone)
        if lapsed.after != lapsed.before:
            yield lapsed


def ending(state: Mapping[str, Any]) -> datetime | None:
    """When the status that is kept runs out, unless more points come; None where there is none."""
    return None if state["until"] is None else datetime.fromisoformat(state["until"])


def shift(
    ladders: dict[str, Any], ladder: Ladder, years: Mapping[str, int], at: datetime, zone: ZoneInfo, sign: int = 1
) -> Qualified:
    """Adds qualifying points of several years, which somebody else has earned; with -1 takes them away again.

    The status is that of the instant at which it is done, which is no event's own.
    """
    state = carry(ladders, ladder.id, years, sign)
    best = max((highest(ladder, points) for points in state["years"].values()), key=_height, default=None)
    return _counted(state, ladder, best, at, zone)


def carry(ladders: dict[str, Any], ladder: str, years: Mapping[str, int], sign: int = 1) -> dict[str, Any]:
    """Adds qualifying points of several years, and looks no further; returns what is kept of the ladder."""
    state = state_of(ladders, ladder)
    for year, points in years.items():
        state["years"][year] = state["years"].get(year, 0) + sign * points
        if not state["years"][year]:
            del state["years"][year]
    return state


def state_of(ladders: dict[str, Any], ladder: str) -> dict[str, Any]:
    """What is kept of a member's ladder; of a new one, that nothing was earned on it yet."""
    new: dict[str, Any] = {"years": {}, "tier": None, "until": None, "reached": {}, "latest": None}
    state: dict[str, Any] = ladders.setdefault(ladder, new)
    return state


def _counted(state: dict[str, Any], ladder: Ladder, best: Tier | None, at: datetime, zone: ZoneInfo) -> Qualified:
    """After points were added: the status, for no time that has passed; and what was reached for the first time, up to
    the best tier."""
    latest = max(at, datetime.fromisoformat(state["latest"])) if state["latest"] else at
    told = _told(state, ladder, latest, zone)
    new = [tier for tier in rungs(ladder, best) if tier not in state["reached"]]
    for tier in new:
        state["reached"][tier] = at.isoformat()
    return told._replace(reached=new)


def _told(state: dict[str, Any], ladder: Ladder, at: datetime, zone: ZoneInfo) -> Qualified:
    """Keeps the status that a member has at an instant."""
    now = standing(ladder, state["years"], at, zone)
    before, after = state["tier"], now.tier.id if now.tier is not None else None
    state["tier"], state["latest"] = after, at.isoformat()
    state["until"] = now.until.isoformat() if now.tier is not None else None
    return Qualified(before, after, at, now, [])


def _height(tier: Tier | None) -> int:
    return -1 if tier is None else tier.reached_from


def standing(ladder: Ladder, years: Mapping[str, int], at: datetime, zone: ZoneInfo) -> Standing:
    """The best tier that any year's points still hold at that time.

    A year's points hold from when they are earned to the end of the next year. Because the answer depends on the
    years' sums alone, the order in which purchases arrive does not matter.
    """
    now = at.astimezone(zone).year
    best = Standing(None, years.get(str(now), 0), year_start(now + 1, zone))
    for year in (now - 1, now):
        points = years.get(str(year), 0)
        tier = highest(ladder, points)
        if tier is not None and (best.tier is None or tier.reached_from >= best.tier.reached_from):
            best = Standing(tier, points, year_start(year + 2, zone))
    return best


def highest(ladder: Ladder, points: int) -> Tier | None:
    """The highest tier that so many points reach."""
    return next((tier for tier in reversed(ladder.tiers) if points >= tier.reached_from), None)


def rungs(ladder: Ladder, tier: Tier | None) -> list[str]:
    """The tier and all below it: who reaches Gold has reached Silver, even in one leap."""
    return [] if tier is None else [each.id for each in ladder.tiers if each.reached_from <= tier.reached_from]
