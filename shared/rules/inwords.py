"""A comparison in words: `basket.eligible >= 10.00` is "the eligible amount is at least 10.00". Pure.

What has no words yet (calculations, alternatives and negations within a filter) is told as it is written.
"""

from __future__ import annotations

from typing import Final

from shared.rules.definition import Segment
from shared.rules.facts import Facts
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.terms import Comparison, Const, Fact, Holds, Known, OneOf, Term, TextTest
from shared.rules.missing import shown
from shared.rules.money_told import currency_of, in_currency
from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import has_words

_PLAIN: Final = {
    ">=": Phrase.ASK_AT_LEAST,
    ">": Phrase.ASK_MORE_THAN,
    "<=": Phrase.ASK_AT_MOST,
    "<": Phrase.ASK_LESS_THAN,
    "==": Phrase.ASK_IS,
    "!=": Phrase.ASK_IS_NOT,
}
_DATES: Final = {
    ">=": Phrase.ASK_FROM,
    ">": Phrase.ASK_AFTER,
    "<=": Phrase.ASK_UNTIL,
    "<": Phrase.ASK_BEFORE,
    "==": Phrase.ASK_IS,
    "!=": Phrase.ASK_IS_NOT,
}
_SETS: Final = {
    "member.tags": Phrase.ASK_TAG,
    "member.consents": Phrase.ASK_CONSENT,
    "member.tiers": Phrase.ASK_TIER,
    "member.segments": Phrase.ASK_SEGMENT,
}
_TEXT_TESTS: Final = {
    "startsWith": Phrase.ASK_START,
    "endsWith": Phrase.ASK_END,
    "contains": Phrase.ASK_WITHIN,
}


def in_words(term: Term, facts: Facts) -> Saying | None:
    """The comparison as people say it; None where there are no words for it, or for what it asks about."""
    match term:
        case Comparison(operator=sign, left=Const() as left, right=Fact() as right):
            return _compared(MIRRORED[sign], right, left, facts)
        case Comparison(operator=sign, left=Fact() as left, right=right):
            return _compared(sign, left, right, facts)
        case OneOf(of=Fact() as of, options=options):
            wanted = tuple(shown(of, each, facts) for each in options)
            return say(Phrase.ASK_ONE_OF, fact=_called(of), wanted=wanted)
        case Holds(value=value, of=of):
            return say(_SETS[of.asked.label], wanted=_held(value, of, facts))
        case TextTest(of=Fact() as of, method=method, value=value):
            return say(_TEXT_TESTS[method], fact=_called(of), wanted=value)
        case Known(of=Fact() as of):
            return say(Phrase.ASK_KNOWN, fact=_called(of))
        case Fact(asked=asked) if asked.label == "member.is_birthday":
            return say(Phrase.ASK_BIRTHDAY)
        case Fact(asked=asked) if asked.label.startswith("lines.") and has_words(asked.label):
            some = asked.label.startswith("lines.any(")
            return say(Phrase.ASK_LINES if some else Phrase.ASK_NO_OTHERS, fact=_called(term))
    return None


def _compared(sign: str, left: Fact, right: Term, facts: Facts) -> Saying | None:
    if any(isinstance(each, Fact) and not has_words(each.asked.label) for each in (left, right)):
        return None
    if isinstance(right, Const):
        wanted: Value = shown(left, in_currency(right.value, left.type.unit, currency_of(facts)), facts)
    elif isinstance(right, Fact):
        wanted = _called(right)
    else:
        return None
    phrases = _DATES if left.type.kind == "date" else _PLAIN
    return say(phrases[sign], fact=_called(left), wanted=wanted)


def _held(value: str, of: Fact, facts: Facts) -> Value:
    if of.asked.label == "member.segments":
        return segment_named(value, facts)
    return shown(of, value, facts)


def segment_named(id_: str, facts: Facts) -> Named:
    """A segment with its title."""
    found = facts.rules.segment(id_) if facts.rules is not None else None
    return Named(id_, found.title if isinstance(found, Segment) else id_)


def _called(of: Fact) -> Called:
    return Called(of.asked.label)
