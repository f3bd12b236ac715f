"""One event explained: facts, every rule that looked at it, points by line, postings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.events.internal import LEDGER_INPUT, Activity
from shared.events.light import occurrence_of
from shared.events.partner import Purchase, Signup
from shared.ops.rulings import Case, Entry, Ruling, uses
from shared.ops.rulings import rulings as rulings_of
from shared.ops.story import Part, cause_of, grant_of, parts_of, what
from shared.rules.learning import facts as learned
from shared.rules.learning import learn
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook, Ruleset


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line of the basket, with what each rule gave for it."""

    number: int
    product: str
    department: str | None
    quantity: int
    amount: str
    eligible: bool
    points: dict[str, int]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One journal entry, fully. `facts` are those the journal kept; `also` are grants that this event led to."""

    member: str
    event: str
    kind: str
    at: datetime
    what: str
    origin: str | None
    seq: int
    parts: list[Part]
    facts: dict[str, str | None]
    rulings: list[Ruling]
    lines: list[BasketLine]
    postings: list[dict[str, Any]]
    also: list[Part]


def explain(entry: Entry, journal: Sequence[Entry], campaigns: Mapping[str, Any] | None, book: Rulebook) -> Explanation:
    """The explanation of a journal entry.

    journal: all of the member's entries (of signups and grants with their `event` bytes); campaigns: that service's
    member document, for challenges.
    """
    event = LEDGER_INPUT.validate_json(bytes(entry["event"]))
    rules = book.at(event.time)
    caused = [each for each in journal if each["kind"] == "grant" and cause_of(each) == entry["_id"]]
    rulings, lines = list[Ruling](), list[BasketLine]()
    if isinstance(event, Activity):
        case = _case(entry, event, journal, caused, campaigns, rules, book)
        rulings = rulings_of(case)
        lines = _lines(event, entry, rules)
    else:
        rulings = [_granted(entry, book)]
    return Explanation(
        member=entry["member"],
        event=entry["_id"],
        kind=entry["kind"],
        at=event.time.astimezone(rules.zone),
        what=what(entry),
        origin=entry["origin"],
        seq=entry["seq"],
        parts=parts_of(entry),
        facts=dict(entry["facts"]),
        rulings=rulings,
        lines=lines,
        postings=[dict(each) for each in entry["postings"]],
        also=[part for each in caused for part in parts_of(each)],
    )


def _case(
    entry: Entry, activity: Activity, journal: Sequence[Entry], caused: Sequence[Entry],
    campaigns: Mapping[str, Any] | None, rules: Ruleset, book: Rulebook,
) -> Case:  # fmt: skip
    known: dict[str, Any] = {}
    for each in sorted(journal, key=lambda each: int(each["seq"])):
        if each["kind"] == "signup" and each["seq"] <= entry["seq"]:
            signup = LEDGER_INPUT.validate_json(bytes(each["event"]))
            if isinstance(signup, Activity) and isinstance(signup.data.event, Signup):
                said = signup.data.event
                learn(known, said.data.attributes, said.time, said.key)
    used = uses(entry, journal, book)
    return Case(
        member=entry["member"],
        facts=facts_of(activity.data.event, learned(known), rules),
        rules=rules,
        usage={key: len(events) for key, events in used.items()},
        used_by={key: events[-1] for key, events in used.items()},
        progress=(campaigns or {}).get("progress", {}),
        posted={award["rule"]: award for each in (entry, *caused) for award in each["awards"]},
    )


def _granted(entry: Entry, book: Rulebook) -> Ruling:
    grant = grant_of(entry).data
    title = next(
        (each.title for each in book.versions if (each.id, each.version) == (grant.rule, grant.version)), grant.rule
    )
    return Ruling(
        grant.rule, title, grant.reason, grant.version, "applies", grant.wallet, grant.points, what(entry), []
    )


def _lines(activity: Activity, entry: Entry, rules: Ruleset) -> list[BasketLine]:
    event = activity.data.event
    if not isinstance(event, Purchase):
        return []
    by_line = {each["rule"]: each["lines"] for each in entry["awards"] if each.get("lines") is not None}
    eligible = rules.eligible or (lambda _: True)
    read = occurrence_of(event).data.lines
    return [
        BasketLine(
            number=number,
            product=line.product,
            department=line.department,
            quantity=line.quantity,
            amount=line.amount,
            eligible=eligible(read[number]),
            points={rule: points[number] for rule, points in by_line.items() if number < len(points)},
        )
        for number, line in enumerate(event.data.lines)
    ]
