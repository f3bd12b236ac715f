"""Each time that a rule gave a member something: from the journal, and from what campaigns keeps of things. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.ledger.returned import RETURN_OF
from shared.ops.cases import Entry
from shared.ops.rebuilding import Sources
from shared.ops.story import Part, cause_of, draw_named, grant_of, parts_of, short, what
from shared.rules.definition import Rule
from shared.rules.rulebook import Rulebook
from shared.rules.saying.phrase import Phrase, Saying, say
from shared.rules.wins import AGAIN, event_scope


@dataclass(frozen=True, slots=True)
class Use:
    """One time that the rule gave something: for which event, when (local), what: points, and things.

    back: that it was taken back, instead; its points are less than none then. by_return: whether a return is known to
    have done that: of a friend's event their advocate has nothing.
    """

    event: str
    what: Saying | str
    at: datetime
    parts: tuple[Part, ...]
    things: tuple[Saying, ...] = ()
    back: bool = False
    by_return: bool = False


def uses_of(member: str, rule: str, journal: Sequence[Entry], sources: Sources, zone: ZoneInfo) -> list[Use]:
    """In order of time; what a win gave in several parts is one use, and so is what one event took back of it.

    journal: in order.
    """
    found: dict[tuple[str, bool], Use] = {}
    returns = {each["at"]: each for each in journal if RETURN_OF in each}

    def note(id_: str, use: Use) -> None:
        head, name = f"{rule}:{member}:", id_
        if head in id_:
            name, _, rest = id_.partition(head)[2].partition(":")
            if (again := rest.split(":")[0]).startswith(AGAIN):  # a challenge that went back and was won once more
                name = f"{name}:{again}"
        key = (use.event if use.back else name), use.back
        known = found.get(key)
        found[key] = (
            use if known is None else replace(known, parts=known.parts + use.parts, things=known.things + use.things)
        )

    for each in journal:
        parts = tuple(part for part in parts_of(each) if part.rule == rule)
        tags = _tags(each, rule)
        if parts or tags:
            by = _taken_by(each, journal) if sum(part.points for part in parts) < 0 else None
            told, back = each if by is None else by, by is not None
            at, returned = told["at"].astimezone(zone), back and _by_return(each, told)
            note(each["_id"], Use(told["_id"], what(told), at, parts, tags, back, returned))
    scopes = {event_scope(each["_id"]): short(each["_id"]) for each in journal}
    for each in sources.things or ():
        if each["rule"] == rule:
            said = _said(each, sources.book)
            note(
                each["_id"],
                Use(each["_id"], _won_by(each, member, scopes, sources.book), each["at"].astimezone(zone), (), (said,)),
            )
            if (since := each.get("withdrawn")) is not None:
                by = returns.get(since, each)
                note(
                    each["_id"],
                    Use(by["_id"], _withdrawn(by), since.astimezone(zone), (), (said,), back=True, by_return=True),
                )
    return sorted(found.values(), key=lambda each: each.at)


def _taken_by(entry: Entry, journal: Sequence[Entry]) -> Entry | None:
    """What took points back: this entry, or the event that a correction of campaigns' is for."""
    if RETURN_OF in entry:
        return entry
    if entry["kind"] != "grant" or grant_of(entry).data.corrects is None:
        return None
    return next((each for each in journal if each["_id"] == cause_of(entry)), entry)


def _by_return(entry: Entry, by: Entry) -> bool:
    """A referral's reward goes back also for an earlier referral or purchase; all else for returns alone."""
    return RETURN_OF in by or (entry["kind"] == "grant" and grant_of(entry).data.reason != "referral")


def _withdrawn(by: Entry) -> Saying | str:
    return what(by) if RETURN_OF in by else say(Phrase.RETURN)


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


def different(uses: Sequence[Use], less: Sequence[Use] = ()) -> tuple[Saying, ...]:
    """The things of these uses, each kind of them once and how many; a tag that is there already is not two.

    less: uses whose things are none of them any more.
    """
    found: dict[tuple[Phrase, str], tuple[Saying, int]] = {}
    for sign, some in ((1, uses), (-1, less)):
        for each in (thing for use in some for thing in use.things):
            said = {name: value for name, value in each.values.items() if name != "count"}
            count = each.values.get("count", 1)
            assert isinstance(count, int)
            key = each.what, str(said)
            found[key] = each, found.get(key, (each, 0))[1] + sign * count
    return tuple(_several(each, count) for each, count in found.values() if count > 0)


def _several(thing: Saying, count: int) -> Saying:
    if "count" in thing.values:
        return Saying(thing.what, {**thing.values, "count": count})
    return thing if count == 1 or thing.what is Phrase.A_TAG else say(Phrase.SEVERAL, count=count, thing=thing)
