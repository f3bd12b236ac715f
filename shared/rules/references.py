"""What definitions say of each other: ids that nobody defines, wallets, tiers, circles, groups that do not agree."""

from __future__ import annotations

from shared.rules.compiled import in_order
from shared.rules.definition import (
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


def references(each: Definition, all_: list[Definition]) -> list[tuple[str | None, str]]:
    """What a definition says of others that is not so: ids that nobody defines, wallets, tiers, circles.

    Each with the id that would have to be defined, where that is what is wrong.
    """
    by_id = {other.id: other for other in all_}
    wrong: list[tuple[str | None, str]] = []
    if isinstance(each, Rule):
        wrong += _of_rule(each, by_id)
        wrong += [fault for effect in each.points for fault in _of_wallet(each.id, effect.wallet, all_)]
    if isinstance(each, ReferralRule):
        wrong += _of_wallet(each.id, each.advocate.wallet, all_) + _of_wallet(each.id, each.friend.wallet, all_)
    if isinstance(each, Ladder):
        lacking = [id_ for id_ in each.qualifying if not isinstance(by_id.get(id_), Rule)]
        wrong += [(id_, f"{each.id}: no rule is called {id_}") for id_ in lacking]
    if isinstance(each, GiftRule):
        ladder = by_id.get(each.ladder)
        if not isinstance(ladder, Ladder):
            wrong.append((each.ladder, f"{each.id}: no ladder is called {each.ladder}"))
        elif each.tier not in (known := [tier.id for tier in ladder.tiers]):
            wrong.append((None, f"{each.id}: {each.ladder} has no tier {each.tier}; it has {', '.join(known)}"))
    if isinstance(each, MessageTemplate):
        same = [
            o.id
            for o in all_
            if isinstance(o, MessageTemplate) and o.reason == each.reason != "custom" and o.id < each.id
        ]
        wrong += [(None, f"{each.id}: {id_} is written for {each.reason} already") for id_ in same]
    return wrong


def _of_rule(rule: Rule, by_id: dict[str, Definition]) -> list[tuple[str | None, str]]:
    wrong: list[tuple[str | None, str]] = []
    for id_ in rule.repeats:
        other = by_id.get(id_)
        if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
            said = f"{rule.id}: it builds on the points of {id_}, which no {rule.kind} rule on {rule.on} is called"
            wrong.append((id_, said))
    if not wrong:
        try:
            in_order([other for other in by_id.values() if isinstance(other, Rule)])
        except ValueError as circle:
            wrong += [(None, f"{rule.id}: {circle}")] if f"{rule.id} ->" in str(circle) else []
    for what, named, kind in (("segment", rule.segment, Segment), ("campaign", rule.campaign, Campaign)):
        if named is not None and not isinstance(by_id.get(named), kind):
            wrong.append((named, f"{rule.id}: no {what} is called {named}"))
    for thing in rule.things:
        if thing.message is not None and not _is_custom(by_id.get(thing.message)):
            wrong.append((thing.message, f"{rule.id}: no message with the reason custom is called {thing.message}"))
        if thing.tickets is not None and not isinstance(by_id.get(thing.tickets.draw), Draw):
            wrong.append((thing.tickets.draw, f"{rule.id}: no draw is called {thing.tickets.draw}"))
    return wrong


def _is_custom(definition: Definition | None) -> bool:
    return isinstance(definition, MessageTemplate) and definition.reason == "custom"


def _of_wallet(id_: str, wallet: str, all_: list[Definition]) -> list[tuple[str | None, str]]:
    declared = [each for programme in all_ if isinstance(programme, Programme) for each in programme.wallets]
    if not declared or wallet in declared:
        return []
    return [(None, f"{id_}: the programme has no wallet {wallet}; it has {', '.join(declared)}")]
