"""What the rules of a rulebook ask about members: what nobody asks for, a replay need not keep. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from shared.rules.compiled import Compiled
from shared.rules.conditions import term_of
from shared.rules.definition import Bounded, ReferralRule, Segment
from shared.rules.language.terms import Term, facts_in
from shared.rules.rulebook import Rulebook

_ASKS = attrgetter("asks_member")
_KEPT_FROM_SIGNUPS = ("member.attributes", "member.household", "member.consents")


class Needs:
    """points: whether anybody asks for balances or what was ever earned; tiers: for tiers held; referrals: whether
    anybody is rewarded for bringing a friend; friends: whether such a rule asks about the friend; steady: whether only
    a signup changes who is in which segment."""

    def __init__(self, book: Rulebook) -> None:
        terms = list(_terms(book))
        asked = [fact.asked for term in terms for fact in facts_in(term)]
        labels = {each.label for each in asked}
        self.points = any(label.startswith(("member.balance", "member.lifetime")) for label in labels)
        self.tiers = bool(labels & {"member.tier", "member.tiers"})
        self.referrals = any(isinstance(each, ReferralRule) for each in book.versions)
        self.friends = any(each.asks_member for each in book.referring.values())
        of_segments = [
            fact.asked for each in book.versions if isinstance(each, Segment) for fact in facts_in(term_of(each.when))
        ]
        self.steady = all(each.label.startswith(_KEPT_FROM_SIGNUPS) for each in of_segments)


def _terms(book: Rulebook) -> Iterator[Term]:
    for each in book.versions:
        if isinstance(each, Bounded | Segment) and each.when is not None:
            yield term_of(each.when, each.schedule.time_zone if isinstance(each, Bounded) else None)


def asks_member(rules: Sequence[Compiled]) -> bool:
    """Whether a condition of one of these rules asks anything about the member."""
    return any(map(_ASKS, rules))
