"""A backtest's result, worked out: in all, by rule, local day and segment, winners and losers, what was held back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from shared.backtest import things
from shared.backtest.costs import ASSUMED, written
from shared.backtest.drafting import Drafted, programme_of
from shared.backtest.result import Both, HeldBack, OfDay, OfMember, OfRule, OfSegment, OfWallet, Report, Side
from shared.backtest.running import Outcome
from shared.backtest.tally import NOTHING, HeldSums, Key, Sums, Tally
from shared.rules.definition import Definition, Programme, Rule
from shared.rules.rulebook import Rulebook

_TOP: Final = 10
_NOTHING: Final = Sums()
_NOT_HELD: Final = HeldSums()


def report(
    found: Outcome,
    drafted: Sequence[Drafted],
    books: tuple[Rulebook, Rulebook],
    days: tuple[date, date],
    *,
    against: str,
    other_decided: bool,
    usual_cost: Mapping[str, Decimal],
    merges: Mapping[str, int] = MappingProxyType({}),
    contested: Sequence[str] = (),
) -> Report:
    """Of what was found, with the rulebooks of draft and other side; days: the span, both included; merges and
    contested: see `Report`."""
    programme = programme_of(books[0])
    draft, other = _Priced(found.draft), _Priced(found.other)
    wallets = _wallets(found, programme)
    members = {wallet: _by_member(found, wallet) for wallet in wallets}
    known = _newest([*books[1].versions, *books[0].versions])
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
        usual_cost={wallet: f"{usual_cost.get(wallet, ASSUMED):f}" for wallet in wallets},
        definitions=[{"id": d.definition.id, "kind": d.definition.kind, "what": d.what} for d in drafted],
        total=_both(draft.in_all(wallets), other.in_all(wallets)),
        wallets=[_of_wallet(wallet, draft, other, members[wallet]) for wallet in wallets],
        rules=[*_rules(draft, other, known), *things.of_rules(found.draft, found.other, known)],
        days=list(_days(draft, other, days, wallets)),
        segments=list(_segments(draft, other, known, wallets)),
        winners=[each for wallet in wallets for each in _winners(members[wallet])],
        losers=[each for wallet in wallets for each in [e for e in reversed(members[wallet]) if e.more < 0][:_TOP]],
        held=_held(found.draft, found.other, known, noted_all=other_decided),
        things=things.of_things(found.draft, found.other),
        things_by_day=list(things.of_days(found.draft, found.other, _each_day(days))),
        merges=dict(merges),
        contested=[] if other_decided else sorted({*contested} & {rule for rule, *_ in found.draft.held}),
    )


def _wallets(found: Outcome, programme: Programme) -> list[str]:
    """Those that anybody got points of, in the programme's order; its first where nobody got any."""
    given = {key.wallet for tally in (found.draft, found.other) for key in tally.rules}
    order = [each for each in programme.purses if each in given]
    return [*order, *sorted(given - {*order})] or [next(iter(programme.purses))]


def _of_wallet(wallet: str, draft: _Priced, other: _Priced, members: Sequence[OfMember]) -> OfWallet:
    sums = _both(draft.total([wallet]), other.total([wallet]))
    return OfWallet(wallet, sums, sum(each.more > 0 for each in members), sum(each.more < 0 for each in members))


def _winners(members: Sequence[OfMember]) -> Sequence[OfMember]:
    """Who gets more; where nobody does, who has most."""
    most = sorted(members, key=lambda each: (-each.draft, each.member))
    return [each for each in members if each.more > 0][:_TOP] or most[:_TOP]


class Priced(NamedTuple):
    """What a `Side` says, with its money as a number."""

    points: int | None
    money: Decimal
    members: int
    times: int | None
    taken: int | None = 0


class _Priced:
    """A side with its costs."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    def in_all(self, wallets: Sequence[str]) -> Priced:
        """With things."""
        found = self.total(wallets)
        given = self.tally.rules.values()
        members = {member for sums in given for member, got in sums.members.items() if got} | things.who(self.tally)
        times = (found.times or 0) + things.times(self.tally)
        return found._replace(money=found.money + things.cost(self.tally), members=len(members), times=times)

    def total(self, wallets: Sequence[str]) -> Priced:
        rules = {key: sums for key, sums in self.tally.rules.items() if key.wallet in wallets}
        members = {member for sums in rules.values() for member, got in sums.members.items() if got}
        times = sum(sums.times for sums in rules.values())
        one = len(wallets) == 1
        in_all, taken = sum(sums.points for sums in rules.values()), sum(sums.taken for sums in rules.values())
        money = sum((_money(sums) for sums in rules.values()), NOTHING)
        return Priced(in_all if one else None, money, len(members), times, taken if one else None)

    def rule(self, key: Key) -> Priced:
        sums = self.tally.rules.get(key, _NOTHING)
        members = sum(1 for points in sums.members.values() if points)
        return Priced(sums.points, _money(sums), members, sums.times, sums.taken)

    def segment(self, id_: str, wallet: str) -> Priced:
        sums = self.tally.segments.get(id_)
        if sums is None:
            return Priced(0, NOTHING, 0, None)
        members = len(sums.members.get(wallet, ()))
        return Priced(sums.points.get(wallet, 0), sums.money.get(wallet, NOTHING), members, None)

    def day(self, day: date, wallet: str) -> tuple[int, Decimal]:
        rules = [sums for key, sums in self.tally.rules.items() if key.wallet == wallet]
        money = sum((sums.money.get(day, NOTHING) for sums in rules), NOTHING)
        return sum(sums.days.get(day, 0) for sums in rules), money

    def costs(self, key: Key) -> str:
        """What a point cost; where versions said different things, each of them."""
        return " or ".join(f"{cost:f}" for cost in sorted(self.tally.rules.get(key, _NOTHING).costs))


def _money(sums: Sums) -> Decimal:
    return sum(sums.money.values(), NOTHING)


def _both(draft: Priced, other: Priced) -> Both:
    money, members = draft.money - other.money, draft.members - other.members
    less = (_less(one, two) for one, two in ((draft[0], other[0]), (draft[3], other[3]), (draft[4], other[4])))
    points, times, taken = less
    more = Priced(points, money, members, times, taken)
    return Both(*(Side(e.points, written(e.money), e.members, e.times, e.taken) for e in (draft, other, more)))


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


def _rules(draft: _Priced, other: _Priced, known: Mapping[str, Definition]) -> Iterable[OfRule]:
    keys = {*draft.tally.rules, *other.tally.rules}
    for key in sorted(keys, key=lambda key: (-max(draft.rule(key).points or 0, other.rule(key).points or 0), key)):
        definition = known.get(key.rule)
        title, kind = (definition.title, definition.kind) if definition is not None else (key.rule, "rule")
        cost = draft.costs(key) or other.costs(key)
        yield OfRule(key.rule, title, kind, key.wallet, cost, _both(draft.rule(key), other.rule(key)))


def _days(draft: _Priced, other: _Priced, days: tuple[date, date], wallets: Sequence[str]) -> Iterable[OfDay]:
    for day in _each_day(days):
        for wallet in wallets:
            one, two = draft.day(day, wallet), other.day(day, wallet)
            yield OfDay(day.isoformat(), wallet, one[0], two[0], written(one[1]), written(two[1]))


def _each_day(days: tuple[date, date]) -> list[date]:
    return [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]


def _segments(
    draft: _Priced, other: _Priced, known: Mapping[str, Definition], wallets: Sequence[str]
) -> Iterable[OfSegment]:
    for id_ in sorted({*draft.tally.segments, *other.tally.segments}):
        title = known[id_].title if id_ in known else id_
        for wallet in wallets:
            sums = _both(draft.segment(id_, wallet), other.segment(id_, wallet))
            if sums.draft.members or sums.other.members:
                yield OfSegment(id_, title, wallet, sums)
        yield from things.of_segment(draft.tally, other.tally, id_, title)


def _by_member(found: Outcome, wallet: str) -> list[OfMember]:
    """Who wins most first."""
    draft, other = found.draft.members(wallet), found.other.members(wallet)
    members = [OfMember(id_, wallet, draft.get(id_, 0), other.get(id_, 0)) for id_ in {*draft, *other}]
    return sorted(members, key=lambda each: (-each.more, -each.draft, each.member))


def _held(draft: Tally, other: Tally, known: Mapping[str, Definition], *, noted_all: bool) -> list[HeldBack]:
    """noted_all: of the other side, too. The journal notes what held back earn rules, and no others."""
    found: list[HeldBack] = []
    for key in {**draft.held, **other.held}:
        one, two = draft.held.get(key, _NOT_HELD), other.held.get(key, _NOT_HELD)
        rule = known.get(key[0])
        noted = noted_all or (rule is not None and rule.kind == "earn")
        times = two.times if noted else None
        mixed = isinstance(rule, Rule) and len(rule.points) > 1  # of several wallets: no number says how many
        points = two.points if noted and not two.unknown and not mixed else None
        found.append(HeldBack(*key, one.times, None if one.unknown or mixed else one.points, times, points))
    return sorted(found, key=lambda each: (-(each.draft_points or 0), -each.draft_times, each.rule, str(each.by)))


def _newest(versions: Iterable[Definition]) -> dict[str, Definition]:
    """By id, the last of the highest version."""
    return {each.id: each for each in sorted(versions, key=lambda each: each.version)}
