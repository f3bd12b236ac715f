"""Rules that are judged apart, by other uses than the rest: those of which it is known that they gave nothing; and of
which it is on record what held them back. Pure.

Rules of one campaign share its limits and budget. Where one of them gave something, these allowed it that much, and
nothing says that they allowed another one what it would have given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from shared.rules.compiled import Compiled
from shared.rules.effects import Given
from shared.rules.facts import Facts
from shared.rules.matching import Outcome, Passed, judge
from shared.rules.rulebook import Ruleset
from shared.rules.usage import Usage

_BOUNDED: Final = ("applies", "limit", "budget")  # verdicts that other uses may change

_NOTHING: Final[Mapping[str, Passed]] = {}


class Apart:
    """For one event. usages: of each of these rules the uses that it is judged by, in turn, until one holds it back:
    what is known for certain comes first. refused: what was recorded of rules that gave nothing when they were decided;
    nobody has to find out why."""

    def __init__(self, usages: Mapping[str, Sequence[Usage]], refused: Mapping[str, Passed] = _NOTHING) -> None:
        self._usages, self._refused = usages, refused
        self._judged: dict[str, Usage] = {}

    def judged(self, outcome: Outcome, facts: Facts, rules: Ruleset, given: Given) -> Outcome:
        """What becomes of a rule; of all others what became of it."""
        if outcome.verdict not in _BOUNDED:
            return outcome
        rule = outcome.rule.id
        if (said := self._refused.get(rule)) is not None:
            if rule in self._usages:
                self._judged[rule] = self._usages[rule][0]
            return Outcome(outcome.compiled, said.verdict, wanted=said.wanted, by=said.by)
        for usage in self._usages.get(rule, ()):
            self._judged[rule] = usage
            outcome = judge(outcome.compiled, facts, rules, usage, given)
            if outcome.verdict != "applies":
                break
        return outcome

    def usage(self, compiled: Compiled, otherwise: Usage) -> Usage:
        """The uses by which a rule was judged."""
        return self._judged.get(compiled.rule.id, otherwise)


NOTHING_APART: Final = Apart({})
