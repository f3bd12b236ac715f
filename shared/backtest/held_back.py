"""What a replay holds back of what campaigns would give: noted for the result, and where others may have been first.
Pure.

A reward that is held back is asked for again by each later event of its period: counted each time, one prize that a
member missed would look like many. So it counts once a member and period, and no more once it is given after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from shared.backtest.contested import Contested
from shared.backtest.person import Person
from shared.backtest.posting import Posted
from shared.backtest.withheld import Held, of_pair, rewarded_at, weighed
from shared.rules.compiled import Compiled
from shared.rules.facts import Facts
from shared.rules.matching import Decided, Outcome
from shared.rules.member import Member
from shared.rules.rulebook import Rulebook, Ruleset


class HeldBack:
    """Notes what is held back of bonuses, challenges and referrals."""

    def __init__(self) -> None:
        self.contested = Contested()
        self._missed: dict[tuple[str, str, str], Posted] = {}  # by member, challenge and period

    def bonuses(
        self, decided: Decided, candidates: Sequence[Compiled], facts: Facts, rules: Ruleset, person: Person
    ) -> list[Posted]:
        """What was held back of bonuses for one event."""
        held = tuple(weighed(decided, candidates, facts, rules)) if decided.passed else ()
        return self._noted(held, person, facts) if held else []

    def reward(self, outcome: Outcome, period: str, facts: Facts, rules: Ruleset, person: Person) -> list[Posted]:
        """What was held back of a challenge's reward, by an event that reached its goal."""
        key = str(person.campaigns["_id"]), outcome.rule.id, period
        won = outcome.verdict == "applies"
        if not won and key in self._missed:
            return []
        missed, decided = self._missed.pop(key, None), Decided()
        decided.add(outcome)
        held = tuple(weighed(decided, [outcome.compiled], facts, rules))
        found = self._noted(held, person, facts) if held else []
        if found and not won:
            self._missed[key] = found[0]
        return found if missed is None else [replace(missed, held=[each.less() for each in missed.held]), *found]

    def pair(self, pair: Mapping[str, Any], book: Rulebook, facts: Facts, person: Person, member: str) -> list[Posted]:
        """What was held back of a referral's rewards."""
        held = tuple(of_pair(pair, book))
        self._contest(held, person)
        return [Posted(member, rewarded_at(pair), facts.today(None), (), held)] if held else []

    def _noted(self, held: Sequence[Held], person: Person, facts: Facts) -> list[Posted]:
        self._contest(held, person)
        return [Posted(person.campaigns["_id"], facts.event.time, facts.today(None), (), held)]

    def _contest(self, held: Iterable[Held], person: Person) -> None:
        for each in held:
            self.contested.note(each.rule, each.by, household_of(person))


def household_of(person: Person) -> str | None:
    """Theirs, where it is known."""
    found: str | None = Member(person.ledger).profile("household")
    return found
