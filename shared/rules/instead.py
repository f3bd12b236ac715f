"""A rule that another of its group beat, and that wins now that goods came back: within what limits have left. Pure.

What the rules that gave may keep is known by what they gave. One that gave nothing used nothing either: others may have
used its limits and budgets up since, and a return must not overrun them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from shared.rules import spending
from shared.rules.compiled import Compiled
from shared.rules.effects import Amount, Award
from shared.rules.facts import Facts
from shared.rules.matching import Outcome, cut_to, held_by
from shared.rules.usage import Bound, Usage, bounds

Stood = Mapping[tuple[str, int, str], int]  # by rule, version and wallet: what of a purchase stood before a return


class _Freed:
    """What is left once the purchase's own rules of a group have used nothing: of them one wins."""

    def __init__(self, usage: Usage, stood: Stood, group: Iterable[Compiled], facts: Facts) -> None:
        self._usage = usage
        self._freed: dict[tuple[str, str, bool], int] = {}
        for compiled in group:
            points = sum(n for (rule, _, _), n in stood.items() if rule == compiled.rule.id)
            if points:
                for bound in _bounds(compiled, facts):
                    times = 0 if compiled.rule.things else 1  # the things stay: it was used
                    counted, amount = spending.unused(bound, compiled.worth, times=times, points=points)
                    key = (counted.key, counted.bucket, counted.exact)
                    self._freed[key] = self._freed.get(key, 0) + amount

    def left(self, bound: Bound, want: int) -> int:
        """See `Usage.left`."""
        return min(want, self._usage.left(bound, want) + self._freed.get((bound.key, bound.bucket, bound.exact), 0))

    def use(self, bound: Bound, amount: int) -> None:
        """Nothing is counted here."""


def within(outcome: Outcome, facts: Facts, usage: Usage, stood: Stood, candidates: Iterable[Compiled]) -> Outcome:
    """What limits and budgets let a rule give that gave nothing before. candidates: those that are decided again."""
    compiled = outcome.compiled
    if not compiled.bounded or outcome.verdict != "applies":
        return outcome
    freed = _Freed(usage, stood, [each for each in candidates if each.group == compiled.group], facts)
    for bound in _bounds(compiled, facts):
        if not spending.allows(bound, compiled.worth, freed):
            return replace(outcome, verdict=held_by(bound), awards=(), amounts=(), by=bound.key, bound=bound)
    awards, amounts = list[Award](), list[Amount]()
    for award, amount in zip(outcome.awards, outcome.amounts, strict=True):
        cut, _ = cut_to(compiled, facts, freed, amount, taken=sum(each.points for each in awards))
        if cut.points:
            awards.append(replace(award, points=cut.points, lines=cut.lines))
            amounts.append(cut)
    return replace(outcome, awards=tuple(awards), amounts=tuple(amounts))


def _bounds(compiled: Compiled, facts: Facts) -> Iterable[Bound]:
    return (bound for gate in compiled.gates for bound in bounds(gate.of, facts))
