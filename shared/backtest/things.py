"""Vouchers, gifts, tickets and other things in a report: counted, and priced where they have a value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from shared.backtest.costs import written
from shared.backtest.result import Both, OfDay, OfRule, OfSegment, OfThing, Side
from shared.backtest.tally import Sums, Tally, Thing
from shared.rules.definition import Definition, Rule
from shared.rules.rewards import THINGS
from shared.rules.rulebook import Rulebook

_NOTHING = Sums()
Priced = tuple[int, Decimal, int]  # how many, what they cost, how many members got any


def gives_things(book: Rulebook) -> bool:
    """Whether any rule gives something besides points."""
    return any(isinstance(each, Rule) and each.things for each in book.versions)


def cost(tally: Tally) -> Decimal:
    """What all things cost."""
    return sum((each.value * sums.points for each, sums in tally.things.items()), Decimal(0))


def who(tally: Tally) -> set[str]:
    """Members who got any."""
    return {member for sums in tally.things.values() for member, number in sums.members.items() if number}


def times(tally: Tally) -> int:
    """How often something was given."""
    return sum(sums.times for sums in tally.things.values())


def of_things(draft: Tally, other: Tally) -> list[OfThing]:
    """How many of each sort were given by all rules together."""
    found = []
    for name in THINGS:
        one, two = (
            sum(sums.points for each, sums in tally.things.items() if each.name == name) for tally in (draft, other)
        )
        if one or two:
            found.append(OfThing(name, one, two))
    return found


def of_rules(draft: Tally, other: Tally, known: Mapping[str, Definition]) -> Iterator[OfRule]:
    """Each rule's things: those that cost most first."""

    def rule(tally: Tally, thing: Thing) -> Priced:
        sums = tally.things.get(thing, _NOTHING)
        return sums.points, thing.value * sums.points, sum(1 for number in sums.members.values() if number)

    def most(thing: Thing) -> tuple[Decimal, int]:
        (one, cost_, _), (two, then, _) = rule(draft, thing), rule(other, thing)
        return max(cost_, then), max(one, two)

    for thing in sorted({*draft.things, *other.things}, key=lambda each: (*(-n for n in most(each)), str(each))):
        definition = known.get(thing.rule)
        title, kind = (definition.title, definition.kind) if definition is not None else (thing.rule, "rule")
        each = "" if thing.worth is None else f"{thing.worth:f}"
        yield OfRule(thing.rule, title, kind, "", each, both(rule(draft, thing), rule(other, thing)), thing.name)


def of_segment(draft: Tally, other: Tally, id_: str, title: str) -> Iterator[OfSegment]:
    """The things that a segment's members got, if they got any."""

    def segment(tally: Tally) -> Priced:
        sums = tally.segments.get(id_)
        if sums is None:
            return 0, Decimal(0), 0
        money = sum((thing.value * count for thing, count in sums.things.items()), Decimal(0))
        return sum(sums.things.values()), money, len(sums.members.get("", ()))

    one, two = segment(draft), segment(other)
    if one[2] or two[2]:
        yield OfSegment(id_, title, "", both(one, two), "things")


def of_days(draft: Tally, other: Tally, days: Iterable[date]) -> Iterator[OfDay]:
    """Each local day's things, where there are any at all."""

    def day(tally: Tally, at: date) -> tuple[int, Decimal]:
        counts = [(each, sums.days.get(at, 0)) for each, sums in tally.things.items()]
        return sum(count for _, count in counts), sum((each.value * count for each, count in counts), Decimal(0))

    for at in days if draft.things or other.things else ():
        one, two = day(draft, at), day(other, at)
        yield OfDay(at.isoformat(), "", one[0], two[0], written(one[1]), written(two[1]))


def both(draft: Priced, other: Priced) -> Both:
    """Counts as `times`: things are no points."""
    more = (draft[0] - other[0], draft[1] - other[1], draft[2] - other[2])
    return Both(*(Side(None, written(each[1]), each[2], each[0]) for each in (draft, other, more)))
