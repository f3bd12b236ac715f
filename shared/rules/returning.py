"""What a purchase's rules would have given for what is left of it: what goes back is the difference. Pure.

The rules are those of the purchase's time, in the versions that gave; the facts about the member are those of then.

- A rule that does not hold for what is left any more (a least spend, say) gives nothing; so does one that another of
  its stacking group beats now.
- Points that came from lines, uncut, stay as they were with the lines that are left: a line takes with it what it
  earned, to the point. Of a line that is left in part, what goes is rounded down.
- All other points (fixed ones, multipliers, what `at_least`, `at_most` or a limit changed) are counted anew; but the
  lines that are left keep at least what was theirs, unless they built on a rule that gives nothing any more.
- No rule gives more than it gave; one that stacking held back, not more than it would have, nor than its limits and
  budgets have left now. What neither gave nor was beaten gives nothing now.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import takewhile
from typing import Final

from msgspec.structs import replace

from shared.rules.compiled import Compiled
from shared.rules.effects import Amount, Award, Given
from shared.rules.facts import Facts
from shared.rules.instead import within
from shared.rules.matching import Outcome, Passed, Verdict, outcomes
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.spending import unused
from shared.rules.usage import Bound, MemberUsage, Refunding, Usage, bounds

Key = tuple[str, int, str]  # rule, version, wallet
_Gave = dict[tuple[str, str], "Gave"]
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


class Free:
    """What limits allowed then is known by what was given: they are not asked again."""

    def left(self, bound: Bound, want: int) -> int:
        """All of it."""
        return want

    def use(self, bound: Bound, amount: int) -> None:
        """Nothing is counted."""


def by_rule(awards: Iterable[Award]) -> _Gave:
    """What was given, by rule and wallet."""
    found: _Gave = {}
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
    stood: Mapping[Key, int],
    usage: Usage,
) -> list[Award]:
    """What rules of a kind give for what is left, in the order of decisions; one award a rule and wallet.

    facts: of what is left, and of the member as they were. parts: what part of each line of the purchase is left.
    awards, passed: what it was given, and what was held back, when it was decided. stood: what of it stands so far;
    usage: what limits and budgets have left now.
    """
    held = list(passed)
    gave, beaten = by_rule(awards), {each.rule: each.wanted for each in held if each.verdict == "stacking"}
    named = {rule for rule, _ in gave} | beaten.keys()
    candidates = [each for each in rules.rules(kind, facts.kind) if each.rule.id in named]
    again = _Again(gave, beaten, {each.rule for each in held if each.verdict != "stacking"}, parts, candidates)

    def revised(outcome: Outcome, given: Given) -> Outcome:
        if not any(rule == outcome.rule.id for rule, _ in gave):
            outcome = within(outcome, facts, usage, stood, candidates)
        return again.revised(outcome, given)

    found = outcomes(candidates, facts, rules, Free(), revise=revised)
    return [award for outcome, _ in found if outcome.verdict == "applies" for award in outcome.awards]


class _Again:
    """Rules decided again, each bound by what it gave. beaten: rules that stacking held back, which would have given so
    much; cut: rules that limits held back."""

    def __init__(
        self, gave: _Gave, beaten: Mapping[str, int], cut: Container[str], parts: Sequence[Fraction],
        candidates: Sequence[Compiled],
    ) -> None:  # fmt: skip
        self._gave, self._beaten, self._cut, self._parts = gave, beaten, cut, parts
        self._candidates = candidates
        self._fallen: set[tuple[str, str]] = set()  # rule and wallet: what it built on is gone

    def revised(self, outcome: Outcome, given: Given) -> Outcome:
        """What the rule gives for what is left; given: what those before it do."""
        if outcome.verdict not in _FROM_LINES:
            return outcome
        rule, amounts = outcome.rule, dict[str, list[Amount]]()
        for award, amount in zip(outcome.awards, outcome.amounts, strict=True):
            amounts.setdefault(award.wallet, []).append(amount)
        room = self._beaten.get(rule.id, 0)
        awards, exactly = list[Award](), list[Amount]()
        for wallet in dict.fromkeys(each.effect.wallet for each in outcome.compiled.effects):
            fresh = amounts.get(wallet, [])
            points = sum(each.points for each in fresh)
            gave = self._gave.get((rule.id, wallet))
            if gave is not None:
                points = self._of(outcome.compiled, wallet, gave, points, given)
            else:
                points = min(points, room)
                room -= points
            if points:
                awards.append(Award(rule.id, rule.version, wallet, points, None, rule.owner))
                same = len(fresh) == 1 and fresh[0].points == points
                exactly.append(Amount(points, None, fresh[0].exact if same else None))
        verdict: Verdict = "applies" if awards else "no_points"
        return replace(outcome, verdict=verdict, awards=tuple(awards), amounts=tuple(exactly))

    def _of(self, compiled: Compiled, wallet: str, gave: Gave, fresh: int, given: Given) -> int:
        of_lines = gave.of_lines(self._parts)
        if compiled.rule.id not in self._cut and _plain(compiled, wallet):
            return of_lines
        if not self._stands(compiled, wallet, given):
            # Lines have no part in what was put on top of a rule that never should have given: who buys something
            # more to reach a least spend, and returns it, would keep what multiplied it.
            self._fallen.add((compiled.rule.id, wallet))
            return min(gave.points, fresh)
        return min(gave.points, max(of_lines, fresh))

    def _stands(self, compiled: Compiled, wallet: str, given: Given) -> bool:
        """Whether all that it built on when it gave gives still."""
        for effect in (each.effect for each in compiled.effects if each.effect.wallet == wallet):
            under = set(effect.repeats)
            if effect.multiply is not None and effect.multiply.compounding:
                under |= {each.rule.id for each in self._before(compiled) if not under.isdisjoint(each.repeats)}
            gave = [(id_, wallet) for id_ in under if (id_, wallet) in self._gave]
            if any(each in self._fallen or each not in given.amounts for each in gave):
                return False
        return True

    def _before(self, compiled: Compiled) -> Iterable[Compiled]:
        return takewhile(lambda each: each is not compiled, self._candidates)


def as_given(rules: Ruleset, gave: Mapping[str, int], book: Rulebook) -> Ruleset:
    """The rules with those that gave in the versions in which they did, whatever has been published since."""
    now = {each.id: each.version for each in rules.definitions}
    if all(now.get(id_) == version for id_, version in gave.items()):
        return rules
    named = {(each.id, each.version): each for each in book.versions}
    others = [each for each in rules.definitions if each.id not in gave]
    return rules.instead([*others, *(named[each] for each in gave.items() if each in named)])


def never_up(stood: Mapping[Key, int], now: Mapping[Key, int]) -> dict[Key, int]:
    """By how much each rule's points change; of each wallet together never up: what is too much is not given."""
    found = {key: d for key in dict.fromkeys((*stood, *now)) if (d := now.get(key, 0) - stood.get(key, 0))}
    for wallet in {wallet for _, _, wallet in found}:
        over = sum(points for key, points in found.items() if key[2] == wallet)
        for key in [key for key, points in found.items() if key[2] == wallet and points > 0]:
            cut = min(max(0, over), found[key])
            found[key] -= cut
            over -= cut
    return {key: points for key, points in found.items() if points}


def changed(
    kind: str,
    stood: Mapping[Key, int],
    facts: Facts | None,
    parts: Sequence[Fraction],
    rules: Ruleset,
    awards: Iterable[Award],
    passed: Iterable[Passed],
    usage: Usage,
) -> dict[Key, int]:
    """By how much the points of rules of a kind change; of each wallet together never up.

    stood: what of the purchase stood before; facts: of what is left, None where nothing is; the others: see `kept`.
    """
    left = () if facts is None else kept(kind, facts, parts, rules, awards, passed, stood, usage)
    return never_up(stood, {(each.rule, each.version, each.wallet): each.points for each in left})


def goes_back(changes: Mapping[Key, int]) -> dict[str, int]:
    """How many points are to go back, by wallet; without wallets of which none are."""
    found: dict[str, int] = {}
    for (_, _, wallet), points in changes.items():
        found[wallet] = found.get(wallet, 0) - points
    return {wallet: points for wallet, points in found.items() if points}


def let_keep(changes: Mapping[Key, int], short: Mapping[str, int]) -> list[Award]:
    """What is posted of changes where so many points of a wallet stay with the member: those of the last rules."""
    found: list[Award] = []
    for wallet in dict.fromkeys(wallet for _, _, wallet in changes):
        mine, rest = {key: points for key, points in changes.items() if key[2] == wallet}, short.get(wallet, 0)
        for key in [key for key, points in reversed(mine.items()) if points < 0]:
            spared = min(rest, -mine[key])
            mine[key] += spared
            rest -= spared
        found += [Award(rule, version, wallet, points) for (rule, version, _), points in mine.items() if points]
    return found


def left_to_keep(changes: Mapping[Key, int], posted: Iterable[Award]) -> dict[Key, int]:
    """What of changes is not posted: points that a member keeps though nothing stands for them any more."""
    found = {key: -points for key, points in changes.items()}
    for each in posted:
        found[each.rule, each.version, each.wallet] += each.points
    return {key: points for key, points in found.items() if points}


def times_changed(rule: str, stood: Mapping[Key, int], changes: Mapping[Key, int]) -> int:
    """By how much a rule's uses change: one less where nothing is left of what it gave, one more where it gives now."""
    before = sum(points for key, points in stood.items() if key[0] == rule)
    after = before + sum(points for key, points in changes.items() if key[0] == rule)
    return bool(after) - bool(before)


def give_back_uses(
    compiled: Compiled, facts: Facts, usage: MemberUsage, shared: Refunding, *, times: int, points: int
) -> None:
    """By how much limits and budgets of a rule are used less (negative), in the period of its event; or more."""
    times = 0 if compiled.rule.things else times  # the things stay: it was used
    for each in (each for gate in compiled.gates for each in bounds(gate.of, facts)):
        bound, amount = unused(each, compiled.worth, times=times, points=points)
        if amount < 0:
            usage.unuse(bound, -amount, shared)
        elif amount:
            usage.use(bound, amount)


def limits_changed(rules: Iterable[Compiled], changes: Mapping[Key, int]) -> list[Compiled]:
    """Those rules whose limits and budgets count otherwise after these changes."""
    named = {rule for rule, _, _ in changes}
    return [each for each in rules if each.rule.id in named and each.bounded]


def give_back_all(
    rules: Iterable[Compiled],
    facts: Facts,
    usage: MemberUsage,
    shared: Refunding,
    stood: Mapping[Key, int],
    changes: Mapping[Key, int],
    awards: Iterable[Award],
) -> None:
    """Limits and budgets of rules (see `limits_changed`) count what went back no more; awards: what was posted of the
    changes."""
    posted = list(awards)
    for compiled in rules:
        id_ = compiled.rule.id
        points = sum(each.points for each in posted if each.rule == id_)
        give_back_uses(compiled, facts, usage, shared, times=times_changed(id_, stood, changes), points=points)


def _plain(compiled: Compiled, wallet: str) -> bool:
    """Whether all its points of a wallet come from lines, and nothing else changes how many."""
    effects = [each.effect for each in compiled.effects if each.effect.wallet == wallet]
    return all(
        (each.per_amount or each.cashback or each.per_quantity or each.per_line) is not None
        and each.at_least is None
        and each.at_most is None
        for each in effects
    )
