"""Where a member stands on a ladder: a pure function of the points of each year and of the time asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.rules.definition import Ladder, Tier
from shared.rules.schedule import year_start


@dataclass(frozen=True, slots=True)
class Standing:
    """A status and what decided it; no tier when the member is below the lowest."""

    tier: Tier | None
    qualifying: int
    until: datetime


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
