"""Reads what milestones, returns and corrections are about: purchases, what became of them, and what taking back may
touch.

A batch without any of them costs no round trip.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.earn import ended, packs, returning
from services.earn.entries import Entry, terms_of
from services.earn.milestones import MILESTONE_OF, reported
from services.earn.posting import JOURNAL
from services.earn.purchases import Purchases, purchase_key
from shared.events.light import ActivityRead, GrantRead
from shared.ledger.kin import Family, Journals, family, with_kin
from shared.ledger.returned import CANCELLED, RETURN_OF, activity, in_turn
from shared.rules.compiled import Compiled
from shared.rules.learning import utc
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Item
from shared.runtime.sharing import Wanted
from shared.runtime.store import Unit

Document = dict[str, Any]


class Found(NamedTuple):
    """The purchases, and what may be given back of limits (`wanted`) and of packs (`drawn`: lane, partner, wallet)."""

    purchases: Purchases
    wanted: list[Wanted]
    drawn: list[tuple[int, str, str]]


async def look_up(
    unit: Unit,
    items: Iterable[Item[Entry]],
    members: Mapping[str, Document],
    households: Mapping[str, set[str]],
    book: Rulebook,
    now: datetime,
) -> Found:
    """What the batch's milestones, returns and corrections are of. items: those that are new."""
    keys, taking = set[str](), dict[str, list[Item[Entry]]]()
    batch: dict[str, Entry] = {}
    askers, corrected = set[str](), set[str]()
    for item in items:
        event = item.event.event
        if not isinstance(event, ActivityRead):
            if event.data.corrects is not None:
                corrected.add(f"{event.source}|{event.data.corrects}")
                if _given_has_ended(item.event, event, book, now, members):
                    askers.update(_persons(item.event.member, members))
            continue
        key = purchase_key(event)
        if key is None:
            batch[item.event.key] = item.event
            continue
        keys.add(key)
        said = reported(event)
        if said is None or said.milestone == CANCELLED:
            taking.setdefault(key, []).append(item)
    found = Found(Purchases(), [], [])
    known = found.purchases
    if corrected:
        posted = await unit.get(JOURNAL, sorted(corrected), ["posted_at"])
        known.grants = {key: each["posted_at"] for key, each in posted.items() if "posted_at" in each}
    if not keys:
        await _read(unit, askers, known)
        return found
    known.entries = dict(await unit.get(JOURNAL, sorted(keys)))
    for each in await unit.find(JOURNAL, MILESTONE_OF, sorted(keys)):
        known.milestones.setdefault(each[MILESTONE_OF], []).append(each)
    if taking:
        for each in in_turn(await unit.find(JOURNAL, RETURN_OF, sorted(taking))):
            known.returns.setdefault(each[RETURN_OF], []).append(each)
        askers |= {
            person
            for key, about in taking.items()
            if _asks(known.entries.get(key), batch.get(key), book)
            or _of_merged(known.entries.get(key), about)
            or _ended(known.entries.get(key), about, now, members)
            for item in about
            for person in _persons(item.event.member, members)
        }
        for key, about in taking.items():
            if (bought := known.entries.get(key)) is not None and bought["kind"] == "purchase":
                whose = households.get(about[0].event.member, set())
                _touched(bought, {item.record.partition for item in about}, whose, book, found)
    await _read(unit, askers, known)
    return found


async def _read(unit: Unit, askers: set[str], known: Purchases) -> None:
    if askers:
        known.pasts = await journals(unit, askers)


async def journals(unit: Unit, persons: Iterable[str]) -> Journals:
    """The entries of some members, and of all whom merges have ever made one with them."""

    async def read(some: list[str]) -> list[Document]:
        return await unit.find(JOURNAL, "member", some)

    return await with_kin(await by_member(unit, persons), read)


async def by_member(unit: Unit, persons: Iterable[str]) -> dict[str, list[Document]]:
    """All entries of each of these, and of nobody else."""
    found: dict[str, list[Document]] = {each: [] for each in sorted(persons)}
    for entry in await unit.find(JOURNAL, "member", [*found]):
        found[entry["member"]].append(entry)
    return found


async def families(unit: Unit, persons: Collection[str]) -> dict[str, Family]:
    """What is counted of each of these; nobody's, and no round trip, as a rule."""
    known = await journals(unit, persons) if persons else {}
    return {each: family(each, lambda id_: known.get(id_, ())) for each in persons}


def _asks(bought: Document | None, posted: Entry | None, book: Rulebook) -> bool:
    """Whether the buyer's journal is needed: a rule that gave something, or campaigns', asks about them; or a counter
    cannot subtract. posted: the purchase, where it is of this very batch."""
    if any(each.aggregate not in ("count", "sum") for each in book.counters.values()):
        return True
    if bought is not None:
        return bought["kind"] == "purchase" and (
            bool(returning.versions(bought, book).told.get("purchase"))
            or any(each.asks_member for each in _named(bought, book))
        )
    rules = None if posted is None else book.found(posted.time)
    return rules is not None and (
        bool(rules.told.get("purchase")) or any(each.asks_member for each in rules.rules(returning.KIND, "purchase"))
    )


def _of_merged(bought: Document | None, about: Iterable[Item[Entry]]) -> bool:
    """Whether somebody who was merged bought it: the journal says whose it is what expired."""
    return bought is not None and any(item.event.member != bought["member"] for item in about)


def _ended(
    bought: Document | None, about: Iterable[Item[Entry]], now: datetime, members: Mapping[str, Document]
) -> bool:
    """Whether points of the purchase can have expired: the member's journal says how many were not spent."""
    if bought is None:
        return False
    whose = {person for item in about for person in _persons(item.event.member, members)}
    persons = [members[each] for each in whose if each in members]
    return ended.asks(bought, utc(max(now, *(item.event.time for item in about))), persons)


def _given_has_ended(
    each: Entry, grant: GrantRead, book: Rulebook, now: datetime, members: Mapping[str, Document]
) -> bool:
    """The same of what a grant takes back of another."""
    rules = book.found(each.time)
    if rules is None:
        return False
    if grant.data.bought_by not in (None, each.member):
        return True  # as `_of_merged`
    persons = [members[id_] for id_ in _persons(each.member, members) if id_ in members]
    return ended.any_may_have([terms_of(each, rules)(grant.data.wallet).expires], utc(now), persons)


def _persons(id_: str, members: Mapping[str, Document]) -> tuple[str, ...]:
    """A member, and those who were merged into them."""
    return (id_, *members.get(id_, {}).get("absorbed", ()))


def _touched(bought: Document, lanes: Iterable[int], households: Iterable[str], book: Rulebook, found: Found) -> None:
    event, rules = activity(bought), returning.versions(bought, book)
    named = _named(bought, book)
    facts = facts_of(event.event, None, rules)
    for lane in lanes:
        found.wanted.append(Wanted(lane, households, named, facts))
        found.drawn.extend((lane, *of) for of in packs.wanted(event, event.event.time, named, book))


def _named(bought: Document, book: Rulebook) -> list[Compiled]:
    """The rules that gave something, or were held back."""
    ids = {each["rule"] for each in (*bought["awards"], *bought.get("passed", ()))}
    rules = returning.versions(bought, book)
    return [each for each in rules.rules(returning.KIND, "purchase") if each.rule.id in ids]
