"""What definitions say of each other: ids that nobody defines, wallets, tiers, circles, groups that do not agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
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
from shared.rules.near import near
from shared.rules.order import CircleError, Link, in_order, unit
from shared.rules.rewards import PointsEffect, Thing

_MOST_SHOWN: Final = 8
_A: Final = {"earn": "an earn rule", "bonus": "a bonus"}


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
        self._circles = _circles(each for each in self._by_id.values() if isinstance(each, Rule))

    def of(self, each: Definition) -> list[Wrong]:
        """What one says of others that is not so: ids that nobody defines, wallets, tiers, circles."""
        wrong = _of_others(each, self._by_id)
        if isinstance(each, MessageTemplate) and self._reasons.get(each.reason, each.id) < each.id:
            said = f"{self._reasons[each.reason]} is written for {each.reason} already; make one definition of both"
            wrong.append(Wrong(("reason",), said))
        if isinstance(each, Rule) and not wrong:
            wrong += self._building(each)
        for path, wallet in _wallets(each):
            if self._wallets and wallet not in self._wallets:
                wrong.append(Wrong(path, no_wallet(wallet, self._wallets), None, "wallet"))
        return wrong

    def _building(self, rule: Rule) -> Iterator[Wrong]:
        """Rules that it builds on though they are decided together with it, or only after it."""
        for path, id_ in _built_on(rule):
            other = self._by_id.get(id_)
            if isinstance(other, Rule) and other is not rule and unit(other) == unit(rule):
                yield Wrong(path, _of_its_group(rule, other), None, "circle")
            elif (rule.id, id_) in self._circles:
                yield Wrong(path, f"{self._circles[rule.id, id_]}; take one of them out", None, "circle")


def _circles(rules: Iterable[Rule]) -> dict[Link, str]:
    """What is said of each rule that builds on another in a circle: all of them, as each is thought of without the
    links of the one before."""
    left, found = list(rules), dict[Link, str]()
    while True:
        try:
            in_order(left)
            return found
        except CircleError as circle:
            found |= dict.fromkeys(circle.links, str(circle))
            builders = {builder for builder, _ in circle.links}
            left = [each for each in left if each.id not in builders]


def _of_its_group(rule: Rule, other: Rule) -> str:
    """A group gives what one of its rules gives: what the others would have given is nobody's to build on."""
    assert rule.stacking is not None
    group, how = rule.stacking.group, rule.stacking.how
    why = f"{other.id} is of the same group {group}, which is {how}: only one of the two gives, so none can build on"
    return (
        f"{why} the other; write out here what it is to give, such as {_written_out(rule, other)}, or take this rule "
        "out of the group: then it comes on top"
    )


def _by_itself(rule: Rule, other: Base | None, id_: str) -> str:
    """Each challenge is won by itself, perhaps long after another's event: it would give nothing, for ever."""
    instead = _written_out(rule, other, on_top=True) if isinstance(other, Rule) else "`fixed` or `per_amount`"
    return (
        f"a challenge builds on no other rule: its reward comes with its own goal, and not with what {id_} gives; "
        f"write out here what it is to give, such as {instead}"
    )


def _written_out(rule: Rule, other: Rule, *, on_top: bool = False) -> str:
    """What to write instead, where that is simple: of one multiplier of whole points, how many there are then. on_top:
    besides what the other gives."""
    times = next((e.multiply.by - int(on_top) for e in rule.points if e.multiply is not None), Decimal(1))
    base = other.points[0] if len(other.points) == len(rule.repeats) == 1 else None
    if base is not None and base.fixed is not None and base.fixed * times % 1 == 0 and times > 0:
        return f"`fixed: {int(base.fixed * times)}`"
    amount = None if base is None else base.per_amount
    if amount is not None and amount.where is None and amount.give * times % 1 == 0 and times > 0:
        return f"`per_amount: {{per: {amount.per}, give: {int(amount.give * times)}}}`"
    return "`fixed` or `per_amount`"


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
    rules = [rule for rule in by_id.values() if isinstance(rule, Rule) and rule.campaign == campaign.id]
    earn = next((rule.id for rule in rules if rule.kind == "earn"), None)
    other = next((rule for rule in rules if rule.kind != "earn"), None)
    if earn is None or other is None or not (campaign.limits or campaign.budget):
        return []
    said = (
        f"its limits and budget would be counted twice, as it has earn rules ({earn}) and others ({other.id}, a "
        f"{other.kind}); make two campaigns of it"
    )
    return [Wrong(("budget",) if campaign.budget else ("limits",), said, None, "campaign")]


def mixing(joining: Sequence[Rule], others: Iterable[Rule]) -> Rule | None:
    """Of rules that join a campaign, the first that it cannot have: an earn rule beside others of another kind, or the
    other way round. Where it has no others, beside the first that joins. None where nothing joins."""
    has = {rule.kind == "earn" for rule in others} or {rule.kind == "earn" for rule in joining[:1]}
    return next((rule for rule in joining if (rule.kind == "earn") not in has), joining[0] if joining else None)


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
    if rule.kind == "challenge":
        return [Wrong(path, _by_itself(rule, by_id.get(id_), id_), None, "challenge") for path, id_ in _built_on(rule)]
    for path, id_ in _built_on(rule):
        other = by_id.get(id_)
        if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
            fit = [o.id for o in by_id.values() if isinstance(o, Rule) and (o.kind, o.on) == (rule.kind, rule.on)]
            fit = [each for each in fit if each != rule.id]  # its own points it cannot build on
            what = f"which no {rule.kind} rule on {rule.on} is called"
            there = f"{id_} is of kind {other.kind}: take it out" if other is not None and not fit else ""
            said = f"it builds on the points of {id_}, {what}; {there or suggested(id_, fit, 'rule')}"
            if isinstance(other, Rule) and other.kind != rule.kind:
                said = _of_another_kind(rule, other, by_id)
            elif isinstance(other, Rule) and other.on != rule.on:
                said = _on_another_event(rule, other, fit)
            wrong.append(Wrong(path, said, id_))
    return wrong


def _on_another_event(rule: Rule, other: Rule, fit: Sequence[str]) -> str:
    """What a rule gives on one event is not at hand on another."""
    why = f"it builds on the points of {other.id}, which looks at another event (`on: {other.on}`, here {rule.on})"
    return f"{why}; {suggested(other.id, fit, 'rule') if fit else f'write `on: {other.on}`, or give points of its own'}"


def _of_another_kind(rule: Rule, other: Rule, by_id: dict[str, Definition]) -> str:
    """Earn decides its rules, and campaigns theirs, of which a challenge gives only when it is won: none has the points
    of another kind at hand."""
    mine, kind = rule.kind, other.kind
    wrong = f"{other.id} is of kind {kind}, and {_A[mine]} can build on {mine} rules only"
    under = [by_id.get(id_) for id_ in rule.repeats]
    alike = all(isinstance(each, Rule) and (each.kind, each.on) == (kind, rule.on) for each in under)
    if {mine, kind} == {"earn", "bonus"} and alike and (kind == "bonus" or not rule.things):
        return f"{wrong}; write `kind: {kind}` for this rule"
    return f"{wrong}; write out what this rule is to give, such as `fixed` or `per_amount`"


def _built_on(rule: Rule) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The rules whose points it builds on, with their places."""
    for number, effect in enumerate(rule.then):
        if isinstance(effect, PointsEffect):
            steps = ("again",) if effect.again else ("multiply", "rules")
            yield from ((("then", number, *steps, place), id_) for place, id_ in enumerate(effect.repeats))


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


def no_wallet(name: str, known: Iterable[str]) -> str:
    """What is said of a wallet that the programme does not have."""
    hint = nearest(name, known, "did you mean {}?") or f"it has {', '.join(known)}"
    return f"the programme has no wallet {name}; {hint}"


def nearest(name: str, known: Iterable[str], form: str) -> str:
    """The nearest of some names, in a form that has {} for it; nothing where none is near."""
    found = near(name, known, cutoff=0.5)
    return "" if found is None else form.format(found)


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
