"""The rulebook: every version of every definition, and which of them are in force at an event's time."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import orjson

from shared.rules.as_known import AsKnown, Published
from shared.rules.compiled import Compiled
from shared.rules.conditions import term_of
from shared.rules.definition import (
    Base,
    Bounded,
    Campaign,
    Definition,
    GiftRule,
    Ladder,
    MessageTemplate,
    Partner,
    Programme,
    ReferralRule,
    Rule,
    Segment,
    as_data,
)
from shared.rules.engines.engine import Engine, Matcher
from shared.rules.engines.own import OWN, OwnMatcher
from shared.rules.facts import Asked, Eligible, Facts
from shared.rules.history import Counter
from shared.rules.language.checking import condition
from shared.rules.language.compiling import Test, compile_eligible, compile_test
from shared.rules.language.terms import Term, facts_in
from shared.rules.made import Made
from shared.rules.sides import Sides, asked_of_friends
from shared.rules.usable import usable

D = TypeVar("D", bound=Base)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
# Those that are asked for again are soon made again: a year of daily changes must not be held at once.
_MOST_SETS_HELD: Final = 32


class ProgrammeError(ValueError):
    """The programme's files cannot be used as they are; the text says where and what to write instead."""


class NoProgrammeError(LookupError):
    """No version of the programme is in force at that time."""


class Ruleset:
    """The definitions in force at one time, compiled and indexed by the kind of event they look at."""

    def __init__(
        self,
        definitions: Sequence[Definition],
        made: Made | None = None,
        engine: Engine = OWN,
    ) -> None:
        self.definitions = definitions
        self._engine = engine
        self._made = Made(definitions) if made is None else made
        # All versions of referrals, those that are in force no more included: the time of the referral says which.
        self.referring = self._made.referring
        self.kept = self._made.kept
        programmes = self.of(Programme)
        if len(programmes) != 1:
            raise NoProgrammeError(f"{len(programmes)} programmes are in force at once, not one")
        self.programme = programmes[0]
        self.zone = ZoneInfo(self.programme.time_zone)

    def instead(self, definitions: Sequence[Definition]) -> Ruleset:
        """Others of the same rulebook."""
        return Ruleset(definitions, self._made, self._engine)

    def of(self, kind: type[D]) -> list[D]:
        """All definitions of a kind, ordered by id."""
        return [each for each in self.definitions if isinstance(each, kind)]

    @cached_property
    def plain(self) -> bool:
        """Whether all points are active at once and none expires: then nobody need look at terms."""
        return all(each.activates is None and each.expires is None for each in self.programme.purses.values())

    @cached_property
    def eligible(self) -> Eligible | None:
        """Which lines' amounts are eligible; None when every line's is."""
        excluded = self.programme.not_eligible
        return None if excluded is None else compile_eligible(condition(excluded, "line"))

    @cached_property
    def _rules(self) -> dict[tuple[str, str], list[Compiled]]:
        campaigns = {each.id: each for each in self.of(Campaign)}
        return self._made.rules(self.of(Rule), campaigns, self.segment_terms)

    def rules(self, kind: str, event: str) -> list[Compiled]:
        """Rules of a kind that look at a kind of event; one that builds on another's points comes after it."""
        return self._rules.get((kind, event), [])

    @cached_property
    def matcher(self) -> Matcher:
        """Which rules' conditions hold: the answers of the engine that was chosen."""
        return self._engine.matcher(self)

    @cached_property
    def _own(self) -> OwnMatcher:
        return OwnMatcher(self)

    def candidates(self, kind: str, facts: Facts) -> Sequence[Compiled]:
        """The rules of a kind that the event can possibly meet, in the order of decisions; whatever the engine."""
        return self._own.candidates(kind, facts)

    @cached_property
    def segment_terms(self) -> Mapping[str, Term]:
        """Segments' conditions by id."""
        return self._made.segments(self.of(Segment))

    def segment(self, id_: str) -> Segment | None:
        """A segment by its id."""
        return next((each for each in self.of(Segment) if each.id == id_), None)

    @cached_property
    def segments(self) -> dict[str, Test]:
        """Membership tests by segment id."""
        return {id_: compile_test(term) for id_, term in self.segment_terms.items()}

    def segments_of(self, facts: Facts) -> frozenset[str]:
        """All segments whose condition holds."""
        return frozenset(id_ for id_, test in self.segments.items() if test(facts))

    def in_segment(self, segment: str, facts: Facts) -> bool:
        """Whether the member is in a segment; nobody is in one that no definition in force names."""
        test = self.segments.get(segment)
        return test is not None and test(facts)

    @cached_property
    def told(self) -> Mapping[str, list[Asked]]:
        """What campaigns' rules ask about the member, by kind of event: earn answers it with each accrual."""
        found: dict[str, dict[str, Asked]] = {}
        for (kind, event), rules in self._rules.items():
            if kind != "earn":
                asked = (fact.asked for each in rules for term in each.terms for fact in facts_in(term))
                mine = found.setdefault(event, {})
                mine |= {each.key: each for each in asked if _told(each)}
        if any(each.asks for each in self.referring.values()):
            mine = found.setdefault("purchase", {})
            friends = asked_of_friends(self.referring.values(), self.segment_terms)
            mine |= {each.key: each for each in friends if _told(each)}
        return {event: list(asked.values()) for event, asked in found.items()}

    @cached_property
    def ladders(self) -> list[Ladder]:
        """The ladders of tiers."""
        return self.of(Ladder)

    @cached_property
    def gifts(self) -> list[GiftRule]:
        """The gifts of tiers."""
        return self.of(GiftRule)

    @cached_property
    def partners(self) -> dict[str, Partner]:
        """The partners that somebody has defined, by id."""
        return {each.id: each for each in self.of(Partner)}

    @cached_property
    def prepaid(self) -> dict[str, Partner]:
        """Those that buy their points in packs; none in most programmes."""
        return {id_: each for id_, each in self.partners.items() if each.prepaid is not None}

    @cached_property
    def simply_added(self) -> bool:
        """Whether no rule competes with another, and none draws on a pack: each is decided by itself."""
        return not self.prepaid and all(each.group is None for rules in self._rules.values() for each in rules)

    def sold(self, wallet: str) -> bool:
        """Whether partners buy points of it: status only counts, and nobody pays for it."""
        known = self.programme.purses.get(wallet)
        return known is None or known.kind != "status"

    @cached_property
    def referrals(self) -> list[ReferralRule]:
        """The referral programmes."""
        return self.of(ReferralRule)

    @cached_property
    def messages(self) -> dict[str, MessageTemplate]:
        """Templates by the reason they are written for."""
        return {each.reason: each for each in self.of(MessageTemplate) if each.reason != "custom"}

    def message(self, id_: str) -> MessageTemplate | None:
        """A template by its id."""
        return next((each for each in self.of(MessageTemplate) if each.id == id_), None)


def _told(asked: Asked) -> bool:
    """Whether it is about the member; segments follow from what is."""
    return asked.of_member and asked.label != "member.segments"


class Rulebook:
    """Every version, immutable. A batch is decided under one rulebook from beginning to end.

    published: when each version was, as far as that is known.
    left_out: those that no order of decisions can be found with (see `usable`); they are as if nobody had written them.
    """

    def __init__(
        self, definitions: Iterable[Definition], engine: Engine = OWN, published: Published | None = None
    ) -> None:
        self._engine = engine
        known, self.left_out = usable(sorted(definitions, key=lambda each: (each.id, each.version)))
        self.versions = known
        # In UTC, as events are read: instants of one zone compare several times faster than those of two.
        self._edges = sorted({each.effective.astimezone(UTC) for each in self.versions})
        self._marks = [edge.timestamp() for edge in self._edges]  # numbers compare faster than instants
        places = {edge: place for place, edge in enumerate(self._edges)}
        self._since = [places[each.effective] for each in self.versions]
        self._sets: dict[int, Ruleset] = {}
        self._made = Made(self.versions)
        self.published: Published = published or {}
        self._known = AsKnown(self.versions, self.published, lambda known: Ruleset(known, self._made, self._engine))
        self._last: tuple[datetime, datetime, Ruleset] | None = None

    @cached_property
    def revision(self) -> str:
        """Stands for the content: equal rulebooks have equal revisions."""
        return fingerprint([as_data(each) for each in self.versions])

    @property
    def referring(self) -> Mapping[tuple[str, int], Sides]:
        """All versions of referrals, by id and version."""
        return self._made.referring

    @cached_property
    def referrals_bounded(self) -> bool:
        """Whether limits or budgets of any version may hold a referral's reward back."""
        return any(each.bounded for each in self.referring.values())

    @cached_property
    def counters(self) -> dict[str, Counter]:
        """What any version needs to have counted, those that are not in force yet included, by key."""
        asked = (
            fact.asked
            for each in self.versions
            if isinstance(each, Bounded | Segment) and each.when is not None
            for fact in facts_in(term_of(each.when, each.schedule.time_zone if isinstance(each, Bounded) else None))
        )
        return {each.counter.key: each.counter for each in asked if each.counter is not None}

    def at(self, moment: datetime) -> Ruleset:
        """The versions in force at an event's time: of each definition the latest that was effective by then."""
        last = self._last  # events come in the order of time nearly always: the set of the one before is theirs too
        if last is not None and last[0] <= moment < last[1]:
            return last[2]
        interval = bisect_right(self._marks, moment.timestamp())
        known = self._set(interval)
        until = self._edges[interval] if interval < len(self._edges) else _NEVER
        self._last = (self._edges[interval - 1], until, known)
        return known

    def as_known(self, by: datetime | None, moment: datetime) -> Ruleset:
        """Those of an event's time, as far as they had been published by then (None: nobody knows when that was)."""
        return self._known.at(by, moment, self.at(moment))

    def found(self, moment: datetime) -> Ruleset | None:
        """The same; None for what happened before the programme."""
        try:
            return self.at(moment)
        except NoProgrammeError:
            return None

    def _set(self, interval: int) -> Ruleset:
        known = self._sets.get(interval)
        if known is None:
            known = Ruleset(self._in_force(interval), self._made, self._engine)
            while len(self._sets) >= _MOST_SETS_HELD:
                del self._sets[next(iter(self._sets))]
            self._sets[interval] = known
        return known

    def _in_force(self, interval: int) -> list[Definition]:
        if interval == 0:
            raise NoProgrammeError("the event happened before the programme began")
        latest = {each.id: each for each, edge in zip(self.versions, self._since, strict=True) if edge < interval}
        return list(latest.values())  # by id, as the versions are


def fingerprint(data: object) -> str:
    """A short hash of JSON data, the same whatever the order of its keys."""
    return hashlib.blake2b(orjson.dumps(data, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()
