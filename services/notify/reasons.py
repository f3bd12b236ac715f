"""What is worth a message: from each kind of news, the reason, its facts, and the id that makes it one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.events.internal import (
    Accrual,
    AccrualData,
    Cause,
    EntryData,
    Gift,
    Offer,
    OfferData,
    ReturnedData,
    ThingData,
    TierChanged,
)
from shared.events.partner import Signup
from shared.rules.definition import Draw, Ladder
from shared.rules.rulebook import Ruleset

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to write to a member; `id` is the same however often the news is read."""

    id: str
    reason: str
    facts: dict[str, Any]
    cause: Cause
    template: str | None = None  # the id of the message to write, where the reason alone does not say which


def occasion(news: Accrual | TierChanged | Gift | Offer, rules: Ruleset) -> Occasion | None:
    """The occasion, or None for news that nobody is written about (purchases, grants already told as offers)."""
    match news:
        case Accrual(data=AccrualData(entry=EntryData() as entry)):
            return _clock(news.id, entry, rules)
        case Accrual(data=AccrualData(returned=ReturnedData() as returned)):
            return _return(news, returned, rules)
        case Accrual():
            return _welcome(news)
        case TierChanged():
            return _tier(news, rules)
        case Gift(data=data):
            facts: dict[str, Any] = {
                "gift": data.gift,
                "amount": data.value.amount if data.value else None,
                "currency": data.value.currency if data.value else None,
                "gift_tier": _title(rules, data.tier),
                "surprise": not data.announced,
            }
            return Occasion(f"gift:{news.id}", "gift", facts, data.cause)
        case Offer(data=data):
            return _offer(news.id, data, rules)
    return None


def _offer(id_: str, data: OfferData, rules: Ruleset) -> Occasion | None:
    if data.thing is not None and data.thing.withdrawn:  # the return is told of as a whole
        return None
    if data.message is not None:
        facts: dict[str, Any] = {"title": data.title, "period": data.period}
        return Occasion(f"offer:{id_}", "custom", facts, data.cause, data.message)
    if data.thing is not None:
        return Occasion(f"offer:{id_}", data.thing.kind, _thing(data, data.thing, rules), data.cause)
    reason = {"challenge": "challenge-completed"}.get(data.reason, data.reason)
    facts = {"title": data.title, "points": data.points, "period": data.period}
    return Occasion(f"offer:{id_}", reason, facts, data.cause)


def _thing(data: OfferData, thing: ThingData, rules: Ruleset) -> dict[str, Any]:
    worth = {
        "amount": thing.value.amount if thing.value else None,
        "currency": thing.value.currency if thing.value else None,
    }
    match thing.kind:
        case "voucher":
            last = None if thing.until is None else _last_day(thing.until, rules)
            off = {"percent_off": thing.percent_off, "last_day": last}
            return {"title": data.title, "voucher": thing.title, "code": thing.code, **worth, **off}
        case "gift":
            return {"gift": thing.title, **worth, "gift_tier": None, "surprise": False}
        case "tickets":
            draw = next((each.title for each in rules.of(Draw) if each.id == thing.draw), thing.draw)
            return {"title": data.title, "draw": draw, "tickets": thing.count}
        case "punch":
            card: dict[str, Any] = {
                "punches": thing.punches,
                "of": thing.of,
                "filled": thing.filled,
                "points": data.points,
            }
            return {"title": data.title, **card}


def _welcome(news: Accrual) -> Occasion | None:
    activity = news.data.activity
    if activity is None or not isinstance(activity.data.event, Signup):
        return None
    event = activity.data.event
    points = sum(each.points for each in news.data.earned)
    cause = Cause(source=event.source, id=event.id)
    # One welcome a member, however many partners sign them up.
    return Occasion(f"welcome:{news.data.member}", "welcome", {"points": points}, cause)


def _return(news: Accrual, returned: ReturnedData, rules: Ruleset) -> Occasion | None:
    """What a return took back at once; None where it took no points. What campaigns take back later is not told."""
    lost: dict[str, int] = {}
    for each in news.data.earned:
        if each.points < 0:
            lost[each.wallet] = lost.get(each.wallet, 0) - each.points
    if not lost or news.data.activity is None:
        return None
    most = max(lost, key=lambda wallet: (lost[wallet], wallet))
    others = ", ".join(f"{points} {_wallet(rules, wallet)}" for wallet, points in lost.items() if wallet != most)
    facts = {"points": lost[most], "wallet": _wallet(rules, most), "others": others, "whole": returned.left is None}
    event = news.data.activity.data.event
    return Occasion(f"return:{news.id}", "return", facts, Cause(source=event.source, id=event.id))


def _wallet(rules: Ruleset, id_: str) -> str:
    """What members call it."""
    purse = rules.programme.purses.get(id_)
    return id_ if purse is None or purse.title is None else purse.title


def _clock(id_: str, entry: EntryData, rules: Ruleset) -> Occasion | None:
    """What the clock did, or will do, to points; what was done at a till its till has told."""
    cause = Cause(source="/earn", id=entry.id)
    wallet = {"wallet": _wallet(rules, entry.wallet)}
    match entry.kind:
        case "warning" if entry.until is not None:
            facts = {"points": entry.points, **wallet, "last_day": _last_day(entry.until, rules)}
            return Occasion(f"points-expiring:{id_}", "points-expiring", facts, cause)
        case "expiry":
            facts = {"points": -entry.points, **wallet, "last_day": _last_day(entry.at, rules)}
            return Occasion(f"points-expired:{id_}", "points-expired", facts, cause)
        case "activation" if entry.active:
            return Occasion(f"points-active:{id_}", "points-active", {"points": entry.active, **wallet}, cause)
    return None


def _last_day(until: datetime, rules: Ruleset) -> str:
    """Of an exclusive end: what a member reads is the last day, from end to end."""
    return (until.astimezone(rules.zone) - _A_DAY).date().isoformat()


def _tier(news: TierChanged, rules: Ruleset) -> Occasion:
    data = news.data
    up = _height(rules, data.ladder, data.after) > _height(rules, data.ladder, data.before)
    facts = {
        "reached": _title(rules, data.after),
        "left": _title(rules, data.before),
        "qualifying": data.qualifying,
        # `until` is exclusive: what a member reads is the last day, in the programme's zone.
        "year": data.until.astimezone(rules.zone).year - 1,
    }
    return Occasion(f"tier:{news.id}", "tier-reached" if up else "tier-lost", facts, data.cause)


def _height(rules: Ruleset, ladder: str, tier: str | None) -> int:
    tiers = next((each.tiers for each in rules.ladders if each.id == ladder), [])
    return next((each.reached_from for each in tiers if each.id == tier), 0)


def _title(rules: Ruleset, tier: str | None) -> str | None:
    ladders: list[Ladder] = rules.ladders
    return next((each.title for ladder in ladders for each in ladder.tiers if each.id == tier), tier)
