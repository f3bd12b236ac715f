"""What definitions say of each other: ids that nobody defines, wallets, tiers, circles, groups that do not agree."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from shared.rules.compiled import in_order
from shared.rules.definition import (
    Base,
    Campaign,
    Definition,
    Draw,
    GiftRule,
    Ladder,
    MessageTemplate,
    Programme,
    ReferralRule,
    Rule,
    Segment,
)
from shared.rules.rewards import PointsEffect, Thing


class Wrong(NamedTuple):
    """What a definition says that is not so: where (the path of the field), what and what to write instead.

    lacks: the id that would have to be defined, where that is what is wrong.
    """

    path: tuple[str | int, ...]
    said: str
    lacks: str | None = None
    code: str = "reference"


def references(each: Definition, all_: list[Definition]) -> list[Wrong]:
    """What a definition says of others that is not so: ids that nobody defines, wallets, tiers, circles."""
    by_id = {other.id: other for other in all_}
    wrong: list[Wrong] = []
    if isinstance(each, Rule):
        wrong += _of_rule(each, by_id)
        wrong += [found for path, wallet in _wallets(each) for found in _of_wallet(path, wallet, all_)]
    if isinstance(each, ReferralRule):
        wrong += _of_wallet(("advocate", "wallet"), each.advocate.wallet, all_)
        wrong += _of_wallet(("friend", "wallet"), each.friend.wallet, all_)
    if isinstance(each, Ladder):
        for number, id_ in enumerate(each.qualifying):
            wrong += _named(("qualifying", number), id_, Rule, by_id, "rule")
    if isinstance(each, GiftRule):
        ladder = by_id.get(each.ladder)
        wrong += _named(("ladder",), each.ladder, Ladder, by_id, "ladder")
        if isinstance(ladder, Ladder) and each.tier not in (known := [tier.id for tier in ladder.tiers]):
            wrong.append(Wrong(("tier",), f"{each.ladder} has no tier {each.tier}; it has {', '.join(known)}"))
    if isinstance(each, MessageTemplate):
        same = [o.id for o in all_ if isinstance(o, MessageTemplate) and o.reason == each.reason and o.id < each.id]
        said = f"is written for {each.reason} already; make one definition of both"
        wrong += [Wrong(("reason",), f"{id_} {said}") for id_ in same]
    return wrong


def _of_rule(rule: Rule, by_id: dict[str, Definition]) -> list[Wrong]:
    wrong = _of_base(rule, by_id)
    if not wrong:
        try:
            in_order([other for other in by_id.values() if isinstance(other, Rule)])
        except ValueError as circle:
            said = f"{circle}; take one of them out"
            wrong += [Wrong(("then",), said, None, "circle")] if f"{rule.id} ->" in str(circle) else []
    if rule.segment is not None:
        wrong += _named(("segment",), rule.segment, Segment, by_id, "segment")
    if rule.campaign is not None:
        wrong += _named(("campaign",), rule.campaign, Campaign, by_id, "campaign")
    for number, effect in enumerate(rule.then):
        if isinstance(effect, Thing) and effect.tickets is not None:
            wrong += _named(("then", number, "tickets", "draw"), effect.tickets.draw, Draw, by_id, "draw")
        if isinstance(effect, Thing) and effect.message is not None:
            wrong += _named(("then", number, "message"), effect.message, MessageTemplate, by_id, "message")
    return wrong


def _of_base(rule: Rule, by_id: dict[str, Definition]) -> list[Wrong]:
    """The rules whose points a rule builds on: of its kind, on its event, giving points of its wallet."""
    wrong: list[Wrong] = []
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, PointsEffect):
            continue
        steps = ("again",) if effect.again else ("multiply", "rules")
        for place, id_ in enumerate(effect.repeats):
            path, other = ("then", number, *steps, place), by_id.get(id_)
            if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
                fit = [o.id for o in by_id.values() if isinstance(o, Rule) and (o.kind, o.on) == (rule.kind, rule.on)]
                what = f"which no {rule.kind} rule on {rule.on} is called"
                said = f"it builds on the points of {id_}, {what}{nearest(id_, fit, '; did you mean {}?')}"
                wrong.append(Wrong(path, said, id_))
            elif effect.wallet not in (wallets := [each.wallet for each in other.points]):
                said = f"{id_} gives no {effect.wallet} but {', '.join(wallets) or 'no points'}; name a rule that does"
                wrong.append(Wrong(path, said))
    return wrong


def _named(
    path: tuple[str | int, ...], id_: str, kind: type[Base], by_id: dict[str, Definition], what: str
) -> list[Wrong]:
    if isinstance(by_id.get(id_), kind):
        return []
    known = [other.id for other in by_id.values() if isinstance(other, kind)]
    return [Wrong(path, f"no {what} is called {id_}{nearest(id_, known, '; did you mean {}?')}", id_)]


def nearest(name: str, known: Iterable[str], form: str) -> str:
    """The nearest of some names, in a form that has {} for it; nothing where none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return form.format(near[0]) if near else ""


def _wallets(rule: Rule) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    for number, effect in enumerate(rule.then):
        if isinstance(effect, PointsEffect):
            found.append((("then", number, "wallet"), effect.wallet))
        elif effect.punch is not None:
            found.append((("then", number, "punch", "wallet"), effect.punch.wallet))
    return found


def _of_wallet(path: tuple[str | int, ...], wallet: str, all_: list[Definition]) -> list[Wrong]:
    declared = [each for programme in all_ if isinstance(programme, Programme) for each in programme.wallets]
    if not declared or wallet in declared:
        return []
    return [Wrong(path, f"the programme has no wallet {wallet}; it has {', '.join(declared)}", None, "wallet")]
