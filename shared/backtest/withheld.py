"""What stacking, limits and budgets took away: how many points a rule that was held back would have given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.rules import effects
from shared.rules.compiled import Compiled
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.matching import Decided, Outcome, Passed, note
from shared.rules.referring import Given, whole
from shared.rules.rulebook import Rulebook, Ruleset


class Held(NamedTuple):
    """A rule that was held back by a limit, a budget or stacking (`verdict`; `by`: which), and by how many points.

    points: None where nobody has noted it. times: -1 where what was noted of it is so no more.
    """

    rule: str
    verdict: str
    by: str | None
    points: int | None
    times: int = 1

    def less(self) -> Held:
        """What takes it back."""
        return self._replace(points=None if self.points is None else -self.points, times=-self.times)


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


def of_pair(pair: Mapping[str, Any], book: Rulebook) -> Iterator[Held]:
    """What was held back of a referral's rewards, as campaigns keep it of the pair. Where the friend gets nothing, the
    advocate gets nothing either, and both are counted; no number says how many points of two wallets are."""
    for id_, role, verdict, by in pair.get("passed", ()):
        sides = next(book.referring[rule, version] for rule, version in pair["rules"] if rule == id_)
        all_, given = whole(sides), Given(*pair["given"][id_])
        lost = {"advocate": all_.advocate - given.advocate, "friend": all_.friend - given.friend}
        both = role == "friend" and not given.friend
        mixed = both and sides.rule.advocate.wallet != sides.rule.friend.wallet
        yield Held(id_, verdict, by, None if mixed else sum(lost.values()) if both else lost[role])


def rewarded_at(pair: Mapping[str, Any]) -> datetime:
    """The instant of the friend's first purchase, by which a referral's reward is dated."""
    return datetime.fromisoformat(pair["purchase"]["time"])


def _got(rule: str, awards: Sequence[Award]) -> int:
    return sum(award.points for award in awards if award.rule == rule)


def _before(compiled: Compiled, decided: Iterable[Outcome]) -> effects.Given:
    """What `matching.outcomes` decided a rule with: of those that come before it, and are not of its group."""
    given, group = effects.Given(), compiled.group
    for outcome in decided:
        other = outcome.compiled
        if other.rank < compiled.rank and (group is None or other.group != group):
            note(outcome, given)
    return given
