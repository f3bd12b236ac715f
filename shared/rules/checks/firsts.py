"""What a referral asks of the friend's earlier purchases: at their first one there are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Piece
from shared.rules.checks.solving import Question
from shared.rules.checks.values import UNKNOWN, Values, numbers
from shared.rules.language.terms import Fact, Term, facts_in

# Of purchases, the first itself is counted; by `first` and `last` only what was before it is told.
_COUNTED: Final = re.compile(r"history\.(?:count|streak)\(")
_BEFORE: Final = re.compile(r"(?:days_since\()?history\.(?:first|last)\(")
_ANY_KIND: Final = "event.kind"
_SAID: Final = (
    "holds only where a later purchase was heard of before the first, which is all that a referral looks at; ask for "
    "what the first purchase has, or leave it out"
)


def earlier_purchases(piece: Piece, own: Question) -> Iterator[Remark]:
    """A warning, no fault: purchases that arrive out of order may make such a part hold. own: asks about a friend."""
    for part in piece.conjuncts:
        first = Question(own.on, own.segments, [*own.given, *_at_first(part.term)])
        if own.can_hold(part.term) and not first.can_hold(part.term):
            yield Remark(part.path, f"`{part.words}` {_SAID}", "unreachable", "warning", part.span)


def _at_first(term: Term) -> Iterator[tuple[Fact, Values]]:
    """What history says where no other purchase is known. Filters that ask for other kinds of events are let be."""
    for fact in facts_in(term):
        label = fact.asked.label
        if _ANY_KIND in label:
            continue
        if _COUNTED.match(label):
            yield fact, numbers(Fraction(0), Fraction(1))
        elif _BEFORE.match(label):
            yield fact, UNKNOWN
