"""A member's story as values: what earned what and when, where the balance comes from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from shared.events.internal import LEDGER_INPUT, Grant
from shared.events.light_entries import ASKED, MOVES
from shared.ledger.changes import moved
from shared.ledger.kin import duplicate_of, survivor_of
from shared.ledger.returned import RETURN_OF, ended, unasked
from shared.ops.purses import Purse, purses_of
from shared.rules.definition import Base, Draw, GiftRule, Ladder, Programme
from shared.rules.rulebook import Rulebook
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.schedule import period_said

D = TypeVar("D", bound=Base)


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule gave."""

    rule: str
    version: int
    wallet: str
    points: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """One journal entry that earned something, with the balances after it (counted by event time). Of a return, points
    by wallet of which the member was not asked: spared: what was spent, and left; ended: what came out of breakage."""

    event: str
    kind: str
    at: datetime
    what: Saying | str
    parts: list[Part]
    balances: dict[str, int]
    spared: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """Where the member stands on a ladder; `last_day` is the last local day on which the tier is kept."""

    ladder: str
    tier: str | None
    last_day: str | None
    qualifying: dict[str, int]


@dataclass(frozen=True, slots=True)
class Story:
    """All of it. `earlier` entries are left out of `chapters`; what they brought is in `earlier_points`.

    things: vouchers, gifts and tickets that campaigns gave, the newest last; tags: what the member has. by_rule: what
    the member earned as who they are; came_back: of those who were merged into them, by rule, what was taken of what
    they had earned themselves: their own stories have the gains.
    """

    member: str
    joined: str | None
    balances: dict[str, int]
    tiers: list[Status]
    gifts: list[Saying | str]
    purses: list[Purse]
    by_rule: dict[str, int]
    chapters: list[Chapter]
    earlier: int
    earlier_points: dict[str, int]
    earned_nothing: int
    things: list[Saying] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    came_back: dict[str, dict[str, int]] = field(default_factory=dict)


def build_story(
    member: Mapping[str, Any],
    journal: Sequence[Mapping[str, Any]],
    tiers: Mapping[str, Any] | None,
    book: Rulebook,
    limit: int = 20,
    things: Sequence[Mapping[str, Any]] = (),
    now: datetime | None = None,
) -> Story:
    """The story from earn's member and journal documents, tiers' member document, and what campaigns keeps of things.

    limit: the newest so many entries are told one by one; 0 tells all. now: when the wallets are looked at; without it
    they are not.
    """
    zone = zone_of(book)
    chapters, balances = list[Chapter](), dict[str, int]()
    by_rule: dict[str, int] = {}
    came_back: dict[str, dict[str, int]] = {}
    entries = [each for each in journal if each["seq"] is not None]  # what tills were promised is no part of it
    for entry in sorted(entries, key=lambda each: (each["at"], each["seq"])):
        parts = parts_of(entry)
        for part in parts:
            balances[part.wallet] = balances.get(part.wallet, 0) + part.points
        # Where the gains are another's the losses would stand alone, and say that less than nothing was earned.
        others = entry.get("bought_by")
        earned, sign = (by_rule, 1) if others is None else (came_back.setdefault(others, {}), -1)
        for rule, points in _earned(entry, parts):
            earned[rule] = earned.get(rule, 0) + sign * points
        if parts or unasked(entry) or duplicate_of(entry) is not None:
            local, about = entry["at"].astimezone(zone), what(entry)
            left = dict(entry.get("spared", {})), ended(entry)
            chapters.append(Chapter(entry["_id"], entry["kind"], local, about, parts, dict(balances), *left))
    told = chapters[-limit:] if limit > 0 else chapters
    earlier = len(chapters) - len(told)
    return Story(
        member=member["_id"],
        joined=_day(member["joined"], zone),
        balances=dict(member["balances"]),
        tiers=_statuses(tiers or {}, book, zone),
        purses=[] if now is None else purses_of(member, zone, now),
        gifts=[_gift(id_, book) for id_ in (tiers or {}).get("gifts", [])],
        by_rule=dict(sorted(by_rule.items(), key=lambda pair: -pair[1])),
        chapters=told,
        earlier=earlier,
        earlier_points=chapters[earlier - 1].balances if earlier else {},
        earned_nothing=_earned_nothing(entries),
        things=[_thing(each, zone, book) for each in sorted(things, key=lambda each: each["at"])],
        tags=sorted(member.get("tags", ())),
        came_back={of: {rule: n for rule, n in found.items() if n} for of, found in came_back.items()},
    )


def _earned(entry: Mapping[str, Any], parts: Sequence[Part]) -> Iterator[tuple[str, int]]:
    """By rule, with what was never earned, as its goods came back."""
    yield from ((part.rule, part.points) for part in parts if part.version)
    yield from ((rule, -points) for rule, points in entry.get("uncounted", {}).items())


def _earned_nothing(entries: Sequence[Mapping[str, Any]]) -> int:
    """Events of partners that brought no points, by a grant of campaigns neither. A grant has an entry and is none of
    these events: one that only puts a tag on the member has no points."""
    earned = {each["_id"] for each in entries if parts_of(each) or unasked(each)}
    earned |= {cause_of(each) for each in entries if each["kind"] == "grant" and parts_of(each)}
    return sum(each["kind"] in ASKED - {"grant"} and each["_id"] not in earned for each in entries)


def draw_named(id_: str | None, book: Rulebook) -> str:
    """A draw's title, or its id where nobody defines it any more."""
    found = None if id_ is None else newest(book, Draw, id_)
    return id_ or "-" if found is None else found.title


def _thing(won: Mapping[str, Any], zone: ZoneInfo, book: Rulebook) -> Saying:
    """A voucher, gift or tickets, by which rule and when; and since when it is withdrawn."""
    said = _won(won, zone, book)
    if (since := won.get("withdrawn")) is None:
        return said
    return say(Phrase.WITHDRAWN, what=said, day=since.astimezone(zone).date())


def _won(won: Mapping[str, Any], zone: ZoneInfo, book: Rulebook) -> Saying:
    said: dict[str, Value] = {"rule": won["rule"], "day": won["at"].astimezone(zone).date()}
    match won["kind"]:
        case "voucher":
            said |= {"title": won["title"], "code": won.get("code") or "-"}
            if won.get("until") is None:
                return say(Phrase.WON_VOUCHER, **said)
            until = datetime.fromisoformat(str(won["until"])).astimezone(zone)
            return say(Phrase.WON_VOUCHER_UNTIL, until=until, **said)
        case "tickets":
            return say(
                Phrase.WON_TICKETS, count=int(won.get("count") or 1), draw=draw_named(won.get("draw"), book), **said
            )
    return say(Phrase.WON_GIFT, title=won["title"], **said)


def what(entry: Mapping[str, Any]) -> Saying | str:
    """What an entry is about, in a few words: `grocer basket-123`, or what was granted and for which event; of what
    a person did, who (`ana + ben`: the second one agreed) and why."""
    if entry["kind"] in MOVES:
        late = entry.get("late_for")
        by, why = entry.get("by", {}), entry.get("reason") or (short(late) if late else None)
        agreed = entry.get("approved", {})
        persons = [by.get("person") or by.get("caller"), agreed.get("person") or entry.get("approved_by")]
        said = ": ".join(each for each in (" + ".join(filter(None, persons)), why) if each)
        kind = _moved_by(entry)
        return f"{kind} ({said})" if said else kind
    if RETURN_OF in entry:
        return say(Phrase.RETURN_OF, event=short(entry[RETURN_OF]))
    if entry["kind"] != "grant":
        return short(entry["_id"])
    grant, event = grant_of(entry).data, short(cause_of(entry))
    reason = say(Phrase(grant.reason))
    if grant.period is None:
        return say(Phrase.GRANTED, reason=reason, event=event)
    return say(Phrase.GRANTED_IN, reason=reason, period=period_said(grant.period), event=event)


def _moved_by(entry: Mapping[str, Any]) -> str:
    """Its kind; of two members who were made one, or are two again, with whom."""
    kind = str(entry["kind"])
    if (other := duplicate_of(entry)) is not None:
        return f"{kind} from {other}"
    if (other := survivor_of(entry)) is not None:
        return f"{kind} into {other}" if kind == "merge" else f"{kind} from {other}"
    return kind


def grant_of(entry: Mapping[str, Any]) -> Grant:
    """The grant that a journal entry of kind grant answers."""
    event = LEDGER_INPUT.validate_json(bytes(entry["event"]))
    assert isinstance(event, Grant)
    return event


def cause_of(entry: Mapping[str, Any]) -> str:
    """The key of the event that a grant follows from."""
    cause = grant_of(entry).data.cause
    return f"{cause.source}|{cause.id}"


def parts_of(entry: Mapping[str, Any]) -> list[Part]:
    """What each rule gave, as the journal has it; or what the clock, a till or a person moved, by no rule."""
    if entry["kind"] in MOVES:
        return [Part(entry["kind"], 0, wallet, points) for wallet, points in moved(entry).items()]
    return [Part(each["rule"], each["version"], each["wallet"], each["points"]) for each in entry["awards"]]


def short(key: str) -> str:
    """An event's key for people: `/partners/grocer|basket-123` is `grocer basket-123`."""
    source, _, id_ = key.partition("|")
    return f"{source.removeprefix('/partners/').removeprefix('/')} {id_}"


def newest(book: Rulebook, kind: type[D], id_: str | None = None) -> D | None:
    """The newest version of a definition of a kind."""
    found = [each for each in book.versions if isinstance(each, kind) and id_ in (None, each.id)]
    return max(found, key=lambda each: each.version, default=None)


def zone_of(book: Rulebook) -> ZoneInfo:
    """The programme's time zone."""
    programme = newest(book, Programme)
    return ZoneInfo(programme.time_zone if programme is not None else "UTC")


def _day(moment: str | None, zone: ZoneInfo) -> str | None:
    return datetime.fromisoformat(moment).astimezone(zone).date().isoformat() if moment else None


def _statuses(document: Mapping[str, Any], book: Rulebook, zone: ZoneInfo) -> list[Status]:
    return [
        Status(
            id_, _title(id_, state["tier"], book), _last_day(state["until"], zone), dict(sorted(state["years"].items()))
        )
        for id_, state in sorted(document.get("ladders", {}).items())
    ]


def _title(ladder: str, tier: str | None, book: Rulebook) -> str | None:
    found = newest(book, Ladder, ladder)
    return next((each.title for each in found.tiers if each.id == tier), tier) if found is not None else tier


def _last_day(until: str | None, zone: ZoneInfo) -> str | None:
    """`until` is exclusive; a person reads the last day."""
    if until is None:
        return None
    return (datetime.fromisoformat(until) - timedelta(microseconds=1)).astimezone(zone).date().isoformat()


def _gift(id_: str, book: Rulebook) -> Saying | str:
    rule = newest(book, GiftRule, id_)
    if rule is None:
        return id_
    if rule.value is None:
        return f"{rule.gift} ({id_})"
    value = rule.value
    return say(Phrase.GIFT_OF, gift=rule.gift, value=value.value, currency=value.currency, rule=id_)
