"""A backtest's report as one HTML page that needs nothing else: no network, no script; for phones, and in the dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from importlib.resources import files
from itertools import accumulate
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined

from shared.backtest import charts, text
from shared.backtest.result import Both, OfDay, Report
from shared.currencies import digits


class Bar(NamedTuple):
    """Two bars, one above the other, in percent of the longest of their wallet."""

    title: str
    name: str
    sums: Both
    draft: float
    other: float
    note: str = ""


class Tick(NamedTuple):
    """A month's name, and how far from the left it begins, in percent."""

    at: float
    name: str


def rendered(found: Report) -> str:
    """The page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "signed": text.signed, "short": short, "tone": _tone, "taken": _taken}
    environment.filters |= {"money": partial(_money, found), "rounded": partial(_rounded, found)}
    template = environment.from_string((files("shared.backtest") / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        report=found,
        drafts=text.drafts(found),
        comparison=text.comparison(found),
        other=text.other_name(found),
        by_day=[(each.wallet, _by_day(found, each.wallet)) for each in found.wallets],
        several=text.several(found),
        every_day=_every_day(found),
        smooth=_long(found),
        running=_running(found),
        ticks=list(_ticks(_of_wallet(found, found.wallets[0].wallet))),
        rules=_bars(
            [
                (each.title, text.named(found, each.rule, each.wallet), each.wallet, each.sums, each.cost_per_point)
                for each in found.rules
                if each.thing is None
            ]
        ),
        things=_bars(
            [
                (
                    each.title,
                    f"{each.rule} ({text.plural(each.thing, 2)[2:]})",
                    each.thing,
                    each.sums,
                    each.cost_per_point,
                )
                for each in found.rules
                if each.thing is not None
            ]
        ),
        segments=_bars(
            [
                (each.title, text.named(found, each.segment, each.wallet), each.wallet, each.sums, "")
                for each in found.segments
                if each.thing is None
            ]
        ),
        segments_things=_bars(
            [(each.title, each.segment, "", each.sums, "") for each in found.segments if each.thing is not None]
        ),
        plural=text.plural,
        members_title=text.members_title,
        merges=text.merges(found) if found.merges else "",
        contested=text.contested(found) if found.contested else "",
        by=text.by,
    )


def _of_wallet(found: Report, wallet: str) -> list[OfDay]:
    return [day for day in found.days if day.wallet == wallet]


def _every_day(found: Report) -> list[OfDay]:
    """Each day's points and then its things, so that the money comes to what it does in all."""
    return sorted((*found.days, *found.things_by_day), key=lambda each: each.day)


def _by_day(found: Report, wallet: str) -> charts.Chart:
    other, days = text.other_name(found), _of_wallet(found, wallet)
    hints = [
        f"week from {week[0].day}: draft {_of(week, 'draft')}, {other} {_of(week, 'other')}" for week in _weeks(days)
    ]
    draft, before = [float(day.draft) for day in days], [float(day.other) for day in days]
    if _long(found):
        draft, before = _smoothed(draft), _smoothed(before)
    return charts.lines(draft, before, hints, "Points a day: the draft as a line, what it is compared with as an area")


def _long(found: Report) -> bool:
    """Whether single days would hide what they come to: weekends and paydays swing more than rules do."""
    return len(found.days) > 2 * 31 * len(found.wallets)


def _smoothed(values: Sequence[float]) -> list[float]:
    """Each day's mean with the three before and the three after it, as far as they are there."""
    around = [values[max(0, n - 3) : n + 4] for n in range(len(values))]
    return [sum(part) / len(part) for part in around]


def _running(found: Report) -> charts.Chart:
    more: dict[str, float] = {}  # to draw, not to count
    for day in (*found.days, *found.things_by_day):
        more[day.day] = more.get(day.day, 0.0) + float(day.draft_money) - float(day.other_money)
    sums = list(accumulate(more.values()))
    hints = [
        f"{day}: {total:+,.{digits(found.currency)}f} {found.currency}" for day, total in zip(more, sums, strict=True)
    ]
    return charts.running(sums, hints[::7], f"What the draft costs more, added up, in {found.currency}")


def _weeks(days: Sequence[OfDay]) -> Iterator[Sequence[OfDay]]:
    for at in range(0, len(days), 7):
        yield days[at : at + 7]


def _of(week: Sequence[OfDay], side: str) -> str:
    return f"{sum(getattr(day, side) for day in week):,}"


def _ticks(days: Sequence[OfDay]) -> Iterator[Tick]:
    """At most twelve, each where a month begins."""
    first = [(n, date.fromisoformat(day.day)) for n, day in enumerate(days) if n == 0 or day.day.endswith("-01")]
    every = max(1, (len(first) + 11) // 12)
    for n, day in first[::every]:
        at = 100 * n / max(1, len(days) - 1)
        if at < 96:
            yield Tick(at, f"{day:%b}" if len(first) > 1 else f"{day:%d %b}")


def _bars(rows: Sequence[tuple[str, str, str, Both, str]]) -> list[Bar]:
    """The longest bar of each wallet is the whole width."""
    most: dict[str, int] = {}
    for _, _, wallet, sums, _ in rows:
        most[wallet] = max([most.get(wallet, 1), *_points(sums)])
    found: list[Bar] = []
    for title, name, wallet, sums, note in rows:
        draft, other = _points(sums)
        found.append(Bar(title, name, sums, 100 * draft / most[wallet], 100 * other / most[wallet], note))
    return found


def _points(sums: Both) -> tuple[int, int]:
    """Points; of things, how many."""
    one, two = sums.draft, sums.other
    return (one.points or 0, two.points or 0) if one.points is not None else (one.times or 0, two.times or 0)


def _number(value: Any) -> str:
    return "?" if value is None else f"{value:,}"


def _rounded(found: Report, value: str) -> str:
    return text.money(value, found)


def _money(found: Report, value: str) -> str:
    """With a comma at thousands."""
    return f"{Decimal(text.money(value, found)):,f}"


def short(value: float) -> str:
    """A number at an axis: 12k, 1.5M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _taken(sums: Both) -> str:
    """Empty where nothing was taken back."""
    if not sums.draft.taken and not sums.other.taken:
        return ""
    return f"{sums.draft.given:,} given, {sums.draft.taken or 0:,} taken back by returns"


def _tone(value: int | str) -> str:
    """Which class a difference is shown with."""
    number = float(value)
    return "up" if number > 0 else "down" if number < 0 else "same"
