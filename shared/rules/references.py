"""What definitions say of each other: ids that nobody defines, wallets, tiers, circles, groups that do not agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from shared.rules.definition import (
    Base,
    Bounded,
    Campaign,
    Definition,
    Draw,
    GiftRule,
    Ladder,
    MessageTemplate,
    Partner,
    Programme,
    ReferralRule,
    Rule,
    Segment,
)
from shared.rules.order import in_order
from shared.rules.rewards import PointsEffect, Thing

_MOST_SHOWN: Final = 8


class Wrong(NamedTuple):
    """What a definition says that is not so: where (the path of the field), what and what to write instead.

    lacks: the id that would have to be defined, where that is what is wrong.
    """

    path: tuple[str | int, ...]
    said: str
    lacks: str | None = None
    code: str = "reference"


class References:
    """What some definitions, each id once, say of each other."""

    def __init__(self, all_: Iterable[Definition]) -> None:
        self._by_id = {each.id: each for each in all_}
        self._wallets = [
            wallet for each in self._by_id.values() if isinstance(each, Programme) for wallet in each.purses
        ]
        self._reasons: dict[str, str] = {}
        for each in self._by_id.values():
            if isinstance(each, MessageTemplate) and each.reason != "custom":
                first = self._reasons.get(each.reason, each.id)
                self._reasons[each.reason] = min(first, each.id)
        try:
            in_order([each for each in self._by_id.values() if isinstance(each, Rule)])
            self._circle = ""
        except ValueError as circle:
            self._circle = str(circle)

    def of(self, each: Definition) -> list[Wrong]:
        """What one says of others that is not so: ids that nobody defines, wallets, tiers, circles."""
        wrong = _of_others(each, self._by_id)
        if isinstance(each, MessageTemplate) and self._reasons.get(each.reason, each.id) < each.id:
            said = f"{self._reasons[each.reason]} is written for {each.reason} already; make one definition of both"
            wrong.append(Wrong(("reason",), said))
        if f"{each.id} ->" in self._circle and not wrong:
            wrong.append(Wrong(("then",), f"{self._circle}; take one of them out", None, "circle"))
        for path, wallet in _wallets(each):
            if self._wallets and wallet not in self._wallets:
                known = ", ".join(self._wallets)
                wrong.append(Wrong(path, f"the programme has no wallet {wallet}; it has {known}", None, "wallet"))
        return wrong


def _of_others(each: Definition, by_id: dict[str, Definition]) -> list[Wrong]:
    wrong: list[Wrong] = []
    if isinstance(each, Rule):
        wrong += _of_rule(each, by_id)
    if isinstance(each, Bounded) and each.segment is not None:
        wrong += _named(("segment",), each.segment, Segment, by_id, "segment")
    if isinstance(each, Campaign):
        wrong += _of_campaign(each, by_id)
    if isinstance(each, Ladder):
        for number, id_ in enumerate(each.qualifying):
            wrong += _named(("qualifying", number), id_, Rule, by_id, "rule")
    if isinstance(each, GiftRule):
        ladder = by_id.get(each.ladder)
        wrong += _named(("ladder",), each.ladder, Ladder, by_id, "ladder")
        if isinstance(ladder, Ladder) and each.tier not in (known := [tier.id for tier in ladder.tiers]):
            wrong.append(Wrong(("tier",), f"{each.ladder} has no tier {each.tier}; it has {', '.join(known)}"))
    return wrong


def _of_campaign(campaign: Campaign, by_id: dict[str, Definition]) -> list[Wrong]:
    """Earn and campaigns each count the rules that they decide: between them a budget could be spent twice."""
    kinds = {rule.kind == "earn" for rule in by_id.values() if isinstance(rule, Rule) and rule.campaign == campaign.id}
    if len(kinds) < 2 or not (campaign.limits or campaign.budget):
        return []
    said = "its limits and budget would be counted twice, as it has earn rules and others; make two campaigns of it"
    return [Wrong(("budget",) if campaign.budget else ("limits",), said, None, "campaign")]


def _of_rule(rule: Rule, by_id: dict[str, Definition]) -> list[Wrong]:
    wrong = _of_base(rule, by_id)
    if rule.campaign is not None:
        wrong += _named(("campaign",), rule.campaign, Campaign, by_id, "campaign")
    for number, effect in enumerate(rule.then):
        if isinstance(effect, Thing) and effect.tickets is not None:
            wrong += _named(("then", number, "tickets", "draw"), effect.tickets.draw, Draw, by_id, "draw")
        if isinstance(effect, Thing) and effect.message is not None:
            path, message = ("then", number, "message"), by_id.get(effect.message)
            wrong += _named(path, effect.message, MessageTemplate, by_id, "message")
            if isinstance(message, MessageTemplate) and message.reason != "custom":
                said = f"{message.id} is written for {message.reason}; name a message whose `reason` is custom"
                wrong.append(Wrong(path, said))
    return wrong


def _of_base(rule: Rule, by_id: dict[str, Definition]) -> list[Wrong]:
    """The rules whose points a rule builds on; they are of its kind and on its event."""
    wrong: list[Wrong] = []
    for number, effect in enumerate(rule.then):
        if not isinstance(effect, PointsEffect):
            continue
        steps = ("again",) if effect.again else ("multiply", "rules")
        for place, id_ in enumerate(effect.repeats):
            path, other = ("then", number, *steps, place), by_id.get(id_)
            if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
                fit = [o.id for o in by_id.values() if isinstance(o, Rule) and (o.kind, o.on) == (rule.kind, rule.on)]
                fit = [each for each in fit if each != rule.id]  # its own points it cannot build on
                what = f"which no {rule.kind} rule on {rule.on} is called"
                there = f"{id_} is of kind {other.kind}: take it out" if other is not None and not fit else ""
                said = f"it builds on the points of {id_}, {what}; {there or suggested(id_, fit, 'rule')}"
                wrong.append(Wrong(path, said, id_))
    return wrong


def _named(
    path: tuple[str | int, ...], id_: str, kind: type[Base], by_id: dict[str, Definition], what: str
) -> list[Wrong]:
    if isinstance(by_id.get(id_), kind):
        return []
    known = [other.id for other in by_id.values() if isinstance(other, kind)]
    return [Wrong(path, f"no {what} is called {id_}; {suggested(id_, known, what)}", id_)]


def suggested(name: str, known: Sequence[str], what: str) -> str:
    """What to write instead of a name that nobody defines: the nearest, or what there is, or that nothing is there."""
    if not known:
        return f"define a {what} of this id, or take it out"
    first = ", ".join(sorted(known)[:_MOST_SHOWN]) + (" …" if len(known) > _MOST_SHOWN else "")
    return nearest(name, known, "did you mean {}?") or f"there are: {first}"


def nearest(name: str, known: Iterable[str], form: str) -> str:
    """The nearest of some names, in a form that has {} for it; nothing where none is near."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return form.format(near[0]) if near else ""


def _wallets(each: Definition) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The wallets that a definition gives points of, with their places."""
    if isinstance(each, ReferralRule):
        yield ("advocate", "wallet"), each.advocate.wallet
        yield ("friend", "wallet"), each.friend.wallet
    if isinstance(each, Partner):
        yield from ((("cost", wallet), wallet) for wallet in each.cost)
        yield from ((("reimbursement", wallet), wallet) for wallet in each.reimbursement)
    for number, effect in enumerate(each.then if isinstance(each, Rule) else ()):
        if isinstance(effect, PointsEffect):
            yield ("then", number, "wallet"), effect.wallet
        elif effect.punch is not None:
            yield ("then", number, "punch", "wallet"), effect.punch.wallet
