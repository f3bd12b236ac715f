"""A member as the ledger keeps them: the document that rules read, and what events, grants and tiers do to it. Pure.

The document is described in `shared.rules.member`; besides that it has `seq` (how many entries were posted), `lots`
(points by wallet and when they count) and `heard` (changes of tier since the last entry).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.events.light import Joining, Occurrence, occurrence_of
from shared.events.partner import AnyEvent
from shared.ledger import lots
from shared.ledger.terms import FREE, Terms
from shared.rules.compiled import Compiled
from shared.rules.facts import Facts, told
from shared.rules.history import note, unnote
from shared.rules.learning import learn, numbered, utc
from shared.rules.matching import Decided, decide, ruled
from shared.rules.member import PROFILE, TIER, Member, attribute_fact, house
from shared.rules.merging_words import whose
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage, Shared

Document = dict[str, Any]


def newcomer(id_: str) -> Document:
    """A member of whom nothing is known."""
    return {"_id": id_, "seq": 0, "balances": {}, "lots": [], "known": {}, "joined": None}


def join(member: Document, event: Occurrence | AnyEvent) -> None:
    """A signup: what it says of the member, the latest by event time; and the earliest one's time."""
    event = occurrence_of(event)  # the contract's model has a profile of another type, which would be passed over
    data = event.data
    profile = data.profile.said if isinstance(data, Joining) else {}
    attributes = {attribute_fact(name): value for name, value in data.attributes.items()}
    facts = {PROFILE + name: value for name, value in profile.items()}
    for mine in whose(member):
        learn(mine, {**attributes, **facts}, event.time, event.key)
        mine["joined"] = min(filter(None, (mine["joined"], utc(event.time))))
    house(member)


def rank(member: Document, ladder: str, after: str | None, since: datetime, event: str) -> bool:
    """A change of tier; by the instant it began, so that one that is read again takes nobody back to it.

    True when it is news; then it is also noted for the next entry, which says what was heard before it.
    """
    known = member.get("known", {})
    if known.get(TIER + ladder, ("", ""))[1].startswith("/"):  # a signup's attribute, kept there by earlier releases:
        del known[TIER + ladder]  # of a later time it would keep every change out
    if not learn(member, {TIER + ladder: after}, since, numbered(event)):
        return False
    change = {"ladder": ladder, "after": after, "since": utc(since)}
    hear(member, [change])
    member.setdefault("heard", []).append(change)
    return True


def hear(member: Document, changes: Iterable[Mapping[str, Any]]) -> None:
    """Tiers that are held after changes, as the journal notes them (`heard`), in their order."""
    held = member.setdefault("tiers", {})
    for change in changes:
        held.pop(change["ladder"], None)
        if change["after"] is not None:
            held[change["ladder"]] = change["after"]


def grant(member: Document, tag: str | None, role: str | None, *, back: bool = False) -> None:
    """What a grant says besides points; or, with `back`, its being taken back."""
    for mine in whose(member) if tag is not None else ():  # theirs alone, too: also one that somebody has brought
        if tag not in mine.get("tags", ()):
            mine.setdefault("tags", []).append(tag)
    if role == "advocate":
        member["referrals"] = member.get("referrals", 0) + (-1 if back else 1)


def credit(
    member: Document, wallet: str, amount: int, *, correction: bool = False, terms: Terms = FREE, at: str = ""
) -> None:
    """Balance, what was ever earned, and lots. A correction takes back what was never earned: it lowers what was ever
    earned too, and may leave a debt. at: the instant (UTC text) by which lots are good, where something is taken."""
    if amount > 0:
        lots.add(member, wallet, amount, terms)
    elif amount < 0:
        lots.claw(member, wallet, -amount, at)
    if amount > 0 or correction:
        lifetime = member.setdefault("lifetime", {})
        lifetime[wallet] = lifetime.get(wallet, 0) + amount


def never_earned(member: Document, wallet: str, points: int) -> None:
    """Points that a member keeps, and whose goods have come back."""
    lifetime = member.setdefault("lifetime", {})
    lifetime[wallet] = lifetime.get(wallet, 0) - points


def earn(member: Document, candidates: Sequence[Compiled], facts: Facts, rules: Ruleset, shared: Shared) -> Decided:
    """What an event earns by these rules, which time and event allow; uses are counted, history is not yet."""
    asked = Member(member)
    facts.of_member(asked)
    usage = MemberUsage(member, shared, asked)
    return decide(candidates, facts, rules, usage, plausible=True)


def answers(facts: Facts, rules: Ruleset) -> dict[str, Any]:
    """What campaigns' rules ask about the member, for this event; before history counts it."""
    return {asked.key: told(asked, facts.get(asked)) for asked in rules.told.get(facts.kind, ())}


def count(member: Document, facts: Facts, book: Rulebook) -> None:
    """Counts an event in the member's history."""
    if not book.counters:
        return
    history = member.setdefault("history", {})
    for key, counter in book.counters.items():
        note(history, counter, key, facts)


def uncount(
    member: Document, was: Occurrence | AnyEvent, now: Occurrence | AnyEvent | None, book: Rulebook,
    by: datetime | None = None,
) -> list[str]:  # fmt: skip
    """A purchase of which something came back counts as what is left of it (None: nothing). by: when it was posted: it
    was counted by the time zone and the eligible lines that were known then.

    Returns the counters that cannot tell from what they keep: these have to be counted again (`recount`).
    """
    if not book.counters:
        return []
    before, after = ruled(was, book, by), None if now is None else ruled(now, book, by)
    assert before is not None  # it was decided by a programme
    history, left = member.setdefault("history", {}), None if after is None else after.facts
    counters = book.counters.items()
    return [key for key, counter in counters if not unnote(history, counter, key, before.facts, left)]


def recount(member: Document, counters: Iterable[str], events: Iterable[Occurrence | AnyEvent], book: Rulebook) -> None:
    """Counts some counters, by key, from nothing. events: all of the member's, in order, as far as they still stand."""
    recount_posted(member, counters, ((each, None) for each in events), book)


def recount_posted(
    member: Document, counters: Iterable[str], events: Iterable[tuple[Occurrence | AnyEvent, datetime | None]],
    book: Rulebook,
) -> None:  # fmt: skip
    """The same; of each event when it was posted, too: it is counted as it was then (see `uncount`)."""
    history = member.setdefault("history", {})
    wanted = {key: book.counters[key] for key in counters}
    for key in wanted:
        history[key] = {}
    for event, by in events:
        under = ruled(event, book, by)
        if under is not None:
            for key, counter in wanted.items():
                note(history, counter, key, under.facts)
