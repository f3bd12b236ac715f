"""What a comparison that does not hold lacks: how much more, which value, what is unknown. Pure.

The values are read by the closures that decide (`compile_read` of the very terms that the test was compiled from).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from shared.rules.facts import Facts
from shared.rules.kinds import differ, named, plainly
from shared.rules.language.compiling import compile_read
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.terms import (
    Arithmetic,
    Comparison,
    Const,
    Fact,
    Holds,
    Known,
    OneOf,
    Term,
    TextTest,
    facts_in,
    written,
)
from shared.rules.language.types import NUMBER
from shared.rules.money_told import currency_of, in_currency
from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import weekday
from shared.rules.solved import solved

_MORE: Final = {
    "points": Phrase.MORE_POINTS,
    "pieces": Phrase.MORE_PIECES,
    "times": Phrase.MORE_TIMES,
    "days": Phrase.MORE_DAYS,
    "years": Phrase.MORE_YEARS,
    "hours": Phrase.MORE_HOURS,
}
_DATES: Final = {
    "<": Phrase.NEEDS_BEFORE,
    "<=": Phrase.NEEDS_UNTIL,
    ">": Phrase.NEEDS_AFTER,
    ">=": Phrase.NEEDS_FROM,
    "==": Phrase.NEEDS,
}
_PLAIN: Final = {
    "<": Phrase.NEEDS_LESS_THAN,
    "<=": Phrase.NEEDS_AT_MOST,
    ">": Phrase.NEEDS_MORE_THAN,
    ">=": Phrase.NEEDS_AT_LEAST,
    "==": Phrase.NEEDS,
}
_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "=="}
_SETS: Final = {
    "member.tags": Phrase.NEEDS_TAG,
    "member.consents": Phrase.NEEDS_CONSENT,
    "member.tiers": Phrase.NEEDS_TIER,
}
_TEXT_TESTS: Final = {
    "startsWith": Phrase.NEEDS_START,
    "endsWith": Phrase.NEEDS_END,
    "contains": Phrase.NEEDS_WITHIN,
}
_LINES: Final = {"any": Phrase.NO_LINE, "all": Phrase.EVERY_LINE, "none": Phrase.NO_LINE_MAY}


def missing(term: Term, facts: Facts) -> Saying:
    """What would have to be otherwise for a comparison that does not hold."""
    match term:
        case Comparison(operator=sign, left=Const() as left, right=right):
            return _compared(MIRRORED[sign], right, left, facts)
        case Comparison(operator=sign, left=left, right=right):
            return _compared(sign, left, right, facts)
        case OneOf(of=of, options=options):
            if (value := _read(of, facts)) is None:
                return say(Phrase.UNKNOWN, fact=_called(of))
            if all(differ(value, each) for each in options):
                return say(Phrase.NEEDS_ONE_OF, wanted=tuple(map(named, options)), value=named(value))
            wanted = tuple(shown(of, each, facts) for each in options)
            return say(Phrase.NEEDS_ONE_OF, wanted=wanted, value=shown(of, value, facts))
        case Holds(value=value, of=of):
            return _held(value, of, facts)
        case TextTest(of=of, method=method, value=part):
            if (value := _read(of, facts)) is None:
                return say(Phrase.UNKNOWN, fact=_called(of))
            return say(_TEXT_TESTS[method], wanted=part, value=shown(of, value, facts))
        case Known(of=of):
            return say(Phrase.UNKNOWN, fact=_called(of))
        case Fact(asked=asked):
            return _fact(asked.label, facts.get(asked))
    return say(Phrase.MUST_HOLD)


def denied(term: Term, facts: Facts) -> Saying:
    """What is wrong with a comparison that holds under a `not`."""
    if isinstance(term, Known):
        return say(Phrase.MUST_BE_UNKNOWN, fact=_called(term.of), value=shown(term.of, _read(term.of, facts), facts))
    if isinstance(term, Comparison) and term.operator == "==" and isinstance(term.right, Const):
        return say(Phrase.NEEDS_OTHER, wanted=shown(term.left, term.right.value, facts))
    if isinstance(term, Comparison) and term.operator in _OPPOSITE:  # it held, so both sides are known
        return missing(replace(term, operator=_OPPOSITE[term.operator]), facts)
    return say(Phrase.MUST_NOT_HOLD)


def _fact(label: str, value: Any) -> Saying:
    if value is None:
        return say(Phrase.UNKNOWN, fact=Called(label))
    if label == "member.is_birthday":
        return say(Phrase.ONLY_BIRTHDAY)
    function = label.removeprefix("lines.").partition("(")[0]
    return say(_LINES.get(function, Phrase.MUST_HOLD))


def _held(wanted: str, of: Fact, facts: Facts) -> Saying:
    label = of.asked.label
    if label == "member.segments" and wanted not in facts.rules.segments:
        return say(Phrase.NO_SEGMENT, wanted=wanted)
    if label != "member.segments" and facts.get(of.asked) is None:
        return say(Phrase.UNKNOWN, fact=Called(label))
    if label == "member.tiers":
        return say(Phrase.NEEDS_TIER, wanted=shown(of, wanted, facts), value=shown(of, facts.get(of.asked), facts))
    if label == "member.segments":
        return say(Phrase.NEEDS_SEGMENT, wanted=Named(wanted, facts.rules.segment(wanted).title))
    return say(_SETS[label], wanted=wanted)


def _compared(sign: str, left: Term, right: Term, facts: Facts) -> Saying:
    """Left is a fact or a calculation; right what it is compared with."""
    unit = left.type.unit or right.type.unit
    value, wanted = (in_currency(_read(each, facts), unit, currency_of(facts)) for each in (left, right))
    if value is None or wanted is None:
        unknown = left if value is None else right
        return say(Phrase.UNKNOWN, fact=_unknown(unknown, facts))
    if sign == "!=":
        return say(Phrase.NEEDS_OTHER, wanted=shown(left, wanted, facts))
    if differ(value, wanted):
        return say(_PLAIN[sign], wanted=named(wanted), value=named(value))
    if left.type.kind == "number" and (isinstance(left, Arithmetic) or facts_in(right)):
        return _calculated(sign, left, right, facts)
    if left.type.kind == "number" and _label(left) not in _TOLD_AS_THEY_ARE:
        return _numbers(sign, value, wanted, unit)
    return _others(sign, left, value, wanted, facts)


def _calculated(sign: str, left: Term, right: Term, facts: Facts) -> Saying:
    """What lacks of the one fact that counts. Where several do, more of one may change the others as well, and nobody
    can say how much of which is missing: then only what both sides are."""
    found = solved(sign, left, right)
    if found is None:
        unit = left.type.unit or right.type.unit
        value, wanted = (in_currency(_read(each, facts), unit, currency_of(facts)) for each in (left, right))
        return say(_PLAIN[sign], wanted=wanted, value=value)
    of = Fact(left.at, left.end, found.of.type, found.of)
    lacks = _compared(found.sign, of, Const(right.at, right.end, NUMBER, found.wanted), facts)
    return say(Phrase.OF_FACT, lacks=lacks, fact=_called(of))


_TOLD_AS_THEY_ARE: Final = frozenset(("calendar.hour", "calendar.day", "calendar.month"))


def _numbers(sign: str, value: Any, wanted: Any, unit: str | None) -> Saying:
    short, whole = wanted - value, unit not in (None, "money")
    if sign in (">", ">=") or (sign == "==" and short > 0):
        if sign != ">":
            return _more(short, unit)
        if whole and short == int(short):
            return _more(short + 1, unit)
        if short <= 0:
            return say(Phrase.NEEDS_MORE_THAN, wanted=_number(wanted), value=_number(value))
        return say(Phrase.MORE_THAN, amount=_number(short))
    over = value - wanted
    if sign == "<":
        if not whole or over != int(over):
            return say(Phrase.LESS_THAN, wanted=_number(wanted), value=_number(value))
        over += 1
    return say(Phrase.TOO_MANY, count=int(over)) if whole and over == int(over) else (
        say(Phrase.TOO_MUCH, amount=_number(over)))  # fmt: skip


def _more(short: Any, unit: str | None) -> Saying:
    if unit in _MORE and short == int(short):
        return say(_MORE[unit], count=int(short))
    return say(Phrase.MORE, amount=_number(short))


def _others(sign: str, left: Term, value: Any, wanted: Any, facts: Facts) -> Saying:
    both = {"wanted": shown(left, wanted, facts), "value": shown(left, value, facts)}
    if _label(left) == "calendar.hour" and sign in (">=", "<"):
        what = Phrase.FROM_HOUR if sign == ">=" else Phrase.BEFORE_HOUR
        return say(what, hour=f"{int(wanted):02d}", value=f"{int(value):02d}")
    return say((_DATES if left.type.kind == "date" else _PLAIN)[sign], **both)


def _read(term: Term, facts: Facts) -> Any:
    return compile_read(term)(facts)


def _label(term: Term) -> str:
    return term.asked.label if isinstance(term, Fact) else ""


def _called(term: Term) -> Called:
    return Called(_label(term) if isinstance(term, Fact) else written(term))


def _unknown(term: Term, facts: Facts) -> Called:
    """The fact of a calculation that nobody knows."""
    return next((Called(each.asked.label) for each in facts_in(term) if facts.get(each.asked) is None), _called(term))


def _number(value: Any) -> int | Decimal:
    return value if isinstance(value, int | Decimal) else Decimal(value)


def shown(of: Term, value: Any, facts: Facts) -> Value:
    """A value that a fact is compared with, as it is told."""
    found = told(_label(of), value, of.type.kind, facts)
    if found is None:
        return ""
    return plainly(found) if of.type.kind == "attribute" else found


def told(label: str, value: Any, kind: str, facts: Facts) -> Value | None:
    """A fact's value for people and machines: dates as dates, sets in order, tiers and weekdays by their names."""
    if isinstance(value, frozenset | set):
        return tuple(str(told(label, each, "text", facts)) for each in sorted(value))
    if not isinstance(value, str):
        found: Value | None = value if value is None or isinstance(value, int | Decimal) else str(value)
        return found
    if label == "calendar.weekday":
        return weekday(value)
    if label in ("member.tier", "member.tiers"):
        return tier_title(value, facts)
    return date.fromisoformat(value) if kind == "date" else value


def tier_title(id_: str, facts: Facts) -> str:
    """What people call a tier."""
    ladders = facts.rules.ladders if facts.rules is not None else []
    return next((tier.title for each in ladders for tier in each.tiers if tier.id == id_), id_)
