"""What a purchase's rules would have given for what is left of it: what goes back is the difference. Pure.

The rules are those of the purchase's time, in the versions that gave; the facts about the member are those of then.

- A rule that does not hold for what is left any more (a least spend, say) gives nothing; so does one that another of
  its stacking group beats now.
- Points that came from lines, uncut, stay as they were with the lines that are left: a line takes with it what it
  earned, to the point. Of a line that is left in part, what goes is rounded down.
- All other points (fixed ones, multipliers, what `at_least`, `at_most` or a limit changed) are counted anew; but the
  lines that are left keep at least what was theirs.
- No rule gives more than it gave; one that stacking held back, not more than it would have. What neither gave nor was
  beaten gives nothing now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from shared.rules.compiled import Compiled
from shared.rules.effects import Amount, Award
from shared.rules.facts import Facts
from shared.rules.matching import Outcome, Passed, Verdict, outcomes
from shared.rules.rulebook import Ruleset
from shared.rules.usage import Bound

Key = tuple[str, str]  # rule and wallet
_FROM_LINES: Final = ("applies", "no_points")


@dataclass(slots=True)
class Gave:
    """What one rule gave in one wallet: points, and each line's part of those that came from lines."""

    points: int = 0
    lines: list[tuple[int, ...]] = field(default_factory=list)

    def of_lines(self, parts: Sequence[Fraction]) -> int:
        """What lines keep of which so much is left."""
        return sum(
            points - int(points * (1 - part)) for lines in self.lines for points, part in zip(lines, parts, strict=True)
        )


class _Free:
    """What limits allowed then is known by what was given: they are not asked again."""

    def left(self, bound: Bound, want: int) -> int:
        return want

    def use(self, bound: Bound, amount: int) -> None:
        pass


def by_rule(awards: Iterable[Award]) -> dict[Key, Gave]:
    """What was given, by rule and wallet."""
    found: dict[Key, Gave] = {}
    for each in awards:
        gave = found.setdefault((each.rule, each.wallet), Gave())
        gave.points += each.points
        if each.lines is not None:
            gave.lines.append(each.lines)
    return found


def kept(
    kind: str,
    facts: Facts,
    parts: Sequence[Fraction],
    rules: Ruleset,
    awards: Iterable[Award],
    passed: Iterable[Passed],
) -> list[Award]:
    """What rules of a kind give for what is left, in the order of decisions; one award a rule and wallet.

    facts: of what is left, and of the member as they were. parts: what part of each line of the purchase is left.
    awards, passed: what it was given, and what was held back, when it was decided.
    """
    held = list(passed)
    again = _Again(by_rule(awards), held, parts)
    named = {rule for rule, _ in again.gave} | again.beaten.keys()
    candidates = [each for each in rules.rules(kind, facts.kind) if each.rule.id in named]
    found = outcomes(candidates, facts, rules, _Free(), revise=again.revised)
    return [award for outcome, _ in found if outcome.verdict == "applies" for award in outcome.awards]


class _Again:
    """Rules decided again, each bound by what it gave."""

    def __init__(self, gave: Mapping[Key, Gave], passed: Sequence[Passed], parts: Sequence[Fraction]) -> None:
        self.gave = gave
        # A rule that stacking held back would have given so much.
        self.beaten = {each.rule: each.wanted for each in passed if each.verdict == "stacking"}
        self._cut = {each.rule for each in passed if each.verdict != "stacking"}
        self._parts = parts

    def revised(self, outcome: Outcome) -> Outcome:
        """What the rule gives for what is left."""
        if outcome.verdict not in _FROM_LINES:
            return outcome
        rule, amounts = outcome.rule, dict[str, list[Amount]]()
        for award, amount in zip(outcome.awards, outcome.amounts, strict=True):
            amounts.setdefault(award.wallet, []).append(amount)
        room = self.beaten.get(rule.id, 0)
        awards, exactly = list[Award](), list[Amount]()
        for wallet in dict.fromkeys(each.effect.wallet for each in outcome.compiled.effects):
            fresh = amounts.get(wallet, [])
            points = sum(each.points for each in fresh)
            gave = self.gave.get((rule.id, wallet))
            if gave is not None:
                points = self._of(outcome.compiled, wallet, gave, points)
            else:
                points = min(points, room)
                room -= points
            if points:
                awards.append(Award(rule.id, rule.version, wallet, points, None, rule.owner))
                same = len(fresh) == 1 and fresh[0].points == points
                exactly.append(Amount(points, None, fresh[0].exact if same else None))
        verdict: Verdict = "applies" if awards else "no_points"
        return outcome._replace(verdict=verdict, awards=tuple(awards), amounts=tuple(exactly))

    def _of(self, compiled: Compiled, wallet: str, gave: Gave, fresh: int) -> int:
        of_lines = gave.of_lines(self._parts)
        if compiled.rule.id not in self._cut and _plain(compiled, wallet):
            return of_lines
        return min(gave.points, max(of_lines, fresh))


def _plain(compiled: Compiled, wallet: str) -> bool:
    """Whether all its points of a wallet come from lines, and nothing else changes how many."""
    effects = [each.effect for each in compiled.effects if each.effect.wallet == wallet]
    return all(
        (each.per_amount or each.cashback or each.per_quantity or each.per_line) is not None
        and each.at_least is None
        and each.at_most is None
        for each in effects
    )
