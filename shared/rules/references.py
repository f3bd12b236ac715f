"""What definitions say of each other: ids that nobody defines, wallets, tiers, circles. Pure."""

from __future__ import annotations

from shared.rules.definition import (
    Definition,
    GiftRule,
    Ladder,
    MessageTemplate,
    Programme,
    ReferralRule,
    Rule,
    Segment,
)
from shared.rules.rulebook import dependencies_first


def references(each: Definition, all_: list[Definition]) -> list[tuple[str | None, str]]:
    """What a definition says of others that is not so: ids that nobody defines, wallets, tiers, circles.

    Each with the id that would have to be defined, where that is what is wrong.
    """
    by_id = {other.id: other for other in all_}
    wrong: list[tuple[str | None, str]] = []
    if isinstance(each, Rule):
        wrong += _of_rule(each, by_id) + _of_wallet(each.id, each.then.wallet, all_)
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
        same = [o.id for o in all_ if isinstance(o, MessageTemplate) and o.reason == each.reason and o.id < each.id]
        wrong += [(None, f"{each.id}: {id_} is written for {each.reason} already") for id_ in same]
    return wrong


def _of_rule(rule: Rule, by_id: dict[str, Definition]) -> list[tuple[str | None, str]]:
    wrong: list[tuple[str | None, str]] = []
    for id_ in rule.then.again or ():
        other = by_id.get(id_)
        if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
            wrong.append((id_, f"{rule.id}: `again` names {id_}, which no {rule.kind} rule on {rule.on} is called"))
    if not wrong:
        try:
            dependencies_first([other for other in by_id.values() if isinstance(other, Rule)])
        except ValueError as circle:
            wrong += [(None, f"{rule.id}: {circle}")] if f"{rule.id} ->" in str(circle) else []
    if rule.segment is not None and not isinstance(by_id.get(rule.segment), Segment):
        wrong.append((rule.segment, f"{rule.id}: no segment is called {rule.segment}"))
    return wrong


def _of_wallet(id_: str, wallet: str, all_: list[Definition]) -> list[tuple[str | None, str]]:
    declared = [each for programme in all_ if isinstance(programme, Programme) for each in programme.wallets]
    if not declared or wallet in declared:
        return []
    return [(None, f"{id_}: the programme has no wallet {wallet}; it has {', '.join(declared)}")]
