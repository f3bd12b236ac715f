"""One rule and one member: what it has given, and what is missing for it to give. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from shared.events.light import (
    Basket,
    Joining,
    Occurrence,
    Payload,
    PurchaseRead,
    ReferralRead,
    Returned,
    ReturnRead,
    SignupRead,
)
from shared.events.light_entries import MOVES
from shared.ops.cases import Case
from shared.ops.databases import NotThereError
from shared.ops.explaining import Standing, inquiry_of
from shared.ops.rebuilding import Sources, before
from shared.ops.rule_steps import Step, gift_steps, referral_steps
from shared.ops.rule_uses import Use, different, uses_of
from shared.ops.rulings import Ruling, as_it_stands, rulings
from shared.ops.story import short
from shared.rules.definition import GiftRule, ReferralRule, Rule
from shared.rules.matching import facts_of
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.rules.saying.phrase import Saying


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How often what a rule gave was taken back, how many points, and what is left of all that it gave.

    by_returns: whether returns are known to have done all of it; an earlier purchase that was heard of late may have.
    """

    times: int = 0
    points: Mapping[str, int] = field(default_factory=dict)
    things: tuple[Saying, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    left_things: tuple[Saying, ...] = ()
    by_returns: bool = False


@dataclass(frozen=True, slots=True)
class RuleStory:
    """What a rule gave a member, the latest uses last (of so many `earlier` ones only what they brought); and what it
    says to the newest event that it looks at.

    version, effective: the newest; event: that event's key, None where there is none and the rule was asked with the
    state at `at`; ruling: None where the rule was not in force then. steps: what a referral or a gift needs, which no
    event decides by itself; gift: what such a one gives. things: what it gave besides points; back: what was taken
    back of all that; traceless: whether it may have given what nobody keeps.
    """

    member: str
    rule: str
    title: str
    kind: str
    version: int
    effective: datetime
    times: int
    points: dict[str, int]
    latest: tuple[Use, ...]
    event: str | None
    what: str | None
    at: datetime
    ruling: Ruling | None
    steps: tuple[Step, ...] = ()
    gift: str | None = None
    things: tuple[Saying, ...] = ()
    back: TakenBack = TakenBack()
    traceless: bool = False
    earlier: int = 0
    earlier_points: Mapping[str, int] = field(default_factory=dict)
    earlier_things: tuple[Saying, ...] = ()


Asked = Rule | ReferralRule | GiftRule


def rule_named(id_: str, book: Rulebook) -> Asked:
    """The newest version of a rule. Raises NotThereError, with the nearest name."""
    versions = {each.id: each for each in book.versions}  # in order: the newest is kept
    found = versions.get(id_)
    if isinstance(found, Asked):
        return found
    rules = [name for name, each in versions.items() if isinstance(each, Asked)]
    if found is not None:
        raise NotThereError(f"{id_} is a {getattr(found, 'kind', 'definition')}, which gives nothing by itself")
    near = get_close_matches(id_, rules, n=1)
    raise NotThereError(
        f"no rule is called {id_}; " + (f"did you mean {near[0]}?" if near else f"there are {', '.join(rules)}")
    )


def story_of(
    member: str,
    rule: Asked,
    sources: Sources,
    standing: Standing,
    now: datetime,
    tiers: Mapping[str, Any] | None = None,
    limit: int = 20,
) -> RuleStory:
    """The story of a rule and a member. tiers: the member's document of the service tiers, for gifts; limit: how many
    uses are told one by one, the newest (0: all)."""
    if isinstance(rule, GiftRule):
        return _of_gift(member, rule, sources, now, tiers)
    # What tills, clocks and people moved is of no rule, also where one is called as they are.
    decided = (each for each in sources.journal if each["kind"] not in MOVES)
    journal = sorted(decided, key=lambda each: int(each["seq"]))
    zone = sources.book.at(max(now, rule.effective)).zone
    uses = uses_of(member, rule.id, journal, sources, zone)
    gave, back = [each for each in uses if not each.back], [each for each in uses if each.back]
    earlier = uses[:-limit] if limit else []
    newest = None
    if isinstance(rule, Rule):
        # By its own time: a till may send late. Of two of one time, the one that was decided later.
        looked_at = (each for each in reversed(journal) if each["kind"] == rule.on)
        newest = max(looked_at, key=lambda each: each["at"], default=None)
    return RuleStory(
        **_named(member, rule, zone),
        times=len(gave),
        points=_points(gave),
        latest=tuple(uses[len(earlier) :]),
        event=None if newest is None else newest["_id"],
        what=None if newest is None else short(newest["_id"]),
        at=(now if newest is None else newest["at"]).astimezone(zone),
        ruling=_ruling(member, rule, newest, sources, standing, now) if isinstance(rule, Rule) else None,
        steps=referral_steps(rule, sources, now, standing.campaigns) if isinstance(rule, ReferralRule) else (),
        things=different(gave),
        back=_taken(gave, back),
        traceless=isinstance(rule, Rule) and any(each.punch or each.message for each in rule.things),
        earlier=len(earlier),
        earlier_points=_points(earlier),
        earlier_things=different([x for x in earlier if not x.back], [x for x in earlier if x.back]),
    )


def _taken(gave: list[Use], back: list[Use]) -> TakenBack:
    if not back:
        return TakenBack()
    less = {wallet: -points for wallet, points in _points(back).items()}
    left = {wallet: points for wallet, points in _points([*gave, *back]).items() if points}
    by_returns = all(each.by_return for each in back)
    return TakenBack(len(back), less, different(back), left, different(gave, back), by_returns)


def _points(uses: list[Use]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in (part for each in uses for part in each.parts):
        found[part.wallet] = found.get(part.wallet, 0) + part.points
    return found


def _of_gift(
    member: str, rule: GiftRule, sources: Sources, now: datetime, tiers: Mapping[str, Any] | None
) -> RuleStory:
    zone = sources.book.at(max(now, rule.effective)).zone
    given = rule.id in (tiers or {}).get("gifts", [])
    return RuleStory(
        **_named(member, rule, zone),
        times=int(given),
        points={},
        latest=(),
        event=None,
        what=None,
        at=now.astimezone(zone),
        ruling=None,
        steps=gift_steps(rule, tiers, sources, now),
        gift=rule.gift,
    )


def _named(member: str, rule: Rule | GiftRule | ReferralRule, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "member": member,
        "rule": rule.id,
        "title": rule.title,
        "kind": rule.kind,
        "version": rule.version,
        "effective": rule.effective.astimezone(zone),
    }


def _ruling(
    member: str, rule: Rule, newest: Mapping[str, Any] | None, sources: Sources, standing: Standing, now: datetime
) -> Ruling | None:
    try:
        if newest is None:
            found = as_it_stands(case_now(member, rule, sources, standing, now))
        else:
            found = rulings(inquiry_of(newest, sources, standing))
    except NoProgrammeError:
        return None
    return next((each for each in found if each.rule == rule.id), None)


def case_now(member: str, rule: Rule, sources: Sources, standing: Standing, now: datetime) -> Case:
    """The state now, with an event that says nothing but its kind: what is missing besides the event itself."""
    rules = sources.book.at(now)
    past = before(len(sources.journal) + 1, member, sources)
    past.earn.document["tiers"] = dict(sources.tiers)
    facts = facts_of(_nothing(rule.on, now, rules), past.earn.document, rules)
    earn, campaigns = standing.earn, standing.campaigns
    return Case("", past, facts, rules, earn, [campaigns], [], earn, campaigns)


def _nothing(kind: str, moment: datetime, rules: Ruleset) -> Occurrence:
    currency, source = rules.programme.currency, "/partners/"
    match kind:
        case "signup":
            return SignupRead(source, "", moment, Joining(currency=currency))
        case "purchase":
            return PurchaseRead(source, "", moment, Basket(currency=currency, lines=[]))
        case "referral":
            return ReferralRead(source, "", moment, Payload(currency=currency))
    return ReturnRead(source, "", moment, Returned(currency=currency, purchase=""))
