"""The second engine: conditions are handed to durable-rules; limits, effects and stacking stay ours.

A rule is two sets of conjunctions: what the event must be, and what the member must be. Conjunctions are packed into
rulesets of bounded size by the rules' ids, so that a change of one definition remakes one ruleset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple
from zlib import crc32

from shared.rules.compiled import Compiled, Gate
from shared.rules.engines.clauses import Clauses, Read, of_event, of_member
from shared.rules.engines.engine import Rules
from shared.rules.engines.names import EngineName
from shared.rules.engines.rete import MOST_CLAUSES, MOST_CONJUNCTIONS, MOST_RULESETS, Rete
from shared.rules.facts import Facts

Say = Callable[[str], None]
Form = Callable[[tuple[Gate, ...]], list[Clauses]]
_FULL: Final = (
    "durable engine: as many rulesets were made as may be, for it gives none back; rules that change from now on are "
    "matched by our own closures, until the process is started again"
)


class DurableEngine:
    """Raises EngineMissingError where the library does not import. `say` is told once when closures have to step in."""

    name: EngineName = "durable"

    def __init__(self, say: Say = lambda text: None, most: int = MOST_RULESETS) -> None:
        self.rete = Rete(most)
        self._say = say
        self._full = False

    def matcher(self, rules: Rules) -> DurableMatcher:
        """See `Engine`."""
        return DurableMatcher(rules, self)

    def full(self) -> None:
        """No more rulesets can be made."""
        if not self._full:
            self._full = True
            self._say(_FULL)


class Packed(NamedTuple):
    """Rules in one ruleset: whose conjunction stands at which place, and the fields that they look at."""

    ruleset: int | None
    owners: list[Compiled]
    fields: dict[str, Read]

    @property
    def rules(self) -> Iterable[Compiled]:
        """Each once."""
        return dict.fromkeys(self.owners)


class DurableMatcher:
    """The rules in force at one time, as rulesets that are made when they are first asked for."""

    def __init__(self, rules: Rules, engine: DurableEngine) -> None:
        self._rules, self._engine = rules, engine
        self._event: dict[tuple[str, str], list[Packed]] = {}
        self._member: dict[tuple[str, str], list[Packed]] = {}

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        event = facts.kind
        packs = self._event.get((kind, event))
        if packs is None:
            packs = self._event[kind, event] = list(self._packed(self._rules.rules(kind, event), of_event))
        found = self._hits(packs, facts, lambda each: each.plausible(facts))
        return sorted(found, key=lambda each: each.rank)

    def plausible_of(self, kinds: tuple[str, ...], facts: Facts) -> Sequence[list[Compiled]]:
        """See `Matcher`."""
        return [self.plausible(kind, facts) for kind in kinds]

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """See `Matcher`."""
        asked = {each for each in plausible if not each.asks_nobody}
        if not asked:
            return list(plausible)
        kind = (next(iter(asked)).rule.kind, facts.kind)
        packs = self._member.get(kind)
        if packs is None:
            asking = [each for each in self._rules.rules(*kind) if not each.asks_nobody]
            packs = self._member[kind] = list(self._packed(asking, of_member))
        wanted = [pack for pack in packs if not asked.isdisjoint(pack.owners)]
        found = self._hits(wanted, facts, lambda each: each.holds(facts, self._rules.in_segment))
        return [each for each in plausible if each.asks_nobody or each in found]

    def _hits(self, packs: Iterable[Packed], facts: Facts, test: Callable[[Compiled], bool]) -> set[Compiled]:
        """Who of the packed rules holds; `test` is asked of those for which there was no room in the library."""
        values: dict[str, Any] = {}
        found: set[Compiled] = set()
        for pack in packs:
            if pack.ruleset is None:
                found.update(filter(test, pack.rules))
                continue
            fact: dict[str, Any] = {}
            for field, read in pack.fields.items():
                if field not in values:
                    values[field] = read(facts, self._rules)
                if values[field] is not None:
                    fact[field] = values[field]
            found.update(pack.owners[place] for place in self._engine.rete.hits(pack.ruleset, fact))
        return found

    def _packed(self, rules: Sequence[Compiled], form: Form) -> Iterable[Packed]:
        forms = [(each, form(each.gates)) for each in rules]
        size = sum(len(conjunctions) for _, conjunctions in forms)
        buckets: list[list[tuple[Compiled, list[Clauses]]]] = [[] for _ in range(_power(size // 40))]
        for each, conjunctions in sorted(forms, key=lambda pair: pair[0].rule.id):
            buckets[crc32(each.rule.id.encode()) % len(buckets)].append((each, conjunctions))
        for bucket in buckets:
            for part in _bounded(bucket):
                yield self._pack(part)

    def _pack(self, part: list[tuple[Compiled, Clauses]]) -> Packed:
        ruleset = self._engine.rete.ruleset([clauses for _, clauses in part])
        if ruleset is None:
            self._engine.full()
        fields = {clause.field: clause.read for _, clauses in part for clause in clauses}
        return Packed(ruleset, [owner for owner, _ in part], fields)


def _power(size: int) -> int:
    """The next power of two: so the number of buckets, and with it every ruleset's content, changes seldom."""
    return 1 << max(0, size - 1).bit_length()


def _bounded(bucket: list[tuple[Compiled, list[Clauses]]]) -> Iterable[list[tuple[Compiled, Clauses]]]:
    """A bucket in parts that the library can bear; a rule's conjunctions stay together."""
    part: list[tuple[Compiled, Clauses]] = []
    clauses = 0
    for owner, conjunctions in bucket:
        more = sum(map(len, conjunctions))
        if part and (len(part) + len(conjunctions) > MOST_CONJUNCTIONS or clauses + more > MOST_CLAUSES):
            yield part
            part, clauses = [], 0
        part += [(owner, each) for each in conjunctions]
        clauses += more
    if part:
        yield part
