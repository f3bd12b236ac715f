"""One event explained: facts, every rule that looked at it, points by line, postings. Pure."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from shared.events.light_entries import ASKED
from shared.ledger.kin import merged_by
from shared.ledger.returned import RETURN_OF, ended
from shared.ops.cases import Case, Entry, Inquiry, had_of, posted_parts
from shared.ops.rebuilding import Sources, activity_of, arrived, before, traceless
from shared.ops.recorded import recorded
from shared.ops.remembered import Granted, Remembered, Stood
from shared.ops.rulings import Ruling
from shared.ops.rulings import rulings as rulings_of
from shared.ops.story import Part, grant_of, parts_of, what
from shared.ops.totals import Totals
from shared.ops.undone import undone
from shared.ops.unwinding import won_in
from shared.rules.definition import Rule
from shared.rules.facts import Facts
from shared.rules.matching import facts_of
from shared.rules.money_told import kept
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.saying.phrase import Saying
from shared.rules.usage import Ample, Shared


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
    """One journal entry, fully. `facts` are those the journal kept, money with the currency's decimals; `also` are
    grants that this event led to; `spared` what a return left to the member, who had spent it; `ended` what had
    expired, and breakage gave back. merged_into: who was asked about, where it is an entry of one who was merged into
    them."""

    member: str
    event: str
    kind: str
    at: datetime
    what: Saying | str
    origin: str | None
    seq: int
    parts: list[Part]
    facts: dict[str, str | None]
    rulings: list[Ruling]
    lines: list[BasketLine]
    postings: list[dict[str, Any]]
    also: list[Part]
    spared: dict[str, int]
    ended: dict[str, int]
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What households' limits, limits in all and budgets still allow, as it is now: of earn and of campaigns."""

    earn: Shared
    campaigns: Shared


UNKNOWN: Final = Standing(Ample(), Ample())


def explain(entry: Entry, sources: Sources, standing: Standing = UNKNOWN) -> Explanation:
    """The explanation of a journal entry; of one of a merged member as it was theirs. Of what no event brought about
    no rule was asked: what it moved is all there is to tell."""
    sources = sources.of(entry["member"])
    rules = sources.known.ruleset(sources.earn_knew(entry), entry["at"])
    caused = sources.caused(entry)
    lines = list[BasketLine]()
    if not is_asked(entry):
        rulings = list[Ruling]()
    elif entry["kind"] == "grant":
        rulings = [_granted(entry, sources.book)]
    else:
        asked = inquiry_of(entry, sources, standing)
        lines = _lines(asked.earn.facts, entry, rules)
        rulings = rulings_of(asked)
    return Explanation(
        member=entry["member"],
        event=entry["_id"],
        kind=entry["kind"],
        at=entry["at"].astimezone(rules.zone),
        what=what(entry),
        origin=entry["origin"],
        seq=entry["seq"],
        parts=parts_of(entry),
        facts={name: kept(name, value, rules.programme.currency) for name, value in entry["facts"].items()},
        rulings=rulings,
        lines=lines,
        postings=[dict(each) for each in entry["postings"]],
        also=[part for each in caused for part in parts_of(each)],
        spared=dict(entry.get("spared", {})),
        ended=ended(entry),
    )


def is_asked(entry: Entry) -> bool:
    """Whether rules were asked about it; a cancelled purchase is a return of it, whatever its kind."""
    return entry["kind"] in ASKED or RETURN_OF in entry


def inquiry_of(entry: Entry, sources: Sources, standing: Standing = UNKNOWN) -> Inquiry:
    """The rules of an entry's time: as earn and campaigns knew them, and as they are published by now."""
    sources = sources.of(entry["member"])
    time, known = activity_of(entry).event.time, sources.known
    earn = known.ruleset(sources.earn_knew(entry), time)
    campaigns = known.ruleset(sources.campaigns_knew(entry), time)
    by_now = sources.book.at(time)
    knew = sources.earn_knew(entry), sources.campaigns_knew(entry)
    first, second = (Totals(sources.book.versions, sources.published, at) for at in knew)
    totals = first, second
    case = _case(entry, sources, standing, earn, totals, campaigns)
    theirs = case if _same(earn, campaigns) else _case(entry, sources, standing, campaigns, totals, campaigns)
    now = None
    if not (_same(earn, by_now) and _same(campaigns, by_now)):
        # As if all had been published in time, as a replay would have it.
        now = _case(entry, replace(sources, published={}), standing, by_now, totals, campaigns)
    had = had_of(entry, case.posted, sources.all_things)
    posted_at = entry.get("posted_at")
    late = frozenset[tuple[str, int]]() if posted_at is None else known.after(posted_at)
    merged = merged_by(sources.journal, entry["seq"])
    sent = sources.sent(entry) if sources.decided(entry) else None
    return Inquiry(case, theirs, now, had, undone(entry, sources), late, merged, sent)


def _same(some: Ruleset, other: Ruleset) -> bool:
    """Whether they have the same versions, which are made once."""
    return [*map(id, some.definitions)] == [*map(id, other.definitions)]


def _case(
    entry: Entry,
    sources: Sources,
    standing: Standing,
    rules: Ruleset,
    totals: tuple[Totals, Totals],
    decided: Ruleset,
) -> Case:
    """The state before an entry, with the entry's facts under rules of its time. decided: those that campaigns knew."""
    event = activity_of(entry).event
    past = before(entry["seq"], entry["member"], sources)
    arrived(past, entry, event)
    facts = facts_of(event, past.earn.document, rules)
    earn = Remembered(entry, won_in([entry]), rules, past.earn.tally)
    challenges = {rule: each.won for rule, each in sources.rewards(entry).items()}
    won = [*(challenges | {each.rule: each for each in sources.won(entry)}).values()]
    posted = [entry, *sources.caused(entry)]
    gave = {each.rule for each in won} | posted_parts(posted).keys()
    known = recorded(entry["_id"], sources.noted, decided, rules, gave)
    campaigns = [Granted(won, rules, standing.campaigns, stood, known.cut) for stood in Stood]
    nothing = _gave_nothing(entry, sources, rules, gave)
    return Case(
        entry["_id"], past, facts, rules, earn, campaigns, posted, standing.earn, standing.campaigns, *totals,
        gave_nothing=nothing, gave_no_points=_gave_no_points(entry, sources), recorded=known,
    )  # fmt: skip


def _gave_nothing(entry: Entry, sources: Sources, rules: Ruleset, gave: Set[str]) -> frozenset[str]:
    """Rules of campaigns that would be known to have given something, as a grant, a note or a thing, and are not."""
    told = (each for each in rules.of(Rule) if each.kind != "earn" and not sources.forgets(each))
    return frozenset(each.id for each in told if each.id not in gave and (each.kind != "bonus" or not traceless(each)))


def _gave_no_points(entry: Entry, sources: Sources) -> frozenset[str]:
    """Rules whose things are there, and of which campaigns' notes say no points: a limit or budget took them all away,
    and no grant is on its way. Of what is no purchase it notes nothing."""
    if not sources.decided(entry):
        return frozenset()
    sent = sources.sent(entry)
    found = {rule for rule, each in sources.rewards(entry).items() if rule in sent and not each.won.points}
    if entry["kind"] == "purchase":
        found |= {each.rule for each in sources.won(entry) if each.rule not in sent and not each.points}
    return frozenset(found)


def _granted(entry: Entry, book: Rulebook) -> Ruling:
    grant = grant_of(entry).data
    title = next(
        (each.title for each in book.versions if (each.id, each.version) == (grant.rule, grant.version)), grant.rule
    )
    return Ruling(grant.rule, title, grant.reason, grant.version, "applies", tuple(parts_of(entry)), None)


def _lines(facts: Facts, entry: Entry, rules: Ruleset) -> list[BasketLine]:
    by_line = {each["rule"]: each["lines"] for each in entry["awards"] if each.get("lines") is not None}
    earning = rules.eligible
    return [
        BasketLine(
            number=number,
            product=line.product,
            department=line.department,
            quantity=line.quantity,
            amount=f"{line.amount:f}",
            eligible=earning is None or earning.test(line),
            points={rule: points[number] for rule, points in by_line.items() if number < len(points)},
        )
        for number, line in enumerate(facts.lines)
    ]
