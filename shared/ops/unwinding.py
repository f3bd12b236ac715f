"""A member's past, rebuilt: what a return took back of it, by the code that the services use. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from shared.events.light import Occurrence
from shared.ledger.kin import Family
from shared.ledger.recalling import recalled
from shared.ledger.returned import NUMBER, RETURN_OF, activity, in_turn, left_of, said, standing
from shared.ops.past import Counted, Past, Won
from shared.ops.rejoined import brought_by, ties
from shared.ops.story import grant_of
from shared.rules.definition import Bounded, Campaign, Rule
from shared.rules.facts import Facts, dated
from shared.rules.history import note, unnote
from shared.rules.matching import Ruled, facts_of, ruled
from shared.rules.merging import charged
from shared.rules.merging_progress import Way, returned
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.spending import unused, used, worth
from shared.rules.usage import Bound, bounds

Entry = Mapping[str, Any]


class Source(Protocol):
    """See `shared.ops.rebuilding.Sources`."""

    @property
    def book(self) -> Rulebook: ...
    @property
    def entries(self) -> Sequence[Entry]: ...

    def won(self, entry: Entry) -> list[Won]: ...
    def before_it(self, bought: Entry) -> dict[str, Any]: ...
    def family(self, entry: Entry) -> Family: ...
    def knew(self, bought: Entry, back: Entry) -> Rulebook: ...


def unwind(past: Past, entry: Entry, sources: Source) -> None:
    """What a return took back of uses, progress and history."""
    book, journal = sources.book, sources.entries
    bought = next((each for each in journal if each["_id"] == entry[RETURN_OF]), None)
    if bought is None:
        return
    event, key = activity(bought).event, bought["_id"]
    mine = [each for each in in_turn(journal) if each[RETURN_OF] == key and each[NUMBER] <= entry[NUMBER]]
    returns = [said(each) for each in mine]
    whole, left = ruled(event, sources.knew(bought, entry)), [left_of(event, some) for some in (returns[:-1], returns)]
    if whole is None or left[0] is None:
        return
    was, now = (None if each is None else facts_of(each, None, whole.rules) for each in left)
    assert was is not None
    sides = ((past.earn, won_in([entry]), _earned), (past.campaigns, sources.won(entry), sources.won))
    brought = brought_by(past, entry.get("bought_by"))
    with charged(brought):
        for side, gone, gave in sides:
            usage, ended = side.usage(entry["_id"], past.household), _ended([bought, *mine], gave)
            for won in gone:
                if won.points < 0:
                    _unused(won, whole.facts, whole.rules, book, usage, key, times=int(won.rule in ended))
    _uncount(past, brought, bought, left, whole, sources)
    history = past.earn.document.setdefault("history", {})
    for name, counter in book.counters.items():
        if not unnote(history, counter, name, was, now):
            history[name] = {}
            for each, by in standing(*sources.family(entry)):
                if (under := ruled(each, book, by)) is not None:
                    note(history, counter, name, under.facts)


def _uncount(
    past: Past, brought: Way, bought: Entry, left: Sequence[Occurrence | None], whole: Ruled, sources: Source
) -> None:  # fmt: skip
    """Challenges count less. left: of the purchase, before the return and after it.

    A challenge had counted it if its rule held then: the member is asked as they were before the purchase, as campaigns
    are told of them. As they are at the return, what never counted would be taken from what others counted.
    """
    rules, challenges = whole.rules, whole.rules.rules("challenge", whole.facts.kind)
    asked = any(each.asks_member and each.plausible(whole.facts) for each in challenges)
    then = sources.before_it(bought) if asked else {}
    was, now = (None if each is None else recalled(each, then, rules, challenges, bought["facts"]) for each in left)
    for compiled in challenges:
        holds = [facts is not None and compiled.matches(facts, rules.in_segment) for facts in (was, now)]
        if was is not None and holds[0]:
            rest = now if holds[1] else None
            for way, period in returned(brought, compiled.rule, was, rest, ties(past), bought.get("posted_at")):
                usage = past.campaigns.usage(bought["_id"], past.household)
                _taken(way, compiled.rule.id, period, whole, sources.book, usage)


def _taken(way: Way, rule: str, period: str, whole: Ruled, book: Rulebook, usage: Counted) -> None:
    """The reward of a period went back: so do its uses, in the period of the event that won it."""
    gave = way[0].get("gave", {}).get(rule, {}).pop(period, None)
    if gave is None:
        return
    won, at, event = gave
    facts = dated(whole.facts.event, at, whole.rules.zone)
    with charged(way):
        _unused(Won(won.rule, won.version, -won.points), facts, whole.rules, book, usage, event, times=1)


def _earned(entry: Entry) -> list[Won]:
    """What a purchase earned, or a return was to take of it, whatever of that its member keeps."""
    if RETURN_OF not in entry:
        return won_in([entry])
    return [Won(rule, version, points) for rule, version, _, points in entry["back"]]


def _ended(entries: Sequence[Entry], gave: Callable[[Entry], Iterable[Won]]) -> set[str]:
    """Rules that gave something by a purchase and its returns, of which the last took the rest."""
    before, after = Counter[str](), Counter[str]()
    for each in entries:
        for won in gave(each):
            after[won.rule] += won.points
            before[won.rule] += 0 if each is entries[-1] else won.points
    return {rule for rule in before if before[rule] and not after[rule]}


def _unused(
    won: Won, facts: Facts, rules: Ruleset, book: Rulebook, usage: Counted, event: str, *, times: int
) -> None:  # fmt: skip
    for each, worths, things in bounds_of(won, facts, rules, book):
        bound, amount = unused(each, worths, times=0 if things else times, points=-won.points)
        if amount:
            usage.less(bound, amount, event)


def use_bounds(won: Won, facts: Facts, rules: Ruleset, book: Rulebook, usage: Counted) -> None:
    """What was won used the limits of its rule, in the version of that time, and of the campaign."""
    for each, worths, _ in bounds_of(won, facts, rules, book):
        bound, amount = used(each, worths, won.points)
        if amount:
            usage.use(bound, amount)


def won_in(entries: Iterable[Entry]) -> list[Won]:
    """What each rule gave in these entries; a grant of a tag gives no points."""
    found: dict[tuple[str, int], int] = {}
    for each in entries:
        given = [(award["rule"], award["version"], award["points"]) for award in each["awards"]]
        if each["kind"] == "grant" and not given:
            said = grant_of(each).data
            given = [(said.rule, said.version, 0)]
        for rule, version, points in given:
            found[rule, version] = found.get((rule, version), 0) + points
    return [Won(rule, version, points) for (rule, version), points in found.items()]


def bounds_of(
    won: Won, facts: Facts, rules: Ruleset, book: Rulebook
) -> Iterator[tuple[Bound, Mapping[str, int], bool]]:  # fmt: skip
    """What held a rule back, in the version that gave, and its campaign; with what its things are worth, and whether it
    has any."""
    rule = next((each for each in book.versions if (each.id, each.version) == (won.rule, won.version)), None)
    if isinstance(rule, Rule):
        campaign = next((each for each in rules.of(Campaign) if each.id == rule.campaign), None)
        parts: list[Bounded] = [rule] if campaign is None else [campaign, rule]
        yield from ((each, worth(rule.things), bool(rule.things)) for part in parts for each in bounds(part, facts))
