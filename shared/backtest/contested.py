"""Rules of campaigns that ran out of what members share: who got the last of it hangs on an order that nobody wrote.

Campaigns meets each member's events in order, and members of a household, or of the programme, in any order; a replay
meets all in the ledger's. What somebody else has used up here may have been used up there by others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from shared.backtest.person import Person
from shared.rules.member import Member


class Contested:
    """What a replay refused, or cut, because others may have been first."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str | None]] = set()  # rule, and household; None: what all share

    def note(self, rule: str, by: str | None, household: str | None) -> None:
        """That a limit or budget (by) held a rule back from somebody of a household."""
        per = (by or "").split(":")[1:2]
        if per == ["programme"]:
            self._refused.add((rule, None))
        elif per == ["household"] and household is not None:
            self._refused.add((rule, household))

    def rules(self, people: Mapping[str, Person]) -> list[str]:
        """Those where somebody else can have been first: not where a household is of one member."""
        known = (Member(each.ledger).profile("household") for each in people.values()) if self._refused else ()
        homes = Counter(each for each in known if each is not None)
        return sorted({rule for rule, household in self._refused if household is None or homes[household] > 1})
