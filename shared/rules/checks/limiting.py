"""Limits that are never reached, points that a limit never leaves, and points of several wallets under one limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Final

from shared.rules.bounds import Limit
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Campaign, Definition, ReferralRule, Rule
from shared.rules.rewards import PointsEffect

# The periods that hold all of a period's days; a week may be of two months and years.
_WIDER: Final[dict[str, tuple[str, ...]]] = {
    "day": ("day", "week", "month", "quarter", "year", "ever"),
    "week": ("week", "ever"),
    "month": ("month", "quarter", "year", "ever"),
    "quarter": ("quarter", "year", "ever"),
    "year": ("year", "ever"),
    "ever": ("ever",),
}


def limiting(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """Of a rule or campaign."""
    if isinstance(each, Bounded):
        yield from _idle(each)
        yield from _added_up(each, shelf)
    if isinstance(each, Rule):
        yield from _never_left(each, shelf)


def _idle(of: Bounded) -> Iterator[Remark]:
    """A limit that another one of the same rule reaches first, always."""
    seen: set[int] = set()
    for (number, one), (place, other) in permutations(enumerate(of.limits), 2):
        if number in seen or place in seen or not _holds(other, one) or one.most < other.most:
            continue
        seen.add(number)
        are = "is" if other.most == 1 else "are"
        instead = "leave it out" + (f", or write less than {other.most}" if other.most > 1 else "")
        said = f"it is never reached: {_words(other)} {are} the most; {instead}"
        yield Remark(("limits", number), said, "limit", "warning")


def _holds(wider: Limit, limit: Limit) -> bool:
    """Whether all that one counts is counted by the other too. Who is in a household changes: that is left alone."""
    per = wider.per in (limit.per, "programme")
    return per and wider.measure == limit.measure and wider.period in _WIDER[limit.period]


def _words(limit: Limit) -> str:
    per = "" if limit.per == "member" else f" per {limit.per}"
    when = "ever" if limit.period == "ever" else f"a {limit.period}"
    return f"{limit.most} {limit.measure if limit.most > 1 else limit.measure[:-1]} {when}{per}"


def _added_up(of: Bounded, shelf: Shelf) -> Iterator[Remark]:
    """Limits and budgets in points by which points of several wallets are one number."""
    wallets = sorted({effect.wallet for effect in _points(of, shelf)})
    if len(wallets) < 2:
        return
    # Of a referral, a limit per member is the advocate's alone: of one wallet.
    sided = isinstance(of, ReferralRule)
    places: list[Path] = [
        ("limits", number)
        for number, each in enumerate(of.limits)
        if each.measure == "points" and not (sided and each.per == "member")
    ]
    if of.budget is not None and of.budget.points is not None:
        places.append(("budget",))
    instead = f"write one {'campaign' if isinstance(of, Campaign) else 'definition'} for each wallet"
    for path in places:
        said = f"`{path[0]}` adds points of {' and '.join(wallets)} up as one number; {instead}"
        yield Remark(path, said, "budget" if path == ("budget",) else "limit", "warning")


def _points(of: Bounded, shelf: Shelf) -> list[PointsEffect]:
    """All points that one limit counts."""
    if isinstance(of, ReferralRule):
        return [of.advocate, of.friend]
    rules = [of] if isinstance(of, Rule) else [each for each in shelf.of(Rule) if each.campaign == of.id]
    return [effect for rule in rules for effect in rule.points]


def _never_left(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """`at_least` more points than a limit ever leaves."""
    bounds = [limit for gate in shelf.gates(rule) for limit in gate.limits if limit.measure == "points"]
    least = min(bounds, key=lambda limit: limit.most, default=None)
    for number, effect in enumerate(rule.then if least is not None else ()):
        asked = effect.at_least if isinstance(effect, PointsEffect) else None
        if least is not None and asked is not None and asked > least.most:
            said = f"it never gives {asked}: `limits` leaves {_words(least)}; write {least.most} or less, or raise the "
            yield Remark(("then", number, "at_least"), f"{said}limit", "limit")
