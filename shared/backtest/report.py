"""A backtest's result as data: in all, by rule, by local day, by segment, winners and losers, what was held back. Pure.

Members are told by our own id and nothing else. The other side (`other`) is what the rules of the time came to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from shared.backtest.costs import Costs, written
from shared.backtest.drafting import Drafted, programme_of
from shared.backtest.running import Outcome
from shared.backtest.tally import HeldSums, Key, Sums, Tally
from shared.rules.definition import Definition
from shared.rules.rulebook import Rulebook

_TOP: Final = 10
_NOTHING: Final = Sums()
_NOT_HELD: Final = HeldSums()


@dataclass(frozen=True, slots=True)
class Side:
    """Points, what they cost (a decimal as text), how many members got any, how often something was given."""

    points: int
    money: str
    members: int
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """The draft, the other side, and how much more the draft is."""

    draft: Side
    other: Side
    more: Side


@dataclass(frozen=True, slots=True)
class OfRule:
    """One rule's points of one wallet."""

    rule: str
    title: str
    kind: str
    wallet: str
    cost_per_point: str
    sums: Both


@dataclass(frozen=True, slots=True)
class OfSegment:
    """What the members of a segment got while they were in it."""

    segment: str
    title: str
    sums: Both


@dataclass(frozen=True, slots=True)
class OfDay:
    """One local day."""

    day: str
    draft: int
    other: int
    draft_money: str
    other_money: str


@dataclass(frozen=True, slots=True)
class OfMember:
    """One member, by our id."""

    member: str
    draft: int
    other: int

    @property
    def more(self) -> int:
        """How much more the draft gives."""
        return self.draft - self.other


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a limit, a budget or stacking took away from a rule: how often, and points; None: nobody noted them."""

    rule: str
    why: str
    by: str | None
    draft_times: int
    draft_points: int | None
    other_times: int | None
    other_points: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything; `first` and `last` are local days, both included."""

    programme: str
    currency: str
    time_zone: str
    against: str
    other_decided: bool
    first: str
    last: str
    events: int
    members: int
    usual_cost: str
    definitions: list[dict[str, str]]
    total: Both
    winning: int
    losing: int
    rules: list[OfRule]
    days: list[OfDay]
    segments: list[OfSegment]
    winners: list[OfMember]
    losers: list[OfMember]
    held: list[HeldBack]

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        data = asdict(self)
        for name in ("winners", "losers"):
            data[name] = [{**asdict(each), "more": each.more} for each in getattr(self, name)]
        return data


def report(
    found: Outcome,
    drafted: Sequence[Drafted],
    books: tuple[Rulebook, Rulebook],
    days: tuple[date, date],
    *,
    against: str,
    other_decided: bool,
    usual_cost: Decimal,
) -> Report:
    """Of what was found, with the rulebooks of draft and other side; days: the span, both included."""
    programme = programme_of(books[0])
    draft = _Priced(found.draft, Costs(books[0].versions, programme.currency, usual_cost))
    other = _Priced(found.other, Costs(books[1].versions, programme.currency, usual_cost))
    members = _by_member(found)
    known = _newest([*books[1].versions, *books[0].versions])
    changed = [each for each in members if each.more]
    return Report(
        programme=programme.id,
        currency=programme.currency,
        time_zone=programme.time_zone,
        against=against,
        other_decided=other_decided,
        first=days[0].isoformat(),
        last=days[1].isoformat(),
        events=found.events,
        members=len(found.members),
        usual_cost=f"{usual_cost:f}",
        definitions=[{"id": d.definition.id, "kind": d.definition.kind, "what": d.what} for d in drafted],
        total=_both(draft.total(), other.total()),
        winning=sum(each.more > 0 for each in changed),
        losing=sum(each.more < 0 for each in changed),
        rules=list(_rules(draft, other, known)),
        days=list(_days(draft, other, days)),
        segments=list(_segments(draft, other, known)),
        winners=[each for each in changed if each.more > 0][:_TOP] or members[:_TOP],
        losers=[each for each in reversed(changed) if each.more < 0][:_TOP],
        held=_held(found.draft, found.other, known, noted_all=other_decided),
    )


class _Priced:
    """A side with its costs."""

    def __init__(self, tally: Tally, costs: Costs) -> None:
        self.tally, self.costs = tally, costs

    def total(self) -> tuple[int, Decimal, int, int]:
        rules = self.tally.rules
        points = {key: sums.points for key, sums in rules.items()}
        members = {member for sums in rules.values() for member, got in sums.members.items() if got}
        times = sum(sums.times for sums in rules.values())
        return sum(points.values()), self.costs.money(points), len(members), times

    def rule(self, key: Key) -> tuple[int, Decimal, int, int]:
        sums = self.tally.rules.get(key, _NOTHING)
        members = sum(1 for points in sums.members.values() if points)
        return sums.points, self.costs.money({key: sums.points}), members, sums.times

    def segment(self, id_: str) -> tuple[int, Decimal, int, None]:
        sums = self.tally.segments.get(id_)
        if sums is None:
            return 0, Decimal(0), 0, None
        return sum(sums.points.values()), self.costs.money(sums.points), len(sums.members), None

    def day(self, day: date) -> tuple[int, Decimal]:
        points = {key: got for key, sums in self.tally.rules.items() if (got := sums.days.get(day))}
        return sum(points.values()), self.costs.money(points)


Priced = tuple[int, Decimal, int, int | None]


def _both(draft: Priced, other: Priced) -> Both:
    times = None if draft[3] is None or other[3] is None else draft[3] - other[3]
    more = (draft[0] - other[0], draft[1] - other[1], draft[2] - other[2], times)
    return Both(*(Side(each[0], written(each[1]), each[2], each[3]) for each in (draft, other, more)))


def _rules(draft: _Priced, other: _Priced, known: Mapping[str, Definition]) -> Iterable[OfRule]:
    keys = {*draft.tally.rules, *other.tally.rules}
    for key in sorted(keys, key=lambda key: (-max(draft.rule(key)[0], other.rule(key)[0]), key)):
        definition = known.get(key.rule)
        title, kind = (definition.title, definition.kind) if definition is not None else (key.rule, "rule")
        cost = f"{draft.costs.of(key.rule):f}"
        yield OfRule(key.rule, title, kind, key.wallet, cost, _both(draft.rule(key), other.rule(key)))


def _days(draft: _Priced, other: _Priced, days: tuple[date, date]) -> Iterable[OfDay]:
    for n in range((days[1] - days[0]).days + 1):
        day = days[0] + timedelta(days=n)
        one, two = draft.day(day), other.day(day)
        yield OfDay(day.isoformat(), one[0], two[0], written(one[1]), written(two[1]))


def _segments(draft: _Priced, other: _Priced, known: Mapping[str, Definition]) -> Iterable[OfSegment]:
    for id_ in sorted({*draft.tally.segments, *other.tally.segments}):
        title = known[id_].title if id_ in known else id_
        yield OfSegment(id_, title, _both(draft.segment(id_), other.segment(id_)))


def _by_member(found: Outcome) -> list[OfMember]:
    """Who wins most first; where nobody does, who has most."""
    draft, other = found.draft.members, found.other.members
    members = [OfMember(id_, draft.get(id_, 0), other.get(id_, 0)) for id_ in {*draft, *other}]
    return sorted(members, key=lambda each: (-each.more, -each.draft, each.member))


def _held(draft: Tally, other: Tally, known: Mapping[str, Definition], *, noted_all: bool) -> list[HeldBack]:
    """noted_all: of the other side, too. The journal notes what held back earn rules, and no others."""
    found: list[HeldBack] = []
    for key in {**draft.held, **other.held}:
        one, two = draft.held.get(key, _NOT_HELD), other.held.get(key, _NOT_HELD)
        rule = known.get(key[0])
        noted = noted_all or (rule is not None and rule.kind == "earn")
        times = two.times if noted else None
        points = two.points if noted and not two.unknown else None
        found.append(HeldBack(*key, one.times, None if one.unknown else one.points, times, points))
    return sorted(found, key=lambda each: (-(each.draft_points or 0), -each.draft_times, each.rule, str(each.by)))


def _newest(versions: Iterable[Definition]) -> dict[str, Definition]:
    """By id, the last of the highest version."""
    return {each.id: each for each in sorted(versions, key=lambda each: each.version)}
