"""Each time that a rule gave a member something: from the journal, and from what campaigns keeps of things. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.ops.cases import Entry
from shared.ops.rebuilding import Sources
from shared.ops.story import Part, draw_named, grant_of, parts_of, short, what
from shared.rules.definition import Rule
from shared.rules.rulebook import Rulebook
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.wins import event_scope


@dataclass(frozen=True, slots=True)
class Use:
    """One time that the rule gave something: for which event, when (local), what: points, and things."""

    event: str
    what: Saying | str
    at: datetime
    parts: tuple[Part, ...]
    things: tuple[Saying, ...] = ()


def uses_of(member: str, rule: str, journal: Sequence[Entry], sources: Sources, zone: ZoneInfo) -> list[Use]:
    """In order of time; what a win gave in several parts is one use. journal: in order."""
    found: dict[str, Use] = {}

    def note(id_: str, use: Use) -> None:
        head, key = f"{rule}:{member}:", id_
        if head in id_:
            key = id_.partition(head)[2].split(":")[0]
        known = found.get(key)
        found[key] = (
            use if known is None else replace(known, parts=known.parts + use.parts, things=known.things + use.things)
        )

    for each in journal:
        parts = tuple(part for part in parts_of(each) if part.rule == rule)
        tags = _tags(each, rule)
        if parts or tags:
            note(each["_id"], Use(each["_id"], what(each), each["at"].astimezone(zone), parts, tags))
    scopes = {event_scope(each["_id"]): short(each["_id"]) for each in journal}
    for each in sources.things or ():
        if each["rule"] == rule:
            said = _said(each, sources.book)
            note(
                each["_id"],
                Use(each["_id"], _won_by(each, member, scopes, sources.book), each["at"].astimezone(zone), (), (said,)),
            )
    return sorted(found.values(), key=lambda each: each.at)


def _won_by(won: Entry, member: str, scopes: Mapping[str, str], book: Rulebook) -> Saying | str:
    """`bonus, by grocer b-0`; what is not won by one event, by its kind alone."""
    kind = next((each.kind for each in book.versions if each.id == won["rule"] and isinstance(each, Rule)), "")
    event = scopes.get(won["_id"].partition(f"{won['rule']}:{member}:")[2].split(":")[0])
    if not kind:
        return event or ""
    return say(Phrase(kind)) if event is None else say(Phrase.GRANTED, reason=say(Phrase(kind)), event=event)


def _tags(entry: Entry, rule: str) -> tuple[Saying, ...]:
    if entry["kind"] != "grant":
        return ()
    data = grant_of(entry).data
    return (say(Phrase.A_TAG, tag=data.tag),) if data.rule == rule and data.tag is not None else ()


def _said(won: Entry, book: Rulebook) -> Saying:
    """A voucher, gift or tickets as campaigns keeps them."""
    if won["kind"] == "tickets":
        return say(Phrase.A_TICKET, count=int(won.get("count") or 1), draw=draw_named(won.get("draw"), book))
    return say(Phrase.A_VOUCHER if won["kind"] == "voucher" else Phrase.A_GIFT, title=won["title"])


def different(uses: Sequence[Use]) -> tuple[Saying, ...]:
    """The things of these uses, each kind of them once and how many; a tag that is there already is not two."""
    found: dict[tuple[Phrase, str], tuple[Saying, int]] = {}
    for each in (thing for use in uses for thing in use.things):
        said = {name: value for name, value in each.values.items() if name != "count"}
        count = each.values.get("count", 1)
        assert isinstance(count, int)
        key = each.what, str(said)
        found[key] = each, found.get(key, (each, 0))[1] + count
    return tuple(_several(each, count) for each, count in found.values())


def _several(thing: Saying, count: int) -> Saying:
    if "count" in thing.values:
        return Saying(thing.what, {**thing.values, "count": count})
    return thing if count == 1 or thing.what is Phrase.A_TAG else say(Phrase.SEVERAL, count=count, thing=thing)
