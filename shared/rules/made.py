"""What the rulesets of one rulebook have in common: each version is compiled once, whatever comes into force when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from shared.rules.compiled import Compiled, compile_rule, segment_terms
from shared.rules.definition import Campaign, Definition, ReferralRule, Rule, Segment
from shared.rules.language.terms import Term
from shared.rules.order import lone, ranks, tied
from shared.rules.sides import Sides, sides_of


class Made:
    """Compiled rules, by the identity of rule, campaign and segments; the rulebook keeps those alive."""

    def __init__(self, versions: Iterable[Definition]) -> None:
        known = list(versions)
        self._tied = tied(each for each in known if isinstance(each, Rule))
        self._referrals = [each for each in known if isinstance(each, ReferralRule)]
        self._rules: dict[tuple[int, int], Compiled] = {}
        self._placed: dict[tuple[int, int, int], Compiled] = {}
        self.kept: dict[tuple[Any, ...], Any] = {}  # of engines
        self._segments: dict[tuple[int, ...], Mapping[str, Term]] = {}

    @cached_property
    def referring(self) -> Mapping[tuple[str, int], Sides]:
        """All versions of referrals, by id and version."""
        return sides_of(self._referrals)

    def segments(self, segments: Sequence[Segment]) -> Mapping[str, Term]:
        """Their conditions, by id; the same mapping for the same segments."""
        key = tuple(map(id, segments))
        known = self._segments.get(key)
        if known is None:
            known = self._segments[key] = segment_terms(segments)
        return known

    def rules(
        self, rules: Sequence[Rule], campaigns: Mapping[str, Campaign], segments: Mapping[str, Term]
    ) -> dict[tuple[str, str], list[Compiled]]:
        """Rules by kind and by the kind of event that they look at, in the order of decisions."""
        placed, found = self._placed, dict[tuple[str, str], list[Compiled]]()
        order = ranks([each for each in rules if each.id in self._tied]) if self._tied else {}
        for rule in rules:
            campaign = campaigns.get(rule.campaign) if rule.campaign is not None else None
            if rule.campaign is not None and campaign is None:
                continue  # its campaign is not in force yet: without its schedule and budget the rule must not run
            rank = order.get(rule.id)
            compiled = placed.get((id(rule), id(campaign), id(segments)))
            if compiled is None or (rank is not None and compiled.rank != rank):
                compiled = replace(self._rule(rule, campaign), rank=rank or lone(rule), segments=segments)
                placed[id(rule), id(campaign), id(segments)] = compiled
            found.setdefault((rule.kind, rule.on), []).append(compiled)
        for each in found.values():
            each.sort(key=lambda compiled: compiled.rank)
        return found

    def _rule(self, rule: Rule, campaign: Campaign | None) -> Compiled:
        known = self._rules.get((id(rule), id(campaign)))
        if known is None:
            known = self._rules[id(rule), id(campaign)] = compile_rule(rule, campaign)
        return known
