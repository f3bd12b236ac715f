"""Budgets, and limits in points, that what a rule gives is never counted by: they would bound nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shared.rules.budgets import millionths
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Campaign, Definition, ReferralRule, Rule
from shared.rules.rewards import Thing
from shared.rules.spending import worth

_LIMITS: Final = "write `limits: [{per: programme, period: ever, times: …}]` in the place of"
_COSTLY: Final = ("voucher", "gift", "punch")  # what somebody pays for, besides points


def bounding(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """What a rule's own bounds and its campaign's do not count; of a campaign, bounds that count nothing at all."""
    if isinstance(each, Rule):
        yield from _of(each, each, shelf)
        campaign = shelf.campaign(each)
        if campaign is not None:
            yield from _of(campaign, each, shelf)
    if isinstance(each, Campaign):
        yield from _idle(each, shelf)
    if isinstance(each, ReferralRule):
        side = each.sides[0]  # both give points: what is to be said of a bound is to be said of either
        yield from _of(side, side, shelf)


def _of(of: Bounded, rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """What bounds of a rule, or of its campaign, do not count of what the rule gives."""
    mine = of is rule
    for path, in_money in _counted(of):
        at: Path = path if mine else ("campaign",)
        bound = _called(of, path)
        whose = f"`{bound}`" if mine else f"`{bound}` of {of.id}"
        instead = _instead(of, path) if mine else f"take {whose} away, or {rule.id} out of {of.id}"
        if in_money:
            yield from _in_money(at, whose, instead, of, rule)
        elif not rule.points and (mine or any(each.name in _COSTLY for each in rule.things)):
            said = f"{whose} counts points, and {rule.id} gives {_listed(rule.things)}, which it does not count"
            yield Remark(at, f"{said}; {instead}", "budget")


def _in_money(at: Path, whose: str, instead: str, of: Bounded, rule: Rule) -> Iterator[Remark]:
    budget = of.budget
    assert budget is not None and budget.money is not None
    unknown = [each for each in rule.things if each.name in _COSTLY and each.worth is None]
    if unknown:
        hint = instead if any(each.punch for each in unknown) else f"write its `value`, or {instead}"
        said = f"{whose} counts money, and nobody says what {_listed(unknown)} of {rule.id} costs; {hint}"
        yield Remark(at, said, "budget")
    elif rule.points and budget.cost_per_point is None:
        yield Remark(at, f"{whose} counts money, and {rule.id} gives points; write its `cost_per_point`", "budget")
    elif not rule.points and not worth(rule.things) and of is rule:
        said = f"{whose} counts money, and {rule.id} gives {_listed(rule.things)}, which cost none: it bounds nothing"
        yield Remark(at, f"{said}; {instead}", "budget")
    value = worth(rule.things).get(budget.money.currency, 0)
    if value > millionths(budget.money.value):
        yield Remark(at, f"{whose} does not pay for what {rule.id} gives once; write a larger `amount`", "budget")


def _idle(campaign: Campaign, shelf: Shelf) -> Iterator[Remark]:
    """Bounds of a campaign none of whose rules gives anything that they count."""
    rules = [each for each in shelf.of(Rule) if each.campaign == campaign.id]
    if not rules or any(each.points for each in rules):
        return
    for path, in_money in _counted(campaign):
        costly = any(thing.name in _COSTLY for each in rules for thing in each.things)
        if not costly and not (in_money and any(worth(each.things) for each in rules)):
            what = "money" if in_money else "points"
            bound = _called(campaign, path)
            said = f"`{bound}` counts {what}, and no rule of {campaign.id} gives any: it bounds nothing"
            yield Remark(path, f"{said}; {_instead(campaign, path)}", "budget")


def _counted(of: Bounded) -> Iterator[tuple[Path, bool]]:
    """The places of what is counted in points or, with True, in money."""
    for number, limit in enumerate(of.limits):
        if limit.measure == "points":
            yield ("limits", number), False
    if of.budget is not None:
        yield ("budget",), of.budget.money is not None


def _called(of: Bounded, path: Path) -> str:
    """A bound as messages call it: one of several limits by its number, as the others may bound what it does not."""
    return "limits" if path[0] == "limits" and len(of.limits) == 1 else ".".join(map(str, path))


def _instead(of: Bounded, path: Path) -> str:
    """What to do about a bound that counts nothing: it stays at fault beside whatever else is written. Where there are
    other limits, `limits` is not to be written a second time."""
    called, others = _called(of, path), len(of.limits) > (path[0] == "limits")
    return f"take `{called}` away" if others else f"{_LIMITS} `{called}`"


def _listed(things: list[Thing]) -> str:
    names = list(dict.fromkeys("tickets" if each.name == "tickets" else f"a {each.name}" for each in things))
    return " and ".join(names)
