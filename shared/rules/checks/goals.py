"""Goals of challenges that nobody can reach: more different days than any of its periods has for it, or amounts and
pieces of events that never have any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.day_sets import Days, left
from shared.rules.checks.reach import asked, question
from shared.rules.checks.relations import each_day
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question, atom, subject
from shared.rules.checks.values import EVERYTHING, Values
from shared.rules.definition import Challenge, Rule
from shared.rules.facts import Asked
from shared.rules.language.checking import condition
from shared.rules.language.terms import Both, Either, Fact, Negation, Term, facts_in
from shared.rules.schedule import period_key

_MOST_DAYS: Final = 400
_MOST_SHOWN: Final = 4
_BY_DATE: Final = ("calendar.day", "calendar.month")
_COUNTED: Final = {"amount": "basket.eligible", "quantity": "basket.quantity"}


def of_goal(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """What a challenge that can be reached at all never counts enough of, by its schedule and condition."""
    if not isinstance(rule, Challenge):
        return
    gates = shelf.gates(rule)
    terms, own = asked(gates, shelf), question(gates, rule, shelf)
    if rule.progress.count in _COUNTED:
        yield from _uncounted(rule, _COUNTED[rule.progress.count], terms, own)
    elif rule.progress.count == "days":
        yield from _few(rule, terms, own)


def _uncounted(rule: Challenge, fact: str, terms: list[Term], own: Question) -> Iterator[Remark]:
    """Of each event only whole currency units are counted, and pieces."""
    if not own.can_hold(*terms, condition(f"{fact} >= 1")):
        said = f"nothing is ever counted: where it applies, {fact} is never 1 or more; count days or times, or change "
        yield Remark(("progress", "count"), f"{said}the condition", "unreachable")


def _few(rule: Challenge, asked_: list[Term], own: Question) -> Iterator[Remark]:
    goal, period = rule.progress.goal, rule.progress.period
    terms = [part for term in asked_ for part in _of_days_only(term)]
    few = _few_days(rule, terms, own)
    if few is not None:
        most, why = _of_days(rule, few, terms, own)
    elif period == "ever":
        return
    else:
        days = _of_year(rule, terms, own)
        most, why = days.most(period), days.words()
    if most < goal:
        said = f"{most} day{'' if most == 1 else 's'}"
        within = "there are" if period == "ever" else f"a {period} has"
        said = f"{within} at most {said} for it ({why}), so {goal} are never reached; lower the `goal`, or let it run "
        yield Remark(("progress", "goal"), f"{said}on more days", "unreachable")


def _of_days_only(term: Term) -> Iterator[Term]:
    """The parts of a condition that may have to do with days; the others leave all."""
    if isinstance(term, Both):
        for part in term.parts:
            yield from _of_days_only(part)
    elif any(of.asked.scope == "calendar" or of.asked.label == "member.segments" for of in facts_in(term)):
        yield term


def _few_days(rule: Challenge, terms: list[Term], own: Question) -> list[date] | None:
    """The days on which it may run, where its schedule and its condition leave few."""
    today = _date(rule, "1900-01-01")[1]
    known = own.universe(today)
    for of, values in own.given:
        if of.asked is today.asked:
            known = known.meet(values)
    for term in terms:
        known = known.meet(_said(term, today.asked))
    found = each_day(known, _MOST_DAYS)
    return None if found is None else list(found)


def _said(term: Term, of: Asked) -> Values:
    """What a condition leaves of a fact at most."""
    match term:
        case Both(parts=parts):
            found = EVERYTHING
            for part in parts:
                found = found.meet(_said(part, of))
            return found
        case Either(parts=parts):
            none = EVERYTHING
            for part in parts:
                none = none.meet(_said(part, of).rest())
            return none.rest()
        case Negation(of=inner) if not isinstance(inner, Both | Either | Negation):
            found = _said(inner, of)
            return found if found == EVERYTHING else found.rest()
    one = atom(term)
    return one.values if one is not None and isinstance(one.of, Fact) and one.of.asked is of else EVERYTHING


def _date(rule: Challenge, day: str) -> tuple[Term, Fact]:
    term = condition(f'calendar.date == "{day}"', "event", rule.schedule.time_zone)
    found = atom(term)
    assert found is not None and isinstance(found.of, Fact)
    return term, found.of


def _of_days(rule: Challenge, days: Iterable[date], terms: list[Term], own: Question) -> tuple[int, str]:
    """The most of these days that fall into one period; of a goal that can be reached, no more than it asks for."""
    counted, fitting = Counter[str](), list[date]()
    for day in days:
        period = period_key(rule.progress.period, day)
        if own.can_hold(*terms, _date(rule, day.isoformat())[0]):
            fitting.append(day)
            counted[period] += 1
        if counted[period] >= rule.progress.goal:
            break
    first = ", ".join(day.isoformat() for day in fitting[:_MOST_SHOWN])
    return max(counted.values(), default=0), first + (" …" if len(fitting) > _MOST_SHOWN else "")


def _of_year(rule: Challenge, terms: list[Term], own: Question) -> Days:
    """The days of any year that are left."""
    zone, known = rule.schedule.time_zone, own.alone(*terms)
    labels = {fact.asked.label for term in terms for fact in facts_in(term)} | {of.asked.label for of, _ in own.given}

    def may(text: str) -> bool:
        term = condition(text, "event", zone)
        if known is None:
            return own.can_hold(*terms, term)
        return all(_meets(known, part) for part in (term.parts if isinstance(term, Both) else (term,)))

    return left(may, by_date=not labels.isdisjoint(_BY_DATE))


def _meets(known: Mapping[Hashable, Values], term: Term) -> bool:
    """Whether a comparison may hold for what is known, where each fact stands for itself."""
    found = atom(term)
    values = None if found is None else known.get(subject(found.of))
    return found is None or values is None or not values.meet(found.values).empty
