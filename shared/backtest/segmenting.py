"""Which segments the members of a replay are in. Pure.

They are worked out at a member's events, and again where other segments are in force than those that they were worked
out by: a draft's begin with the span, and its members signed up long before.
"""

from __future__ import annotations

from datetime import datetime

from shared.backtest.person import Person
from shared.events.light import Occurrence, Payload
from shared.rules.facts import Facts
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook, Ruleset


class Memberships:
    """Works out members' segments. steady: whether only a signup changes who is in which, so that nobody need be asked
    at every purchase."""

    def __init__(self, book: Rulebook, *, steady: bool) -> None:
        self._book, self._steady = book, steady
        self._at: datetime | None = None  # what is posted of one entry is asked about one after the other
        self._rules: Ruleset | None = None

    def met(self, person: Person, facts: Facts, rules: Ruleset) -> None:
        """A member's event, before it is counted."""
        self._at, self._rules = facts.event.time, rules
        terms = rules.segment_terms  # one mapping for the same segments, whatever else comes into force
        if person.sorted_by is not terms or not self._steady or facts.event.kind == "signup":
            person.segments, person.sorted_by = rules.segments_of(facts), terms

    def of(self, person: Person, moment: datetime) -> frozenset[str]:
        """A member's segments: as of their latest event, by those in force at a moment. Who has had no event since
        they began (an advocate, whose friend bought) is asked with one that says nothing."""
        if moment is not self._at:
            self._at, self._rules = moment, self._book.found(moment)
        rules = self._rules
        if rules is not None and person.sorted_by is not rules.segment_terms:
            nothing = Occurrence("", "", moment, Payload(currency=rules.programme.currency))
            self.met(person, facts_of(nothing, person.ledger, rules), rules)
        return person.segments
