"""A referral's two sides, compiled as rules: so that they are decided as any rule is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from shared.rules.compiled import Compiled, compile_rule
from shared.rules.definition import Base, ReferralRule
from shared.rules.facts import Asked, Facts
from shared.rules.language.terms import Term, facts_in


class Sides(NamedTuple):
    """One version of a referral: the friend's part, which is decided first, and the advocate's."""

    rule: ReferralRule
    friend: Compiled
    advocate: Compiled

    @property
    def key(self) -> tuple[str, int]:
        """Which version it is."""
        return self.rule.id, self.rule.version

    @property
    def bounded(self) -> bool:
        """Whether any limit or budget holds it back."""
        return bool(self.rule.limits or self.rule.budget)

    @property
    def asks(self) -> bool:
        """Whether anything is asked of the friend's first purchase but that it was made."""
        return self.rule.when is not None or self.rule.segment is not None

    @property
    def asks_member(self) -> bool:
        """Whether it asks anything about the friend."""
        return self.rule.segment is not None or self.friend.asks_member

    def met(self, facts: Facts, in_segment: Callable[[str, Facts], bool]) -> bool:
        """Whether a first purchase is what it asks for."""
        return self.friend.plausible(facts) and self.friend.holds(facts, in_segment)


def sides_of(versions: Iterable[Base]) -> dict[tuple[str, int], Sides]:
    """All versions of all referrals, in order."""
    rules = [each for each in versions if isinstance(each, ReferralRule)]
    found = (Sides(each, *(compile_rule(side, None) for side in each.sides)) for each in rules)
    return {each.key: each for each in found}


def asked_of_friends(sides: Iterable[Sides], segments: Mapping[str, Term]) -> Iterator[Asked]:
    """What they ask, of any version: it is the time of the referral that says which, and that may be long ago."""
    for each in sides:
        if each.asks:
            for term in replace(each.friend, segments=segments).terms:
                yield from (fact.asked for fact in facts_in(term))
