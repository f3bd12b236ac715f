"""The rulebook: every version of every definition, and which of them are in force at an event's time."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import orjson

from shared.rules.conditions import Test, about_member, compile_condition
from shared.rules.definition import (
    Base,
    Definition,
    GiftRule,
    Ladder,
    MessageTemplate,
    Programme,
    ReferralRule,
    Rule,
    Segment,
    as_data,
)
from shared.rules.facts import LineTest

D = TypeVar("D", bound=Base)
R = TypeVar("R", bound=Rule)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class ProgrammeError(ValueError):
    """The programme's files cannot be used as they are; the text says where and what to write instead."""


class NoProgrammeError(LookupError):
    """No version of the programme is in force at that time."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule with its condition as a closure."""

    rule: Rule
    test: Test
    by_event_alone: bool


class Ruleset:
    """The definitions in force at one time, compiled and indexed by the kind of event they look at."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self.definitions = definitions
        programmes = self.of(Programme)
        if len(programmes) != 1:
            raise NoProgrammeError(f"{len(programmes)} programmes are in force at once, not one")
        self.programme = programmes[0]
        self.zone = ZoneInfo(self.programme.time_zone)

    def of(self, kind: type[D]) -> list[D]:
        """All definitions of a kind, ordered by id."""
        return [each for each in self.definitions if isinstance(each, kind)]

    @cached_property
    def eligible(self) -> LineTest | None:
        """Whether a line's amount is eligible; None when every line's is."""
        excluded = self.programme.not_eligible
        return None if excluded is None else excluded.test(but=True)

    @cached_property
    def _rules(self) -> dict[tuple[str, str], list[Compiled]]:
        index: dict[tuple[str, str], list[Compiled]] = {}
        for rule in dependencies_first(self.of(Rule)):
            compiled = Compiled(rule, compile_condition(rule.when), not about_member(rule.when))
            index.setdefault((rule.kind, rule.on), []).append(compiled)
        return index

    def rules(self, kind: str, event: str) -> list[Compiled]:
        """Rules of a kind that look at a kind of event; one that repeats another's points comes after it."""
        return self._rules.get((kind, event), [])

    @cached_property
    def segments(self) -> dict[str, Test]:
        """Membership tests by segment id."""
        return {each.id: compile_condition(each.when) for each in self.of(Segment)}

    @cached_property
    def ladders(self) -> list[Ladder]:
        """The ladders of tiers."""
        return self.of(Ladder)

    @cached_property
    def gifts(self) -> list[GiftRule]:
        """The gifts of tiers."""
        return self.of(GiftRule)

    @cached_property
    def referrals(self) -> list[ReferralRule]:
        """The referral programmes."""
        return self.of(ReferralRule)

    @cached_property
    def messages(self) -> dict[str, MessageTemplate]:
        """Templates by the reason they are written for."""
        return {each.reason: each for each in self.of(MessageTemplate)}


class Rulebook:
    """Every version, immutable. A batch is decided under one rulebook from beginning to end."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.versions = sorted(definitions, key=lambda each: (each.id, each.version))
        self._edges = sorted({each.effective for each in self.versions})
        self._marks = [edge.timestamp() for edge in self._edges]  # numbers compare faster than instants
        self._sets: dict[int, Ruleset] = {}
        self._last: tuple[datetime, datetime, Ruleset] | None = None

    @cached_property
    def revision(self) -> str:
        """Stands for the content: equal rulebooks have equal revisions."""
        return fingerprint([as_data(each) for each in self.versions])

    def at(self, moment: datetime) -> Ruleset:
        """The versions in force at an event's time: of each definition the latest that was effective by then."""
        last = self._last  # events come in the order of time nearly always: the set of the one before is theirs too
        if last is not None and last[0] <= moment < last[1]:
            return last[2]
        interval = bisect_right(self._marks, moment.timestamp())
        known = self._sets.get(interval)
        if known is None:
            known = self._sets[interval] = Ruleset(self._in_force(interval))
        until = self._edges[interval] if interval < len(self._edges) else _NEVER
        self._last = (self._edges[interval - 1], until, known)
        return known

    def _in_force(self, interval: int) -> list[Definition]:
        if interval == 0:
            raise NoProgrammeError("the event happened before the programme began")
        edge = self._edges[interval - 1]
        latest: dict[str, Definition] = {}
        for each in self.versions:
            if each.effective <= edge:
                latest[each.id] = each
        return [latest[id_] for id_ in sorted(latest)]


def fingerprint(data: object) -> str:
    """A short hash of JSON data, the same whatever the order of its keys."""
    return hashlib.blake2b(orjson.dumps(data, option=orjson.OPT_SORT_KEYS), digest_size=10).hexdigest()


def dependencies_first(rules: Sequence[R]) -> list[R]:
    """Rules in the order of their ids, but each after those whose points it repeats. Raises ValueError on a circle."""
    by_id = {rule.id: rule for rule in rules}
    done: dict[str, R] = {}

    def visit(rule: R, path: tuple[str, ...]) -> None:
        if rule.id in path:
            raise ValueError(f"rules repeat each other's points in a circle: {' -> '.join((*path, rule.id))}")
        for id_ in rule.then.again or ():
            if id_ in by_id and id_ not in done:
                visit(by_id[id_], (*path, rule.id))
        done.setdefault(rule.id, rule)

    for id_ in sorted(by_id):
        visit(by_id[id_], ())
    return list(done.values())
