"""Rules that surely apply to some event to which another of their group does not: seen at a glance, as hundreds of
thousands of pairs of a large group must not each be looked into."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from shared.rules.checks.relations import kin
from shared.rules.checks.solving import Question, atom, subject
from shared.rules.checks.values import Values
from shared.rules.facts import Asked
from shared.rules.language.terms import Both, Fact, Term


class Outside(NamedTuple):
    """One fact, and the values for which a comparison of it does not hold."""

    of: Fact
    kin: str
    values: Values


class Scope:
    """What a rule's facts may be where it applies, as far as it asks for nothing but one fact at a time.

    always: whether nothing but its condition can keep it from giving.
    """

    def __init__(self, own: Question, ours: Sequence[Term], alone: Iterable[Term], *, always: bool) -> None:
        """ours: what the rule and its campaign ask; alone: what the rule itself asks."""
        self.always = always
        self._own = own
        self._known: Mapping[Hashable, Values] | None = own.alone(*ours)
        self._kin: dict[str, int] = {}
        for each in self._known or ():
            name = kin(each.label) if isinstance(each, Asked) else ""
            self._kin[name] = self._kin.get(name, 0) + 1
        self.outside = list(_outside(alone))

    def reaches(self, other: Scope) -> bool:
        """Whether the rule surely applies somewhere where the other does not; False where it takes a closer look.

        A fact that has nothing to do with the others of the rule may have any of its values, whatever those have.
        """
        if self._known is None:
            return False
        for of, name, values in other.outside:
            mine = self._known.get(of.asked)
            if self._kin.get(name, 0) > (mine is not None):
                continue
            if not (self._own.universe(of) if mine is None else mine).meet(values).empty:
                return True
        return False


def _outside(terms: Iterable[Term]) -> Iterator[Outside]:
    for term in terms:
        if isinstance(term, Both):
            yield from _outside(term.parts)
        elif (found := atom(term)) is not None and isinstance(found.of, Fact):
            assert isinstance(subject(found.of), Asked)
            yield Outside(found.of, kin(found.of.asked.label), found.values.rest())
