"""What a member did before, naively: the list of all their events is gone through for every question."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from shared.rules.language import syntax as s
from tests.model.rules.world import World, day_before, period

Value = Callable[..., Any]
PERIODS = {"today": "day", "this_week": "week", "this_month": "month", "this_quarter": "quarter", "this_year": "year",
           "ever": "ever"}  # fmt: skip


def history(function: str, given: tuple[s.Node, ...], world: World, value: Value) -> Any:
    """history.count, sum, distinct, first, last or streak."""
    rest, what = list(given), None
    if function in ("sum", "distinct"):
        what = rest.pop(0)
    window = rest.pop(0)
    filter_ = rest[0] if rest else None
    any_kind = filter_ is not None and names_kind(filter_)

    def counts(then: World) -> bool:
        return (any_kind or then.kind == "purchase") and (filter_ is None or value(filter_, then) is True)

    before = [then for then in map(world.then, world.earlier) if counts(then)]
    now = world.then(world.event)
    if function == "streak":
        return streak(window.dotted, before, now, counts(now))  # type: ignore[attr-defined]
    within = [then for then in [*before, *([now] if counts(now) else [])] if held(window, then.today, world.today)]
    if function in ("first", "last"):
        days = sorted(then.today.isoformat() for then in before if held(window, then.today, world.today))
        day = None if not days else days[0] if function == "first" else days[-1]
        return None if day is None or day > world.today.isoformat() else day  # as facts.md says of what comes late
    if function == "count":
        return len(within)
    values = [found for then in within if (found := value(what, then)) is not None]
    return len(set(values)) if function == "distinct" else sum(values)


def purchases(window: s.Node, world: World) -> list[World]:
    """Those within a window, this one included."""
    all_ = map(world.then, [*world.earlier, world.event])
    return [then for then in all_ if then.kind == "purchase" and held(window, then.today, world.today)]


def held(window: s.Node, day: date, today: date) -> bool:
    """Whether a window, seen from today, holds a day."""
    if isinstance(window, s.Name):
        name = PERIODS[window.dotted]
        return period(name, day) == period(name, today)
    assert isinstance(window, s.Call)
    said = window.arguments[0].value  # type: ignore[attr-defined]
    first = date.fromisoformat(said) if window.function == "since" else today - timedelta(days=int(said) - 1)
    return first <= day <= today


def streak(name: str, before: list[World], now: World, counted: bool) -> int:
    """Periods in a row, up to this one; this one may still be empty."""
    filled = {period(name, then.today) for then in before}
    length = int(counted or period(name, now.today) in filled)
    day = day_before(name, now.today)
    while period(name, day) in filled:
        length, day = length + 1, day_before(name, day)
    return length


def names_kind(node: s.Node) -> bool:
    """Whether a filter asks for the kind of event: then it is not about purchases alone."""
    match node:
        case s.Name(parts=parts):
            return parts == ("event", "kind")
        case s.Joined(parts=parts):
            return any(map(names_kind, parts))
        case s.Binary(left=left, right=right):
            return names_kind(left) or names_kind(right)
        case s.Unary(of=of) | s.Method(of=of):
            return names_kind(of)
        case s.Call(arguments=arguments):
            return any(map(names_kind, arguments))
    return False
