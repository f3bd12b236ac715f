"""Goals of challenges that nobody can reach: more different days than any of its periods has for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.reach import asked, question
from shared.rules.checks.relations import each_day
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question, atom
from shared.rules.definition import Challenge, Rule
from shared.rules.language.checking import condition
from shared.rules.language.terms import Fact, Term
from shared.rules.localtime import WEEKDAYS
from shared.rules.schedule import period_key

_TIMES_A_WEEKDAY: Final = {"week": 1, "month": 5, "quarter": 14}  # as often a weekday comes in one, at most
_MOST_DAYS: Final = 400
_MOST_SHOWN: Final = 4


def of_goal(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """Different days of a challenge that schedule and condition never leave it; of one that can be reached at all."""
    if not isinstance(rule, Challenge) or rule.progress.count != "days":
        return
    gates = shelf.gates(rule)
    terms, own = asked(gates, shelf), question(gates, rule, shelf)
    few = _few_days(rule, own)
    most, why = _of_days(rule, few, terms, own) if few is not None else _of_weekdays(rule, terms, own)
    if most is not None and most < rule.progress.goal:
        period, days = rule.progress.period, f"{most} day{'' if most == 1 else 's'}"
        within = "there are" if period == "ever" else f"a {period} has"
        said = f"{within} at most {days} for it ({why}), so {rule.progress.goal} are never reached"
        yield Remark(
            ("progress", "goal"), f"{said}; lower the `goal`, or let it run on more days", "unreachable", "error"
        )


def _few_days(rule: Challenge, own: Question) -> list[date] | None:
    """The days on which it may run, where its schedule leaves few."""
    today = _date(rule, "1900-01-01")[1]
    known = own.universe(today)
    for of, values in own.given:
        if of.asked is today.asked:
            known = known.meet(values)
    found = each_day(known, _MOST_DAYS)
    return None if found is None else list(found)


def _date(rule: Challenge, day: str) -> tuple[Term, Fact]:
    term = condition(f'calendar.date == "{day}"', "event", rule.schedule.time_zone)
    found = atom(term)
    assert found is not None and isinstance(found.of, Fact)
    return term, found.of


def _of_days(rule: Challenge, days: Iterable[date], terms: list[Term], own: Question) -> tuple[int, str]:
    """The most of these days that fall into one period; of a goal that can be reached, no more than it asks for."""
    counted, left = Counter[str](), list[date]()
    for day in days:
        period = period_key(rule.progress.period, day)
        if own.can_hold(*terms, _date(rule, day.isoformat())[0]):
            left.append(day)
            counted[period] += 1
        if counted[period] >= rule.progress.goal:
            break
    first = ", ".join(day.isoformat() for day in left[:_MOST_SHOWN])
    return max(counted.values(), default=0), first + (" …" if len(left) > _MOST_SHOWN else "")


def _of_weekdays(rule: Challenge, terms: list[Term], own: Question) -> tuple[int | None, str]:
    """The most days that a period has of the weekdays that are left."""
    times, zone = _TIMES_A_WEEKDAY.get(rule.progress.period), rule.schedule.time_zone
    if times is None:
        return None, ""
    left = [day for day in WEEKDAYS if own.can_hold(*terms, condition(f'calendar.weekday == "{day}"', "event", zone))]
    return len(left) * times, ", ".join(left)
