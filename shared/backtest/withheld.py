"""What stacking, limits and budgets took away: how many points a rule that was held back would have given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from shared.rules.compiled import Compiled
from shared.rules.effects import Award, Given
from shared.rules.facts import Facts
from shared.rules.matching import Decided, Outcome, Passed, note
from shared.rules.rulebook import Ruleset


class Held(NamedTuple):
    """A rule that was held back by a limit, a budget or stacking (`verdict`; `by`: which), and by how many points.

    points: None where nobody has noted it.
    """

    rule: str
    verdict: str
    by: str | None
    points: int | None


def weighed(decided: Decided, candidates: Sequence[Compiled], facts: Facts, rules: Ruleset) -> Iterator[Held]:
    """What was held back of one event. A rule whose limit was used up was not asked what it would give: now it
    is, with what came before it, as `explaining` asks it."""
    for passed in decided.passed:
        wanted = passed.wanted
        if not wanted and passed.verdict != "stacking":
            compiled = next(each for each in candidates if each.rule.id == passed.rule)
            given, currency = _before(compiled, decided.outcomes), rules.programme.currency
            wanted = sum(effect.of(facts, given, currency).points for effect in compiled.effects)
        yield Held(passed.rule, passed.verdict, passed.by, wanted - _got(passed.rule, decided.awards))


def noted(passed: Sequence[Passed], awards: Sequence[Award]) -> Iterator[Held]:
    """What was held back by what the journal says of one event."""
    for each in passed:
        lost = each.wanted - _got(each.rule, awards) if each.wanted else None
        yield Held(each.rule, each.verdict, each.by, lost)


def _got(rule: str, awards: Sequence[Award]) -> int:
    return sum(award.points for award in awards if award.rule == rule)


def _before(compiled: Compiled, decided: Iterable[Outcome]) -> Given:
    """What `matching.outcomes` decided a rule with: of those that come before it, and are not of its group."""
    given, group = Given.nothing(), compiled.group
    for outcome in decided:
        other = outcome.compiled
        if other.rank < compiled.rank and (group is None or other.group != group):
            note(outcome, given)
    return given
