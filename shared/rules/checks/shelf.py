"""All definitions that are checked together: the programme, segments, groups, and which version follows which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from shared.rules.checks.zones import without_own
from shared.rules.compiled import segment_terms
from shared.rules.definition import Base, Bounded, Campaign, Definition, Ladder, Programme, Rule, Segment
from shared.rules.language.terms import Term
from shared.rules.references import References
from shared.rules.rewards import Punch
from shared.rules.unsaid import UNSAID

D = TypeVar("D", bound=Base)


@dataclass(frozen=True)
class Shelf:
    """Every definition that can be read, all versions of each; as they are compared, see `own`.

    unread: ids that are written and cannot be read; with `any_unread`, there may be more that nobody knows of.
    replaced: ids of drafts that take the place of what is in force before them.
    """

    versions: Sequence[Definition]
    unread: frozenset[str] = frozenset()
    any_unread: bool = False
    replaced: frozenset[str] = frozenset()
    _kinds: dict[type[Base], list[Definition]] = field(default_factory=dict)
    rivals: dict[tuple[str, ...], Any] = field(default_factory=dict)  # see `groups`
    noted: dict[str, Any] = field(default_factory=dict)  # see `tagging`
    _own: dict[int, tuple[Definition, Definition]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        compared = without_own(self.versions)
        # With what was given itself: while it is held, no other definition has its place in memory.
        self._own.update((id(each), (each, own)) for each, own in zip(self.versions, compared, strict=True))
        object.__setattr__(self, "versions", compared)

    def own(self, each: Definition) -> Definition:
        """A definition of these as it is compared with the others: without the programme's zone, where it names it."""
        return self._own.get(id(each), (each, each))[1]

    @cached_property
    def newest(self) -> Mapping[str, Definition]:
        """The highest version of each definition."""
        found: dict[str, Definition] = {}
        for each in sorted(self.versions, key=lambda each: each.version):
            found[each.id] = each
        return found

    def of(self, kind: type[D]) -> list[D]:
        """The highest versions of a kind."""
        if kind not in self._kinds:
            self._kinds[kind] = [each for each in self.newest.values() if isinstance(each, kind)]
        return self._kinds[kind]  # type: ignore[return-value]

    @cached_property
    def references(self) -> References:
        """What definitions say of each other."""
        return References(list(self.newest.values()))

    @cached_property
    def groups(self) -> Mapping[str, list[Rule]]:
        """Rules by their stacking group, in the order of ids."""
        found: dict[str, list[Rule]] = {}
        for each in sorted(self.of(Rule), key=lambda each: each.id):
            if each.stacking is not None:
                found.setdefault(each.stacking.group, []).append(each)
        return found

    @cached_property
    def cards(self) -> Mapping[str, list[tuple[Rule, Punch]]]:
        """Who punches which card, in the order of ids."""
        found: dict[str, list[tuple[Rule, Punch]]] = {}
        for rule in sorted(self.of(Rule), key=lambda each: each.id):
            for thing in rule.things:
                if thing.punch is not None:
                    found.setdefault(thing.punch.card, []).append((rule, thing.punch))
        return found

    @cached_property
    def tags(self) -> Mapping[str, set[str]]:
        """Tags that rules give, each with the ids of these rules."""
        found: dict[str, set[str]] = {}
        for rule in self.of(Rule):
            for thing in rule.things:
                if thing.tag is not None:
                    found.setdefault(thing.tag, set()).add(rule.id)
        return found

    @cached_property
    def rungs(self) -> list[str]:
        """Tiers of all ladders."""
        return [tier.id for ladder in self.of(Ladder) for tier in ladder.tiers]

    @cached_property
    def programme(self) -> Programme | None:
        """The programme, if one is here."""
        return next(iter(self.of(Programme)), None)

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """The programme's zone."""
        return None if self.programme is None else ZoneInfo(self.programme.time_zone)

    @cached_property
    def segments(self) -> dict[str, Term]:
        """Conditions of segments, by id."""
        return segment_terms(self.of(Segment))

    def campaign(self, rule: Rule) -> Campaign | None:
        """The campaign of a rule, where it is here."""
        found = self.newest.get(rule.campaign or "")
        return found if isinstance(found, Campaign) else None

    def gates(self, rule: Rule) -> list[Bounded]:
        """What a rule has to pass: its campaign, where it belongs to one, and itself."""
        campaign = self.campaign(rule)
        return [rule] if campaign is None else [campaign, rule]

    def until(self, each: Base) -> datetime | None:
        """When the next version takes over; None for the last."""
        later = [e.effective for e in self._by_id[each.id] if e.version > each.version and e.effective != UNSAID]
        return min(later, default=None)

    @cached_property
    def _by_id(self) -> Mapping[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for each in self.versions:
            found.setdefault(each.id, []).append(each)
        return found

    def first(self, each: Base) -> bool:
        """Whether nothing of its id is in force before it."""
        return each.version == 1 and each.id not in self.replaced

    def lacks(self, id_: str) -> bool:
        """Whether it is sure that nobody defines an id."""
        return id_ not in self.newest and id_ not in self.unread and not self.any_unread
